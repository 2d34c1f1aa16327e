"""EventBridge Scheduler."""

from policies.checks import off, present
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import SCHEDULE


@rule(
    id="scheduler-failures-kept",
    title="A schedule keeps the starts that failed",
    severity="medium",
    enforcement="M",
    types=(SCHEDULE,),
    why="After its retries Scheduler drops a start without a word.",
    fix="Set target.deadLetterConfig.arn.",
)
def scheduler_failures_kept(r: Resource) -> Found:
    return present(r, "target.deadLetterConfig.arn")


@rule(
    id="scheduler-no-public-address",
    title="A task that is started on schedule has no public address",
    severity="high",
    enforcement="M",
    types=(SCHEDULE,),
    why="A task with an address can be reached; one behind NAT cannot.",
    fix="Leave target.ecsParameters.networkConfiguration.assignPublicIp false.",
)
def scheduler_no_public_address(r: Resource) -> Found:
    return off(r, "target.ecsParameters.networkConfiguration.assignPublicIp")


@rule(
    id="scheduler-own-key",
    title="Schedules are encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(SCHEDULE,),
    why="A schedule holds what it sends to its target.",
    fix="Set kmsKeyArn.",
)
def scheduler_own_key(r: Resource) -> Found:
    return present(r, "kmsKeyArn")
