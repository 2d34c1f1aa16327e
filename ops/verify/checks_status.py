"""Services that say of themselves in one word whether they are ready: one call, one word, one table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.state import Resource
from ops.verify.result import Probe, Result

_CHANGING = ("CREATING", "UPDATING", "PENDING", "STARTING", "ACTIVATING")


@dataclass(frozen=True, kw_only=True)
class Ready:
    """How to ask, where the word is in the answer, and which words are good."""

    service: str
    operation: str
    arguments: Callable[[Resource], dict[str, Any]]
    status: str
    """Path in the answer; a number is an index."""
    good: tuple[str, ...]
    moving: tuple[str, ...] = _CHANGING
    reason: str = ""
    """Path of the service's own explanation."""
    fix: str
    equal: Mapping[str, str] = field(default_factory=dict[str, str])
    """Property of the plan to the path of what must equal it."""
    region: str | None = None
    """For services that answer in one region alone."""


def ready(how: Ready) -> Callable[[Probe], Iterator[Result]]:
    """A check that follows a row of the table."""

    def check(probe: Probe) -> Iterator[Result]:
        client = probe.clients(how.service, how.region or probe.resource.region)
        answer = getattr(client, how.operation)(**how.arguments(probe.resource))
        status = _at(answer, how.status)
        if status is None:
            yield probe.failed(" or ".join(how.good), "not there", "`pulumi refresh`, then `pulumi up`")
            return
        reason = str(_at(answer, how.reason) or "") if how.reason else ""
        result = probe.status(str(status), good=how.good, moving=how.moving, fix=how.fix)
        yield result if result.fix == "" or not reason else _because(probe, result, reason)
        for key, path in how.equal.items():
            planned, live = probe.resource.planned(key), _at(answer, path)
            if planned is None or isinstance(planned, Mapping):
                continue
            expected, found = f"{key} {planned}", f"{key} {live}"
            if str(planned) == str(live):
                yield probe.ok(expected, found)
            else:
                yield probe.failed(expected, found, f"somebody changed it: {how.fix}")

    return check


def _because(probe: Probe, result: Result, reason: str) -> Result:
    make = probe.pending if result.verdict == "pending" else probe.failed
    return make(result.expected, f"{result.found}. {reason}", result.fix)


