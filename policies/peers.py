"""Who may come in: security group and network ACL rules in every form a program can write them."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from policies.model import Graph, Resource
from policies.tokens import NACL, NACL_DEFAULT, NACL_RULE, SG, SG_DEFAULT, SG_INGRESS, SG_RULE
from policies.values import Props

SG_FORMS = (SG, SG_DEFAULT, SG_RULE, SG_INGRESS)
NACL_FORMS = (NACL, NACL_DEFAULT, NACL_RULE)
_ALL_PROTOCOLS = frozenset({"-1", "all"})


@dataclass(frozen=True)
class Ingress:
    """One opening. ``low`` and ``high`` are ports, the whole range for all protocols."""

    at: str
    low: int
    high: int
    cidrs: tuple[str, ...]

    def covers(self, port: int) -> bool:
        return self.low <= port <= self.high

    @property
    def world(self) -> bool:
        return any(is_world(cidr) for cidr in self.cidrs)

    def __str__(self) -> str:
        ports = str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
        return f"{self.at} opens {ports} to {', '.join(self.cidrs)}"


def is_world(cidr: str) -> bool:
    """Half of the address space or more counts as everyone: 0.0.0.0/1 with 128.0.0.0/1 is no way around."""
    try:
        return ipaddress.ip_network(cidr, strict=False).prefixlen <= 1
    except ValueError:
        return False


def is_public(cidr: str) -> bool:
    """Whether the range reaches beyond private address space."""
    try:
        return not ipaddress.ip_network(cidr, strict=False).is_private
    except ValueError:
        return False


def openings(resource: Resource) -> Iterator[Ingress]:
    """The ways in that one security group or rule resource makes."""
    if resource.type in (SG, SG_DEFAULT):
        for block in resource.blocks("ingress"):
            yield _ingress(block, "protocol", block.strings("cidrBlocks") + block.strings("ipv6CidrBlocks"))
    elif resource.type == SG_RULE and resource.text("type") == "ingress":
        cidrs = resource.strings("cidrBlocks") + resource.strings("ipv6CidrBlocks")
        yield _ingress(resource, "protocol", cidrs)
    elif resource.type == SG_INGRESS:
        yield _ingress(resource, "ipProtocol", resource.strings("cidrIpv4") + resource.strings("cidrIpv6"))


def acl_openings(resource: Resource) -> Iterator[Ingress]:
    """The ways in that one network ACL or ACL rule allows."""
    if resource.type == NACL_RULE:
        if not resource.flag("egress") and resource.text("ruleAction").lower() == "allow":
            cidrs = resource.strings("cidrBlock") + resource.strings("ipv6CidrBlock")
            yield _ingress(resource, "protocol", cidrs)
        return
    for block in resource.blocks("ingress"):
        if block.text("action").lower() == "allow":
            cidrs = block.strings("cidrBlock") + block.strings("ipv6CidrBlock")
            yield _ingress(block, "protocol", cidrs)


def _ingress(props: Props, protocol: str, cidrs: list[str]) -> Ingress:
    low, high = props.number("fromPort"), props.number("toPort")
    everything = props.text(protocol).lower() in _ALL_PROTOCOLS or low is None or low < 0
    return Ingress(
        at=props.where(protocol).removesuffix(protocol).rstrip(".") or "rule",
        low=0 if everything or low is None else int(low),
        high=65535 if everything else int(low or 0) if high is None else int(high),
        cidrs=tuple(cidrs),
    )


def rules_of(graph: Graph, group: Resource) -> Iterator[Resource]:
    """The group itself and every rule resource that belongs to it."""
    yield group
    yield from graph.referring(group, "securityGroupId", SG_RULE, SG_INGRESS)


def peer_groups(graph: Graph, group: Resource) -> list[Resource]:
    """Security groups whose members may come in."""
    found: list[Resource] = []
    for source in rules_of(graph, group):
        if source.type == SG:
            for index, _ in enumerate(source.elements("ingress")):
                found += graph.refs(source, f"ingress.{index}.securityGroups", SG)
        elif source.type == SG_INGRESS:
            found += graph.refs(source, "referencedSecurityGroupId", SG)
        elif source.text("type") == "ingress":
            found += graph.refs(source, "sourceSecurityGroupId", SG)
    return [peer for peer in found if peer.urn != group.urn]
