"""Copies, locks, and what must be empty: the steps before anything is deleted."""

from collections.abc import Iterator, Sequence

from ops.state import Resource, State, camel
from ops.teardown.model import Phase, Step

LOCKS = {
    "aws:cognito/userPool:UserPool": ("deletionProtection", "ACTIVE"),
    "aws:dynamodb/table:Table": ("deletionProtectionEnabled", True),
    "aws:eks/cluster:Cluster": ("deletionProtection", True),
    "aws:lb/loadBalancer:LoadBalancer": ("enableDeletionProtection", True),
    "aws:rds/cluster:Cluster": ("deletionProtection", True),
    "aws:rds/instance:Instance": ("deletionProtection", True),
}
"""The service's own lock: property, and the value that locks."""

CLUSTER, INSTANCE = "aws:rds/cluster:Cluster", "aws:rds/instance:Instance"
TABLE, BUCKET = "aws:dynamodb/table:Table", "aws:s3/bucket:Bucket"
REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache"
VAULT, VAULT_LOCK = "aws:backup/vault:Vault", "aws:backup/vaultLockConfiguration:VaultLockConfiguration"

_OTHER_KEY = "the stack's key goes with the stack, and with it what it encrypted: the kept copy has another"
_SAME_KEY = "the backup has the stack's key: to keep it longer, export the table to a bucket that stays"


def is_replica(instance: Resource) -> bool:
    """A read replica has nothing of its own to copy."""
    return bool(instance.get("replicateSourceDb"))


def physical(resource: Resource) -> str:
    """The name that AWS's command line takes."""
    named = {
        BUCKET: "bucket",
        CLUSTER: "clusterIdentifier",
        INSTANCE: "identifier",
        TABLE: "name",
        VAULT: "name",
    }.get(resource.type)
    return str((named and resource.get(named)) or resource.id)


def at(resource: Resource) -> str:
    """The region as an option, where the resource names one."""
    return f" --region {resource.region}" if resource.region else ""


def copies(state: State, stamp: str) -> Iterator[Step]:
    """A copy of everything that holds data. ``stamp`` makes the names free."""
    for cluster in state.of_type(CLUSTER):
        name, copy = physical(cluster), f"{physical(cluster)}-teardown-{stamp}"
        yield _copy(
            name,
            f"aws rds create-db-cluster-snapshot --db-cluster-identifier {name} "
            f"--db-cluster-snapshot-identifier {copy}{at(cluster)}",
            "aws rds wait db-cluster-snapshot-available "
            f"--db-cluster-snapshot-identifier {copy}{at(cluster)}",
            f"aws rds copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier {copy} "
            f"--target-db-cluster-snapshot-identifier {copy}-kept --kms-key-id KEY_THAT_STAYS{at(cluster)}",
        )
    for instance in state.of_type(INSTANCE):
        if is_replica(instance):
            continue
        name, copy = physical(instance), f"{physical(instance)}-teardown-{stamp}"
        yield _copy(
            name,
            f"aws rds create-db-snapshot --db-instance-identifier {name} "
            f"--db-snapshot-identifier {copy}{at(instance)}",
            f"aws rds wait db-snapshot-available --db-snapshot-identifier {copy}{at(instance)}",
            f"aws rds copy-db-snapshot --source-db-snapshot-identifier {copy} "
            f"--target-db-snapshot-identifier {copy}-kept --kms-key-id KEY_THAT_STAYS{at(instance)}",
        )
    for table in state.of_type(TABLE):
        name = physical(table)
        command = (
            f"aws dynamodb create-backup --table-name {name} --backup-name {name}-teardown-{stamp}{at(table)}"
        )
        yield _copy(name, command, minutes=(2, 15), why=_SAME_KEY)
    for group in state.of_type(REPLICATION_GROUP):
        command = (
            f"aws elasticache create-snapshot --replication-group-id {group.id} "
            f"--snapshot-name {group.id}-teardown-{stamp}{at(group)}"
        )
        yield _copy(group.id, command, minutes=(5, 20), why="if what it caches or remembers matters")
    for cache in state.of_type(SERVERLESS):
        name = str(cache.get("name") or cache.id)
        command = (
            f"aws elasticache create-serverless-cache-snapshot --serverless-cache-name {name} "
            f"--serverless-cache-snapshot-name {name}-teardown-{stamp}{at(cache)}"
        )
        yield _copy(name, command, minutes=(5, 20), why="if what it caches or remembers matters")
    for bucket in state.of_type(BUCKET):
        name = physical(bucket)
        command = f"aws s3 sync s3://{name} s3://BUCKET_THAT_STAYS/{name}{at(bucket)}"
        yield _copy(
            name, command, minutes=(5, 120), why="if its objects matter; a sync has the newest versions alone"
        )


def _copy(name: str, *commands: str, minutes: tuple[int, int] = (15, 60), why: str = "") -> Step:
    return Step(
        phase=Phase.COPY,
        title="Copy",
        names=[name],
        commands=commands,
        minutes=minutes,
        why=why or _OTHER_KEY,
    )


