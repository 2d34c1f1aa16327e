"""RDS and Aurora: what several resources decide together."""

from policies.checks import on
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.rules.rds import family
from policies.tokens import (
    DB,
    DB_CLUSTER,
    DB_CLUSTER_INSTANCE,
    DB_CLUSTER_PARAMETERS,
    DB_PARAMETERS,
    DB_PROXY,
    DB_PROXY_TARGET,
)

_FORCES_TLS = {
    "postgres": ("rds.force_ssl", {"1", "on", "true"}),
    "mysql": ("require_secure_transport", {"1", "on", "true"}),
    "mariadb": ("require_secure_transport", {"1", "on", "true"}),
}


@stack_rule(
    id="rds-two-instances",
    title="A cluster has a writer and a reader in another zone",
    pack="reliability",
    fsbp=("RDS.15",),
    severity="medium",
    enforcement="M",
    types=(DB_CLUSTER,),
    prod_only=True,
    why="Failing over to a reader takes half a minute; making a new writer takes ten.",
    fix="Add a second ClusterInstance, in another zone where zones are named.",
)
def rds_two_instances(r: Resource, graph: Graph) -> Found:
    if r.has("dbClusterInstanceClass"):
        return None
    members = graph.referring(r, "clusterIdentifier", DB_CLUSTER_INSTANCE)
    if len(members) < 2:
        return f"{len(members)} instance(s)"
    zones = [str(m.raw("availabilityZone")) for m in members if m.has("availabilityZone")]
    return f"all instances in {zones[0]}" if len(zones) == len(members) and len(set(zones)) == 1 else None


@stack_rule(
    id="rds-tls-forced",
    title="The database refuses connections without TLS",
    fsbp=("RDS.38", "RDS.39"),
    severity="medium",
    enforcement="M",
    types=(DB, DB_CLUSTER),
    why="A client that does not ask for TLS would otherwise be served in the clear.",
    fix="Set rds.force_ssl (or require_secure_transport) to 1 in the parameter group that is attached.",
)
def rds_tls_forced(r: Resource, graph: Graph) -> Found:
    wanted = _FORCES_TLS.get(family(_engine(r, graph)))
    if wanted is None:
        return None
    name, values = wanted
    path = "dbClusterParameterGroupName" if r.type == DB_CLUSTER else "parameterGroupName"
    for group in graph.refs(r, path, DB_CLUSTER_PARAMETERS, DB_PARAMETERS):
        for parameter in group.blocks("parameters"):
            if parameter.text("name") == name and parameter.text("value").lower() in values:
                return None
    return f"{path} names no parameter group of this stack with {name} = 1"


def _engine(database: Resource, graph: Graph) -> str:
    """The engine, of a replica its source's."""
    sources = [] if database.has("engine") else graph.refs(database, "replicateSourceDb", DB)
    return (sources[0] if sources else database).text("engine")


@stack_rule(
    id="rds-proxy-waits-for-writer",
    title="A proxy's target depends on the writer",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(DB_PROXY_TARGET,),
    why="Registering a cluster that has no instance yet fails, or leaves the proxy without a target.",
    fix="Give the ProxyTarget depends_on with the cluster's writer instance.",
)
def rds_proxy_waits_for_writer(r: Resource, graph: Graph) -> Found:
    for cluster in graph.refs(r, "dbClusterIdentifier", DB_CLUSTER):
        members = graph.referring(cluster, "clusterIdentifier", DB_CLUSTER_INSTANCE)
        if not any(graph.depends(r, member) for member in members):
            yield f"depends on no instance of {cluster.name}"


@rule(
    id="rds-proxy-tls",
    title="The proxy asks for TLS",
    fsbp=("RDS.43",),
    severity="medium",
    enforcement="M",
    types=(DB_PROXY,),
    why="Otherwise passwords and rows cross the network in the clear.",
    fix="Set requireTls.",
)
def rds_proxy_tls(r: Resource) -> Found:
    return on(r, "requireTls")
