"""What fits on a host, and how many jobs a fleet does in an hour."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compute.batch_worker_plan import INSTANCE_SIZES, FleetCapacity, fleet_capacity

PLAN = ("c5.xlarge", "c5.2xlarge", "c6i.xlarge")
WITH_MEMORY = (*PLAN, "m5.xlarge", "m6i.xlarge")


def capacity(memory_mb: int, max_vcpus: int = 256, types: Sequence[str] = PLAN) -> FleetCapacity:
    return fleet_capacity(instance_types=types, max_vcpus=max_vcpus, job_vcpus=4, job_memory_mb=memory_mb)


def test_eight_gigabytes_fit_on_no_instance_of_eight() -> None:
    fleet = capacity(8_192)
    assert fleet.jobs_per_instance == {"c5.xlarge": 0, "c5.2xlarge": 1, "c6i.xlarge": 0}
    assert (fleet.jobs_by_vcpus, fleet.jobs_at_once) == (64, 32)
    assert fleet.jobs_per_hour(15) == 128


def test_types_with_memory_to_spare_give_each_four_vcpus_a_job_of_eight_gigabytes() -> None:
    fleet = capacity(8_192, types=WITH_MEMORY)
    assert fleet.fitting_types == ("c5.2xlarge", "m5.xlarge", "m6i.xlarge")
    assert (fleet.jobs_at_once, fleet.jobs_for_certain) == (64, 32)
    assert (fleet.jobs_per_hour(15), fleet.jobs_per_hour_for_certain(15)) == (256, 128)


def test_seven_gigabytes_fill_every_instance() -> None:
    fleet = capacity(7_168)
    assert fleet.jobs_per_instance == {"c5.xlarge": 1, "c5.2xlarge": 2, "c6i.xlarge": 1}
    assert fleet.jobs_at_once == fleet.jobs_by_vcpus == 64
    assert fleet.jobs_per_hour(15) == 256
    assert fleet.drain_minutes(0, 15) == 0
    assert fleet.drain_minutes(64, 15) == 15
    assert fleet.drain_minutes(65, 15) == 30


def test_a_job_that_never_starts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"memory_mb: got 15361 .* 15237 MB at most"):
        capacity(15_361)
    with pytest.raises(ValueError, match="max_vcpus: got 4"):
        capacity(8_192, max_vcpus=4)
    with pytest.raises(ValueError, match=r"got t3\.micro"):
        fleet_capacity(instance_types=["t3.micro"], max_vcpus=8, job_vcpus=1, job_memory_mb=512)


@given(
    types=st.lists(st.sampled_from(sorted(INSTANCE_SIZES)), min_size=1, unique=True),
    max_vcpus=st.integers(8, 1_000),
    vcpus=st.integers(1, 4),
    memory_mb=st.integers(256, 7_168),
    minutes=st.integers(1, 600),
)
def test_no_fleet_does_more_than_its_vcpus(
    types: list[str], max_vcpus: int, vcpus: int, memory_mb: int, minutes: int
) -> None:
    fleet = fleet_capacity(
        instance_types=types, max_vcpus=max_vcpus, job_vcpus=vcpus, job_memory_mb=memory_mb
    )
    assert 1 <= fleet.jobs_for_certain <= fleet.jobs_at_once <= fleet.jobs_by_vcpus
    assert fleet.jobs_per_hour(minutes) <= fleet.jobs_at_once * 60 / minutes
    assert fleet.drain_minutes(fleet.jobs_at_once, minutes) == minutes
