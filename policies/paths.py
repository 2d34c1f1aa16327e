"""Ways through a stack that several rules follow: from subnets out, and from queues to dead letters."""

from collections.abc import Iterable, Iterator

from policies.model import Graph, Resource
from policies.tokens import (
    IAM_ATTACHMENT,
    IAM_POLICY,
    IAM_ROLE_ATTACHMENT,
    IAM_ROLE_EXCLUSIVE,
    IAM_ROLE_POLICY,
    INTERNET_GATEWAY,
    QUEUE_REDRIVE,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    VPC,
    VPC_ENDPOINT,
)

_MAIN = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
_DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
_WAYS_OUT = ("natGatewayId", "transitGatewayId", "networkInterfaceId", "coreNetworkArn")
"""A NAT gateway, and what leads to one elsewhere or to a NAT instance."""


def _tables(graph: Graph, subnet: Resource) -> Iterator[Resource]:
    """The subnet's own route table, or the main one of its VPC."""
    own = graph.referring(subnet, "subnetId", ROUTE_TABLE_ASSOCIATION)
    for association in own:
        yield from graph.refs(association, "routeTableId", ROUTE_TABLE)
    if own:
        return
    for vpc in graph.refs(subnet, "vpcId", VPC):
        yield from graph.referring(vpc, "defaultRouteTableId", _DEFAULT_TABLE)
        for association in graph.referring(vpc, "vpcId", _MAIN):
            yield from graph.refs(association, "routeTableId", ROUTE_TABLE)


def _routes(graph: Graph, subnet: Resource) -> Iterator[tuple[Resource, str]]:
    """Each route of the subnet as its resource and the path to it, in the table or beside it."""
    for table in _tables(graph, subnet):
        for index, _ in enumerate(table.elements("routes")):
            yield table, f"routes.{index}."
        for route in graph.referring(table, "routeTableId", ROUTE):
            yield route, ""


def routes_to_internet(graph: Graph, subnet: Resource) -> bool:
    """Whether the subnet is public: whoever has an address in it can be reached."""
    for holder, at in _routes(graph, subnet):
        path = f"{at}gatewayId"
        if graph.refs(holder, path, INTERNET_GATEWAY) or str(holder.raw(path)).startswith("igw-"):
            return True
    return False


def routes_out(graph: Graph, subnet: Resource) -> bool:
    """Whether who is in the subnet can reach the internet without an address of its own."""
    return any(holder.has(f"{at}{way}") for holder, at in _routes(graph, subnet) for way in _WAYS_OUT)


def endpoint_services(graph: Graph, subnets: Iterable[Resource]) -> set[str]:
    """Services with a VPC endpoint in the VPCs of the subnets, as ``s3`` or ``ecr.api``."""
    vpcs = {vpc.urn for subnet in subnets for vpc in graph.refs(subnet, "vpcId", VPC)}
    return {
        ".".join(endpoint.text("serviceName").split(".")[3:])
        for endpoint in graph.of(VPC_ENDPOINT)
        if any(vpc.urn in vpcs for vpc in graph.refs(endpoint, "vpcId", VPC))
    }


def redrives(graph: Graph, queue: Resource) -> bool:
    """Whether messages that fail again and again leave the queue for another."""
    return queue.has("redrivePolicy") or bool(graph.referring(queue, "queueUrl", QUEUE_REDRIVE))


def is_boundary(r: Resource) -> bool:
    """Whether a managed policy says by its path that it is a permissions boundary: such a one grants nothing,
    and ``iam-boundary-not-attached`` holds it to that."""
    return r.type == IAM_POLICY and str(r.raw("path")).startswith("/boundary/")


def role_documents(role: Resource, graph: Graph) -> list[Resource]:
    """What holds the role's policies: itself for inline ones, and every form of attachment."""
    found = [role, *graph.referring(role, "role", IAM_ROLE_POLICY)]
    attachments = graph.referring(role, "role", IAM_ROLE_ATTACHMENT)
    attachments += graph.referring(role, "roles", IAM_ATTACHMENT)
    for attachment in attachments:
        found += graph.refs(attachment, "policyArn", IAM_POLICY)
    for exclusive in graph.referring(role, "roleName", IAM_ROLE_EXCLUSIVE):
        found += graph.refs(exclusive, "policyArns", IAM_POLICY)
    return list(dict.fromkeys([*found, *graph.refs(role, "managedPolicyArns", IAM_POLICY)]))
