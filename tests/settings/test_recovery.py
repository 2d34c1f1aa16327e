"""RTO and RPO follow from the settings, and a target that cannot be met names the setting to blame."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from settings.model import Context
from settings.recovery import Recovery
from settings.recovery_plan import (
    AuroraStore,
    BackupCover,
    Failure,
    Objectives,
    Pace,
    RdsStore,
    ReplicaCover,
    Store,
    TableStore,
    check,
    estimates,
    worst,
)

PACE = Pace()
WORK_REDESIGN = RdsStore(key="database", storage_gb=500, multi_az=True, read_replicas=1)
HOUR = Objectives(rto_minutes=60, rpo_minutes=15)


def minutes(store: Store, failure: Failure) -> tuple[float | None, float | None]:
    return worst([store], PACE, failure)


def read(environment: Any = "prod", **given: Any) -> Recovery:
    context = Context(environment=environment)
    return TypeAdapter(Recovery).validate_python(given, context=context)


def test_work_redesign_meets_an_hour_and_a_quarter() -> None:
    assert minutes(WORK_REDESIGN, "zone") == (2, 0)
    assert minutes(WORK_REDESIGN, "damage") == (20 + 500 / 20 + 10, 5)
    assert list(check([WORK_REDESIGN], HOUR, PACE, key="recovery")) == []


def test_without_a_standby_a_replica_is_promoted_and_without_that_a_backup_restored() -> None:
    replica = RdsStore(
        key="database", storage_gb=500, multi_az=False, read_replicas=1, replica_lag_seconds=60
    )
    alone = RdsStore(key="database", storage_gb=500, multi_az=False)
    assert minutes(replica, "zone") == (20, 1)
    assert minutes(alone, "zone") == (55, 5)


def test_the_standby_is_named_where_it_is_missed() -> None:
    alone = RdsStore(key="database", storage_gb=100, multi_az=False)
    targets = Objectives(rto_minutes=35, rpo_minutes=0)
    found = [each for each in check([alone], targets, PACE, key="recovery") if "zone" in each.allowed]
    assert {(each.key, each.got) for each in found} == {("database.multiAz", False)}
    assert [each.allowed for each in found] == [
        "true: losing a zone costs 5 minutes (a restore of 100 GB, up to the last log), and "
        "recovery.rpoMinutes is 0"
    ]


def test_a_database_too_large_to_restore_in_time() -> None:
    large = RdsStore(key="database", storage_gb=2_000, multi_az=True)
    (found,) = check([large], HOUR, PACE, key="recovery")
    assert (found.key, found.got) == ("database.maxAllocatedStorageGb", 2_000)
    assert "damaged data costs 130 minutes (20 to start, 100 for 2000 GB, 10 for people)" in found.allowed
    assert found.allowed.endswith("and recovery.rtoMinutes is 60")


def test_no_setting_gives_less_than_five_minutes_after_damage() -> None:
    (found,) = check([WORK_REDESIGN], Objectives(rto_minutes=60, rpo_minutes=4), PACE, key="recovery")
    assert found.key == "database"
    assert "logs are kept every five minutes" in found.allowed


@pytest.mark.parametrize(("readers", "expected"), [(1, (1, 0)), (0, (10, 0))])
def test_aurora(readers: int, expected: tuple[float, float]) -> None:
    store = AuroraStore(key="database", storage_gb=100, readers=readers)
    assert minutes(store, "zone") == expected
    found = list(check([store], Objectives(rto_minutes=40, rpo_minutes=5), PACE, key="recovery"))
    assert [each.key for each in found] == []


def test_tables() -> None:
    exact = TableStore(key="table", point_in_time=True)
    daily = TableStore(key="table", point_in_time=False)
    assert minutes(exact, "damage") == (70, 5)
    (found,) = check([daily], Objectives(rto_minutes=70, rpo_minutes=15), PACE, key="recovery")
    assert (found.key, found.got) == ("table.pointInTime", False)
    assert found.allowed.startswith("true: damaged data costs 1440 minutes")


def test_the_region_counts_only_where_it_is_declared() -> None:
    declared = Objectives(rto_minutes=60, rpo_minutes=15, region_rto_minutes=120, region_rpo_minutes=5)
    assert not list(check([WORK_REDESIGN], HOUR, PACE, key="recovery"))
    found = list(check([WORK_REDESIGN], declared, PACE, key="recovery"))
    assert {each.key for each in found} == {"database.cover"}
    assert found[0].allowed == (
        "backups or replica: losing the region is never made good (nothing leaves the region), and "
        "recovery.region.rtoMinutes is 120"
    )


def test_petclinics_replica_in_tokyo() -> None:
    store = RdsStore(key="database", storage_gb=100, multi_az=True, cover=ReplicaCover(lag_seconds=60))
    assert minutes(store, "region") == (20, 1)
    assert worst([store, WORK_REDESIGN], PACE, "region") == (None, None)


def test_copied_backups_lose_their_interval() -> None:
    store = RdsStore(key="database", storage_gb=100, multi_az=True, cover=BackupCover(every_hours=24))
    assert minutes(store, "region") == (60 + 35, 27 * 60)


@given(
    storage=st.integers(20, 65_536),
    multi_az=st.booleans(),
    rto=st.integers(0, 5_000),
    rpo=st.integers(0, 60),
)
def test_nothing_is_reported_exactly_when_every_cost_fits(
    storage: int, multi_az: bool, rto: int, rpo: int
) -> None:
    store = RdsStore(key="database", storage_gb=storage, multi_az=multi_az)
    found = list(check([store], Objectives(rto_minutes=rto, rpo_minutes=rpo), PACE, key="recovery"))
    inside = [each for each in estimates(store, PACE) if each.failure != "region"]
    fits = all((each.rto.minutes or 0) <= rto and (each.rpo.minutes or 0) <= rpo for each in inside)
    assert (not found) is fits


def test_declared_by_default() -> None:
    prod, dev = read(), read("dev")
    assert (prod.rto_minutes, prod.rpo_minutes) == (60, 15)
    assert (prod.keep_days, dev.keep_days) == (35, 7)
    assert (prod.restore_test, dev.restore_test) == (True, False)
    assert (prod.copies.kind, prod.lock.kind) == ("none", "none")
    assert list(prod.misses([WORK_REDESIGN])) == []


def test_a_measured_pace_replaces_the_estimate() -> None:
    large = RdsStore(key="database", storage_gb=2_000, multi_az=True)
    assert list(read(pace={"gbPerMinute": 100}).misses([large])) == []


@pytest.mark.parametrize(
    "given",
    [
        {"lock": {"kind": "governance", "minKeepDays": 36}},
        {"lock": {"kind": "compliance", "graceDays": 2}},
        {"copies": {"kind": "copies", "region": "ap-northeast-2"}},
        {
            "copies": {"kind": "copies", "region": "ap-northeast-1", "keepDays": 7},
            "lock": {"kind": "governance", "minKeepDays": 14},
        },
    ],
)
def test_what_the_vault_would_refuse(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(**given)
