"""The network ACL of each tier, as plain rules.

Security groups decide who talks to whom; these rules are the fence behind them, for the day a group is
opened by mistake. They are stateless, so replies are let in by the ephemeral range, which is split around
3389 to keep remote desktop closed to the world (EC2.21).
"""

from dataclasses import dataclass
from typing import Literal

from components.network.subnet_plan import Tier

ANYWHERE = "0.0.0.0/0"

_EPHEMERAL = ((1024, 3388), (3390, 65535))
"""Every port a client may use for its end (NAT gateways and Lambda use 1024 to 65535), without 3389."""


@dataclass(frozen=True)
class AclRule:
    """One rule that allows; ``protocol`` ``-1`` is all, and then both ports are 0."""

    direction: Literal["ingress", "egress"]
    number: int
    protocol: Literal["-1", "tcp", "udp"]
    cidr_block: str
    from_port: int = 0
    to_port: int = 0


def acl_rules(tier: Tier, *, vpc_cidr: str, leaves_vpc: bool) -> tuple[AclRule, ...]:
    """The rules of one tier; whatever they do not name is denied.

    ``leaves_vpc``: the private tier reaches public addresses, by NAT or by a gateway endpoint, whose
    replies come from public addresses too. The database tier never does.
    """
    inside = (
        AclRule("ingress", 100, "-1", vpc_cidr),
        AclRule("egress", 100, "-1", vpc_cidr),
    )
    if tier == "database" or (tier == "private" and not leaves_vpc):
        return inside
    outside = (*_replies(), AclRule("egress", 200, "-1", ANYWHERE))
    if tier == "private":
        return (*inside, *outside)
    doors = (
        AclRule("ingress", 110, "tcp", ANYWHERE, 80, 80),
        AclRule("ingress", 120, "tcp", ANYWHERE, 443, 443),
    )
    return (*inside, *doors, *outside)


def _replies() -> tuple[AclRule, ...]:
    tcp = (AclRule("ingress", 200 + 10 * i, "tcp", ANYWHERE, *ports) for i, ports in enumerate(_EPHEMERAL))
    udp = (AclRule("ingress", 300 + 10 * i, "udp", ANYWHERE, *ports) for i, ports in enumerate(_EPHEMERAL))
    return (*tcp, *udp)
