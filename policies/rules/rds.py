"""RDS and Aurora: encryption, protection, backups, credentials."""

from policies.checks import at_least, includes, off, on, present
from policies.model import Resource
from policies.replicas import is_local_copy, is_replica
from policies.rule import Found, rule
from policies.tokens import DB, DB_CLUSTER, DB_CLUSTER_INSTANCE

_DEFAULT_NAMES = frozenset({"admin", "postgres", "root", "sa"})
_DEFAULT_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306}
_LOG_EXPORTS = {
    "postgres": {"postgresql"},
    "mysql": {"error", "slowquery", "audit", "general"},
    "mariadb": {"error", "slowquery", "audit", "general"},
}


def family(engine: str) -> str:
    """postgres, mysql or mariadb, whatever flavour of RDS it is."""
    for name in ("postgres", "mysql", "mariadb"):
        if name in engine:
            return name
    return engine


@rule(
    id="rds-not-public",
    title="Databases have no public address",
    fsbp=("RDS.2",),
    cis=("2.3.3",),
    severity="critical",
    enforcement="M",
    types=(DB, DB_CLUSTER_INSTANCE),
    why="A database that can be reached from the internet is one leaked password from being public.",
    fix="Leave publiclyAccessible false.",
)
def rds_not_public(r: Resource) -> Found:
    return off(r, "publiclyAccessible")


@rule(
    id="rds-instance-encrypted",
    title="Database instances are encrypted at rest",
    fsbp=("RDS.3",),
    cis=("2.3.1",),
    severity="high",
    enforcement="M",
    types=(DB,),
    why="Snapshots and backups inherit it, and it cannot be turned on later without a copy.",
    fix="Set storageEncrypted and kmsKeyId.",
)
def rds_instance_encrypted(r: Resource) -> Found:
    return None if is_local_copy(r) else on(r, "storageEncrypted")


@rule(
    id="rds-cluster-encrypted",
    title="Database clusters are encrypted at rest",
    fsbp=("RDS.27",),
    severity="high",
    enforcement="M",
    types=(DB_CLUSTER,),
    why="Snapshots and backups inherit it, and it cannot be turned on later without a copy.",
    fix="Set storageEncrypted and kmsKeyId.",
)
def rds_cluster_encrypted(r: Resource) -> Found:
    return on(r, "storageEncrypted")


@rule(
    id="rds-multi-az",
    title="Database instances stand in two zones",
    pack="reliability",
    fsbp=("RDS.5",),
    severity="medium",
    enforcement="M",
    types=(DB,),
    prod_only=True,
    why="A zone's failure is then a pause and not an outage.",
    fix="Set multiAz.",
)
def rds_multi_az(r: Resource) -> Found:
    return None if is_replica(r) else on(r, "multiAz")


@rule(
    id="rds-cluster-deletion-protection",
    title="Database clusters refuse to be deleted",
    pack="reliability",
    fsbp=("RDS.7",),
    severity="medium",
    enforcement="M",
    types=(DB_CLUSTER,),
    prod_only=True,
    why="The last lock stands in the service itself, whatever tool asks.",
    fix="Set deletionProtection; unlocking takes a deployment of its own.",
)
def rds_cluster_deletion_protection(r: Resource) -> Found:
    return on(r, "deletionProtection")


@rule(
    id="rds-instance-deletion-protection",
    title="Database instances refuse to be deleted",
    pack="reliability",
    fsbp=("RDS.8",),
    severity="medium",
    enforcement="M",
    types=(DB,),
    prod_only=True,
    why="The last lock stands in the service itself, whatever tool asks.",
    fix="Set deletionProtection; unlocking takes a deployment of its own.",
)
def rds_instance_deletion_protection(r: Resource) -> Found:
    return None if is_local_copy(r) else on(r, "deletionProtection")


