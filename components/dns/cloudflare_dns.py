"""Records in a Cloudflare zone."""

import pulumi
from pulumi_cloudflare import DnsRecord


class CloudflareDns:
    """Serves ``Dns``. Its records answer as they are written, past Cloudflare's proxy."""

    def __init__(self, zone_id: pulumi.Input[str]) -> None:
        self._zone_id = zone_id

    def record(
        self,
        name: str,
        *,
        record_name: pulumi.Input[str],
        record_type: pulumi.Input[str],
        content: pulumi.Input[str],
        ttl_seconds: int,
        parent: pulumi.Resource,
    ) -> pulumi.Resource:
        """One record. ``ttl_seconds`` is 60 to 86400; Cloudflare takes names without a trailing dot."""
        return DnsRecord(
            name,
            zone_id=self._zone_id,
            name=_without_dot(record_name),
            type=record_type,
            content=_without_dot(content),
            ttl=ttl_seconds,
            proxied=False,
            opts=pulumi.ResourceOptions(parent=parent),
        )


def _without_dot(text: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(text).apply(lambda known: known.removesuffix("."))
