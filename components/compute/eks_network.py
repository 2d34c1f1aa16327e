"""Who may speak to whom inside a cluster with nodes of ours."""

from components.network.security_group import SecurityGroup, connect

KUBELET_PORT = 10250
METRICS_SERVER_PORT = 10251
"""Of EKS's own build of the metrics server, which leaves 10250 to the kubelet."""
WEBHOOK_PORT = 9443
"""Of the CloudWatch operator's admission webhook."""

_FROM_CONTROL_PLANE = (
    (443, "webhooks"),
    (KUBELET_PORT, "kubelet"),
    (METRICS_SERVER_PORT, "metrics server"),
    (WEBHOOK_PORT, "operator webhook"),
)


def connect_nodes(control_plane: SecurityGroup, nodes: SecurityGroup) -> None:
    """Nodes to the API, the API to what it calls on nodes, and pods of different nodes to each other."""
    connect(nodes, control_plane, 443, client_name="nodes", server_name="API")
    for port, what in _FROM_CONTROL_PLANE:
        nodes.allow_from(control_plane, port, f"{what} from the control plane")
        control_plane.allow_to(nodes, port, f"to {what}")
    nodes.allow_from(nodes, 53, "DNS between nodes", protocol="udp")
    nodes.allow_to(nodes, 53, "DNS to nodes", protocol="udp")
    nodes.allow_from(nodes, 53, "DNS over TCP between nodes")
    nodes.allow_to(nodes, 53, "DNS over TCP to nodes")
    nodes.allow_from(nodes, (1025, 65535), "between pods")
    nodes.allow_to(nodes, (1025, 65535), "to pods")
