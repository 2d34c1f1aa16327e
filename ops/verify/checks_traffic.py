"""What carries traffic: CodeDeploy's shifts, target groups, Auto Scaling groups."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, cast

from botocore.exceptions import ClientError

from ops.aws import code, section
from ops.verify.result import Probe, Result

_DEPLOYING = ("Created", "Queued", "InProgress", "Baking", "Ready")
_REFRESHING = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")


def deployment_group(probe: Probe) -> Iterator[Result]:
    """CodeDeploy's last deployment succeeded, and none is under way. A group may have had none yet."""
    deploy = probe.client("codedeploy")
    group = deploy.get_deployment_group(
        applicationName=probe.resource.get("appName"),
        deploymentGroupName=probe.resource.get("deploymentGroupName"),
    )["deploymentGroupInfo"]
    last = group.get("lastAttemptedDeployment")
    if not last or not last.get("deploymentId"):
        yield probe.ok("last deployment Succeeded, if any", "no deployment yet")
        return
    status, identity = last.get("status", ""), last["deploymentId"]
    said = f"{identity} {status}"
    if status in _DEPLOYING:
        yield probe.pending("last deployment Succeeded", said, "wait for the shift")
    elif status == "Succeeded":
        yield probe.ok("last deployment Succeeded", said)
    else:
        info = deploy.get_deployment(deploymentId=identity)["deploymentInfo"]
        error = str(section(info, "errorInformation").get("message", ""))
        back = str(section(info, "rollbackInfo").get("rollbackMessage", ""))
        yield probe.failed(
            "last deployment Succeeded",
            ". ".join(part for part in (said, error, back) if part),
            "mend what stopped it, and release again",
        )


def target_group(probe: Probe) -> Iterator[Result]:
    """Each target is healthy, and where traffic is sent there is at least one."""
    elb = probe.client("elbv2")
    arn = probe.resource.get("arn") or probe.resource.id
    described = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    states = Counter(str(each["TargetHealth"]["State"]) for each in described)
    leaving = states.pop("draining", 0)
    unchecked = states.pop("unavailable", 0)  # a Lambda target without a health check
    healthy = states.pop("healthy", 0) + unchecked
    said = ", ".join(
        f"{count} {word}"
        for word, count in {"healthy": healthy, **dict(sorted(states.items())), "draining": leaving}.items()
        if count or word == "healthy"
    )
    reasons = sorted(
        {str(each["TargetHealth"]["Reason"]) for each in described if each["TargetHealth"].get("Reason")}
    )
    if states:
        yield probe.pending(
            "every target healthy",
            f"{said} ({', '.join(reasons)})" if reasons else said,
            "wait for the health checks; then look at the targets' logs and the check's path and port",
        )
    elif healthy:
        yield probe.ok("every target healthy", said)
    elif _receives(elb, arn) and not _planned_empty(probe, arn):
        yield probe.pending(
            "a healthy target",
            f"{said}, and a listener sends traffic here",
            "start targets, or take the traffic away",
        )
    else:
        yield probe.ok("targets, or no traffic", f"{said}; no traffic is sent here")


def _receives(elb: Any, arn: str) -> bool:
    """Whether a listener or a rule sends a share of its traffic to the group now."""
    for balancer in elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]["LoadBalancerArns"]:
        for listener in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
            rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
            for action in [
                *listener["DefaultActions"],
                *(each for rule in rules for each in rule["Actions"]),
            ]:
                groups = cast(
                    "list[dict[str, Any]]", section(action, "ForwardConfig").get("TargetGroups") or []
                )
                if not groups and action.get("TargetGroupArn") == arn:
                    return True
                if any(each["TargetGroupArn"] == arn and each.get("Weight", 1) > 0 for each in groups):
                    return True
    return False


def _planned_empty(probe: Probe, arn: str) -> bool:
    """Whether the service behind the group is planned with no task at all."""
    return any(
        service.inputs.get("desiredCount") == 0
        for service in probe.state.of_type("aws:ecs/service:Service")
        for balancer in service.get("loadBalancers") or ()
        if balancer.get("targetGroupArn") == arn
    )


