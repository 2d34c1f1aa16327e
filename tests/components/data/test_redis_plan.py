"""Shapes of a replication group, without a cloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data import redis_plan
from components.data.redis_plan import ClusterMode, SingleShard


def test_nodes_have_elasticaches_names() -> None:
    assert redis_plan.node_ids("cache", SingleShard(replicas=2)) == ("cache-001", "cache-002", "cache-003")
    assert redis_plan.node_ids("cache", ClusterMode(shards=2, replicas_per_shard=1)) == (
        "cache-0001-001",
        "cache-0001-002",
        "cache-0002-001",
        "cache-0002-002",
    )


@given(shards=st.integers(1, 15), replicas=st.integers(1, 5))
def test_each_node_once(shards: int, replicas: int) -> None:
    topology = ClusterMode(shards=shards, replicas_per_shard=replicas)
    redis_plan.check_topology(topology)
    found = redis_plan.node_ids("cache", topology)
    assert len(set(found)) == len(found) == shards * (replicas + 1)


@pytest.mark.parametrize(
    ("topology", "message"),
    [
        (SingleShard(replicas=6), "replicas: got 6"),
        (SingleShard(replicas=-1), "replicas: got -1"),
        (ClusterMode(shards=2, replicas_per_shard=6), "replicas_per_shard: got 6; allowed 0 to 5"),
        (ClusterMode(shards=0, replicas_per_shard=1), "shards: got 0"),
        (ClusterMode(shards=46, replicas_per_shard=1), "90 nodes in all"),
    ],
)
def test_shapes_that_elasticache_refuses(topology: redis_plan.Topology, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        redis_plan.check_topology(topology)


def test_families() -> None:
    assert redis_plan.parameter_family("redis", "7.1") == "redis7"
    assert redis_plan.parameter_family("valkey", "8.1") == "valkey8"
    with pytest.raises(ValueError, match="redis takes 7"):
        redis_plan.parameter_family("redis", "8.0")


def test_the_topology_alone_decides_cluster_mode() -> None:
    assert redis_plan.parameters(
        ClusterMode(shards=2, replicas_per_shard=1), {"maxmemory-policy": "volatile-lru"}
    ) == (("cluster-enabled", "yes"), ("maxmemory-policy", "volatile-lru"))
    assert redis_plan.parameters(SingleShard(replicas=1), {}) == ()
    with pytest.raises(ValueError, match="drop it"):
        redis_plan.parameters(SingleShard(replicas=1), {"cluster-enabled": "yes"})
