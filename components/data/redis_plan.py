"""The shapes a replication group can have, and the names and limits that follow."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from components.data.cache_access import CacheEngine
from components.data.rds_plan import check_windows

MAX_SHARDS = 500
MAX_REPLICAS = 5
MAX_NODES = 90
"""Nodes of a group with cluster mode before a quota is raised."""

_NODE_TYPE = re.compile(
    r"cache\.(t3|t4g|m5|m6g|m7g|r5|r6g|r7g)\.(micro|small|medium|large|\d*xlarge)",
)
_VERSIONS: Mapping[CacheEngine, re.Pattern[str]] = {
    "redis": re.compile(r"(7)\.[01]"),
    "valkey": re.compile(r"([789])\.\d"),
}


@dataclass(frozen=True, kw_only=True)
class SingleShard:
    """All keys on each node, one primary endpoint. Any client can use it."""

    replicas: int


@dataclass(frozen=True, kw_only=True)
class ClusterMode:
    """Keys spread over shards, one configuration endpoint. The client must speak the cluster protocol."""

    shards: int
    replicas_per_shard: int


Topology: TypeAlias = SingleShard | ClusterMode


def replicas(topology: Topology) -> int:
    """Replicas beside each primary."""
    return topology.replicas if isinstance(topology, SingleShard) else topology.replicas_per_shard


def node_ids(replication_group_id: str, topology: Topology) -> tuple[str, ...]:
    """The cache clusters that ElastiCache makes, by its naming: CloudWatch knows nodes by these."""
    nodes = range(1, replicas(topology) + 2)
    if isinstance(topology, SingleShard):
        return tuple(f"{replication_group_id}-{node:03}" for node in nodes)
    return tuple(
        f"{replication_group_id}-{shard:04}-{node:03}"
        for shard in range(1, topology.shards + 1)
        for node in nodes
    )


def check_topology(topology: Topology) -> None:
    """Raise ValueError for a shape that ElastiCache rejects."""
    copies = replicas(topology)
    what = "replicas" if isinstance(topology, SingleShard) else "replicas_per_shard"
    if not 0 <= copies <= MAX_REPLICAS:
        raise ValueError(f"{what}: got {copies}; allowed 0 to {MAX_REPLICAS}")
    if isinstance(topology, ClusterMode):
        if not 1 <= topology.shards <= MAX_SHARDS:
            raise ValueError(f"shards: got {topology.shards}; allowed 1 to {MAX_SHARDS}")
        if topology.shards * (copies + 1) > MAX_NODES:
            raise ValueError(
                f"shards: got {topology.shards} of {copies + 1} nodes; {MAX_NODES} nodes in all are allowed"
            )


def parameter_family(engine: CacheEngine, engine_version: str) -> str:
    """The parameter group family: ``7.1`` of Redis gives ``redis7``, ``8.1`` of Valkey ``valkey8``."""
    match = _VERSIONS[engine].fullmatch(engine_version)
    if match is None:
        raise ValueError(
            f"engine_version: got {engine_version!r}; redis takes 7.0 or 7.1, its last versions in "
            "ElastiCache, and valkey 7.2 and later, such as 8.1"
        )
    return f"{engine}{match.group(1)}"


def parameters(topology: Topology, extra: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The parameter group's content by name: whether it is a cluster, and ``extra``."""
    if "cluster-enabled" in extra:
        raise ValueError("parameters: got cluster-enabled; the topology decides that: drop it")
    cluster = {"cluster-enabled": "yes"} if isinstance(topology, ClusterMode) else {}
    return tuple(sorted({**cluster, **extra}.items()))


def check_node_type(node_type: str) -> None:
    """Raise ValueError for an old type, or one with data tiering, which needs settings of its own."""
    if not _NODE_TYPE.fullmatch(node_type):
        raise ValueError(
            f"node_type: got {node_type!r}; a current type of the t, m or r families such as cache.t4g.medium"
        )


def check_snapshots(retention_days: int, window: str, maintenance_window: str) -> None:
    """Raise ValueError for windows that overlap or a retention ElastiCache rejects."""
    if not 1 <= retention_days <= 35:
        raise ValueError(f"snapshot_retention_days: got {retention_days}; allowed 1 to 35")
    _check_hour(window)
    check_windows(window, maintenance_window)


def _check_hour(window: str) -> None:
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", window)
    if match is None:
        return
    start, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
    if (end - start) % (24 * 60) < 60:
        raise ValueError(f"snapshot_window: got {window!r}; at least an hour")
