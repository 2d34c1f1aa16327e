"""What the two RDS engines differ in, instance classes, storage, and where replicas stand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from components.data import rds_plan
from components.data.rds_plan import InsightsMode, Parameter

RdsEngine: TypeAlias = Literal["postgres", "mysql"]

MAX_REPLICAS = 15

STORAGE_GB = (20, 65_536)
"""What RDS takes as gp3 for both engines."""

_CLASS = re.compile(r"db\.(?P<family>[tmr])\d[a-z]*\.(?P<size>micro|small|medium|large|\d*xlarge)")
_LARGE_GIB: Mapping[str, int] = {"t": 8, "m": 8, "r": 16}
_BURSTABLE_GIB: Mapping[str, int] = {"micro": 1, "small": 2, "medium": 4}


@dataclass(frozen=True, kw_only=True)
class EngineTraits:
    """What follows from the engine."""

    port: int
    log_exports: tuple[str, ...]
    tls_parameters: Mapping[str, str]
    base_parameters: Mapping[str, str]
    """What must be on for the exported logs to have content."""
    version: re.Pattern[str]
    """Group 1 is what parameter group families are named by."""
    version_form: str
    without_insights: frozenset[str]
    """Classes too small for Database Insights (RDS user guide, supported engines and classes)."""


TRAITS: Mapping[RdsEngine, EngineTraits] = {
    "postgres": EngineTraits(
        port=5432,
        log_exports=("iam-db-auth-error", "postgresql", "upgrade"),
        tls_parameters={"rds.force_ssl": "1"},
        base_parameters={"log_min_duration_statement": "1000"},
        version=re.compile(r"(\d{2})(?:\.\d+)?"),
        version_form="a major or full version such as 17 or 17.6",
        without_insights=frozenset(),
    ),
    # The general log would hold every statement, secrets included. The audit log needs an option group with a
    # plugin that trails the engine's releases.
    "mysql": EngineTraits(
        port=3306,
        log_exports=("error", "iam-db-auth-error", "slowquery"),
        tls_parameters={"require_secure_transport": "1"},
        base_parameters={"log_output": "FILE", "long_query_time": "1", "slow_query_log": "1"},
        version=re.compile(r"(\d\.\d)(?:\.\d+)?"),
        version_form="a major or full version such as 8.4 or 8.4.6",
        without_insights=frozenset(
            {
                "db.t2.micro",
                "db.t2.small",
                "db.t3.micro",
                "db.t3.small",
                "db.t4g.micro",
                "db.t4g.small",
            }
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class ReplicaPlacement:
    """One read replica: the key is its identity."""

    key: str
    availability_zone: str


def replica_placements(availability_zones: Sequence[str], *, replicas: int) -> tuple[ReplicaPlacement, ...]:
    """``replica-1`` in the second zone, and so on around, so that one more moves none.

    The second zone comes first because a database that was never failed over stands in the first.
    """
    if not 0 <= replicas <= MAX_REPLICAS:
        raise ValueError(f"read_replicas: got {replicas}; allowed 0 to {MAX_REPLICAS}")
    zones = len(set(availability_zones))
    if zones != len(availability_zones) or zones < 2:
        raise ValueError(
            f"availability_zones: got {list(availability_zones)}; a subnet group needs two or more, each once"
        )
    return tuple(
        ReplicaPlacement(key=f"replica-{number}", availability_zone=availability_zones[number % zones])
        for number in range(1, replicas + 1)
    )


def parameter_family(engine: RdsEngine, engine_version: str) -> str:
    """The parameter group family: ``17.6`` gives ``postgres17``, and ``8.4.6`` gives ``mysql8.4``."""
    traits = TRAITS[engine]
    match = traits.version.fullmatch(engine_version)
    if match is None:
        raise ValueError(f"engine_version: got {engine_version!r}; {engine} needs {traits.version_form}")
    return f"{engine}{match.group(1)}"


def parameters(engine: RdsEngine, extra: Mapping[str, str]) -> tuple[Parameter, ...]:
    """The parameter group's content by name."""
    traits = TRAITS[engine]
    return rds_plan.parameters(traits.tls_parameters, traits.base_parameters, extra)


def memory_gib(instance_class: str) -> float:
    """Memory of a class. Raises ValueError for one that is not of the t, m or r families."""
    match = _CLASS.fullmatch(instance_class)
    if match is None:
        raise ValueError(
            f"instance_class: got {instance_class!r}; a class of the t, m or r families such as db.t4g.large"
        )
    large, size = _LARGE_GIB[match["family"]], match["size"]
    if size in _BURSTABLE_GIB:
        return float(_BURSTABLE_GIB[size] * large // 8)
    if size == "large":
        return float(large)
    return float(2 * large * int(size.removesuffix("xlarge") or 1))


def has_insights(engine: RdsEngine, instance_class: str) -> bool:
    """Whether Database Insights can be turned on for a class."""
    return instance_class not in TRAITS[engine].without_insights


def check_insights(engine: RdsEngine, instance_class: str, mode: InsightsMode) -> None:
    """Raise ValueError for the advanced mode on a class that has no Database Insights at all."""
    if mode == "advanced" and not has_insights(engine, instance_class):
        raise ValueError(
            f"insights_mode: got 'advanced' with {instance_class}; {engine} has Database Insights from "
            "medium up: take a larger class, or standard"
        )


def check_storage(allocated_gb: int, max_allocated_gb: int | None) -> None:
    """Raise ValueError for sizes that RDS rejects.

    Autoscaling needs a ceiling at least a tenth above the start (Managing capacity automatically).
    """
    low, high = STORAGE_GB
    if not low <= allocated_gb <= high:
        raise ValueError(f"allocated_storage_gb: got {allocated_gb}; allowed {low} to {high} with gp3")
    if max_allocated_gb is None:
        return
    least = -(-allocated_gb * 11 // 10)
    if not least <= max_allocated_gb <= high:
        raise ValueError(
            f"max_allocated_storage_gb: got {max_allocated_gb}; allowed {least} (a tenth above "
            f"allocated_storage_gb) to {high}, or None to stay at {allocated_gb}"
        )
