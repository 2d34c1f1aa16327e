"""Services in containers: images, sizes, and how many tasks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict

from settings.model import Context, Model, Problem
from settings.vocabulary import Matching, Percent, no_flag

ImageDigest = Annotated[
    str,
    Strict(),
    Matching(r"sha256:[0-9a-f]{64}", "an image digest: sha256: and 64 hexadecimal digits, not a tag"),
]
ContainerUser = Annotated[
    str,
    Strict(),
    Matching(r"[1-9][0-9]{0,9}:[1-9][0-9]{0,9}", "a user and a group by number, neither of them root"),
]
ContainerPort = Annotated[int, Strict(), Field(ge=1_024, le=65_535)]
CpuUnits = Annotated[Literal[256, 512, 1024, 2048, 4096], BeforeValidator(no_flag)]
TaskCount = Annotated[int, Strict(), Field(ge=1, le=100)]
Seconds = Annotated[int, Strict(), Field(ge=0, le=3_600)]
HealthPath = Annotated[
    str, Strict(), Matching(r"/[A-Za-z0-9/._-]*", "a path that answers 200, such as /health")
]

# "Task size" in the ECS developer guide: CPU units, then the memory in MB that goes with them.
FARGATE_SIZES: Mapping[int, Sequence[int]] = {
    256: (512, 1_024, 2_048),
    512: range(1_024, 4_097, 1_024),
    1_024: range(2_048, 8_193, 1_024),
    2_048: range(4_096, 16_385, 1_024),
    4_096: range(8_192, 30_721, 1_024),
}


class ContainerService(Model):
    """One service on Fargate."""

    image_digest: ImageDigest
    """The release, as ``aws ecr describe-images`` names it. A tag can change under a running service."""

    cpu_units: CpuUnits
    """1024 are one vCPU."""

    memory_mb: Annotated[int, Strict(), Field(ge=512, le=30_720)]
    min_tasks: TaskCount
    max_tasks: TaskCount
    cpu_percent: Percent = 70
    """Tasks are added above it."""

    memory_percent: Percent = 75
    scale_in_cooldown_seconds: Seconds = 300
    scale_out_cooldown_seconds: Seconds = 60
    port: ContainerPort
    health_path: HealthPath
    user: ContainerUser = "1000:1000"
    """Who the process in the container runs as; 1000 is ``node`` in the images of Node.js."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        sizes = FARGATE_SIZES[self.cpu_units]
        if self.memory_mb not in sizes:
            nearest = min(sizes, key=lambda size: abs(size - self.memory_mb))
            yield Problem(
                key="memoryMb",
                got=self.memory_mb,
                allowed=f"{sizes[0]} to {sizes[-1]} in Fargate's steps with {self.cpu_units} CPU units, "
                f"such as {nearest}",
            )
        if self.min_tasks > self.max_tasks:
            yield Problem(key="minTasks", got=self.min_tasks, allowed=f"at most maxTasks ({self.max_tasks})")
