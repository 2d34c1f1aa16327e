"""What a Spot fleet can do: which jobs fit on which instance, how many at once, how many an hour.

Batch places a job by vCPU and by memory, and an instance never offers the memory on its label: the kernel and
the ECS agent keep some of it. A job that asks for all of it waits for ever, or takes the next larger size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

USABLE_MEMORY_PERCENT = 93
"""Of the label, as instances of 8 GiB and more register with ECS (Batch User Guide, "Compute resource memory
management": ask ``describe-container-instances`` for the exact figure of an image)."""


@dataclass(frozen=True)
class InstanceSize:
    vcpus: int
    memory_mb: int

    @property
    def usable_memory_mb(self) -> int:
        """What is left for jobs."""
        return self.memory_mb * USABLE_MEMORY_PERCENT // 100


INSTANCE_SIZES: Mapping[str, InstanceSize] = {
    "c5.xlarge": InstanceSize(4, 8_192),
    "c5.2xlarge": InstanceSize(8, 16_384),
    "c6i.xlarge": InstanceSize(4, 8_192),
    "c6i.2xlarge": InstanceSize(8, 16_384),
    "m5.xlarge": InstanceSize(4, 16_384),
    "m6i.xlarge": InstanceSize(4, 16_384),
}
"""https://aws.amazon.com/ec2/instance-types/"""


@dataclass(frozen=True, kw_only=True)
class FleetCapacity:
    """The limits of one compute environment for jobs of one size."""

    max_vcpus: int
    job_vcpus: int
    job_memory_mb: int
    jobs_per_instance: Mapping[str, int]
    """By instance type; 0 where the job does not fit at all."""

    @property
    def fitting_types(self) -> tuple[str, ...]:
        return tuple(name for name, jobs in self.jobs_per_instance.items() if jobs)

    @property
    def jobs_by_vcpus(self) -> int:
        """The ceiling, if every vCPU had a job on it."""
        return self.max_vcpus // self.job_vcpus

    @property
    def jobs_at_once(self) -> int:
        """At most: with the type that packs best, as memory allows."""
        return max(self._jobs_of_fleets())

    @property
    def jobs_for_certain(self) -> int:
        """At least: when Spot has only the type that packs worst."""
        return min(self._jobs_of_fleets())

    def jobs_per_hour(self, minutes_per_job: float) -> int:
        """What the whole fleet finishes in an hour, at most, of jobs that take so long each."""
        return int(self.jobs_at_once * 60 / minutes_per_job)

    def jobs_per_hour_for_certain(self, minutes_per_job: float) -> int:
        """What it finishes whichever of its types it stands on: what an alarm may count on."""
        return int(self.jobs_for_certain * 60 / minutes_per_job)

    def _jobs_of_fleets(self) -> list[int]:
        """Jobs at once of a fleet of each type that holds a job and is no larger than the fleet may be."""
        return [
            self.max_vcpus // INSTANCE_SIZES[name].vcpus * self.jobs_per_instance[name]
            for name in self.fitting_types
            if INSTANCE_SIZES[name].vcpus <= self.max_vcpus
        ]

    def drain_minutes(self, backlog: int, minutes_per_job: float) -> float:
        """How long the whole fleet needs for a backlog, in whole waves of jobs."""
        waves = -(-backlog // self.jobs_at_once)
        return waves * minutes_per_job


def fleet_capacity(
    *, instance_types: Sequence[str], max_vcpus: int, job_vcpus: int, job_memory_mb: int
) -> FleetCapacity:
    """Raises ValueError where a type is unknown here, or where no type can hold one job."""
    unknown = [name for name in instance_types if name not in INSTANCE_SIZES]
    if unknown:
        raise ValueError(
            f"instance_types: got {', '.join(unknown)}; known are {', '.join(INSTANCE_SIZES)}: add the size "
            "to INSTANCE_SIZES, or choose one of these"
        )
    jobs = {name: _jobs_on(INSTANCE_SIZES[name], job_vcpus, job_memory_mb) for name in instance_types}
    if not any(jobs.values()):
        most = max(INSTANCE_SIZES[name].usable_memory_mb for name in instance_types)
        raise ValueError(
            f"memory_mb: got {job_memory_mb} with {job_vcpus} vCPU; no job would ever start on "
            f"{', '.join(instance_types)}, which offer {most} MB at most: ask for less, or add a larger type"
        )
    if max_vcpus < min(INSTANCE_SIZES[name].vcpus for name, count in jobs.items() if count):
        raise ValueError(
            f"max_vcpus: got {max_vcpus}; less than the smallest instance that holds a job: raise it"
        )
    return FleetCapacity(
        max_vcpus=max_vcpus, job_vcpus=job_vcpus, job_memory_mb=job_memory_mb, jobs_per_instance=jobs
    )


def _jobs_on(size: InstanceSize, job_vcpus: int, job_memory_mb: int) -> int:
    return min(size.vcpus // job_vcpus, size.usable_memory_mb // job_memory_mb)
