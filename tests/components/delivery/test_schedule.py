"""Hours of service: their limits, and the actions they become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.delivery.schedule import DAYS, Hours, ScalingSchedule, ScalingScheduleArgs, ScheduledService
from tests.harness import deploy

CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))


def hours(**changes: object) -> Hours:
    given_hours = {"opens": "08:00", "closes": "20:00", "days": ("MON", "FRI"), "timezone": "Asia/Seoul"}
    return Hours(**{**given_hours, **changes})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"opens": "8:00"}, "HH:MM"),
        ({"closes": "24:00"}, "HH:MM"),
        ({"opens": "20:00"}, "later than opens"),
        ({"days": ()}, "one or more"),
        ({"days": ("MONDAY",)}, "one or more"),
    ],
)
def test_impossible_hours_are_refused(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        hours(**changes)


@given(CLOCKS, CLOCKS, st.sets(st.sampled_from(DAYS), min_size=1))
def test_the_order_of_days_does_not_matter(one: str, other: str, days: set[str]) -> None:
    if one >= other:
        return
    forward, backward = sorted(days), sorted(days, reverse=True)
    first = hours(opens=one, closes=other, days=forward)
    second = hours(opens=one, closes=other, days=backward)
    assert first.at(one) == second.at(one)
    assert len(first.at(one).removeprefix("cron(").removesuffix(")").split()) == 6


@pytest.mark.parametrize(("low", "high", "floor"), [(2, 1, 0), (1, 2, 2), (1, 2, -1)])
def test_the_floor_is_below_the_range(low: int, high: int, floor: int) -> None:
    with pytest.raises(ValueError, match="floor"):
        ScheduledService(resource_id="service/a/b", open_min=low, open_max=high, floor=floor)


def test_two_actions_for_each_service() -> None:
    services = {
        name: ScheduledService(resource_id=f"service/shop/{name}", open_min=2, open_max=4, floor=1)
        for name in ("front", "back")
    }
    args = ScalingScheduleArgs(hours=hours(), services=services)
    result = deploy(lambda: ScalingSchedule("hours", args))
    actions = {
        record.name: record for record in result.of_type("aws:appautoscaling/scheduledAction:ScheduledAction")
    }
    assert set(actions) == {f"hours-{name}-{when}" for name in services for when in ("open", "close")}
    closing = actions["hours-back-close"]
    assert closing["resourceId"] == "service/shop/back"
    assert closing["scalableTargetAction"] == {"minCapacity": 1, "maxCapacity": 1}
    assert closing["schedule"] == "cron(0 20 ? * MON,FRI *)"
    assert actions["hours-back-open"]["scalableTargetAction"] == {"minCapacity": 2, "maxCapacity": 4}
