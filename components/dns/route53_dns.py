"""Records in a Route 53 hosted zone."""

import pulumi
from pulumi_aws import route53


class Route53Dns:
    """Serves ``Dns``."""

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
        return route53.Record(
            name,
            zone_id=self._zone_id,
            name=record_name,
            type=record_type,
            records=[content],
            ttl=ttl_seconds,
            opts=pulumi.ResourceOptions(parent=parent),
        )
