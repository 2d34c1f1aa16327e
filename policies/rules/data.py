"""ElastiCache, DynamoDB and Secrets Manager."""

from policies.checks import at_least, off, on, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    CACHE_GROUP,
    CACHE_SERVERLESS,
    CACHE_USER,
    CACHE_USER_GROUP,
    DYNAMODB,
    SCALING_TARGET,
    SECRET,
    SECRET_ROTATION,
)

_BACKUP_SELECTION = "aws:backup/selection:Selection"
_POINTLESS_ACCESS = "off ~* -@all"


@rule(
    id="elasticache-snapshots",
    title="Caches are snapshotted daily",
    fsbp=("ElastiCache.1",),
    severity="high",
    enforcement="M",
    types=(CACHE_SERVERLESS, CACHE_GROUP),
    prod_only=True,
    why="A cache that holds sessions or counters holds data.",
    fix="Set snapshotRetentionLimit to 1 day or more.",
)
def elasticache_snapshots(r: Resource) -> Found:
    return at_least(r, "snapshotRetentionLimit", 1)


@rule(
    id="elasticache-minor-upgrades",
    title="Cache clusters take minor versions by themselves",
    fsbp=("ElastiCache.2",),
    severity="low",
    enforcement="A",
    types=(CACHE_GROUP,),
    why="Security fixes come as minor versions.",
    fix="Leave autoMinorVersionUpgrade true.",
)
def elasticache_minor_upgrades(r: Resource) -> Found:
    return on(r, "autoMinorVersionUpgrade", default=True)


@rule(
    id="elasticache-failover",
    title="Cache clusters fail over by themselves",
    fsbp=("ElastiCache.3",),
    severity="medium",
    enforcement="M",
    types=(CACHE_GROUP,),
    why="Without it a lost primary is an outage until someone acts.",
    fix="Set automaticFailoverEnabled, with at least one replica.",
)
def elasticache_failover(r: Resource) -> Found:
    return on(r, "automaticFailoverEnabled")


@rule(
    id="elasticache-encrypted",
    title="Cache clusters are encrypted at rest",
    fsbp=("ElastiCache.4",),
    severity="medium",
    enforcement="M",
    types=(CACHE_GROUP,),
    why="Snapshots and swap hold what the cache holds.",
    fix="Set atRestEncryptionEnabled.",
)
def elasticache_encrypted(r: Resource) -> Found:
    return on(r, "atRestEncryptionEnabled")


@rule(
    id="elasticache-tls",
    title="Cache clusters are reached by TLS",
    fsbp=("ElastiCache.5",),
    severity="medium",
    enforcement="M",
    types=(CACHE_GROUP,),
    why="Passwords and sessions cross the network otherwise.",
    fix="Set transitEncryptionEnabled.",
)
def elasticache_tls(r: Resource) -> Found:
    return on(r, "transitEncryptionEnabled")


@rule(
    id="elasticache-authenticated",
    title="Cache clusters ask who is there",
    fsbp=("ElastiCache.6",),
    severity="medium",
    enforcement="M",
    types=(CACHE_GROUP,),
    why="The network alone is one lock, and everything in the VPC has its key.",
    fix="Set userGroupIds (or authToken).",
)
def elasticache_authenticated(r: Resource) -> Found:
    return present(r, "userGroupIds", "authToken", "authTokenWo")


@rule(
    id="elasticache-own-subnets",
    title="Cache clusters stand in subnets of their own",
    fsbp=("ElastiCache.7",),
    severity="high",
    enforcement="M",
    types=(CACHE_GROUP,),
    why="The default subnet group spans the default VPC.",
    fix="Set subnetGroupName to a group of this stack.",
)
def elasticache_own_subnets(r: Resource) -> Found:
    return "subnetGroupName is default" if r.raw("subnetGroupName") in (None, "", "default") else None


@rule(
    id="elasticache-serverless-user-group",
    title="Serverless caches have a user group",
    severity="high",
    enforcement="M",
    types=(CACHE_SERVERLESS,),
    why="Without one the open default user may do everything.",
    fix="Set userGroupId.",
)
def elasticache_serverless_user_group(r: Resource) -> Found:
    return present(r, "userGroupId")


@rule(
    id="elasticache-serverless-key",
    title="Serverless caches are encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(CACHE_SERVERLESS,),
    why="The service's key cannot be refused to anyone.",
    fix="Set kmsKeyId.",
)
def elasticache_serverless_key(r: Resource) -> Found:
    return present(r, "kmsKeyId")


@rule(
    id="elasticache-own-key",
    title="Cache clusters are encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(CACHE_GROUP,),
    why="The service's key cannot be refused to anyone.",
    fix="Set kmsKeyId.",
)
def elasticache_own_key(r: Resource) -> Found:
    return present(r, "kmsKeyId")


@rule(
    id="elasticache-user-authenticated",
    title="No cache user is open",
    severity="high",
    enforcement="M",
    types=(CACHE_USER,),
    why="A user without a password is everyone.",
    fix="authenticationMode iam or password; turn the default user off.",
)
def elasticache_user_authenticated(r: Resource) -> Found:
    access = " ".join(r.text("accessString").split())
    if access == _POINTLESS_ACCESS or access.startswith("off "):
        return
    yield off(r, "noPasswordRequired")
    if r.text("authenticationMode.type").startswith("no-password"):
        yield f"authenticationMode.type is {r.text('authenticationMode.type')}"


@stack_rule(
    id="elasticache-user-group-closed",
    title="A user group has a default user that can do nothing",
    severity="high",
    enforcement="M",
    types=(CACHE_USER_GROUP,),
    why="A Redis group needs a user named default; AWS's own one is open.",
    fix="Make a user with userName default, access string 'off ~* -@all', and put it in the group.",
)
def elasticache_user_group_closed(r: Resource, graph: Graph) -> Found:
    members = graph.refs(r, "userIds", CACHE_USER)
    defaults = [user for user in members if user.text("userName") == "default"]
    yield from (
        f"default user {u.name} is switched on"
        for u in defaults
        if not u.text("accessString").startswith("off")
    )
    if "default" in r.elements("userIds"):
        yield "AWS's own default user is a member"
    if not members and not r.has("userIds"):
        yield "no users"


@stack_rule(
    id="dynamodb-scales",
    title="Tables scale with demand",
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
    fsbp=("DynamoDB.2",),
    severity="medium",
    enforcement="M",
    types=(DYNAMODB,),
    why="A bad write is undone by going back before it.",
    fix="Set pointInTimeRecovery.enabled.",
)
def dynamodb_point_in_time(r: Resource) -> Found:
    return on(r, "pointInTimeRecovery.enabled")


@stack_rule(
    id="dynamodb-in-backup-plan",
    title="Tables are in a backup plan",
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
    by_tag = [s for s in graph.of(_BACKUP_SELECTION) if s.has("selectionTags")]
    return None if selected or by_tag else "in no backup Selection of this stack"


@rule(
    id="dynamodb-deletion-protection",
    title="Tables refuse to be deleted",
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
