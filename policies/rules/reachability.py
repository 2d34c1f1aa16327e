"""Who can reach what: from the internet to data, and from functions to services."""

from policies.documents import statements
from policies.model import Graph, Resource
from policies.paths import routes_to_internet, routes_to_nat
from policies.peers import is_public, openings, peer_groups, rules_of
from policies.rule import Found, stack_rule
from policies.tokens import (
    CACHE_GROUP,
    CACHE_SERVERLESS,
    DB,
    DB_CLUSTER,
    DB_PROXY,
    DB_SUBNETS,
    FUNCTION,
    IAM_POLICY,
    IAM_ROLE,
    IAM_ROLE_ATTACHMENT,
    IAM_ROLE_POLICY,
    MSK,
    SG,
    SUBNET,
    VPC,
    VPC_ENDPOINT,
)

_GROUP_PATHS = ("vpcSecurityGroupIds", "securityGroupIds", "brokerNodeGroupInfo.securityGroups")
_SUBNET_PATHS = ("subnetIds", "vpcSubnetIds", "brokerNodeGroupInfo.clientSubnets")
_CACHE_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
_ENDPOINTS = {
    "dynamodb": "dynamodb",
    "events": "events",
    "lambda": "lambda",
    "rds-data": "rds-data",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "states",
    "sts": "sts",
    "cloudwatch": "monitoring",
}
"""Action prefix to endpoint service.

Logs, traces and network interfaces are Lambda's own calls; services use keys on the caller's behalf.
"""


@stack_rule(
    id="data-store-unreachable",
    title="No path leads from the internet to a data store",
    severity="critical",
    enforcement="M",
    types=(DB, DB_CLUSTER, DB_PROXY, CACHE_GROUP, CACHE_SERVERLESS, MSK),
    why="One hop too few between everyone and the data.",
    fix="Private subnets; groups that name the callers' groups, none of them open to the internet.",
)
def data_store_unreachable(r: Resource, graph: Graph) -> Found:
    for path in _GROUP_PATHS:
        for group in graph.refs(r, path, SG):
            for opening in _public_openings(graph, group):
                yield f"security group {group.name}: {opening}"
            for peer in peer_groups(graph, group):
                for opening in _public_openings(graph, peer):
                    yield f"security group {group.name} admits {peer.name}, and {peer.name}: {opening}"
    for subnet in _subnets(graph, r):
        if routes_to_internet(graph, subnet):
            yield f"subnet {subnet.name} routes to an internet gateway"


def _public_openings(graph: Graph, group: Resource) -> list[str]:
    return [
        str(opening)
        for source in rules_of(graph, group)
        for opening in openings(source)
        if any(is_public(cidr) for cidr in opening.cidrs)
    ]


def _subnets(graph: Graph, store: Resource) -> list[Resource]:
    found = [subnet for path in _SUBNET_PATHS for subnet in graph.refs(store, path, SUBNET)]
    groups = graph.refs(store, "dbSubnetGroupName", DB_SUBNETS)
    groups += graph.refs(store, "subnetGroupName", _CACHE_SUBNETS)
    return found + [subnet for group in groups for subnet in graph.refs(group, "subnetIds", SUBNET)]


@stack_rule(
    id="lambda-reaches-its-services",
    title="A function in a VPC can reach every service its policy allows",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(FUNCTION,),
    why="A call without a way out hangs until the function's time is up.",
    fix="Add a VPC endpoint for the service, or a NAT gateway.",
)
def lambda_reaches_its_services(r: Resource, graph: Graph) -> Found:
    subnets = graph.refs(r, "vpcConfig.subnetIds", SUBNET)
    if not r.has("vpcConfig.subnetIds") or any(routes_to_nat(graph, subnet) for subnet in subnets):
        return
    vpcs = {vpc.urn for subnet in subnets for vpc in graph.refs(subnet, "vpcId", VPC)}
    offered = {
        e.text("serviceName").rsplit(".", 1)[-1]
        for e in graph.of(VPC_ENDPOINT)
        if any(vpc.urn in vpcs for vpc in graph.refs(e, "vpcId", VPC))
    }
    for service in sorted(_services(graph, r) - offered):
        yield f"its policy allows {service}; the VPC has neither an endpoint for it nor a NAT"


def _services(graph: Graph, function: Resource) -> set[str]:
    """Endpoint services for the actions that the function's role may take."""
    documents: list[Resource] = []
    for role in graph.refs(function, "role", IAM_ROLE):
        documents += graph.referring(role, "role", IAM_ROLE_POLICY)
        for attachment in graph.referring(role, "role", IAM_ROLE_ATTACHMENT):
            documents += graph.refs(attachment, "policyArn", IAM_POLICY)
    actions = {
        action
        for document in documents
        for s in statements(document, "policy")
        if s.allows
        for action in s.actions
    }
    return {_ENDPOINTS[prefix] for action in actions if (prefix := action.split(":", 1)[0]) in _ENDPOINTS}