def _at(answer: Any, path: str) -> Any:
    value = answer
    for part in path.split("."):
        if part.isdigit():
            value = value[int(part)] if isinstance(value, list) and len(value) > int(part) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        else:
            value = value.get(part) if isinstance(value, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value  # pyright: ignore[reportUnknownVariableType]


def _named(argument: str, key: str = "name", *, many: bool = False) -> Callable[[Resource], dict[str, Any]]:
    def arguments(resource: Resource) -> dict[str, Any]:
        value = resource.get(key) or resource.id
        return {argument: [value] if many else value}

    return arguments


def _part(argument: str, key: str) -> Callable[[Resource], dict[str, Any]]:
    """A part of an EKS cluster, named beside it."""
    return lambda resource: {"clusterName": resource.get("clusterName"), argument: resource.get(key)}


_STORED = (
    "creating",
    "modifying",
    "backing-up",
    "configuring-enhanced-monitoring",
    "configuring-log-exports",
    "maintenance",
    "rebooting",
    "renaming",
    "resetting-master-credentials",
    "starting",
    "storage-optimization",
    "upgrading",
)

READY: Mapping[str, Ready] = {
    "aws:batch/computeEnvironment:ComputeEnvironment": Ready(
        service="batch",
        operation="describe_compute_environments",
        arguments=_named("computeEnvironments", "arn", many=True),
        status="computeEnvironments.0.status",
        reason="computeEnvironments.0.statusReason",
        good=("VALID",),
        fix="mend what the reason names (role, subnets, instance types); jobs wait meanwhile",
        equal={"state": "computeEnvironments.0.state"},
    ),
    "aws:batch/jobQueue:JobQueue": Ready(
        service="batch",
        operation="describe_job_queues",
        arguments=_named("jobQueues", "arn", many=True),
        status="jobQueues.0.status",
        reason="jobQueues.0.statusReason",
        good=("VALID",),
        fix="mend its compute environment first",
        equal={"state": "jobQueues.0.state"},
    ),
    "aws:batch/jobDefinition:JobDefinition": Ready(
        service="batch",
        operation="describe_job_definitions",
        arguments=_named("jobDefinitions", "arn", many=True),
        status="jobDefinitions.0.status",
        good=("ACTIVE",),
        fix="the revision was deregistered: `pulumi up --refresh`",
    ),
    "aws:cloudfront/distribution:Distribution": Ready(
        service="cloudfront",
        operation="get_distribution",
        arguments=lambda resource: {"Id": resource.id},
        status="Distribution.Status",
        good=("Deployed",),
        moving=("InProgress",),
        fix="wait: changes take minutes to reach every edge location",
        region="us-east-1",
    ),
    "aws:eks/cluster:Cluster": Ready(
        service="eks",
        operation="describe_cluster",
        arguments=_named("name"),
        status="cluster.status",
        reason="cluster.health.issues.0.message",
        good=("ACTIVE",),
        fix="`aws eks describe-cluster` lists the health issues",
        equal={"version": "cluster.version"},
    ),
    "aws:eks/nodeGroup:NodeGroup": Ready(
        service="eks",
        operation="describe_nodegroup",
        arguments=_part("nodegroupName", "nodeGroupName"),
        status="nodegroup.status",
        reason="nodegroup.health.issues.0.message",
        good=("ACTIVE",),
        fix="`aws eks describe-nodegroup` lists the health issues",
        equal={"version": "nodegroup.version"},
    ),
    "aws:eks/fargateProfile:FargateProfile": Ready(
        service="eks",
        operation="describe_fargate_profile",
        arguments=_part("fargateProfileName", "fargateProfileName"),
        status="fargateProfile.status",
        good=("ACTIVE",),
        fix="`aws eks describe-fargate-profile` says more",
    ),
    "aws:eks/addon:Addon": Ready(
        service="eks",
        operation="describe_addon",
        arguments=_part("addonName", "addonName"),
        status="addon.status",
        reason="addon.health.issues.0.message",
        good=("ACTIVE",),
        fix="`aws eks describe-addon` lists the health issues",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Ready(
        service="elasticache",
        operation="describe_replication_groups",
        arguments=_named("ReplicationGroupId", "replicationGroupId"),
        status="ReplicationGroups.0.Status",
        good=("available",),
        moving=("creating", "modifying", "snapshotting"),
        fix="wait; the group's events say what it does",
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": Ready(
        service="elasticache",
        operation="describe_serverless_caches",
        arguments=_named("ServerlessCacheName"),
        status="ServerlessCaches.0.Status",
        good=("available",),
        moving=("creating", "modifying"),
        fix="wait; the cache's events say what it does",
    ),
    "aws:msk/cluster:Cluster": Ready(
        service="kafka",
        operation="describe_cluster_v2",
        arguments=_named("ClusterArn", "arn"),
        status="ClusterInfo.State",
        reason="ClusterInfo.StateInfo.Message",
        good=("ACTIVE",),
        moving=("CREATING", "UPDATING", "MAINTENANCE", "REBOOTING_BROKER", "HEALING"),
        fix="wait; `aws kafka list-cluster-operations-v2` shows what it does",
    ),
    "aws:pipes/pipe:Pipe": Ready(
        service="pipes",
        operation="describe_pipe",
        arguments=_named("Name"),
        status="CurrentState",
        reason="StateReason",
        good=("RUNNING",),
        moving=("CREATING", "UPDATING", "STARTING"),
        fix="`aws pipes start-pipe`, once what the reason names is mended",
    ),
    "aws:rds/cluster:Cluster": Ready(
        service="rds",
        operation="describe_db_clusters",
        arguments=_named("DBClusterIdentifier", "clusterIdentifier"),
        status="DBClusters.0.Status",
        good=("available",),
        moving=_STORED,
        fix="wait; `aws rds describe-events` says what it does",
    ),
    "aws:rds/clusterInstance:ClusterInstance": Ready(
        service="rds",
        operation="describe_db_instances",
        arguments=_named("DBInstanceIdentifier", "identifier"),
        status="DBInstances.0.DBInstanceStatus",
        good=("available",),
        moving=_STORED,
        fix="wait; `aws rds describe-events` says what it does",
    ),
    "aws:rds/instance:Instance": Ready(
        service="rds",
        operation="describe_db_instances",
        arguments=_named("DBInstanceIdentifier", "identifier"),
        status="DBInstances.0.DBInstanceStatus",
        good=("available",),
        moving=_STORED,
        fix="wait; `aws rds describe-events` says what it does",
        equal={"instanceClass": "DBInstances.0.DBInstanceClass"},
    ),
}
"""Type to how it is asked."""