def scaling_group(probe: Probe) -> Iterator[Result]:
    """The last instance refresh is done, and all desired instances serve, with the current template."""
    client = probe.client("autoscaling")
    name = probe.resource.get("name") or probe.resource.id
    groups = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    if not groups:
        yield probe.failed("the group", "no such group", "`pulumi refresh`, then `pulumi up`")
        return
    group: Mapping[str, Any] = groups[0]
    refreshes = client.describe_instance_refreshes(AutoScalingGroupName=name, MaxRecords=1)[
        "InstanceRefreshes"
    ]
    yield _refresh(probe, refreshes[0] if refreshes else None)
    yield _instances(probe, group)
    yield from _template(probe, group, under_way=bool(refreshes) and refreshes[0]["Status"] in _REFRESHING)


def _refresh(probe: Probe, last: Mapping[str, Any] | None) -> Result:
    if last is None:
        return probe.ok("instance refresh Successful, if any", "none yet")
    status = last["Status"]
    done = f"{last.get('PercentageComplete', 0)} percent"
    said = ". ".join(part for part in (f"{status} ({done})", last.get("StatusReason", "")) if part)
    if status == "Successful":
        return probe.ok("instance refresh Successful", said)
    if status in _REFRESHING:
        return probe.pending("instance refresh Successful", said, "wait")
    return probe.failed(
        "instance refresh Successful", said, "mend what the reason names, and start a refresh again"
    )


def _instances(probe: Probe, group: Mapping[str, Any]) -> Result:
    serving = [
        each
        for each in group["Instances"]
        if each["LifecycleState"] == "InService" and each["HealthStatus"] == "Healthy"
    ]
    desired, least = group["DesiredCapacity"], group["MinSize"]
    expected = f"{desired} instances InService and Healthy"
    planned = probe.resource.planned("minSize")
    if isinstance(planned, int) and least < planned:
        return probe.failed(
            f"at least {planned} instances", f"minimum {least}: somebody lowered it", "`pulumi up --refresh`"
        )
    if len(serving) >= desired:
        return probe.ok(expected, str(len(serving)))
    return probe.pending(
        expected,
        str(len(serving)),
        "wait; `aws autoscaling describe-scaling-activities` says why one does not start",
    )


def _template(probe: Probe, group: Mapping[str, Any], *, under_way: bool) -> Iterator[Result]:
    """Instances that serve run the version that the group would start now."""
    mixed = section(section(group, "MixedInstancesPolicy"), "LaunchTemplate")
    template = section(group, "LaunchTemplate") or section(mixed, "LaunchTemplateSpecification")
    if not template or not group["Instances"]:
        return
    wanted, name = _version(probe, template), group["AutoScalingGroupName"]
    old = sorted(
        each["InstanceId"]
        for each in group["Instances"]
        if each["LifecycleState"] == "InService"
        and str(section(each, "LaunchTemplate").get("Version")) != wanted
    )
    expected = f"launch template version {wanted} everywhere"
    if not old:
        yield probe.ok(expected, wanted)
    elif under_way:
        yield probe.pending(expected, f"{len(old)} on another version", "wait for the instance refresh")
    else:
        yield probe.failed(
            expected,
            f"{len(old)} on another version: {', '.join(old[:3])}{' ...' if len(old) > 3 else ''}",
            f"`aws autoscaling start-instance-refresh --auto-scaling-group-name {name}`",
        )


def _version(probe: Probe, template: Mapping[str, Any]) -> str:
    """A number for $Latest and $Default, which instances do not carry."""
    version = str(template.get("Version") or "$Default")
    if not version.startswith("$"):
        return version
    try:
        found = probe.client("ec2").describe_launch_templates(
            LaunchTemplateIds=[template["LaunchTemplateId"]]
        )
    except ClientError as error:
        if not code(error).startswith("InvalidLaunchTemplate"):
            raise
        return version
    key = "LatestVersionNumber" if version == "$Latest" else "DefaultVersionNumber"
    return str(found["LaunchTemplates"][0][key])
