"""Everything that stands in one region, under a provider of its own."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import Provider


def pin_region(region: str) -> pulumi.ResourceTransformation:
    """Names the region on each resource that has one and does not say another. What AWS keeps in us-east-1
    for CloudFront says so itself."""

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("aws:") or not hasattr(type(args.resource), "region"):
            return None
        if args.props.get("region") is not None:
            return None
        return pulumi.ResourceTransformationResult(props={**args.props, "region": region}, opts=args.opts)

    return transform


@dataclass(frozen=True, kw_only=True)
class RegionTierArgs:
    """``provider`` is explicit, and of ``region``."""

    region: str
    provider: Provider


class RegionTier(pulumi.ComponentResource):
    """A parent whose descendants are all made by ``provider``, and all say their region.

    With the default provider alone, an operation in the second region would first sign in by the first one's
    endpoints, which are down when it matters. The region on the resource is what the state, the plan and the
    policies show; a provider's would be seen by nobody.
    """

    region: str
    provider: Provider

    def __init__(self, name: str, args: RegionTierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        given = pulumi.ResourceOptions(providers=[args.provider], transformations=[pin_region(args.region)])
        super().__init__(
            "platform:recovery:RegionTier", name, None, pulumi.ResourceOptions.merge(opts, given)
        )
        self.region = args.region
        self.provider = args.provider
        self.register_outputs({"region": self.region})