def is_locked(resource: Resource) -> bool:
    """Whether the engine or the service refuses the deletion."""
    name, value = LOCKS.get(resource.type, ("", None))
    return resource.protected or (bool(name) and resource.get(name) == value)


def unlocking(state: State) -> Iterator[Step]:
    """The first deployment, a setting for each system that holds a lock."""
    locked = [each for each in state.resources if is_locked(each)]
    if not locked:
        return
    retained = [each for each in state.resources if each.retained]
    for system in sorted({each.system for each in locked}):
        mine = [each for each in locked if each.system == system]
        yield Step(
            phase=Phase.UNLOCK,
            title=f"Unlock {system}" if system else "Unlock the account's records",
            names=[f"{each.type.rsplit(':', 1)[-1]} {physical(each)}" for each in mine],
            commands=[_setting(state.stack, system)],
            why=f"{len(mine)} resources refuse deletion; the policy pack names the waivers that it wants",
        )
    also = f"; {len(retained)} would stay in AWS for ever if they were deleted now" if retained else ""
    yield Step(
        phase=Phase.UNLOCK,
        title="Deploy the unlocking",
        names=[],
        commands=[f"pulumi up --stack {state.stack} --policy-pack policies"],
        minutes=(5, 20),
        why=f"the plan must show updates and no deletion{also}",
    )


def _setting(stack: str, system: str) -> str:
    if not system:
        return f"Pulumi.{stack}.yaml: stack.accountBaseline.deletionProtection: false"
    return f"Pulumi.{stack}.yaml: systems.{camel(system)}.deletionProtection: false, and .unlockReason"


def emptying(state: State) -> Iterator[Step]:
    """Buckets, image repositories and vaults that AWS refuses to delete while something is in them."""
    yield from _buckets(state)
    for repository in state.of_type("aws:ecr/repository:Repository"):
        if repository.get("forceDelete"):
            continue
        name = str(repository.get("name") or repository.id)
        yield Step(
            phase=Phase.EMPTY,
            title="Delete the images",
            names=[name],
            commands=[
                f"aws ecr list-images --repository-name {name}{at(repository)} "
                "--query imageIds --output json > images.json",
                f"aws ecr batch-delete-image --repository-name {name}{at(repository)} "
                "--image-ids file://images.json",
            ],
            minutes=(1, 5),
            why="at most 100 images in one call: repeat until none is left",
        )
    yield from _vaults(state)


def _buckets(state: State) -> Iterator[Step]:
    for bucket in state.of_type(BUCKET):
        if bucket.get("forceDestroy"):
            continue
        yield Step(
            phase=Phase.EMPTY,
            title="Empty the bucket",
            names=[physical(bucket)],
            commands=[_purge(bucket, kind) for kind in ("Versions", "DeleteMarkers")],
            minutes=(2, 60),
            why="versions and markers: repeat both until they find none; again if logs still arrive",
        )


def _purge(bucket: Resource, kind: str) -> str:
    """A thousand at a time: as many as one call deletes."""
    where = f"--bucket {physical(bucket)}{at(bucket)}"
    query = f"{{Objects: {kind}[].{{Key: Key, VersionId: VersionId}}, Quiet: `true`}}"
    return (
        f"aws s3api list-object-versions {where} --max-items 1000 --query '{query}' --output json "
        f"> purge.json && aws s3api delete-objects {where} --delete file://purge.json"
    )


def _vaults(state: State) -> Iterator[Step]:
    locks = {str(each.get("backupVaultName")): each for each in state.of_type(VAULT_LOCK)}
    for vault in state.of_type(VAULT):
        name = physical(vault)
        lock = locks.get(name)
        if lock is not None and lock.get("changeableForDays"):
            yield Step(
                phase=Phase.EMPTY,
                title="Wait for the locked backups",
                names=[name],
                why="a compliance lock: nobody, AWS included, deletes a recovery point before its retention "
                f"of at most {lock.get('maxRetentionDays') or 'unlimited'} days ends",
            )
        elif not vault.get("forceDestroy"):
            unlock = [
                f"aws backup delete-backup-vault-lock-configuration --backup-vault-name {name}{at(vault)}"
            ]
            yield Step(
                phase=Phase.EMPTY,
                title="Delete the recovery points",
                names=[name],
                commands=[
                    *(unlock if lock is not None else []),
                    f"aws backup list-recovery-points-by-backup-vault --backup-vault-name {name}{at(vault)} "
                    "--query 'RecoveryPoints[].RecoveryPointArn' --output text | tr '\\t' '\\n' | xargs -n1 "
                    f"aws backup delete-recovery-point --backup-vault-name {name}{at(vault)} "
                    "--recovery-point-arn",
                ],
                minutes=(5, 30),
                why="copy those that you may need to a vault that stays, in another account, first",
            )


def names_of(resources: Sequence[Resource]) -> list[str]:
    """Physical names, in order."""
    return sorted(physical(each) for each in resources)
