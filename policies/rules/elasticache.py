"""ElastiCache: replication groups, serverless caches and their users."""

from policies.checks import at_least, off, on, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import CACHE_CLUSTER, CACHE_GROUP, CACHE_SERVERLESS, CACHE_USER, CACHE_USER_GROUP

_POINTLESS_ACCESS = "off ~* -@all"


@rule(
    id="elasticache-snapshots",
    title="Caches are snapshotted daily",
    pack="reliability",
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
    pack="operations",
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
    pack="reliability",
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
    yield on(r, "transitEncryptionEnabled")
    if r.text("transitEncryptionMode").lower() == "preferred":
        yield "transitEncryptionMode is preferred, so plain text is taken as well"


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


@rule(
    id="elasticache-in-a-group",
    title="A cache is a replication group, or serverless",
    fsbp=("ElastiCache.1",),
    severity="medium",
    enforcement="M",
    types=(CACHE_CLUSTER,),
    why="A cluster on its own has no replica, no encryption at rest and no users.",
    fix="Use a ReplicationGroup or a ServerlessCache; name the group of a member in replicationGroupId.",
)
def elasticache_in_a_group(r: Resource) -> Found:
    if r.has("replicationGroupId") or r.text("engine") == "memcached":
        return None
    return "replicationGroupId not set"
