"""A namespace in which nothing runs with privileges and nothing speaks unless a rule says so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.networking import v1 as networking

from components.compute.eks_plan import POD_IDENTITY_ADDRESS
from components.kubernetes.cluster import Cluster, object_options

POD_SECURITY = "pod-security.kubernetes.io"
RESTRICTED = {f"{POD_SECURITY}/{mode}": "restricted" for mode in ("audit", "enforce", "warn")}
"""Pod Security Standards: the strictest of the three levels, in each of the three modes."""

READINESS_GATE = {"eks.amazonaws.com/pod-readiness-gate-inject": "enabled"}
"""In Auto Mode: a pod counts as ready once its load balancer finds it healthy, so a release drops nobody."""

POD_IDENTITY_PORT = 80

_KEY = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Peer:
    """An opening to or from address ranges, on ports. ``pods`` narrows it to pods with these labels."""

    cidr_blocks: Sequence[pulumi.Input[str]]
    ports: Sequence[int]
    protocol: Literal["TCP", "UDP"] = "TCP"
    pods: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if not self.cidr_blocks or not self.ports:
            raise ValueError("peer: got no address range or no port; without one, everything would be open")


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """``ways_out`` and ``ways_in`` are by a stable key that says what is there: ``database``, ``alb``.

    DNS is always open, and the Pod Identity agent where the cluster has one.
    """

    cluster: Cluster
    name: str
    ways_out: Mapping[str, Peer] = field(default_factory=dict[str, Peer])
    ways_in: Mapping[str, Peer] = field(default_factory=dict[str, Peer])

    def __post_init__(self) -> None:
        for what, text in (("name", self.name), *(("way", key) for key in (*self.ways_out, *self.ways_in))):
            if not _KEY.fullmatch(text) or len(text) > 63:
                raise ValueError(f"{what}: got {text!r}; lower-case letters, digits and dashes, at most 63")


class Namespace(pulumi.ComponentResource):
    """The namespace, its default network policy, and a policy for each way out and in.

    Pods that do not meet the ``restricted`` Pod Security Standard are refused. Quotas are left out: each
    workload here has limits of its own.
    """

    cluster: Cluster
    namespace: core.Namespace
    namespace_name: pulumi.Output[str]
    name: str

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:kubernetes:Namespace", name, None, opts)
        self._name = name
        self._args = args
        self.cluster = args.cluster
        self.name = args.name
        self.namespace = core.Namespace(
            f"{name}-namespace",
            metadata=meta.ObjectMetaArgs(
                name=args.name, labels={**RESTRICTED, **(READINESS_GATE if args.cluster.auto_mode else {})}
            ),
            opts=object_options(self, args.cluster),
        )
        self.namespace_name = self.namespace.metadata.apply(lambda made: made.name or "")
        self._build_policy("deny-all", {})
        self._build_policy("out-dns", {}, egress=self._dns())
        if args.cluster.identity_provider_arn is None:
            agent = Peer(cidr_blocks=[POD_IDENTITY_ADDRESS], ports=[POD_IDENTITY_PORT])
            self._build_policy("out-pod-identity", {}, egress=_out(agent))
        for key, peer in sorted(args.ways_out.items()):
            self._build_policy(f"out-{key}", peer.pods, egress=_out(peer))
        for key, peer in sorted(args.ways_in.items()):
            self._build_policy(f"in-{key}", peer.pods, ingress=_in(peer))
        self.register_outputs({"namespaceName": self.namespace_name})

    def _dns(self) -> list[networking.NetworkPolicyEgressRuleArgs]:
        """By address, since Auto Mode's is no pod; and by pod, which is what policies see elsewhere."""
        peer = networking.NetworkPolicyPeerArgs
        port = networking.NetworkPolicyPortArgs
        return [
            networking.NetworkPolicyEgressRuleArgs(
                to=[
                    peer(ip_block=networking.IPBlockArgs(cidr=self._args.cluster.dns_address)),
                    peer(
                        namespace_selector=meta.LabelSelectorArgs(
                            match_labels={"kubernetes.io/metadata.name": "kube-system"}
                        ),
                        pod_selector=meta.LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
                    ),
                ],
                ports=[port(port=53, protocol="UDP"), port(port=53, protocol="TCP")],
            )
        ]

    def _build_policy(
        self,
        key: str,
        pods: Mapping[str, str],
        *,
        egress: list[networking.NetworkPolicyEgressRuleArgs] | None = None,
        ingress: list[networking.NetworkPolicyIngressRuleArgs] | None = None,
    ) -> networking.NetworkPolicy:
        """A policy that opens what it is given; with neither it closes both directions."""
        directions = {"Egress": egress, "Ingress": ingress}
        kinds = [kind for kind, rules in directions.items() if rules] or sorted(directions)
        return networking.NetworkPolicy(
            f"{self._name}-{key}",
            metadata=meta.ObjectMetaArgs(name=key, namespace=self.namespace_name),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=meta.LabelSelectorArgs(match_labels=dict(pods) or None),
                policy_types=kinds,
                egress=egress,
                ingress=ingress,
            ),
            opts=object_options(self, self._args.cluster),
        )


def _out(peer: Peer) -> list[networking.NetworkPolicyEgressRuleArgs]:
    return [networking.NetworkPolicyEgressRuleArgs(to=_ranges(peer), ports=_ports(peer))]


def _in(peer: Peer) -> list[networking.NetworkPolicyIngressRuleArgs]:
    return [networking.NetworkPolicyIngressRuleArgs(from_=_ranges(peer), ports=_ports(peer))]


def _ranges(peer: Peer) -> list[networking.NetworkPolicyPeerArgs]:
    return [
        networking.NetworkPolicyPeerArgs(ip_block=networking.IPBlockArgs(cidr=cidr))
        for cidr in peer.cidr_blocks
    ]


def _ports(peer: Peer) -> list[networking.NetworkPolicyPortArgs]:
    return [networking.NetworkPolicyPortArgs(port=port, protocol=peer.protocol) for port in peer.ports]
