"""The cutover's stages: weights that Cloudflare takes, and histories that never jump."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.cutover_plan import (
    COMMITTED,
    SHARES,
    WEIGHTS,
    Committed,
    LegacyHost,
    Share,
    Shifting,
    Stage,
    check_move,
    is_mixed,
    moves,
    published_plan,
    stage_name,
)

LEGACY = LegacyHost(
    address="221.153.20.249",
    hostname="safework.jclee.me",
    break_glass_hostname="safework-legacy.jclee.me",
)


def shifting(percent: Share) -> Shifting:
    return Shifting(percent=percent, legacy=LEGACY)


STAGES: list[Stage] = [*(shifting(share) for share in SHARES), Committed()]


@pytest.mark.parametrize("share", SHARES)
def test_weights_are_tenths_that_give_the_share(share: Share) -> None:
    weights = WEIGHTS[share]
    for tenths in (weights.legacy_tenths, weights.new_tenths):
        assert 0 <= tenths <= 10
    total = weights.legacy_tenths + weights.new_tenths
    assert weights.new_tenths * 100 == share * total


def test_a_quarter_is_three_to_one() -> None:
    assert (WEIGHTS[25].legacy, WEIGHTS[25].new) == (0.3, 0.1)


def test_affinity_is_for_mixed_stages_alone() -> None:
    assert [stage_name(stage) for stage in STAGES if is_mixed(stage)] == ["25", "50"]


def test_legal_moves() -> None:
    assert {name: moves(name) for name in (*map(str, SHARES), COMMITTED)} == {
        "0": ("25",),
        "25": ("50", "0"),
        "50": ("100", "25", "0"),
        "100": ("committed", "50", "25", "0"),
        "committed": (),
    }


def test_an_unknown_stage_is_named() -> None:
    with pytest.raises(ValueError, match=r"got '30'; one of 0, 25, 50, 100, committed"):
        moves("30")


@pytest.mark.parametrize("start", STAGES, ids=stage_name)
@pytest.mark.parametrize("end", STAGES, ids=stage_name)
def test_a_deployment_may_stay_or_make_one_legal_move(start: Stage, end: Stage) -> None:
    if end == start or stage_name(end) in moves(stage_name(start)):
        check_move(start, end)
    else:
        with pytest.raises(ValueError, match="cutover: got"):
            check_move(start, end)


@given(st.data())
def test_histories_climb_one_step_at_a_time_and_end_at_commit(data: st.DataObject) -> None:
    ladder = [*map(str, SHARES), COMMITTED]
    at = "0"
    for _ in range(data.draw(st.integers(0, 30))):
        legal = moves(at)
        if not legal:
            assert at == COMMITTED
            break
        chosen = data.draw(st.sampled_from(legal))
        climbed = ladder.index(chosen) - ladder.index(at)
        assert climbed == 1 or climbed < 0
        assert chosen != COMMITTED or at == "100"
        at = chosen


@given(st.sampled_from([share for share in SHARES if share > 0]))
def test_every_stage_can_fall_back_to_nothing_at_once(share: Share) -> None:
    assert "0" in moves(str(share))


def test_the_published_plan_agrees_with_the_planner() -> None:
    plan = published_plan()
    assert list(plan) == ["0", "25", "50", "100", "committed"]
    assert plan["25"] == {"weights": {"legacy": 0.3, "new": 0.1}, "moves": ["50", "0"]}
    assert plan["committed"] == {"weights": {"new": 1.0}, "moves": []}
