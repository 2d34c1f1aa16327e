"""The two Auto Scaling groups: how many hosts, how many of them healthy, filled and emptied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ops.aws import Clients, section
from ops.bluegreen.target import Capacity, Colour, Target
from ops.errors import Exit, OpsError
from ops.rollout.dynamodb import call


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """A group as it is now."""

    least: int
    most: int
    desired: int
    in_service: int
    healthy: int
    """Healthy by the load balancer's own checks."""
    targets: int
    """Registered with it, those that drain left out."""
    template: str
    """The launch template version that its hosts start from."""
    stale: int
    """Hosts that were started from another version."""

    @property
    def empty(self) -> bool:
        return self.most == 0 and self.targets == 0 and self.in_service == 0

    @property
    def ready(self) -> bool:
        """Every host that is wanted serves, is healthy and is of the current template."""
        return (
            self.desired > 0
            and self.in_service >= self.desired
            and self.healthy >= self.desired
            and self.healthy == self.targets
            and not self.stale
        )

    def __str__(self) -> str:
        return f"{self.healthy} of {self.desired} healthy, {self.in_service} in service"


class Groups:
    """Both groups of a pair."""

    def __init__(self, clients: Clients, target: Target) -> None:
        self._clients = clients
        self._target = target

    def read(self, colour: Colour) -> Hosts:
        """Raises OpsError for a group that is gone."""
        name = self._target.auto_scaling_groups[colour]
        scaling = self._clients("autoscaling")
        groups = cast(
            "list[dict[str, Any]]",
            call(lambda: scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name]))[
                "AutoScalingGroups"
            ],
        )
        if not groups:
            raise OpsError(f"no Auto Scaling group {name}", fix="pulumi up --refresh")
        group = groups[0]
        serving = [each for each in group["Instances"] if each["LifecycleState"] == "InService"]
        states = self._health(colour)
        version = self._version(group)
        return Hosts(
            least=group["MinSize"],
            most=group["MaxSize"],
            desired=group["DesiredCapacity"],
            in_service=len(serving),
            healthy=sum(state == "healthy" for state in states),
            targets=sum(state != "draining" for state in states),
            template=version,
            stale=sum(_started_from(each) != version for each in serving),
        )

    def fill(self, colour: Colour, capacity: Capacity) -> None:
        """Ask for hosts."""
        self._resize(colour, least=capacity.least, most=capacity.most, desired=capacity.desired)

    def empty(self, colour: Colour, *, share: float) -> None:
        """Let all hosts go. Raises OpsError while any traffic is sent there."""
        if share:
            raise OpsError(
                f"{colour} has {share:.0%} of the traffic and is not emptied", exit_code=Exit.REFUSED
            )
        self._resize(colour, least=0, most=0, desired=0)

    def _resize(self, colour: Colour, *, least: int, most: int, desired: int) -> None:
        scaling, name = self._clients("autoscaling"), self._target.auto_scaling_groups[colour]
        call(
            lambda: scaling.update_auto_scaling_group(
                AutoScalingGroupName=name, MinSize=least, MaxSize=most, DesiredCapacity=desired
            )
        )

    def _health(self, colour: Colour) -> list[str]:
        elb, arn = self._clients("elbv2"), self._target.target_group_arns[colour]
        found = call(lambda: elb.describe_target_health(TargetGroupArn=arn))["TargetHealthDescriptions"]
        return [str(each["TargetHealth"]["State"]) for each in found]

    def _version(self, group: Mapping[str, Any]) -> str:
        mixed = section(section(group, "MixedInstancesPolicy"), "LaunchTemplate")
        template = section(group, "LaunchTemplate") or section(mixed, "LaunchTemplateSpecification")
        version = str(template.get("Version") or "$Default")
        if not version.startswith("$"):
            return version
        ec2, identity = self._clients("ec2"), str(template["LaunchTemplateId"])
        found = call(lambda: ec2.describe_launch_templates(LaunchTemplateIds=[identity]))["LaunchTemplates"][
            0
        ]
        return str(found["LatestVersionNumber" if version == "$Latest" else "DefaultVersionNumber"])


def _started_from(instance: Mapping[str, Any]) -> str:
    return str(section(instance, "LaunchTemplate").get("Version"))
