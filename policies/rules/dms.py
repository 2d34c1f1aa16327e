"""AWS Database Migration Service."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from policies.checks import absent, off, on, one_of, present
from policies.model import Graph, Resource
from policies.paths import routes_to_internet
from policies.rule import Found, rule, stack_rule
from policies.tokens import DMS_CONFIG, DMS_ENDPOINT, DMS_INSTANCE, DMS_SUBNETS, SUBNET
from policies.values import parsed

_LOGGED = ("SOURCE_CAPTURE", "SOURCE_UNLOAD", "TARGET_APPLY", "TARGET_LOAD")
_LOUD_ENOUGH = frozenset(
    {"LOGGER_SEVERITY_DEFAULT", "LOGGER_SEVERITY_DEBUG", "LOGGER_SEVERITY_DETAILED_DEBUG"}
)


@rule(
    id="dms-endpoint-tls",
    title="Endpoints open their databases over TLS",
    severity="high",
    enforcement="M",
    types=(DMS_ENDPOINT,),
    fsbp=("DMS.9",),
    why="A whole database goes over this connection, once.",
    fix="Set sslMode to verify-full with a certificateArn, or to require.",
)
def dms_endpoint_tls(r: Resource) -> Found:
    return one_of(r, "sslMode", ("require", "verify-ca", "verify-full"), default="none")


@rule(
    id="dms-endpoint-secret",
    title="Endpoints take their password from Secrets Manager",
    severity="critical",
    enforcement="M",
    types=(DMS_ENDPOINT,),
    why="A password of an endpoint stands in the state file as it is.",
    fix="Set secretsManagerArn and secretsManagerAccessRoleArn; leave username, password and serverName out.",
)
def dms_endpoint_secret(r: Resource) -> Found:
    yield absent(r, "password")
    if r.text("engineName") != "s3":
        yield present(r, "secretsManagerArn")


@rule(
    id="dms-endpoint-key",
    title="What DMS keeps of a connection is encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(DMS_ENDPOINT,),
    why="Whoever may use the account's default key may read it.",
    fix="Set kmsKeyArn.",
)
def dms_endpoint_key(r: Resource) -> Found:
    return present(r, "kmsKeyArn")


@rule(
    id="dms-replication-logged",
    title="A replication logs what it reads and what it writes",
    severity="medium",
    enforcement="M",
    types=(DMS_CONFIG,),
    fsbp=("DMS.7", "DMS.8"),
    why="Why a table was suspended is written nowhere else.",
    fix="In replicationSettings, Logging: EnableLogging true, four components at their default level.",
)
def dms_replication_logged(r: Resource) -> Found:
    logging = _settings(r, "Logging")
    if logging.get("EnableLogging") is not True:
        yield "replicationSettings.Logging.EnableLogging is not true"
    levels = {each.get("Id"): each.get("Severity") for each in _objects(logging.get("LogComponents"))}
    for component in _LOGGED:
        if levels.get(component) not in _LOUD_ENOUGH:
            yield f"replicationSettings.Logging: {component} is {levels.get(component) or 'absent'}"


@rule(
    id="dms-replication-validated",
    title="A replication compares what it wrote with what it read",
    severity="high",
    enforcement="M",
    types=(DMS_CONFIG,),
    why="A row that was lost or changed on the way is otherwise found by a customer.",
    fix="In replicationSettings, ValidationSettings: EnableValidation true.",
)
def dms_replication_validated(r: Resource) -> Found:
    if _settings(r, "ValidationSettings").get("EnableValidation") is not True:
        yield "replicationSettings.ValidationSettings.EnableValidation is not true"


@rule(
    id="dms-replication-key",
    title="A replication's disks are encrypted with a key of ours",
    severity="medium",
    enforcement="A",
    types=(DMS_CONFIG, DMS_INSTANCE),
    why="Changes that wait are written to them, as they are.",
    fix="Set computeConfig.kmsKeyId, or kmsKeyArn of an instance.",
)
def dms_replication_key(r: Resource) -> Found:
    return present(r, "kmsKeyArn" if r.type == DMS_INSTANCE else "computeConfig.kmsKeyId")


@stack_rule(
    id="dms-private-subnets",
    title="Replications stand in private subnets",
    severity="critical",
    enforcement="M",
    types=(DMS_SUBNETS,),
    fsbp=("DMS.1",),
    why="It holds the keys to two databases; nothing needs to call in.",
    fix="Name subnets without a route to an internet gateway.",
)
def dms_private_subnets(r: Resource, graph: Graph) -> Found:
    for subnet in graph.refs(r, "subnetIds", SUBNET):
        if routes_to_internet(graph, subnet):
            yield f"subnet {subnet.name} routes to an internet gateway"


@rule(
    id="dms-instance-not-public",
    title="Replication instances have no public address",
    severity="critical",
    enforcement="M",
    types=(DMS_INSTANCE,),
    fsbp=("DMS.1",),
    why="It holds the keys to two databases.",
    fix="Set publiclyAccessible to false.",
)
def dms_instance_not_public(r: Resource) -> Found:
    return off(r, "publiclyAccessible", default=True)


@rule(
    id="dms-instance-upgraded",
    title="Replication instances take minor upgrades",
    severity="medium",
    enforcement="M",
    types=(DMS_INSTANCE,),
    fsbp=("DMS.6",),
    why="A serverless replication has them by itself; an instance keeps its faults.",
    fix="Set autoMinorVersionUpgrade.",
)
def dms_instance_upgraded(r: Resource) -> Found:
    return on(r, "autoMinorVersionUpgrade")


def _settings(r: Resource, section: str) -> Mapping[str, Any]:
    found = parsed(r.get("replicationSettings"))
    inner = cast("Mapping[str, Any]", found).get(section) if isinstance(found, Mapping) else None
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else {}


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    for each in cast("list[object]", value) if isinstance(value, list) else []:
        if isinstance(each, Mapping):
            yield cast("Mapping[str, Any]", each)
