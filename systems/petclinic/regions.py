"""PetClinic's regions: a provider, a parent and a scope for each, so that none is reached by accident."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_aws import Provider

from components.recovery.region import RegionTier, RegionTierArgs
from systems.scope import Scope


def build_region(
    system: Scope,
    name: str,
    *,
    region: str,
    zones: Sequence[str],
    access: Mapping[str, Any],
    key: str,
) -> Scope:
    """The scope of what stands in ``region``. ``access`` says how the account is reached."""
    provider = Provider(f"{system.name}-{key}-provider", region=region, **access, opts=system.opts)
    tier = RegionTier(
        name, RegionTierArgs(region=region, provider=provider), pulumi.ResourceOptions(parent=system.root)
    )
    stack = system.stack.model_copy(update={"region": region, "zones": tuple(zones)})
    return Scope(name=name, stack=stack, account=system.account, root=tier)
