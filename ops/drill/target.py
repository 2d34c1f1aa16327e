"""What a stack exports about its recovery."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from ops.errors import Exit, OpsError

_LAG_SECONDS = 60.0
"""Where nothing is computed."""


class _Exported(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class Database(_Exported):
    """The first region's, and what a copy of it there is made with."""

    identifier: str
    subnet_group: str
    security_group_id: str
    kms_key_arn: str
    multi_az: bool


class Dns(_Exported):
    """``interval_seconds`` and ``failures`` of the health check: their product is how long a failure stays
    unseen."""

    zone_id: str
    hostname: str
    primary_hostname: str
    interval_seconds: int
    failures: int
    health_check_id: str | None = None


class Capacity(_Exported):
    least: int = Field(alias="min", ge=1)
    most: int = Field(alias="max", ge=1)
    desired: int = Field(ge=1)


class SecondRegion(_Exported):
    region: str
    hostname: str
    replica_identifier: str
    replica_arn: str
    auto_scaling_group: str
    capacity: Capacity
    target_group_arn: str
    buckets: Mapping[str, str] = Field(default_factory=dict[str, str])


class Target(_Exported):
    """The export ``recovery`` of a system."""

    times: Mapping[str, Mapping[str, float | None]] = Field(
        default_factory=dict[str, Mapping[str, float | None]]
    )
    database: Database
    dns: Dns
    buckets: Mapping[str, str] = Field(default_factory=dict[str, str])
    second_region: SecondRegion | None = None

    @property
    def lag_seconds(self) -> float:
        """How far the replica may be behind, so that no more is lost than was computed."""
        minutes = self.times.get("region", {}).get("rpoMinutes")
        return _LAG_SECONDS if minutes is None else 60 * minutes

    @property
    def second(self) -> SecondRegion:
        """Raises OpsError for a stack without a second region."""
        if self.second_region is None:
            raise OpsError(
                "the stack has no second region: there is nothing to fail over to",
                fix="set secondRegion in the stack file, or restore from a backup",
                exit_code=Exit.REFUSED,
            )
        return self.second_region


def parse(outputs: Mapping[str, Any], *, key: str, stack: str) -> Target:
    """The export of the system under ``key`` of a stack's outputs. Raises OpsError."""
    system: Any = outputs.get(key)
    if not isinstance(system, Mapping) or "recovery" not in system:
        raise OpsError(
            f"stack {stack} exports no recovery of {key}",
            fix="deploy the system first: pulumi up; --system names another one",
        )
    try:
        return Target.model_validate(system["recovery"])
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()]
        raise OpsError(
            f"stack {stack}: its export {key}.recovery cannot be used: {'; '.join(lines)}",
            fix="deploy this version of the program first: pulumi up",
        ) from error
