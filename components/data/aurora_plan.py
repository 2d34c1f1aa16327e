"""What the two Aurora engines differ in, and the rules of Aurora Serverless v2."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from components.data import rds_plan
from components.data.rds_plan import Parameter

AuroraEngine: TypeAlias = Literal["aurora-postgresql", "aurora-mysql"]

MAX_ACU = 256
"""The most a Serverless v2 instance takes, in the engine versions that are in standard support."""

AUTO_PAUSE_SECONDS = (300, 86_400)
"""From five minutes to a day (ServerlessV2ScalingConfiguration)."""

LOW_MINIMUM_ACU = 0.5
LOW_MINIMUM_MAX_CONNECTIONS = 2_000
"""Aurora PostgreSQL caps ``max_connections`` here when the minimum is 0 or 0.5 ACU."""

MAX_READERS = 15


@dataclass(frozen=True, kw_only=True)
class EngineTraits:
    """What follows from the engine."""

    port: int
    log_exports: tuple[str, ...]
    tls_parameters: Mapping[str, str]
    base_parameters: Mapping[str, str]
    """What must be on for the exported logs to have content."""
    max_connections: tuple[tuple[float, int], ...]
    """Default ``max_connections`` by maximum ACU (Aurora Serverless v2, maximum connections)."""


TRAITS: Mapping[AuroraEngine, EngineTraits] = {
    "aurora-postgresql": EngineTraits(
        port=5432,
        log_exports=("iam-db-auth-error", "postgresql"),
        tls_parameters={"rds.force_ssl": "1"},
        base_parameters={"log_min_duration_statement": "1000"},
        max_connections=((1, 189), (4, 823), (8, 1_669), (16, 3_360), (32, 5_000)),
    ),
    "aurora-mysql": EngineTraits(
        port=3306,
        log_exports=("audit", "error", "iam-db-auth-error", "slowquery"),
        tls_parameters={"require_secure_transport": "ON"},
        base_parameters={
            "long_query_time": "1",
            "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
            "server_audit_logging": "1",
            "slow_query_log": "1",
        },
        max_connections=((1, 90), (4, 135), (8, 1_000), (16, 2_000), (32, 3_000), (64, 4_000), (128, 5_000)),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One instance: the key is its identity, the zone is where it stands."""

    key: str
    availability_zone: str
    promotion_tier: int
    """Tiers 0 and 1 keep the writer's capacity, so that the first reader can take over at once."""


def placements(availability_zones: Sequence[str], *, readers: int) -> tuple[Placement, ...]:
    """The writer, then the readers, each in the next zone. More readers move no instance."""
    if not 0 <= readers <= MAX_READERS:
        raise ValueError(f"readers: got {readers}; allowed 0 to {MAX_READERS}")
    zones = len(set(availability_zones))
    if zones != len(availability_zones) or zones < 2:
        raise ValueError(
            f"availability_zones: got {list(availability_zones)}; a subnet group needs two or more, each once"
        )
    keys = ["writer", *(f"reader-{number}" for number in range(1, readers + 1))]
    return tuple(
        Placement(
            key=key,
            availability_zone=availability_zones[index % zones],
            promotion_tier=min(index, MAX_READERS),
        )
        for index, key in enumerate(keys)
    )


def parameter_family(engine: AuroraEngine, engine_version: str) -> str:
    """The parameter group family of a version: ``16.8`` gives ``aurora-postgresql16``.

    Aurora MySQL versions read ``8.0.mysql_aurora.3.10.0`` and give ``aurora-mysql8.0``.
    """
    if engine == "aurora-postgresql":
        match = re.fullmatch(r"(\d{2})(\.\d+)?", engine_version)
        form = "a major or full version such as 16 or 16.8"
    else:
        match = re.fullmatch(r"(8\.\d)(\.mysql_aurora(\.\d+){2,3})?", engine_version)
        form = "a major or full version such as 8.0 or 8.0.mysql_aurora.3.10.0"
    if match is None:
        raise ValueError(f"engine_version: got {engine_version!r}; {engine} needs {form}")
    return f"{engine}{match.group(1)}"


def parameters(engine: AuroraEngine, extra: Mapping[str, str]) -> tuple[Parameter, ...]:
    """The cluster parameter group's content by name."""
    traits = TRAITS[engine]
    return rds_plan.parameters(traits.tls_parameters, traits.base_parameters, extra)


def max_connections(engine: AuroraEngine, *, min_acu: float, max_acu: float) -> int:
    """The least that ``max_connections`` can be for a capacity range, for alarm thresholds.

    Between two rows of the table the lower one counts, so a threshold is early, never late.
    """
    rows = TRAITS[engine].max_connections
    limit = max((count for acu, count in rows if acu <= max_acu), default=rows[0][1])
    if engine == "aurora-postgresql" and min_acu <= LOW_MINIMUM_ACU:
        return min(limit, LOW_MINIMUM_MAX_CONNECTIONS)
    return limit


def check_capacity(min_acu: float, max_acu: float, seconds_until_auto_pause: int | None) -> None:
    """Raise ValueError for a range that Aurora rejects, or a pause that the range excludes."""
    for what, value, least in (("min_acu", min_acu, 0.0), ("max_acu", max_acu, 1.0)):
        if not least <= value <= MAX_ACU or value * 2 != int(value * 2):
            raise ValueError(f"{what}: got {value:g}; allowed {least:g} to {MAX_ACU} in steps of 0.5")
    if min_acu > max_acu:
        raise ValueError(f"min_acu: got {min_acu:g}, above max_acu {max_acu:g}: swap or raise")
    if seconds_until_auto_pause is None:
        return
    if min_acu > 0:
        raise ValueError(
            f"seconds_until_auto_pause: got {seconds_until_auto_pause} with min_acu {min_acu:g}; "
            "only a cluster with min_acu 0 pauses: set that, or drop the pause"
        )
    low, high = AUTO_PAUSE_SECONDS
    if not low <= seconds_until_auto_pause <= high:
        raise ValueError(f"seconds_until_auto_pause: got {seconds_until_auto_pause}; allowed {low} to {high}")
