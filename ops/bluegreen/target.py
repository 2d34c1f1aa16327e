"""What a stack exports about its two groups."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from ops.errors import OpsError
from ops.rollout.plan import Plan

Colour = Literal["blue", "green"]
COLOURS: tuple[Colour, Colour] = ("blue", "green")
FINISHED = "finished"
"""The stage after which the old group is empty and there is no way back by weights."""


class _Exported(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class Capacity(_Exported):
    """Hosts of the group that serves."""

    least: int = Field(alias="min", ge=1)
    most: int = Field(alias="max", ge=1)
    desired: int = Field(ge=1)


class Target(_Exported):
    """The export ``bluegreen`` of a system."""

    listener_arn: str
    listener_rule_arn: str
    target_group_arns: Mapping[Colour, str]
    auto_scaling_groups: Mapping[Colour, str]
    capacity: Capacity
    error_rate_alarms: Mapping[Colour, str]
    error_rate_percent: float
    watch_minutes: float = Field(gt=0)
    smoke_test_url: str
    journal_table: str
    releases: Mapping[Colour, str] = Field(default_factory=dict[Colour, str])

    @model_validator(mode="after")
    def _both(self) -> "Target":
        for name in ("target_group_arns", "auto_scaling_groups", "error_rate_alarms"):
            missing = set(COLOURS) - set(cast("Mapping[str, str]", getattr(self, name)))
            if missing:
                raise ValueError(f"{to_camel(name)}: {', '.join(sorted(missing))} is missing")
        return self

    @property
    def subject(self) -> str:
        """Under which the journal keeps the releases of this pair."""
        return f"bluegreen:{'+'.join(self.auto_scaling_groups[colour] for colour in COLOURS)}"


def other(colour: Colour) -> Colour:
    """The colour that is not this one."""
    return "green" if colour == "blue" else "blue"


def plan_of(old: Colour) -> Plan:
    """The stages of one release. A stage is named by the colour that serves in it."""
    new = other(old)
    return Plan(
        stages=[old, new],
        shares={old: {old: 1}, new: {new: 1}, FINISHED: {new: 1}},
        old=old,
        new=new,
        final=FINISHED,
    )


def parse(outputs: Mapping[str, Any], *, key: str, stack: str) -> Target:
    """The export of the system under ``key`` of a stack's outputs. Raises OpsError."""
    system: Any = outputs.get(key)
    if not isinstance(system, Mapping) or "bluegreen" not in system:
        raise OpsError(
            f"stack {stack} exports no bluegreen of {key}",
            fix="deploy the system first: pulumi up; its platform must be ec2; --system names another one",
        )
    try:
        return Target.model_validate(system["bluegreen"])
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()]
        raise OpsError(
            f"stack {stack}: its export {key}.bluegreen cannot be used: {'; '.join(lines)}",
            fix="deploy this version of the program first: pulumi up",
        ) from error
