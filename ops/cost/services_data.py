"""How databases, caches, tables and backups are billed."""

from collections.abc import Mapping

from ops.cost.estimate import HOURS, Group, Pricer
from ops.cost.plan import Resource, UnknownInputError

CLUSTER = "aws:rds/cluster:Cluster"
PROXY_MINIMUM_ACU = 8.0
"""https://aws.amazon.com/rds/proxy/pricing/: an Aurora Serverless v2 target is billed for at least 8 ACU."""
VALKEY_MINIMUM_GB = 0.1
"""https://aws.amazon.com/elasticache/pricing/: at least 100 MB are metered for Valkey."""


def _aurora_instance(group: Group) -> None:
    def minimum(instance: Resource) -> float:
        cluster = group.plan.behind(instance, "clusterIdentifier", CLUSTER)
        scaling: Mapping[str, float] = cluster.inputs.get("serverlessv2ScalingConfiguration") or {}
        if "minCapacity" not in scaling:
            raise UnknownInputError(f"{cluster.name} has no Serverless v2 capacity")
        return float(scaling["minCapacity"])

    for instance in group.resources:
        group.hours(
            "Aurora at minimum capacity", "aurora.acu.hour", lambda instance=instance: minimum(instance)
        )
        group.used(
            "Aurora above minimum capacity",
            "aurora.acu.hour",
            lambda instance=instance: max(0.0, group.usage["auroraAcu"] - minimum(instance)) * HOURS,
        )


def _aurora_cluster(group: Group) -> None:
    group.used("Aurora storage", "aurora.storage.gb", lambda: group.usage["auroraGb"])
    group.used("Aurora input and output", "aurora.io", lambda: group.usage["auroraIo"])
    group.used("database backups", "rds.backup.gb", lambda: group.usage["backupGb"])


def _proxy(group: Group) -> None:
    group.hours("RDS Proxy", "rds.proxy.acu.hour", PROXY_MINIMUM_ACU * group.count)


def _database(group: Group) -> None:
    for instance in group.resources:
        copies = 2 if instance.inputs.get("multiAz") is True else 1
        group.hours(
            "database instances",
            lambda instance=instance: f"rds.{_engine(group, instance)}.{instance.text('instanceClass')}.hour",
            copies,
        )
        group.fixed(
            "database storage",
            "rds.gp3.multi-az.gb" if copies == 2 else "rds.gp3.gb",
            lambda instance=instance: _storage(group, instance),
        )
    group.used("database backups", "rds.backup.gb", lambda: group.usage["backupGb"])


def _source(group: Group, instance: Resource) -> Resource:
    """The primary of a replica; the instance itself where it is none."""
    for urn in instance.depends_on.get("replicateSourceDb", ()):
        found = group.plan.by_urn.get(urn)
        if found is not None and found.type == instance.type:
            return found
    return instance


def _engine(group: Group, instance: Resource) -> str:
    return _source(group, instance).text("engine")


def _storage(group: Group, instance: Resource) -> float:
    """GB; a replica has as much as its primary."""
    return _source(group, instance).number("allocatedStorage")


def _replication_group(group: Group) -> None:
    for each in group.resources:
        group.hours(
            "cache nodes",
            lambda each=each: f"cache.{each.text('engine')}.{each.text('nodeType')}.hour",
            lambda each=each: _nodes(each),
        )


def _nodes(cache: Resource) -> float:
    if "numCacheClusters" in cache.inputs:
        return cache.number("numCacheClusters")
    return cache.number("numNodeGroups", 1) * (1 + cache.number("replicasPerNodeGroup", 0))


def _serverless_cache(group: Group) -> None:
    group.hours(
        "serverless cache at its minimum", "cache.serverless.valkey.gb.hour", VALKEY_MINIMUM_GB * group.count
    )
    group.used(
        "serverless cache above its minimum",
        "cache.serverless.valkey.gb.hour",
        lambda: max(0.0, group.usage["cacheGb"] - VALKEY_MINIMUM_GB * group.count) * HOURS,
    )
    group.used("cache processing units", "cache.serverless.ecpu", lambda: group.usage["cacheEcpu"])


def _table(group: Group) -> None:
    group.used("DynamoDB writes", "dynamodb.write", lambda: group.usage["dynamodbWrites"])
    group.used("DynamoDB reads", "dynamodb.read", lambda: group.usage["dynamodbReads"])
    group.used("DynamoDB storage", "dynamodb.gb", lambda: group.usage["dynamodbGb"])


def _managed_master(pricer: Pricer) -> Pricer:
    """A password that RDS manages is one more secret."""

    def priced(group: Group) -> None:
        pricer(group)
        managed = sum(1 for each in group.resources if each.inputs.get("manageMasterUserPassword") is True)
        if managed:
            group.fixed("secrets", "secret.month", managed)

    return priced


def _backup(group: Group) -> None:
    group.used("backups in the vault", "backup.gb", lambda: group.usage["backupGb"])


DATA_PRICERS: Mapping[str, Pricer] = {
    "aws:backup/vault:Vault": _backup,
    "aws:dynamodb/table:Table": _table,
    "aws:elasticache/replicationGroup:ReplicationGroup": _replication_group,
    "aws:elasticache/serverlessCache:ServerlessCache": _serverless_cache,
    CLUSTER: _managed_master(_aurora_cluster),
    "aws:rds/clusterInstance:ClusterInstance": _aurora_instance,
    "aws:rds/instance:Instance": _managed_master(_database),
    "aws:rds/proxy:Proxy": _proxy,
}
