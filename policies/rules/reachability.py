"""Who can reach what: from the internet to data, and from functions and tasks to services."""

import re

from policies.containers import containers
from policies.documents import identity_statements
from policies.model import Graph, Resource
from policies.paths import endpoint_services, role_documents, routes_out, routes_to_internet
from policies.peers import is_public, openings, peer_groups, rules_of
from policies.rule import Found, stack_rule
from policies.tokens import (
    CACHE_GROUP,
    CACHE_SERVERLESS,
    DB,
    DB_CLUSTER,
    DB_PROXY,
    DB_SUBNETS,
    ECS_SERVICE,
    ECS_TASK,
    FUNCTION,
    IAM_ROLE,
    MSK,
    SG,
    SUBNET,
)
from policies.values import NotEvaluatedError

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

_ECR = re.compile(r"\.dkr[.-]ecr[.-]")


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
    if not r.has("vpcConfig.subnetIds"):
        return
    subnets = subnets_of(graph, r, "vpcConfig.subnetIds")
    if any(routes_out(graph, subnet) for subnet in subnets):
        return
    offered = endpoint_services(graph, subnets)
    for service in sorted(_services(graph, r) - offered):
        yield f"its policy allows {service}; the VPC has neither an endpoint for it nor a NAT"


@stack_rule(
    id="ecs-reaches-its-services",
    title="A task can fetch its image and secrets, and write its logs",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(ECS_SERVICE,),
    why="Without a way out the task stays pending, and says so nowhere but in its stopped reason.",
    fix="Add VPC endpoints for ecr.api, ecr.dkr, s3, logs and secretsmanager, or a NAT gateway.",
)
def ecs_reaches_its_services(r: Resource, graph: Graph) -> Found:
    path = "networkConfiguration.subnets"
    if not r.has(path):
        return
    subnets = subnets_of(graph, r, path)
    public = r.flag("networkConfiguration.assignPublicIp")
    if any(routes_out(graph, s) or (public and routes_to_internet(graph, s)) for s in subnets):
        return
    offered = endpoint_services(graph, subnets)
    for task in graph.refs(r, "taskDefinition", ECS_TASK):
        for need, services in _needs(task).items():
            lacking = sorted(services - offered)
            if lacking:
                yield f"{need}: the VPC has neither an endpoint for {', '.join(lacking)} nor a NAT"


def _needs(task: Resource) -> dict[str, set[str]]:
    """What each container needs before it runs, by endpoint service."""
    found: dict[str, set[str]] = {}
    for container in containers(task):
        name = container.text("name", "container")
        image = container.raw("image")
        registry = {"ecr.api", "ecr.dkr", "s3"}
        if isinstance(image, str) and not _ECR.search(image):
            registry = {"a registry outside of AWS"}
        found[f"{name}'s image"] = registry
        if container.raw("logConfiguration.logDriver") == "awslogs":
            found[f"{name}'s logs"] = {"logs"}
        for secret in container.blocks("secrets"):
            source = str(secret.raw("valueFrom"))
            service = "ssm" if ":ssm:" in source or source.startswith("/") else "secretsmanager"
            found.setdefault(f"{name}'s secrets", set()).add(service)
    return found


def subnets_of(graph: Graph, resource: Resource, path: str) -> list[Resource]:
    """The subnets that the property names. Of those made elsewhere nobody here knows the routes."""
    found = graph.refs(resource, path, SUBNET)
    if not found:
        raise NotEvaluatedError(f"{resource.where(path)} (no subnet of this stack)")
    return found


def _services(graph: Graph, function: Resource) -> set[str]:
    """Endpoint services for the actions that the function's role may take."""
    documents = [d for role in graph.refs(function, "role", IAM_ROLE) for d in role_documents(role, graph)]
    actions = {
        action
        for document in documents
        for s in identity_statements(document)
        if s.allows
        for action in s.actions
    }
    return {_ENDPOINTS[prefix] for action in actions if (prefix := action.split(":", 1)[0]) in _ENDPOINTS}
