"""Where a rollout stands, by its journal, its config, its state and its balancer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ops.errors import OpsError
from ops.rollout.plan import Live, Plan
from ops.rollout.ports import Side, View
from ops.rollout.record import Record, fold
from ops.rollout.watching import Ports

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Status:
    """Everything that says where a rollout stands; None for what is in ``unread``."""

    record: Record
    configured: str | None
    deployed: str | None
    live: Live | None
    sides: dict[str, Side]
    view: View
    problems: tuple[str, ...]
    """In what config, state, balancer and journal disagree."""
    unread: tuple[str, ...]
    advice: str

    @property
    def agreed(self) -> bool:
        return not self.problems and not self.unread and self.record.move is None


def read_status(plan: Plan, ports: Ports) -> Status:
    """Reads all that can be read; raises nothing for what cannot."""
    unread: list[str] = []

    def read(get: Callable[[], T], what: str) -> T | None:
        try:
            return get()
        except OpsError as error:
            unread.append(f"{what}: {error.message}")
            return None

    record = read(lambda: fold(plan, ports.journal.entries()), "journal") or Record()
    configured = read(ports.deployment.configured, "config")
    deployed = read(ports.deployment.deployed, "state")
    live = read(ports.traffic.read, "balancer")
    sides = read(ports.traffic.health, "health") or {}
    alarms = read(ports.alarms.read, "alarms") or ()
    problems = disagreements(plan, record, configured, deployed, live)
    view = View(
        stage=record.stage or deployed,
        moving_to=record.move.end if record.move else None,
        live=live,
        sides=sides,
        alarms=alarms,
        troubles=problems,
        blind=unread,
    )
    return Status(
        record=record,
        configured=configured,
        deployed=deployed,
        live=live,
        sides=dict(sides),
        view=view,
        problems=tuple(problems),
        unread=tuple(unread),
        advice=advice(plan, record, problems),
    )


def disagreements(
    plan: Plan, record: Record, configured: str | None, deployed: str | None, live: Live | None
) -> list[str]:
    """In what config, state and balancer differ from the recorded stage; nothing in the middle of a move."""
    stage = record.stage or deployed
    if stage is None or record.move is not None:
        return []
    found = [
        f"{name} is at stage {got}, the journal at {stage}"
        for name, got in (("config", configured), ("state", deployed))
        if got is not None and got != stage
    ]
    return found + (plan.differences(stage, live) if live is not None else [])


def advice(plan: Plan, record: Record, problems: list[str]) -> str:
    """The verb that comes next."""
    move, stage = record.move, record.stage
    if move is not None and move.back:
        done = "traffic is on the old side" if move.diverted else "traffic may not be back yet"
        return f"a way back to {move.end} is not finished ({done}): rollback --to {move.end} finishes it"
    if move is not None and move.end == plan.final:
        return f"the move to {move.end} is not finished, and has no way back: watch finishes it"
    if move is not None:
        return f"a step to {move.end} is not finished: watch finishes it, rollback takes it back"
    if problems:
        return f"rollback --to {stage or plan.first} makes all agree again"
    if not record.baked and stage not in (None, plan.first, plan.final):
        return "the stage was not watched for its whole time: watch"
    after: dict[str | None, str] = {
        None: "start makes the first step",
        plan.first: "start makes the first step",
        plan.last: "commit, or rollback",
        plan.final: "committed: nothing is left to do",
    }
    return after.get(stage, "advance, or rollback")
