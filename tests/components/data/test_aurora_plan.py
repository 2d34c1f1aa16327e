"""The rules of Aurora Serverless v2, without a cloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data import aurora_plan

ZONES = ("ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c")


@given(readers=st.integers(0, 14), zones=st.integers(2, 3))
def test_adding_a_reader_moves_no_instance(readers: int, zones: int) -> None:
    before = aurora_plan.placements(ZONES[:zones], readers=readers)
    after = aurora_plan.placements(ZONES[:zones], readers=readers + 1)

    assert after[: len(before)] == before


@given(readers=st.integers(1, 15), zones=st.integers(2, 3))
def test_writer_and_first_reader_stand_in_two_zones_and_can_swap(readers: int, zones: int) -> None:
    writer, reader, *_ = aurora_plan.placements(ZONES[:zones], readers=readers)

    assert (writer.key, reader.key) == ("writer", "reader-1")
    assert writer.availability_zone != reader.availability_zone
    assert (writer.promotion_tier, reader.promotion_tier) == (0, 1)


@pytest.mark.parametrize("zones", [ZONES[:1], (ZONES[0], ZONES[0])])
def test_a_subnet_group_needs_two_zones(zones: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="availability_zones"):
        aurora_plan.placements(zones, readers=0)


def test_at_most_fifteen_readers() -> None:
    with pytest.raises(ValueError, match="readers: got 16; allowed 0 to 15"):
        aurora_plan.placements(ZONES, readers=16)


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        ("aurora-postgresql", "16", "aurora-postgresql16"),
        ("aurora-postgresql", "17.5", "aurora-postgresql17"),
        ("aurora-mysql", "8.0", "aurora-mysql8.0"),
        ("aurora-mysql", "8.0.mysql_aurora.3.10.0", "aurora-mysql8.0"),
    ],
)
def test_the_family_follows_from_the_version(
    engine: aurora_plan.AuroraEngine, version: str, family: str
) -> None:
    assert aurora_plan.parameter_family(engine, version) == family


@pytest.mark.parametrize(
    ("engine", "version"), [("aurora-postgresql", "8.0.mysql_aurora.3.10.0"), ("aurora-mysql", "16.8")]
)
def test_a_version_of_the_other_engine_is_refused(engine: aurora_plan.AuroraEngine, version: str) -> None:
    with pytest.raises(ValueError, match="engine_version"):
        aurora_plan.parameter_family(engine, version)


@pytest.mark.parametrize(
    ("engine", "name", "value"),
    [("aurora-postgresql", "rds.force_ssl", "1"), ("aurora-mysql", "require_secure_transport", "ON")],
)
def test_tls_is_forced_and_cannot_be_turned_off(
    engine: aurora_plan.AuroraEngine, name: str, value: str
) -> None:
    found = {each.name: each for each in aurora_plan.parameters(engine, {})}

    assert (found[name].value, found[name].apply_method) == (value, "immediate")
    with pytest.raises(ValueError, match="TLS is always forced"):
        aurora_plan.parameters(engine, {name: "0"})


def test_own_parameters_wait_for_a_reboot_since_some_are_static() -> None:
    found = {each.name: each for each in aurora_plan.parameters("aurora-mysql", {"max_connections": "500"})}

    assert found["max_connections"].apply_method == "pending-reboot"
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("engine", "min_acu", "max_acu", "expected"),
    [
        ("aurora-postgresql", 0.5, 4, 823),
        ("aurora-postgresql", 0.5, 6, 823),
        ("aurora-postgresql", 0.5, 16, 2_000),
        ("aurora-postgresql", 1, 16, 3_360),
        ("aurora-mysql", 0.5, 16, 2_000),
    ],
)
def test_max_connections(
    engine: aurora_plan.AuroraEngine, min_acu: float, max_acu: float, expected: int
) -> None:
    assert aurora_plan.max_connections(engine, min_acu=min_acu, max_acu=max_acu) == expected


@given(half_steps=st.integers(0, 512), more=st.integers(0, 512))
def test_any_range_of_half_steps_within_the_limits_passes(half_steps: int, more: int) -> None:
    low, high = half_steps / 2, min(max(half_steps + more, 2), 512) / 2
    aurora_plan.check_capacity(min(low, high), high, None)


@pytest.mark.parametrize(
    ("min_acu", "max_acu", "pause", "message"),
    [
        (0.3, 4, None, "min_acu: got 0.3"),
        (0.5, 0.5, None, "max_acu: got 0.5; allowed 1 to 256"),
        (8, 4, None, "above max_acu 4"),
        (0.5, 4, 600, "only a cluster with min_acu 0 pauses"),
        (0, 4, 299, "allowed 300 to 86400"),
    ],
)
def test_ranges_that_aurora_rejects(min_acu: float, max_acu: float, pause: int | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aurora_plan.check_capacity(min_acu, max_acu, pause)
