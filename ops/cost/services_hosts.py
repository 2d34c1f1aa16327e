"""How hosts, clusters and brokers are billed."""

from collections.abc import Mapping
from typing import Any, cast

from ops.cost.estimate import HOURS, Group, Pricer
from ops.cost.plan import Resource, UnknownInputError

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
AUTO_LEAST = 4.0
"""vCPU of two small nodes: pods are spread over zones, and the cluster's own take their share."""


def _auto_scaling_group(group: Group) -> None:
    """Hosts at the desired count, of the first type that the group would take."""
    for each in group.resources:
        count = each.number("desiredCapacity", each.number("minSize", 0))
        group.hours("hosts at the floor", lambda each=each: f"ec2.{_host(group, each)}.hour", count)
        group.used(
            "hosts above the floor",
            lambda each=each: f"ec2.{_host(group, each)}.hour",
            lambda each=each, count=count: (
                (each.number("maxSize") - count if count else 0) * group.usage["taskLoad"] * HOURS
            ),
        )
        group.fixed(
            "host volumes",
            "ebs.gp3.gb",
            lambda each=each, count=count: count * _volumes(_template(group, each)),
        )


def _host(group: Group, each: Resource) -> str:
    policy = cast("dict[str, dict[str, Any]]", each.inputs.get("mixedInstancesPolicy") or {})
    overrides = cast("list[dict[str, Any]]", policy.get("launchTemplate", {}).get("overrides") or [])
    return str(overrides[0]["instanceType"]) if overrides else _template(group, each).text("instanceType")


def _template(group: Group, each: Resource) -> Resource:
    key = "launchTemplate" if "launchTemplate" in each.inputs else "mixedInstancesPolicy"
    return group.plan.behind(each, key, LAUNCH_TEMPLATE)


def _volumes(template: Resource) -> float:
    """GB of one host."""
    mappings = cast("list[dict[str, dict[str, Any]]]", template.inputs.get("blockDeviceMappings") or [])
    sizes = [mapping.get("ebs", {}).get("volumeSize") for mapping in mappings]
    if not sizes or None in sizes:
        raise UnknownInputError(f"{template.name} does not say how large its volumes are")
    return sum(float(size) for size in sizes if size is not None)


def _eks_cluster(group: Group) -> None:
    group.hours("EKS control planes", "eks.cluster.hour", group.count)
    if any(_chooses_nodes(each) for each in group.resources):
        group.hours("EKS Auto Mode nodes", "eks.auto.vcpu.hour", lambda: max(AUTO_LEAST, _asked_for(group)))


def _chooses_nodes(cluster: Resource) -> bool:
    config: Mapping[str, Any] = cluster.inputs.get("computeConfig") or {}
    return config.get("enabled") is True


def _asked_for(group: Group) -> float:
    """vCPU that the system's pods request at first."""
    total = 0.0
    for each in group.plan.of_type(DEPLOYMENT, system=group.system):
        spec = cast("dict[str, Any]", each.inputs.get("spec") or {})
        containers = cast("list[dict[str, Any]]", spec["template"]["spec"]["containers"])
        millis = sum(float(one["resources"]["requests"]["cpu"].removesuffix("m")) for one in containers)
        total += float(spec.get("replicas") or 1) * millis / 1000
    return total


def _node_group(group: Group) -> None:
    for each in group.resources:
        scaling: Mapping[str, float] = each.inputs.get("scalingConfig") or {}
        nodes = float(scaling.get("desiredSize") or scaling.get("minSize") or 0)
        group.hours("EKS nodes", lambda each=each: f"ec2.{_node(group, each)}.hour", nodes)
        group.fixed(
            "host volumes",
            "ebs.gp3.gb",
            lambda each=each, nodes=nodes: nodes * _volumes(_template(group, each)),
        )


def _node(group: Group, each: Resource) -> str:
    types = cast("list[str] | None", each.inputs.get("instanceTypes"))
    return types[0] if types else _template(group, each).text("instanceType")


def _kafka(group: Group) -> None:
    for cluster in group.resources:
        brokers = cast("dict[str, Any]", cluster.inputs.get("brokerNodeGroupInfo") or {})
        storage = cast("dict[str, dict[str, float]]", brokers.get("storageInfo") or {})
        count = cluster.number("numberOfBrokerNodes")
        group.hours("Kafka brokers", f"msk.{brokers.get('instanceType')}.hour", count)
        group.fixed("Kafka storage", "msk.storage.gb", count * float(storage["ebsStorageInfo"]["volumeSize"]))


HOST_PRICERS: Mapping[str, Pricer] = {
    "aws:autoscaling/group:Group": _auto_scaling_group,
    "aws:eks/cluster:Cluster": _eks_cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:msk/cluster:Cluster": _kafka,
}
