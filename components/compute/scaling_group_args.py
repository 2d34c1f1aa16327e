"""What an Auto Scaling group is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi

from components.compute.scaling_group_plan import (
    Ami,
    Capacity,
    NoWarmPool,
    ScalingTarget,
    StoppedPool,
    WarmPool,
    check_group_name,
)
from components.security.iam import Statement

MAX_TYPES = 40
"""Overrides of a mixed group (Auto Scaling quotas)."""


@dataclass(frozen=True, kw_only=True)
class ScalingGroupArgs:
    """``subnet_ids``: private, in two zones or more. ``target_group_arns`` decide what healthy means."""

    group_name: str
    """The physical name, which metrics and the agents on the hosts know the group by."""
    description: str
    ami: Ami
    instance_types: Sequence[str]
    """In the order of preference; the first alone, or a mixed group of several."""
    user_data: pulumi.Input[str]
    """A script that runs as root at the first start. It holds no secret: whoever is on the host reads it."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    kms_key_arn: pulumi.Input[str]
    """Encrypts the disks. Its policy must let Auto Scaling's service role use it."""
    volume_gb: int = 20
    target_group_arns: Sequence[pulumi.Input[str]]
    capacity: Capacity
    scaling: ScalingTarget
    statements: Sequence[Statement] = ()
    """What the application may do, beside Session Manager."""
    warm_pool: WarmPool = field(default_factory=NoWarmPool)
    instance_warmup_seconds: int = 120
    """Until a new host's load counts."""
    health_grace_seconds: int = 300
    """Until an unhealthy host is replaced: package installation and the application's start."""
    refresh_alarm_names: Sequence[pulumi.Input[str]] = ()
    """Each stops a refresh of the hosts that goes wrong."""
    capacity_owned_at_run_time: bool = False
    """Of a blue/green pair: whoever releases sets least, most and desired."""
    max_lifetime_days: int = 30
    """A host older than this is replaced, so that none goes unpatched."""

    def __post_init__(self) -> None:
        check_group_name(self.group_name)
        if not 1 <= len(self.instance_types) <= MAX_TYPES:
            raise ValueError(f"instance_types: got {len(self.instance_types)}; 1 to {MAX_TYPES}")
        if len(set(self.instance_types)) != len(self.instance_types):
            raise ValueError(f"instance_types: got {list(self.instance_types)}; each once: drop the repeat")
        if len(self.subnet_ids) < 2:
            raise ValueError(f"subnet_ids: got {len(self.subnet_ids)}; a group stands in two zones or more")
        if not self.target_group_arns:
            raise ValueError("target_group_arns: got none; nobody would say whether a host answers")
        for what, value, low, high in (
            ("volume_gb", self.volume_gb, 8, 16_384),
            ("instance_warmup_seconds", self.instance_warmup_seconds, 0, 3_600),
            ("health_grace_seconds", self.health_grace_seconds, 0, 7_200),
            ("max_lifetime_days", self.max_lifetime_days, 1, 365),
        ):
            if not low <= value <= high:
                raise ValueError(f"{what}: got {value}; allowed {low} to {high}")
        if isinstance(self.warm_pool, StoppedPool) and len(self.instance_types) > 1:
            raise ValueError(
                "warm_pool: got one with several instance types; Auto Scaling keeps no pool for a mixed "
                "group: give one type, or NoWarmPool()"
            )
        names = self.scaling.twin_group_names
        if names and self.group_name not in names:
            raise ValueError(f"twin_group_names: got {list(names)}; {self.group_name} is one of the pair")
