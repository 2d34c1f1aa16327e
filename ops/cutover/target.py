"""What the stack exports about its cutover: ids, plan, gates."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from ops.errors import OpsError
from ops.rollout.plan import Plan

LEGACY = "legacy"
NEW = "new"
COMMITTED = "committed"


class _Exported(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class PlannedStage(_Exported):
    weights: Mapping[str, float]
    moves: tuple[str, ...]


class Metric(_Exported):
    """A CloudWatch metric whose sum counts the requests that reached the new side."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]


class PoolIds(_Exported):
    new: str
    legacy: str | None = None


class Target(_Exported):
    """The export ``cutover`` of a system."""

    account_id: str
    zone_id: str
    hostname: str
    origin_hostname: str
    origin_address: str
    health_path: str
    stage: Literal["0", "25", "50", "100", "committed"]
    plan: Mapping[str, PlannedStage]
    load_balancer_id: str
    pool_ids: PoolIds
    journal_table: str
    gate_alarms: tuple[str, ...]
    request_metric: Metric
    affinity_seconds: int | None = None
    bake_minutes: float = 30
    minimum_requests: int = 500
    migration_evidence_hours: int | None = None

    def rollout_plan(self) -> Plan:
        """In the order of the moves forward: the engine's state sorts the stages by name, 100 before 25."""
        stages = ["0"]
        while (following := self.plan[stages[-1]].moves[0]) != COMMITTED:
            stages.append(following)
        return Plan(
            stages=stages,
            shares={name: stage.weights for name, stage in self.plan.items()},
            old=LEGACY,
            new=NEW,
            final=COMMITTED,
            sticky=self.affinity_seconds is not None,
        )


def subject(hostname: str) -> str:
    """Under which the journal keeps the entries of a host name."""
    return f"cutover:{hostname}"


def parse(exported: Any, *, system: str, stack: str) -> Target:
    """Raises OpsError for a stack that does not export a cutover."""
    if not isinstance(exported, Mapping) or "cutover" not in exported:
        raise OpsError(
            f"stack {stack} exports no cutover of {system}",
            fix="deploy the system first: pulumi up; --system names another one",
        )
    try:
        return Target.model_validate(exported["cutover"])
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()]
        raise OpsError(
            f"stack {stack}: its export {system}.cutover cannot be used: {'; '.join(lines)}",
            fix="deploy this version of the program first: pulumi up",
        ) from error
