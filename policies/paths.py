"""Ways through a stack that several rules follow: from subnets out, and from queues to dead letters."""

from collections.abc import Iterator

from policies.model import Graph, Resource
from policies.tokens import INTERNET_GATEWAY, NAT, QUEUE_REDRIVE, ROUTE, ROUTE_TABLE

_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"


def _tables(graph: Graph, subnet: Resource) -> Iterator[Resource]:
    for association in graph.referring(subnet, "subnetId", _ASSOCIATION):
        yield from graph.refs(association, "routeTableId", ROUTE_TABLE)


def _routes(graph: Graph, subnet: Resource, path: str, target: str) -> bool:
    """Whether a route of the subnet names a resource of type ``target``, in its table or beside it."""
    return any(
        graph.refs(table, "routes", target)
        or any(graph.refs(route, path, target) for route in graph.referring(table, "routeTableId", ROUTE))
        for table in _tables(graph, subnet)
    )


def routes_to_internet(graph: Graph, subnet: Resource) -> bool:
    return _routes(graph, subnet, "gatewayId", INTERNET_GATEWAY)


def routes_to_nat(graph: Graph, subnet: Resource) -> bool:
    return _routes(graph, subnet, "natGatewayId", NAT)


def redrives(graph: Graph, queue: Resource) -> bool:
    """Whether messages that fail again and again leave the queue for another."""
    return queue.has("redrivePolicy") or bool(graph.referring(queue, "queueUrl", QUEUE_REDRIVE))
