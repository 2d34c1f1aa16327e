"""Kafka on Amazon MSK."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Context, Model, Problem, by_environment
from settings.vocabulary import Matching, Percent

# Versions that run without ZooKeeper and have no end of support announced (3.6 ended on 2026-06-01), 2026-05.
# https://docs.aws.amazon.com/msk/latest/developerguide/supported-kafka-versions.html
KafkaVersion = Literal["3.7.x.kraft", "3.8.x.kraft", "3.9.x.kraft", "4.0.x.kraft"]

BrokerType = Annotated[
    str,
    Strict(),
    Matching(
        r"kafka\.(t3\.small|m5\.(large|\d+xlarge|xlarge)|m7g\.(large|\d+xlarge|xlarge))",
        "a broker type such as kafka.m5.large",
    ),
]
VolumeGb = Annotated[int, Strict(), Field(ge=1, le=16_384)]


class Kafka(Model):
    """Three brokers, one in each zone; clients log in with their role and speak TLS."""

    version: KafkaVersion = "3.9.x.kraft"
    """A cluster cannot move from ZooKeeper to KRaft, so it begins there."""

    broker_type: BrokerType = by_environment(dev="kafka.t3.small", prod="kafka.m5.large")
    volume_gb: VolumeGb = by_environment(dev=10, prod=100)
    """Of each broker at first; MSK adds storage by itself up to maxVolumeGb. It never shrinks."""

    max_volume_gb: VolumeGb = by_environment(dev=50, prod=500)
    grow_at_percent: Annotated[int, Strict(), Field(ge=10, le=80)] = 60
    """How full the disks are when storage is added."""

    retention_hours: Annotated[int, Strict(), Field(ge=1, le=8_760)] = 168
    """How long a message can be read again."""

    partitions: Annotated[int, Strict(), Field(ge=1, le=100)] = 6
    """Of each topic: as many copies of a consumer can work side by side. Their number only grows."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.max_volume_gb <= self.volume_gb:
            yield Problem(
                key="maxVolumeGb", got=self.max_volume_gb, allowed=f"more than volumeGb ({self.volume_gb})"
            )


class KafkaAlarms(Model):
    """When somebody is told of the brokers and the readers."""

    lag_messages: Annotated[int, Strict(), Field(ge=1, le=10_000_000)] = 1_000
    """Messages that a reader is behind."""

    cpu_percent: Percent = 60
    """Of a broker: above it there is too little left to take over from a broker that is lost."""

    disk_percent: Percent = 85
    """Storage is added long before; above it that has not worked."""
