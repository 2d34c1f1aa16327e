"""S3 buckets and the resources that carry their settings."""

from collections.abc import Callable

from policies.checks import absent, off
from policies.documents import Statement, statements
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    ALB,
    BUCKET,
    BUCKET_ACL,
    BUCKET_ENCRYPTION,
    BUCKET_LIFECYCLE,
    BUCKET_LOGGING,
    BUCKET_POLICY,
    BUCKET_PUBLIC_ACCESS,
    BUCKET_VERSIONING,
)

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_FOREIGN = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)

_ENCRYPTION_RULES = (
    "rules",
    "serverSideEncryptionConfiguration.rule",
    "serverSideEncryptionConfiguration.rules",
    "serverSideEncryptionConfigurations.rules",
)
_ALGORITHM = (
    "applyServerSideEncryptionByDefault.sseAlgorithm",
    "applyServerSideEncryptionByDefaults.sseAlgorithm",
)


def _side(graph: Graph, bucket: Resource, token: str, holds: Callable[[Resource], bool]) -> bool:
    return any(holds(side) for side in graph.referring(bucket, "bucket", token))


@stack_rule(
    id="s3-public-access-blocked",
    title="Each bucket blocks public access in all four ways",
    fsbp=("S3.2", "S3.3", "S3.8"),
    cis=("2.1.4",),
    severity="critical",
    enforcement="M",
    types=(BUCKET,),
    why="The setting is a resource of its own: a bucket without it is one policy away from being public.",
    fix="Add a BucketPublicAccessBlock with all four flags true.",
)
def s3_public_access_blocked(r: Resource, graph: Graph) -> Found:
    blocked = _side(graph, r, BUCKET_PUBLIC_ACCESS, lambda side: all(side.flag(flag) for flag in _BLOCKS))
    return None if blocked else f"no BucketPublicAccessBlock with {', '.join(_BLOCKS)} all true"


@stack_rule(
    id="s3-tls-only",
    title="Each bucket refuses requests without TLS",
    fsbp=("S3.5",),
    cis=("2.1.1",),
    severity="medium",
    enforcement="M",
    types=(BUCKET,),
    why="S3 answers plain HTTP unless its policy denies it.",
    fix='Deny s3:* in the bucket policy where aws:SecureTransport is "false".',
)
def s3_tls_only(r: Resource, graph: Graph) -> Found:
    policies = [r, *graph.referring(r, "bucket", BUCKET_POLICY)]
    denied = any(_denies_plaintext(s) for policy in policies for s in statements(policy, "policy"))
    return None if denied else "no bucket policy denies requests without aws:SecureTransport"


def _denies_plaintext(statement: Statement) -> bool:
    tested = {k.lower(): str(v).lower() for k, v in statement.conditions.get("Bool", {}).items()}
    everything = "s3:*" in statement.actions or "*" in statement.actions
    insecure = tested.get("aws:securetransport") in {"false", "['false']"}
    return statement.effect == "Deny" and statement.public and everything and insecure


@rule(
    id="s3-policy-keeps-control",
    title="A bucket's policy gives control to no one else",
    fsbp=("S3.6",),
    severity="high",
    enforcement="M",
    types=(BUCKET, BUCKET_POLICY),
    why="Whoever may change the policy or the encryption of a bucket owns the data in it.",
    fix="Take the configuration actions out of statements with foreign or public principals.",
)
def s3_policy_keeps_control(r: Resource) -> Found:
    for statement in statements(r, "policy"):
        if statement.allows and (statement.public or "AWS" in statement.principals):
            for action in _FOREIGN:
                if statement.grants(action):
                    yield f"{statement.at} allows {action}"


@stack_rule(
    id="s3-versioned",
    title="Each bucket keeps versions",
    pack="reliability",
    fsbp=("S3.14",),
    severity="medium",
    enforcement="M",
    types=(BUCKET,),
    why="An overwritten or deleted object cannot come back without them.",
    fix="Add a BucketVersioning with status Enabled.",
)
def s3_versioned(r: Resource, graph: Graph) -> Found:
    kept = _side(
        graph, r, BUCKET_VERSIONING, lambda side: side.text("versioningConfiguration.status") == "Enabled"
    )
    inline = any(r.flag(f"{block}.enabled") for block in ("versioning", "versionings"))
    return None if kept or inline else "no BucketVersioning with status Enabled"


