"""The tags that every AWS resource of a system carries, applied in one place."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi

from settings.stack import StackSettings

MANAGED_BY = "pulumi"

# These types propagate tags to what they launch, and spell each tag as an object for it.
PROPAGATING_TYPES = frozenset({"aws:autoscaling/group:Group"})

LATE_TAGS = frozenset({"aws:cloudfront/function:Function"})
"""Types that take tags since a provider release of 2026: an older one refuses the whole plan over them."""


def with_tags(resource_type: str, explicit: Any, tags: Mapping[str, str]) -> Any:
    """Adds ``tags`` to what the program wrote itself, in the shape that the type wants. Explicit tags win.

    A tag map that is only known later (an Output) is merged once it is known.
    """
    if explicit is not None and isinstance(explicit, pulumi.Output):
        later = cast("pulumi.Output[Any]", explicit)
        return later.apply(lambda known: with_tags(resource_type, known, tags))
    if resource_type in PROPAGATING_TYPES:
        given = cast("Sequence[Mapping[str, Any]]", explicit or [])
        keys = {tag["key"] for tag in given}
        added = [
            {"key": key, "value": value, "propagateAtLaunch": True}
            for key, value in sorted(tags.items())
            if key not in keys
        ]
        return [*given, *added]
    return {**tags, **cast("Mapping[str, Any]", explicit or {})}


def is_taggable(resource: pulumi.Resource, resource_type: str) -> bool:
    """AWS types say by their SDK class whether they take tags."""
    return (
        resource_type.startswith("aws:")
        and resource_type not in LATE_TAGS
        and hasattr(type(resource), "tags")
    )


def tagging(stack: StackSettings, *, system: str) -> pulumi.ResourceTransformation:
    """A transformation for the root component of a system: every descendant inherits it."""

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not is_taggable(args.resource, args.type_):
            return None
        parent = args.opts.parent
        tags = {
            "system": system,
            "environment": stack.environment,
            # The tier that a resource belongs to, such as safework-network.
            "component": parent.pulumi_resource_name if parent is not None else system,
            "owner": stack.owner,
            "cost-center": stack.cost_center,
            "managed-by": MANAGED_BY,
            "repository": stack.repository,
        }
        props = cast("dict[str, Any]", args.props)
        return pulumi.ResourceTransformationResult(
            props={**props, "tags": with_tags(args.type_, props.get("tags"), tags)}, opts=args.opts
        )

    return transform
