"""The three locks on a data store, always set together."""

from typing import Any

import pulumi


def stateful(parent: pulumi.Resource, *, protected: bool, **options: Any) -> pulumi.ResourceOptions:
    """Options for a resource that holds data.

    With ``protected``, the engine refuses to delete or replace the resource, and dropping it from the
    program leaves it standing in AWS. The service's own deletion protection is the caller's to set from
    the same flag. Unlocking takes two deployments: first with ``deletionProtection: false``, then the delete.
    """
    return pulumi.ResourceOptions(parent=parent, protect=protected, retain_on_delete=protected, **options)
