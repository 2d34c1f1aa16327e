"""A security group whose rules say who, on which port, and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import ec2, vpc

from components.protocols import HasSecurityGroup

_DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")
"""What EC2 accepts as a description of a group or a rule."""


@dataclass(frozen=True)
class CidrPeer:
    """An IPv4 range."""

    cidr_block: pulumi.Input[str]


@dataclass(frozen=True)
class PrefixListPeer:
    """A managed prefix list: CloudFront's edge, or the service behind a gateway endpoint."""

    prefix_list_id: pulumi.Input[str]


Peer: TypeAlias = HasSecurityGroup | CidrPeer | PrefixListPeer


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One opening. ``description`` is its identity too: changing it replaces the rule.

    ``port`` opens one port, a pair opens a range, both ends included.
    """

    description: str
    peer: Peer
    port: int | tuple[int, int]
    protocol: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, kw_only=True)
class SecurityGroupArgs:
    """``description`` cannot change without replacing the group."""

    vpc_id: pulumi.Input[str]
    description: str
    ingress: Sequence[Rule] = ()
    egress: Sequence[Rule] = ()
    existing_id: pulumi.Input[str] | None = None
    """A group that a service makes and keeps, such as a cluster's own: rules are added to it."""


class SecurityGroup(pulumi.ComponentResource):
    """A group that lets nothing in or out until a rule says so.

    Each rule is a resource of its own, so two groups can point at each other. Open egress is left out: say
    where traffic goes with ``allow_to``.
    """

    group: ec2.SecurityGroup | None
    """None for a group that a service keeps."""
    security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: SecurityGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:network:SecurityGroup", name, None, opts)
        _check_description(args.description)
        self._name = name
        self._taken: set[str] = set()
        if args.existing_id is None:
            self.group = self._build_group(args)
            self.security_group_id = self.group.id
        else:
            self.group = None
            self.security_group_id = pulumi.Output.from_input(args.existing_id)
        for rule in args.ingress:
            self._ingress(rule)
        for rule in args.egress:
            self._egress(rule)
        self.register_outputs({"securityGroupId": self.security_group_id})

    def _build_group(self, args: SecurityGroupArgs) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            f"{self._name}-group",
            description=args.description,
            vpc_id=args.vpc_id,
            # Managed services (RDS, ElastiCache, endpoints) attach a group to interfaces that go away late.
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=pulumi.CustomTimeouts(delete="30m")),
        )

    def allow_from(
        self,
        peer: Peer,
        port: int | tuple[int, int],
        description: str,
        *,
        protocol: Literal["tcp", "udp"] = "tcp",
    ) -> None:
        """Let ``peer`` in on ``port``."""
        self._ingress(Rule(description=description, peer=peer, port=port, protocol=protocol))

    def allow_to(
        self,
        peer: Peer,
        port: int | tuple[int, int],
        description: str,
        *,
        protocol: Literal["tcp", "udp"] = "tcp",
    ) -> None:
        """Let this group's members out to ``peer`` on ``port``."""
        self._egress(Rule(description=description, peer=peer, port=port, protocol=protocol))

    def _ingress(self, rule: Rule) -> None:
        terms = _terms(rule.peer)
        low, high = _ports(rule)
        vpc.SecurityGroupIngressRule(
            self._rule_name("in", rule),
            security_group_id=self.security_group_id,
            description=rule.description,
            ip_protocol=rule.protocol,
            from_port=low,
            to_port=high,
            cidr_ipv4=terms.cidr_block,
            prefix_list_id=terms.prefix_list_id,
            referenced_security_group_id=terms.group_id,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _egress(self, rule: Rule) -> None:
        terms = _terms(rule.peer)
        low, high = _ports(rule)
        vpc.SecurityGroupEgressRule(
            self._rule_name("out", rule),
            security_group_id=self.security_group_id,
            description=rule.description,
            ip_protocol=rule.protocol,
            from_port=low,
            to_port=high,
            cidr_ipv4=terms.cidr_block,
            prefix_list_id=terms.prefix_list_id,
            referenced_security_group_id=terms.group_id,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rule_name(self, direction: Literal["in", "out"], rule: Rule) -> str:
        _check_description(rule.description)
        slug = re.sub(r"[^a-z0-9]+", "-", rule.description.lower()).strip("-")
        rule_name = f"{self._name}-{direction}-{slug}"
        if rule_name in self._taken:
            raise ValueError(
                f"{self._name}: got two {direction} rules described as {rule.description!r}; the description "
                "is a rule's identity: word one of them differently"
            )
        self._taken.add(rule_name)
        return rule_name


def connect(
    client: SecurityGroup, server: SecurityGroup, port: int, *, client_name: str, server_name: str
) -> None:
    """Open ``port`` from client to server on both groups."""
    server.allow_from(client, port, f"from {client_name}")
    client.allow_to(server, port, f"to {server_name}")


@dataclass(frozen=True)
class _PeerTerms:
    cidr_block: pulumi.Input[str] | None = None
    prefix_list_id: pulumi.Input[str] | None = None
    group_id: pulumi.Input[str] | None = None


def _terms(peer: Peer) -> _PeerTerms:
    match peer:
        case CidrPeer(cidr_block):
            return _PeerTerms(cidr_block=cidr_block)
        case PrefixListPeer(prefix_list_id):
            return _PeerTerms(prefix_list_id=prefix_list_id)
        case _:
            return _PeerTerms(group_id=peer.security_group_id)


def _ports(rule: Rule) -> tuple[int, int]:
    low, high = (rule.port, rule.port) if isinstance(rule.port, int) else rule.port
    if not 0 <= low <= high <= 65535:
        raise ValueError(
            f"{rule.description}: got port {rule.port}; 0 to 65535, the lower first: correct the range"
        )
    return low, high


def _check_description(description: str) -> None:
    if not _DESCRIPTION.fullmatch(description):
        raise ValueError(
            f"description: got {description!r}; EC2 allows 1 to 255 letters, digits, spaces and "
            "._-:/()#,@[]+=&;{}!$*: reword it"
        )
