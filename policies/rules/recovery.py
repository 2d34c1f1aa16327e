"""Whether what is deployed can recover as fast, and lose as little, as its owner declared."""

from policies.model import Graph, Resource
from policies.recovery import NEVER, is_judged, loss_minutes, objective, recovery_minutes
from policies.rule import Found, stack_rule
from policies.tokens import DB, DB_CLUSTER, DYNAMODB, EFS

_FAILURES = {"zone": "after the loss of a zone", "damage": "after damage to the data"}


def _shown(minutes: float) -> str:
    return "for ever" if minutes == NEVER else f"{minutes:g} minutes"


@stack_rule(
    id="recovery-time-met",
    title="A store is back within the time that its owner declared",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(DB, DB_CLUSTER, DYNAMODB),
    settings=("recoveryObjectives",),
    why="A promise that the resources cannot keep is found out on the worst day.",
    fix="Set multiAz, add a reader, or shorten the restore; or declare more in recoveryObjectives.",
)
def recovery_time_met(r: Resource, graph: Graph) -> Found:
    declared = objective(r, "rto")
    if declared is None or not is_judged(r):
        return
    for failure, minutes in recovery_minutes(r, graph):
        if minutes > declared:
            yield f"{_FAILURES[failure]} it is away {_shown(minutes)}; declared are {declared:g}"


@stack_rule(
    id="recovery-point-met",
    title="A store loses no more than its owner declared",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(DB, DB_CLUSTER, DYNAMODB, EFS),
    settings=("recoveryObjectives",),
    why="What was written after the last log or backup cannot be restored from anywhere.",
    fix="Keep automated backups or point-in-time recovery on, or back up more often; or declare more.",
)
def recovery_point_met(r: Resource, graph: Graph) -> Found:
    declared = objective(r, "rpo")
    if declared is None or not is_judged(r):
        return
    minutes = loss_minutes(r, graph)
    if minutes == NEVER:
        yield "nothing can be restored: no point-in-time recovery, and in no backup plan of this stack"
    elif minutes > declared:
        yield f"up to {_shown(minutes)} of writes are lost; declared are {declared:g}"