@stack_rule(
    id="s3-encryption-declared",
    title="Each bucket's encryption is declared",
    severity="medium",
    enforcement="M",
    types=(BUCKET,),
    why="The account's default may change; what is declared here is checked and kept.",
    fix="Add a BucketServerSideEncryptionConfiguration.",
)
def s3_encryption_declared(r: Resource, graph: Graph) -> Found:
    declared = _side(graph, r, BUCKET_ENCRYPTION, lambda side: bool(_algorithms(side)))
    return (
        None if declared or _algorithms(r) else "no BucketServerSideEncryptionConfiguration with an algorithm"
    )


@stack_rule(
    id="s3-encrypted-with-kms",
    title="Each bucket is encrypted with a KMS key",
    fsbp=("S3.17",),
    severity="medium",
    enforcement="A",
    types=(BUCKET,),
    why="With a key of ours, reading needs a second permission that can be taken away and is logged.",
    fix="Use sseAlgorithm aws:kms with a key of ours; the bucket for access logs takes SSE-S3 alone.",
)
def s3_encrypted_with_kms(r: Resource, graph: Graph) -> Found:
    if _receives_logs(r, graph):
        return None
    sides = graph.referring(r, "bucket", BUCKET_ENCRYPTION) or [r]
    plain = [side for side in sides if not all(a.startswith("aws:kms") for a in _algorithms(side))]
    return "encrypted without a KMS key" if plain else None


def _receives_logs(bucket: Resource, graph: Graph) -> bool:
    """Server access logs and those of load balancers are delivered to SSE-S3 alone."""
    others = graph.referring(bucket, "targetBucket", BUCKET_LOGGING)
    inline = [b for path in ("logging", "loggings") for b in graph.referring(bucket, path, BUCKET)]
    return bool(others or inline or graph.referring(bucket, "accessLogs", ALB))


def _algorithms(side: Resource) -> list[str]:
    """Of the resource beside the bucket, or of the bucket's own property in either spelling."""
    rules = [block for path in _ENCRYPTION_RULES for block in side.blocks(path)]
    found = [rule.text(path) for rule in rules for path in _ALGORITHM if rule.has(path)]
    return [algorithm for algorithm in found if algorithm]


@stack_rule(
    id="s3-access-logged",
    title="Each bucket's requests are logged",
    fsbp=("S3.9",),
    severity="low",
    enforcement="A",
    types=(BUCKET,),
    why="Server access logs answer who read which object.",
    fix="Add a BucketLogging, except for the bucket that receives the logs.",
)
def s3_access_logged(r: Resource, graph: Graph) -> Found:
    receives = _receives_logs(r, graph)
    inline = r.has("logging") or r.has("loggings")
    logged = inline or graph.referring(r, "bucket", BUCKET_LOGGING)
    return None if receives or logged else "no BucketLogging, and it receives no logs itself"


@stack_rule(
    id="s3-no-acl",
    title="Access is given by policy, not by ACL",
    fsbp=("S3.12",),
    severity="medium",
    enforcement="A",
    types=(BUCKET,),
    why="ACLs are a second permission system that reviews forget.",
    fix="Remove the ACL; ownership BucketOwnerEnforced turns ACLs off.",
)
def s3_no_acl(r: Resource, graph: Graph) -> Found:
    yield absent(r, "grants")
    yield absent(r, "acl")
    if graph.referring(r, "bucket", BUCKET_ACL):
        yield "a BucketAcl is attached"


@stack_rule(
    id="s3-lifecycle",
    title="Each bucket has a lifecycle",
    pack="cost",
    fsbp=("S3.13",),
    severity="low",
    enforcement="A",
    types=(BUCKET,),
    why="Old versions and broken uploads are paid for until something removes them.",
    fix="Add a BucketLifecycleConfiguration with an enabled rule.",
)
def s3_lifecycle(r: Resource, graph: Graph) -> Found:
    ruled = _side(
        graph,
        r,
        BUCKET_LIFECYCLE,
        lambda side: any(b.text("status") == "Enabled" for b in side.blocks("rules")),
    )
    inline = any(b.flag("enabled") for b in r.blocks("lifecycleRules"))
    return None if ruled or inline else "no BucketLifecycleConfiguration with an enabled rule"


@rule(
    id="s3-no-force-destroy",
    title="Destroying the stack does not empty a bucket",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(BUCKET,),
    prod_only=True,
    why="forceDestroy deletes every object and version without asking.",
    fix="Leave forceDestroy false in production.",
)
def s3_no_force_destroy(r: Resource) -> Found:
    return off(r, "forceDestroy")
