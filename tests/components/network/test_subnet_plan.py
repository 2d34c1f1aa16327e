"""Subnets fit, never overlap, and never move."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network.subnet_plan import MAX_ZONES, TIERS, Tier, plan_subnets

ZONES = tuple(f"ap-northeast-2{letter}" for letter in "abcdef")

vpcs = st.builds(
    lambda prefix, second: str(IPv4Network(((10 << 24) + (second << 16), prefix))),
    st.integers(16, 22),
    st.integers(0, 255),
)
zone_lists = st.permutations(ZONES).flatmap(
    lambda order: st.integers(1, MAX_ZONES).map(lambda count: tuple(order[:count]))
)
tier_sets = st.sets(st.sampled_from(TIERS), min_size=1).map(tuple[Tier, ...])


@given(vpcs, zone_lists)
def test_subnets_lie_inside_the_vpc_and_apart(vpc: str, zones: tuple[str, ...]) -> None:
    networks = [IPv4Network(each.cidr_block) for each in plan_subnets(vpc, zones, TIERS).subnets]
    assert len(networks) == len(zones) * len(TIERS)
    assert all(each.subnet_of(IPv4Network(vpc)) and each.prefixlen <= 28 for each in networks)
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))


@given(vpcs, zone_lists, tier_sets, st.sampled_from(TIERS))
def test_growing_moves_nothing(vpc: str, zones: tuple[str, ...], tiers: tuple[Tier, ...], more: Tier) -> None:
    before = set(plan_subnets(vpc, zones, tiers).subnets)
    with_tier = set(plan_subnets(vpc, zones, [*tiers, more]).subnets)
    new_zone = next((zone for zone in ZONES if zone not in zones), None)
    with_zone = set(plan_subnets(vpc, [*zones, new_zone] if new_zone else zones, tiers).subnets)
    assert before <= with_tier
    assert before <= with_zone


def test_sizes_of_a_16() -> None:
    plan = plan_subnets("10.10.0.0/16", ZONES[:2], TIERS)
    assert [each.cidr_block for each in plan.tier("private")] == ["10.10.0.0/20", "10.10.16.0/20"]
    assert [each.cidr_block for each in plan.tier("public")] == ["10.10.128.0/22", "10.10.132.0/22"]
    assert [each.cidr_block for each in plan.tier("database")] == ["10.10.160.0/22", "10.10.164.0/22"]


@pytest.mark.parametrize(
    ("vpc", "zones", "words"),
    [
        ("10.0.0.1/16", ZONES[:2], ["cidr_block", "10.0.0.1/16", "host bits"]),
        ("10.0.0.0/24", ZONES[:2], ["cidr_block", "/16 to /22"]),
        ("10.0.0.0/8", ZONES[:2], ["cidr_block", "/16 to /22"]),
        ("ten", ZONES[:2], ["cidr_block", "'ten'"]),
        ("10.0.0.0/16", (), ["zones", "1 to 6"]),
        ("10.0.0.0/16", (*ZONES, "ap-northeast-2g"), ["zones", "got 7"]),
        ("10.0.0.0/16", (ZONES[0], ZONES[0]), ["zones", "once"]),
        ("10.0.0.0/16", ("apne2-az1",), ["zones", "apne2-az1", "ap-northeast-2a"]),
    ],
)
def test_errors_say_what_and_how(vpc: str, zones: tuple[str, ...], words: list[str]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the words are checked one by one
        plan_subnets(vpc, zones, TIERS)
    assert all(word in str(caught.value) for word in words)
