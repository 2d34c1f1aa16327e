"""Cuts a VPC's address range into subnets that never move.

The range is cut into 64 units. Private subnets take four units each, from unit 0; public ones a unit each
from unit 32, database ones from unit 40; units 48 to 63 stay free for tiers to come. A subnet's place depends
on its tier and its zone's position alone, so appending a zone or adding a tier leaves every existing subnet
where it was. In a /16 the private subnets are /20 (4,091 addresses, since functions, tasks and pods live
there) and the others /22.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal, TypeAlias

Tier: TypeAlias = Literal["public", "private", "database"]
TIERS: tuple[Tier, ...] = ("public", "private", "database")

MAX_ZONES = 6
"""As many as the largest Region (us-east-1) has; Seoul has four."""

MIN_VPC_PREFIX = 16
"""The largest VPC that AWS allows."""
MAX_VPC_PREFIX = 22
"""Public and database subnets are 6 bits smaller than the VPC, and AWS's smallest subnet is a /28."""

_BITS: dict[Tier, int] = {"private": 4, "public": 6, "database": 6}
"""How many bits longer than the VPC's a subnet's prefix is."""
_FIRST: dict[Tier, int] = {"private": 0, "public": 32, "database": 40}
"""The first subnet of the tier, in steps of the tier's own size."""
_ZONE = re.compile(r"[a-z]{2}(-[a-z]+)+-\d[a-z]")


@dataclass(frozen=True)
class PlannedSubnet:
    """One subnet: ``zone`` is an availability zone's name, such as ``ap-northeast-2a``."""

    tier: Tier
    zone: str
    cidr_block: str


@dataclass(frozen=True)
class SubnetPlan:
    """All subnets of a VPC, by tier and then in the order of the zones."""

    vpc_cidr: str
    zones: tuple[str, ...]
    subnets: tuple[PlannedSubnet, ...]

    def tier(self, tier: Tier) -> tuple[PlannedSubnet, ...]:
        """The subnets of one tier, in the order of the zones; empty when the tier is not planned."""
        return tuple(subnet for subnet in self.subnets if subnet.tier == tier)


def plan_subnets(vpc_cidr: str, zones: Sequence[str], tiers: Sequence[Tier]) -> SubnetPlan:
    """Place one subnet for each tier and zone.

    ``zones`` is append-only: a zone's position is its address, so a new one goes to the end.
    Raises ``ValueError`` for a range or a list of zones that AWS or this layout cannot hold.
    """
    network = _network(vpc_cidr)
    _check_zones(zones)
    subnets = tuple(
        PlannedSubnet(tier, zone, str(_place(network, tier, position)))
        for tier in TIERS
        if tier in tiers
        for position, zone in enumerate(zones)
    )
    return SubnetPlan(str(network), tuple(zones), subnets)


def _place(network: IPv4Network, tier: Tier, position: int) -> IPv4Network:
    prefix = network.prefixlen + _BITS[tier]
    offset = (_FIRST[tier] + position) << (32 - prefix)
    return IPv4Network((int(network.network_address) + offset, prefix))


def _network(vpc_cidr: str) -> IPv4Network:
    try:
        network = IPv4Network(vpc_cidr)
    except ValueError as error:
        raise ValueError(
            f"cidr_block: got {vpc_cidr!r}; {error}: write the network address, such as 10.10.0.0/16"
        ) from error
    if not MIN_VPC_PREFIX <= network.prefixlen <= MAX_VPC_PREFIX:
        raise ValueError(
            f"cidr_block: got {vpc_cidr!r}; the prefix may be /{MIN_VPC_PREFIX} to /{MAX_VPC_PREFIX}: "
            "choose a range that leaves each subnet at least a /28"
        )
    return network


def _check_zones(zones: Sequence[str]) -> None:
    if not 1 <= len(zones) <= MAX_ZONES:
        raise ValueError(f"zones: got {len(zones)}; 1 to {MAX_ZONES} allowed: list the zones to spread over")
    if len(set(zones)) != len(zones):
        raise ValueError(f"zones: got {list(zones)}; each zone may appear once: remove the repeat")
    for zone in zones:
        if not _ZONE.fullmatch(zone):
            raise ValueError(f"zones: got {zone!r}; a zone reads like ap-northeast-2a: use the zone's name")
