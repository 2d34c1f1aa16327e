"""What components ask of each other, where more than one kind can serve."""

from typing import Protocol

import pulumi


class HasSecurityGroup(Protocol):
    """Anything that sits behind a security group and can be a peer in a rule."""

    @property
    def security_group_id(self) -> pulumi.Output[str]: ...


class Dns(Protocol):
    """A zone that can take records. Cloudflare and Route 53 serve it.

    ``name`` is the logical name, ``parent`` the component that owns the record.
    """

    def record(
        self,
        name: str,
        *,
        record_name: pulumi.Input[str],
        record_type: pulumi.Input[str],
        content: pulumi.Input[str],
        ttl_seconds: int,
        parent: pulumi.Resource,
    ) -> pulumi.Resource: ...
