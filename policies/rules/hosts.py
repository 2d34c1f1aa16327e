"""EC2 instances, launch templates, volumes and Auto Scaling groups."""

from policies.checks import every, off, on, one_of
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    AUTOSCALING_GROUP,
    EBS_DEFAULT,
    EBS_VOLUME,
    INSTANCE,
    LAUNCH_CONFIGURATION,
    LAUNCH_TEMPLATE,
)
from policies.values import Props

_ATTACHMENT = "aws:autoscaling/attachment:Attachment"
_TARGETS = ("targetGroupArns", "loadBalancers", "trafficSources")


@stack_rule(
    id="ec2-volumes-encrypted",
    title="Disks are encrypted",
    fsbp=("EC2.3", "EC2.181"),
    severity="medium",
    enforcement="M",
    types=(EBS_VOLUME, INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE),
    why="A snapshot or a discarded disk can be read by whoever gets it.",
    fix="Set encrypted on each volume, with kmsKeyId.",
)
def ec2_volumes_encrypted(r: Resource, graph: Graph) -> Found:
    if r.type == EBS_VOLUME:
        yield on(r, "encrypted")
        return
    if r.type == LAUNCH_TEMPLATE:
        yield from every(r.blocks("blockDeviceMappings"), _mapped)
        return
    yield from every(r.blocks("ebsBlockDevices"), lambda b: on(b, "encrypted"))
    by_default = any(setting.flag("enabled", default=True) for setting in graph.of(EBS_DEFAULT))
    if not by_default and not r.has("launchTemplate"):
        yield on(r, "rootBlockDevice.encrypted")


def _mapped(mapping: Props) -> str | None:
    return on(mapping, "ebs.encrypted") if mapping.raw("ebs") is not None else None


@rule(
    id="ec2-imdsv2",
    title="The metadata service asks for a session",
    fsbp=("AutoScaling.3", "EC2.8", "EC2.170"),
    cis=("5.6",),
    severity="high",
    enforcement="M",
    types=(INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE),
    why="One forged request inside the host otherwise gives away the role's credentials.",
    fix="Set metadataOptions.httpTokens required.",
)
def ec2_imdsv2(r: Resource) -> Found:
    if r.text("metadataOptions.httpEndpoint") == "disabled":
        return None
    if r.type == INSTANCE and r.has("launchTemplate") and not r.has("metadataOptions"):
        return None
    return one_of(r, "metadataOptions.httpTokens", {"required"})


@rule(
    id="ec2-no-public-address",
    title="Hosts get no public address",
    fsbp=("AutoScaling.5", "EC2.9", "EC2.25"),
    severity="high",
    enforcement="M",
    types=(INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE),
    why="A host that everyone can reach is scanned within minutes.",
    fix="Leave associatePublicIpAddress false; use a load balancer and SSM Session Manager.",
)
def ec2_no_public_address(r: Resource) -> Found:
    yield off(r, "associatePublicIpAddress")
    yield from every(r.blocks("networkInterfaces"), lambda n: off(n, "associatePublicIpAddress"))


@stack_rule(
    id="autoscaling-elb-health",
    title="A group behind a load balancer believes its health checks",
    pack="reliability",
    fsbp=("AutoScaling.1",),
    severity="low",
    enforcement="M",
    types=(AUTOSCALING_GROUP,),
    why="A host that runs but answers nothing is otherwise kept.",
    fix="Set healthCheckType ELB.",
)
def autoscaling_elb_health(r: Resource, graph: Graph) -> Found:
    attached = graph.referring(r, "autoscalingGroupName", _ATTACHMENT)
    if not attached and not any(r.has(path) for path in _TARGETS):
        return None
    return one_of(r, "healthCheckType", {"ELB"}, default="EC2")


@rule(
    id="autoscaling-two-zones",
    title="A group stands in two zones",
    pack="reliability",
    fsbp=("AutoScaling.2",),
    severity="medium",
    enforcement="M",
    types=(AUTOSCALING_GROUP,),
    why="With one zone it stops with it.",
    fix="Name subnets of at least two zones in vpcZoneIdentifiers.",
)
def autoscaling_two_zones(r: Resource) -> Found:
    count = len(r.elements("vpcZoneIdentifiers")) or len(r.elements("availabilityZones"))
    return None if count >= 2 else f"vpcZoneIdentifiers names {count}"


@rule(
    id="autoscaling-mixed-types",
    title="A group may use several instance types",
    pack="reliability",
    fsbp=("AutoScaling.6",),
    severity="medium",
    enforcement="A",
    types=(AUTOSCALING_GROUP,),
    why="When one type runs out in a zone, the group cannot grow.",
    fix="Set mixedInstancesPolicy with overrides, or instanceRequirements.",
)
def autoscaling_mixed_types(r: Resource) -> Found:
    overrides = list(r.blocks("mixedInstancesPolicy.launchTemplate.overrides"))
    if len(overrides) >= 2 or any(o.has("instanceRequirements") for o in overrides):
        return None
    return f"mixedInstancesPolicy has {len(overrides)} override(s)"


@rule(
    id="autoscaling-launch-template",
    title="A group starts hosts from a launch template",
    pack="operations",
    fsbp=("AutoScaling.9",),
    severity="medium",
    enforcement="M",
    types=(AUTOSCALING_GROUP,),
    why="Launch configurations know no IMDSv2 by default, no versions, and get no new features.",
    fix="Set launchTemplate or mixedInstancesPolicy.",
)
def autoscaling_launch_template(r: Resource) -> Found:
    if r.has("launchConfiguration"):
        return "launchConfiguration is set"
    templated = r.has("launchTemplate") or r.has("mixedInstancesPolicy")
    return None if templated else "neither launchTemplate nor mixedInstancesPolicy is set"
