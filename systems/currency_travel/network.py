"""Currency Travel's VPC, and the way out for whatever runs in it."""

from collections.abc import Mapping

from components.network.network_acl import ANYWHERE
from components.network.security_group import CidrPeer, Rule, SecurityGroup
from components.network.vpc import Nat, Vpc, VpcArgs
from components.security.kms_key import KmsKey
from settings.currency_travel import CurrencyTravelSettings
from systems.scope import Scope

HTTPS_PORT = 443
NAT: Mapping[str, Nat] = {"single": "single", "perZone": "per_zone"}


def build_network(scope: Scope, settings: CurrencyTravelSettings, key: KmsKey) -> Vpc:
    network = settings.network
    return Vpc(
        f"{scope.name}-network",
        VpcArgs(
            cidr_block=network.vpc_cidr,
            zones=network.zones,
            region=scope.stack.region,
            account_id=scope.stack.account_id,
            kms_key_arn=key.key_arn,
            flow_log_retention_days=settings.log_retention_days,
            public_subnets=True,
            nat=NAT[network.nat_gateways],
            gateway_endpoints=("s3", "dynamodb"),
            interface_endpoints=network.interface_endpoints,
        ),
        scope.opts,
    )


def ways_out(vpc: Vpc) -> list[Rule]:
    """HTTPS to AWS services in the VPC, and through NAT to the others and to the banks' interfaces."""
    rules = [Rule(description="HTTPS through NAT", peer=CidrPeer(ANYWHERE), port=HTTPS_PORT)]
    if vpc.endpoints.security_group:
        rules.append(
            Rule(description="to AWS services in the VPC", peer=vpc.endpoints.security_group, port=HTTPS_PORT)
        )
    return rules


def open_ways_out(group: SecurityGroup, vpc: Vpc) -> None:
    for rule in ways_out(vpc):
        group.allow_to(rule.peer, rule.port, rule.description)
