"""The whole compliant stack."""

from policies.model import Record
from tests.policies.scene import STACK_URN, network, security
from tests.policies.scene_containers import balancers, containers, jobs
from tests.policies.scene_data import data, storage
from tests.policies.scene_edge import cloudflare, compute, edge, operations
from tests.policies.scene_failover import failover
from tests.policies.scene_kubernetes import clusters, objects
from tests.policies.scene_migration import migration
from tests.policies.scene_platforms import account, hosts, platforms
from tests.policies.scene_services import builds, files, http_apis, log_groups, shares
from tests.policies.scene_streams import clients, streams

_PARTS = (
    network,
    security,
    data,
    storage,
    edge,
    compute,
    operations,
    cloudflare,
    containers,
    balancers,
    jobs,
    platforms,
    clusters,
    objects,
    hosts,
    account,
    streams,
    clients,
    builds,
    files,
    http_apis,
    shares,
    log_groups,
    failover,
    migration,
)


def compliant() -> list[Record]:
    """Every resource, the stack itself first."""
    stack = Record(type="pulumi:pulumi:Stack", urn=STACK_URN, name="shop-prod", inputs={})
    return [stack, *(record for part in _PARTS for record in part())]
