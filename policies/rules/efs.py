"""EFS file systems."""

from policies.checks import on, present
from policies.model import Graph, Resource
from policies.paths import routes_to_internet
from policies.rule import Found, rule, stack_rule
from policies.tokens import EFS, EFS_ACCESS, SUBNET

_BACKUP = "aws:efs/backupPolicy:BackupPolicy"
_MOUNT = "aws:efs/mountTarget:MountTarget"


@rule(
    id="efs-encrypted",
    title="File systems are encrypted",
    fsbp=("EFS.1", "EFS.8"),
    cis=("2.4.1",),
    severity="medium",
    enforcement="M",
    types=(EFS,),
    why="It cannot be turned on later without a copy.",
    fix="Set encrypted and kmsKeyId.",
)
def efs_encrypted(r: Resource) -> Found:
    return [on(r, "encrypted"), present(r, "kmsKeyId")]


@stack_rule(
    id="efs-backed-up",
    title="File systems are backed up",
    fsbp=("EFS.2", "EFS.7"),
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(EFS,),
    prod_only=True,
    why="A deleted file is gone otherwise.",
    fix="Add a BackupPolicy with status ENABLED, or name the file system in a backup Selection.",
)
def efs_backed_up(r: Resource, graph: Graph) -> Found:
    policies = graph.referring(r, "fileSystemId", _BACKUP)
    selected = graph.referring(r, "resources", "aws:backup/selection:Selection")
    kept = selected or any(p.text("backupPolicy.status") == "ENABLED" for p in policies)
    return None if kept else "no BackupPolicy with status ENABLED, and in no backup Selection"


@rule(
    id="efs-access-point-confined",
    title="An access point has a user and a folder of its own",
    fsbp=("EFS.3", "EFS.4"),
    severity="medium",
    enforcement="M",
    types=(EFS_ACCESS,),
    why="Otherwise its clients are whoever they say, in the whole file system.",
    fix="Set posixUser, and rootDirectory.path other than /.",
)
def efs_access_point_confined(r: Resource) -> Found:
    yield present(r, "posixUser.uid")
    if r.text("rootDirectory.path", "/") == "/":
        yield "rootDirectory.path is /"


@stack_rule(
    id="efs-private-subnets",
    title="File systems are mounted in private subnets",
    fsbp=("EFS.6",),
    severity="medium",
    enforcement="M",
    types=(_MOUNT,),
    why="NFS has no login of its own.",
    fix="Name subnets without a route to an internet gateway.",
)
def efs_private_subnets(r: Resource, graph: Graph) -> Found:
    for subnet in graph.refs(r, "subnetId", SUBNET):
        if routes_to_internet(graph, subnet):
            yield f"subnet {subnet.name} routes to an internet gateway"
