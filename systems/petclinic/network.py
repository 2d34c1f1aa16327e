"""PetClinic's VPCs, and the way out for whatever runs in them."""

from collections.abc import Mapping, Sequence

from components.network.network_acl import ANYWHERE
from components.network.security_group import CidrPeer, PrefixListPeer, SecurityGroup
from components.network.vpc import Nat, Vpc, VpcArgs
from components.security.kms_key import KmsKey
from settings.petclinic import PetClinicSettings
from systems.scope import Scope

HTTPS_PORT = 443
NAT: Mapping[str, Nat] = {"single": "single", "perZone": "per_zone"}


def build_network(
    scope: Scope, settings: PetClinicSettings, key: KmsKey, *, cidr: str, zones: Sequence[str], nat: Nat
) -> Vpc:
    return Vpc(
        f"{scope.name}-network",
        VpcArgs(
            cidr_block=cidr,
            zones=zones,
            region=scope.stack.region,
            account_id=scope.stack.account_id,
            kms_key_arn=key.key_arn,
            flow_log_retention_days=settings.log_retention_days,
            public_subnets=True,
            nat=nat,
            gateway_endpoints=("dynamodb", "s3") if settings.serverless else ("s3",),
        ),
        scope.opts,
    )


def open_ways_out(group: SecurityGroup, vpc: Vpc) -> None:
    """HTTPS to AWS and to package repositories through NAT, to S3 and tables through their gateways."""
    group.allow_to(CidrPeer(ANYWHERE), HTTPS_PORT, "HTTPS through NAT")
    for service, prefix_list in vpc.gateway_prefix_list_ids.items():
        group.allow_to(PrefixListPeer(prefix_list), HTTPS_PORT, f"HTTPS to {service} through its gateway")
