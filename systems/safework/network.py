"""SafeWork's VPC, and the way from its functions to AWS."""

from collections.abc import Mapping

from components.network.network_acl import ANYWHERE
from components.network.security_group import CidrPeer, Rule, SecurityGroup
from components.network.vpc import Nat, Vpc, VpcArgs
from components.security.kms_key import KmsKey
from settings.safework import SafeWorkSettings
from systems.scope import Scope

HTTPS_PORT = 443
NAT: Mapping[str, Nat] = {"none": "none", "single": "single", "perZone": "per_zone"}


def build_network(scope: Scope, settings: SafeWorkSettings, key: KmsKey) -> Vpc:
    network = settings.network
    return Vpc(
        f"{scope.name}-network",
        VpcArgs(
            cidr_block=network.vpc_cidr,
            zones=scope.stack.zones,
            region=scope.stack.region,
            account_id=scope.stack.account_id,
            kms_key_arn=key.key_arn,
            flow_log_retention_days=settings.log_retention_days,
            public_subnets=network.nat_gateways != "none",
            nat=NAT[network.nat_gateways],
            interface_endpoints=network.interface_endpoints,
            interface_endpoints_in="per_zone" if network.interface_endpoints_in == "perZone" else "single",
        ),
        scope.opts,
    )


def ways_to_aws(settings: SafeWorkSettings, vpc: Vpc) -> list[Rule]:
    """Through the VPC's endpoints, and through NAT where there is one."""
    rules: list[Rule] = []
    if vpc.endpoints.security_group:
        peer = vpc.endpoints.security_group
        rules.append(Rule(description="to AWS services in the VPC", peer=peer, port=HTTPS_PORT))
    if settings.network.nat_gateways != "none":
        rules.append(
            Rule(description="to AWS services through NAT", peer=CidrPeer(ANYWHERE), port=HTTPS_PORT)
        )
    return rules


def open_way_to_aws(group: SecurityGroup, settings: SafeWorkSettings, vpc: Vpc) -> None:
    """Let a function call AWS."""
    for rule in ways_to_aws(settings, vpc):
        group.allow_to(rule.peer, rule.port, rule.description)
