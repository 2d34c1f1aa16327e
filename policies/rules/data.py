"""DynamoDB and Secrets Manager."""

from collections.abc import Iterator

from policies.checks import on, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    DYNAMODB,
    SCALING_TARGET,
    SECRET,
    SECRET_ROTATION,
)
from policies.values import Props

_BACKUP_SELECTION = "aws:backup/selection:Selection"


@stack_rule(
    id="dynamodb-scales",
    title="Tables scale with demand",
    pack="reliability",
    fsbp=("DynamoDB.1",),
    severity="medium",
    enforcement="A",
    types=(DYNAMODB,),
    why="Fixed capacity throttles at the worst moment.",
    fix="Set billingMode PAY_PER_REQUEST, or attach Application Auto Scaling.",
)
def dynamodb_scales(r: Resource, graph: Graph) -> Found:
    mode = r.text("billingMode", "PROVISIONED")
    if mode == "PAY_PER_REQUEST":
        return None
    tables = {f"table/{identity}" for identity in r.identities}
    if any(target.text("resourceId") in tables for target in graph.of(SCALING_TARGET)):
        return None
    return f"billingMode is {mode}, and no scaling target names the table"


@rule(
    id="dynamodb-point-in-time",
    title="Tables can be restored to any second of 35 days",
    pack="reliability",
    fsbp=("DynamoDB.2",),
    severity="medium",
    enforcement="M",
    types=(DYNAMODB,),
    why="A bad write is undone by going back before it.",
    fix="Set pointInTimeRecovery.enabled.",
)
def dynamodb_point_in_time(r: Resource) -> Found:
    yield on(r, "pointInTimeRecovery.enabled")
    # A copy in another Region has backups of its own, off unless asked for.
    for replica in r.blocks("replicas"):
        yield on(replica, "pointInTimeRecovery")


@stack_rule(
    id="dynamodb-in-backup-plan",
    title="Tables are in a backup plan",
    pack="reliability",
    fsbp=("DynamoDB.4",),
    severity="medium",
    enforcement="A",
    types=(DYNAMODB,),
    prod_only=True,
    why="Point-in-time recovery goes with the table; a vault does not.",
    fix="Name the table, or a tag of it, in a backup Selection.",
)
def dynamodb_in_backup_plan(r: Resource, graph: Graph) -> Found:
    selected = graph.referring(r, "resources", _BACKUP_SELECTION)
    if selected or any(_selects_by_tag(s, r) for s in graph.of(_BACKUP_SELECTION)):
        return None
    return "in no backup Selection of this stack"


def _selects_by_tag(selection: Resource, table: Resource) -> bool:
    """Whether one of the selection's tags is on the table; of several, AWS Backup asks for any."""
    tags = table.mapping("tags")
    return any(tags.get(wanted.text("key")) == wanted.text("value") for wanted in _tags(selection))


def _tags(selection: Resource) -> Iterator[Props]:
    yield from selection.blocks("selectionTags")
    for condition in selection.blocks("conditions.stringEquals"):
        key = condition.text("key").removeprefix("aws:ResourceTag/")
        yield Props({"key": key, "value": condition.get("value")})


@rule(
    id="dynamodb-deletion-protection",
    title="Tables refuse to be deleted",
    pack="reliability",
    fsbp=("DynamoDB.6",),
    severity="medium",
    enforcement="M",
    types=(DYNAMODB,),
    prod_only=True,
    why="The last lock stands in the service itself, whatever tool asks.",
    fix="Set deletionProtectionEnabled.",
)
def dynamodb_deletion_protection(r: Resource) -> Found:
    return on(r, "deletionProtectionEnabled")


@rule(
    id="dynamodb-own-key",
    title="Tables are encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(DYNAMODB,),
    why="The service's key cannot be refused to anyone.",
    fix="Set serverSideEncryption with enabled and kmsKeyArn.",
)
def dynamodb_own_key(r: Resource) -> Found:
    return present(r, "serverSideEncryption.kmsKeyArn")


@stack_rule(
    id="secret-rotated",
    title="Secrets are rotated",
    fsbp=("SecretsManager.1",),
    severity="medium",
    enforcement="A",
    types=(SECRET,),
    why="A secret that never changes leaks once and for ever.",
    fix="Add a SecretRotation, or let the service that uses the secret manage it.",
)
def secret_rotated(r: Resource, graph: Graph) -> Found:
    return None if graph.referring(r, "secretId", SECRET_ROTATION) else "no SecretRotation"


@rule(
    id="secret-own-key",
    title="Secrets are encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(SECRET,),
    why="Reading then needs a second permission that can be taken away.",
    fix="Set kmsKeyId.",
)
def secret_own_key(r: Resource) -> Found:
    return present(r, "kmsKeyId")
