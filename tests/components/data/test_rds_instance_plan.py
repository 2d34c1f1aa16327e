"""Classes, storage and the places of replicas, without a cloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data import rds_instance_plan as plan

ZONES = ("ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c")


@given(replicas=st.integers(0, 14), zones=st.integers(2, 3))
def test_one_more_replica_moves_none(replicas: int, zones: int) -> None:
    before = plan.replica_placements(ZONES[:zones], replicas=replicas)
    assert plan.replica_placements(ZONES[:zones], replicas=replicas + 1)[:replicas] == before


@given(zones=st.integers(2, 3))
def test_as_many_replicas_as_zones_stand_apart(zones: int) -> None:
    placed = plan.replica_placements(ZONES[:zones], replicas=zones)
    assert len({each.availability_zone for each in placed}) == zones
    assert placed[0].availability_zone == ZONES[1]


@pytest.mark.parametrize(
    ("instance_class", "gib"),
    [
        ("db.t4g.micro", 1),
        ("db.t3.small", 2),
        ("db.t4g.medium", 4),
        ("db.t3.large", 8),
        ("db.t4g.2xlarge", 32),
        ("db.m7g.large", 8),
        ("db.m6i.4xlarge", 64),
        ("db.r6g.large", 16),
        ("db.r7g.xlarge", 32),
        ("db.r6i.16xlarge", 512),
    ],
)
def test_memory_of_a_class(instance_class: str, gib: float) -> None:
    assert plan.memory_gib(instance_class) == gib


@given(allocated=st.integers(20, 59_578))
def test_storage_may_grow_by_a_tenth_or_more(allocated: int) -> None:
    plan.check_storage(allocated, None)
    plan.check_storage(allocated, -(-allocated * 11 // 10))
    with pytest.raises(ValueError, match="max_allocated_storage_gb"):
        plan.check_storage(allocated, allocated)
