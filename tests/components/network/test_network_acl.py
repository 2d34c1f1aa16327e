"""The fence of each tier."""

import pytest

from components.network.network_acl import ANYWHERE, AclRule, acl_rules
from components.network.subnet_plan import TIERS, Tier

VPC = "10.10.0.0/16"


def _from_anywhere(rules: tuple[AclRule, ...], protocol: str, port: int) -> bool:
    return any(
        rule.direction == "ingress"
        and rule.cidr_block == ANYWHERE
        and (rule.protocol == "-1" or (rule.protocol == protocol and rule.from_port <= port <= rule.to_port))
        for rule in rules
    )


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("port", [22, 3389])
def test_remote_access_is_closed_to_the_world(tier: Tier, protocol: str, port: int) -> None:
    assert not _from_anywhere(acl_rules(tier, vpc_cidr=VPC, leaves_vpc=True), protocol, port)


@pytest.mark.parametrize("tier", ["public", "private"])
@pytest.mark.parametrize("port", [1024, 3388, 3390, 32768, 65535])
def test_replies_come_back(tier: Tier, port: int) -> None:
    assert _from_anywhere(acl_rules(tier, vpc_cidr=VPC, leaves_vpc=True), "tcp", port)


@pytest.mark.parametrize("tier", ["private", "database"])
def test_a_closed_tier_speaks_with_the_vpc_alone(tier: Tier) -> None:
    leaves = tier == "database"
    rules = acl_rules(tier, vpc_cidr=VPC, leaves_vpc=leaves)
    assert {rule.cidr_block for rule in rules} == {VPC}


def test_only_web_ports_are_open_in_public() -> None:
    rules = acl_rules("public", vpc_cidr=VPC, leaves_vpc=True)
    assert [port for port in range(1024) if _from_anywhere(rules, "tcp", port)] == [80, 443]


@pytest.mark.parametrize("tier", TIERS)
def test_numbers_are_unique_in_each_direction(tier: Tier) -> None:
    rules = acl_rules(tier, vpc_cidr=VPC, leaves_vpc=True)
    assert len({(rule.direction, rule.number) for rule in rules}) == len(rules)
