"""Two Auto Scaling groups for one service: one serves while the other gets the next release."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi

from components.compute.scaling_group import ScalingGroup, ScalingGroupArgs

Colour: TypeAlias = Literal["blue", "green"]

COLOURS: tuple[Colour, Colour] = ("blue", "green")


@dataclass(frozen=True, kw_only=True)
class BlueGreenPairArgs:
    """Two groups that differ in their release and target group. Blue serves first; green is empty."""

    blue: ScalingGroupArgs
    green: ScalingGroupArgs

    def __post_init__(self) -> None:
        names = [self.blue.group_name, self.green.group_name]
        if names[0] == names[1]:
            raise ValueError(f"group_name: got {names[0]!r} twice; each group has its own")
        for colour, args in (("blue", self.blue), ("green", self.green)):
            if sorted(args.scaling.twin_group_names) != sorted(names):
                raise ValueError(
                    f"{colour}: twin_group_names: got {list(args.scaling.twin_group_names)}; both groups "
                    f"({names}), or the one that takes over has no load to forecast from"
                )
            if not args.capacity_owned_at_run_time:
                raise ValueError(
                    f"{colour}: capacity_owned_at_run_time: got False; a deployment would undo what a "
                    "release has set: make it True"
                )
        if self.green.capacity.most:
            raise ValueError(
                f"green: capacity: got up to {self.green.capacity.most} hosts; 0 at first, or the forecast "
                "for the pair would start hosts that nobody asks"
            )


class BlueGreenPair(pulumi.ComponentResource):
    """Both groups. At run time ``ops bluegreen`` sets how many hosts each has, and which has the traffic; the
    program decides what each would run.

    An idle group has a maximum of 0, since predictive scaling looks at the pair's load and would fill it.
    """

    groups: Mapping[Colour, ScalingGroup]
    group_names: Mapping[Colour, str]

    def __init__(
        self, name: str, args: BlueGreenPairArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:compute:BlueGreenPair", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.groups = {
            "blue": ScalingGroup(f"{name}-blue", args.blue, child),
            "green": ScalingGroup(f"{name}-green", args.green, child),
        }
        self.group_names = {colour: each.group_name for colour, each in self.groups.items()}
        self.register_outputs({"groupNames": dict(self.group_names)})