@rule(
    id="rds-logs-exported",
    title="Database logs go to CloudWatch",
    pack="operations",
    fsbp=("RDS.34", "RDS.36", "RDS.37", "RDS.9"),
    severity="medium",
    enforcement="M",
    types=(DB, DB_CLUSTER),
    why="Logs on the instance are gone after three days, and with the instance.",
    fix="Set enabledCloudwatchLogsExports to the engine's logs.",
)
def rds_logs_exported(r: Resource) -> Found:
    if is_replica(r) and not r.has("engine"):
        return present(r, "enabledCloudwatchLogsExports")
    wanted = _LOG_EXPORTS.get(family(r.text("engine")))
    return includes(r, "enabledCloudwatchLogsExports", wanted, any_of=True) if wanted else None


@rule(
    id="rds-instance-iam-authentication",
    title="Database instances take IAM authentication",
    fsbp=("RDS.10",),
    severity="medium",
    enforcement="A",
    types=(DB,),
    why="Tokens of fifteen minutes cannot be left in a file.",
    fix="Set iamDatabaseAuthenticationEnabled.",
)
def rds_instance_iam_authentication(r: Resource) -> Found:
    return on(r, "iamDatabaseAuthenticationEnabled")


@rule(
    id="rds-cluster-iam-authentication",
    title="Database clusters take IAM authentication",
    fsbp=("RDS.12",),
    severity="medium",
    enforcement="A",
    types=(DB_CLUSTER,),
    why="Tokens of fifteen minutes cannot be left in a file.",
    fix="Set iamDatabaseAuthenticationEnabled.",
)
def rds_cluster_iam_authentication(r: Resource) -> Found:
    return on(r, "iamDatabaseAuthenticationEnabled")


@rule(
    id="rds-backups",
    title="Backups reach back at least 7 days",
    pack="reliability",
    fsbp=("RDS.11",),
    severity="medium",
    enforcement="M",
    types=(DB, DB_CLUSTER),
    settings=("minimumBackupDays",),
    why="Damage is often noticed after a weekend.",
    fix="Set backupRetentionPeriod to 7 or more.",
)
def rds_backups(r: Resource) -> Found:
    if is_local_copy(r):
        return None
    return at_least(r, "backupRetentionPeriod", r.config.minimum_backup_days, default=0)


@rule(
    id="rds-own-port",
    title="Databases listen on a port of their own",
    fsbp=("RDS.23",),
    severity="low",
    enforcement="A",
    types=(DB, DB_CLUSTER),
    why="Scanners try the default port first.",
    fix="Set port to something other than the engine's default.",
)
def rds_own_port(r: Resource) -> Found:
    default = _DEFAULT_PORTS.get(family(r.text("engine")))
    port = r.number("port")
    return f"port is the engine's default, {default}" if default and port in (None, default) else None


@rule(
    id="rds-own-admin-name",
    title="The administrator is not called by the default name",
    fsbp=("RDS.24", "RDS.25"),
    severity="low",
    enforcement="A",
    types=(DB, DB_CLUSTER),
    why="Half of what an attacker must guess is then known.",
    fix="Choose another masterUsername (username on instances).",
)
def rds_own_admin_name(r: Resource) -> Found:
    path = "masterUsername" if r.type == DB_CLUSTER else "username"
    name = r.text(path).lower()
    return f"{path} is {name}" if name in _DEFAULT_NAMES else None


@rule(
    id="rds-master-password-managed",
    title="RDS makes and rotates the master password",
    severity="critical",
    enforcement="M",
    types=(DB, DB_CLUSTER),
    why="A password in code or state is public to everyone who can read either.",
    fix="Set manageMasterUserPassword and give no password.",
)
def rds_master_password_managed(r: Resource) -> Found:
    for path in ("masterPassword", "masterPasswordWo", "password", "passwordWo"):
        if r.has(path):
            yield f"{path} is given"
    if not is_replica(r):
        yield on(r, "manageMasterUserPassword")


@rule(
    id="rds-final-snapshot",
    title="A last snapshot is kept on deletion",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(DB, DB_CLUSTER),
    prod_only=True,
    why="Automated backups go with the database.",
    fix="Leave skipFinalSnapshot false and name finalSnapshotIdentifier.",
)
def rds_final_snapshot(r: Resource) -> Found:
    if r.has("replicateSourceDb"):
        # RDS takes no final snapshot of a replica.
        return None
    return [off(r, "skipFinalSnapshot"), present(r, "finalSnapshotIdentifier")]
