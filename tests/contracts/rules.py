"""Rules over registered resources. Each gives the reasons why it does not hold, or nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from offline import provider_wire as wire
from tests.harness import UNKNOWN, Deployment, Record

STATEFUL = frozenset(
    {
        "aws:backup/vault:Vault",
        "aws:cognito/userPool:UserPool",
        "aws:dynamodb/table:Table",
        "aws:ecr/repository:Repository",
        "aws:ebs/volume:Volume",
        "aws:efs/fileSystem:FileSystem",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:elasticache/serverlessCache:ServerlessCache",
        "aws:kms/key:Key",
        "aws:msk/cluster:Cluster",
        "aws:msk/topic:Topic",
        "aws:rds/cluster:Cluster",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:secretsmanager/secret:Secret",
        "aws:ssm/parameter:Parameter",
        "cloudflare:index/zone:Zone",
    }
)
"""Types whose loss or replacement loses data, or keys to data."""

Rule = Callable[[Record, Deployment], str | None]


def keeps_data(record: Record) -> bool:
    """Whether something is lost with it. A read replica beside its source is a copy that comes and goes; one
    in another region, whose source is named by ARN, is kept."""
    source = str(record.get("replicateSourceDb") or "")
    return record.type in STATEFUL and not (source and not source.startswith("arn:"))


def _given(*names: str) -> Rule:
    def rule(record: Record, _: Deployment) -> str | None:
        missing = [name for name in names if not record.get(name)]
        return f"{', '.join(missing)} not set" if missing else None

    return rule


def _either(*names: str) -> Rule:
    def rule(record: Record, _: Deployment) -> str | None:
        return None if any(record.get(name) for name in names) else f"none of {', '.join(names)} is set"

    return rule


def _instance(record: Record, _: Deployment) -> str | None:
    """Within a region a replica has the key of its source, and takes no other."""
    source = str(record.get("replicateSourceDb") or "")
    wanted = (
        ["storageEncrypted"] if source and not source.startswith("arn:") else ["storageEncrypted", "kmsKeyId"]
    )
    missing = [name for name in wanted if not record.get(name)]
    return f"{', '.join(missing)} not set" if missing else None


def _bucket(record: Record, deployment: Deployment) -> str | None:
    """Encryption and privacy of a bucket are resources of their own; they must follow each bucket."""
    for kind in ("BucketServerSideEncryptionConfiguration", "BucketPublicAccessBlock"):
        sides = deployment.of_type(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}")
        mine = [side for side in sides if record.urn in side.property_dependencies.get("bucket", ())]
        if not mine:
            return f"no {kind} for it"
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    weak = [name for name in blocks if mine[0].get(name) is not True]
    return f"public access block without {', '.join(weak)}" if weak else None


def _function(record: Record, _: Deployment) -> str | None:
    if record.get("environment") and not record.get("kmsKeyArn"):
        return "kmsKeyArn not set, and it has an environment"
    return None


def _table(record: Record, _: Deployment) -> str | None:
    settings = cast("Mapping[str, Any]", record.get("serverSideEncryption") or {})
    return None if settings.get("enabled") else "serverSideEncryption is not enabled"


def _template(record: Record, _: Deployment) -> str | None:
    disks = cast("list[Mapping[str, Any]]", record.get("blockDeviceMappings") or [])
    plain = [disk["deviceName"] for disk in disks if (disk.get("ebs") or {}).get("encrypted") != "true"]
    if not disks:
        return "no blockDeviceMappings, so the image says how its disk is"
    return f"{', '.join(plain)} not encrypted" if plain else None


def _distribution(record: Record, _: Deployment) -> str | None:
    behaviours = [record["defaultCacheBehavior"], *(record.get("orderedCacheBehaviors") or [])]
    plain = [each for each in behaviours if each.get("viewerProtocolPolicy") == "allow-all"]
    return "a behaviour allows plain HTTP" if plain else None


ENCRYPTION: Mapping[str, Rule] = {
    "aws:backup/vault:Vault": _given("kmsKeyArn"),
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudtrail/trail:Trail": _given("kmsKeyId"),
    "aws:cloudwatch/logGroup:LogGroup": _given("kmsKeyId", "retentionInDays"),
    "aws:dynamodb/table:Table": _table,
    "aws:ebs/volume:Volume": _given("encrypted", "kmsKeyId"),
    "aws:ec2/launchTemplate:LaunchTemplate": _template,
    "aws:ecr/repository:Repository": _given("encryptionConfigurations"),
    "aws:efs/fileSystem:FileSystem": _given("encrypted", "kmsKeyId"),
    "aws:eks/cluster:Cluster": _given("encryptionConfig"),
    "aws:elasticache/replicationGroup:ReplicationGroup": _given(
        "atRestEncryptionEnabled", "transitEncryptionEnabled", "kmsKeyId"
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": _given("kmsKeyId"),
    "aws:kms/key:Key": _given("enableKeyRotation"),
    "aws:lambda/function:Function": _function,
    "aws:msk/cluster:Cluster": _given("encryptionInfo"),
    "aws:rds/cluster:Cluster": _given("storageEncrypted", "kmsKeyId"),
    "aws:rds/instance:Instance": _instance,
    "aws:rds/proxy:Proxy": _given("requireTls"),
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _given("kmsKeyId"),
    "aws:sns/topic:Topic": _given("kmsMasterKeyId"),
    "aws:sqs/queue:Queue": _either("kmsMasterKeyId", "sqsManagedSseEnabled"),
}
"""How each type that can encrypt, at rest or in transit, shows that it does. Log groups also expire."""


def unencrypted(deployment: Deployment) -> list[str]:
    return [
        f"{record.type} {record.name}: {reason}"
        for record in deployment
        if record.type in ENCRYPTION and (reason := ENCRYPTION[record.type](record, deployment))
    ]


_SECRET_NAME = re.compile(
    r"(password|passwd|secret|secret_?string|token|private_?key|api_?key)$", re.IGNORECASE
)
_NOT_A_VALUE = re.compile(r"^(arn:|\{\{resolve:|https?://)|^$")


def plaintext_secrets(deployment: Deployment) -> list[str]:
    """Inputs named like secrets that hold text, and that the engine would store as it is."""
    return [
        f"{record.type} {record.name}: {path} is plain text; wrap it as a secret, or let AWS make it"
        for record in deployment
        for path, value in _leaves(record.inputs)
        if _SECRET_NAME.search(path)
        and isinstance(value, str)
        and value != UNKNOWN
        and not _NOT_A_VALUE.search(value)
        and not any(path.startswith(secret) for secret in record.secret_inputs)
    ]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if wire.signature(value):
        return
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _leaves(item, path)
    else:
        yield path, value


def orphans(deployment: Deployment) -> list[str]:
    """Resources that belong to no component. Those an example makes as its givens are named so."""
    return [
        f"{record.type} {record.name}: parent is the stack; give it parent=self"
        for record in deployment
        if record.custom and record.parent is None and not _is_given(record)
    ]


def misnamed(deployment: Deployment) -> list[str]:
    """Children whose name is not their parent's with a role added, or that a list position names.

    A component that is only a special case of another gives it its own name. WAF logs only to groups whose
    names begin its way.
    """
    found: list[str] = []
    for record in deployment:
        if record.parent is None or _is_given(record):
            continue
        parent = deployment.urns[record.parent]
        same = record.name == parent.name and not record.custom
        if not same and not record.name.removeprefix("aws-waf-logs-").startswith(parent.name):
            found.append(f"{record.type} {record.name}: must start with {parent.name}-")
        elif record.name.endswith("-0"):
            found.append(f"{record.type} {record.name}: ends in a list position; key it by something stable")
    return found


def silent_components(deployment: Deployment) -> list[str]:
    return [
        f"{record.type} {record.name}: registered no outputs; call self.register_outputs({{...}})"
        for record in deployment.components
        if not record.outputs
    ]


def identity(record: Record, deployment: Deployment) -> dict[str, Any]:
    """What the engine knows a resource by."""
    return {
        "type": record.type,
        "name": record.name,
        "parents": [f"{parent.type}::{parent.name}" for parent in deployment.ancestors(record)],
    }


def _is_given(record: Record) -> bool:
    return record.name.startswith("given-")
