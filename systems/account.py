"""What an account has once, whatever the number of systems in it."""

from functools import cached_property
from typing import TYPE_CHECKING

import pulumi

from settings.stack import StackSettings
from systems.tagging import tagging

if TYPE_CHECKING:
    from components.edge.rest_api_logs import ApiGatewayAccount
    from components.migration.dms_account import DmsAccountRoles
    from components.security.account_baseline import AccountBaseline

NAME = "account"


class Account:
    """Builds an account-wide piece when the first system asks for it, if this stack is to own it."""

    def __init__(self, stack: StackSettings) -> None:
        self._stack = stack

    @cached_property
    def api_gateway_logging(self) -> "ApiGatewayAccount | None":
        """The role with which API Gateway logs; None where another stack of the account makes it."""
        # Imported here: a stack whose systems have no REST API does not pay for it.
        from components.edge.rest_api_logs import ApiGatewayAccount  # noqa: PLC0415

        if not self._stack.owns_account_settings:
            return None
        return ApiGatewayAccount(f"{NAME}-api-gateway", opts=self._opts())

    @cached_property
    def dms_roles(self) -> "DmsAccountRoles | None":
        """The roles that DMS looks for by name; None where another stack of the account makes them."""
        from components.migration.dms_account import (  # noqa: PLC0415 - as above
            DmsAccountRoles,
            DmsAccountRolesArgs,
        )

        stack = self._stack
        if not stack.owns_account_settings:
            return None
        args = DmsAccountRolesArgs(account_id=stack.account_id, region=stack.region)
        return DmsAccountRoles(f"{NAME}-dms", args, self._opts())

    def build_deploy_roles(self) -> None:
        """The pipeline's roles, where this stack's settings ask for them; and their boundary for every role
        that is made after."""
        stack = self._stack
        if stack.deploy_roles is None and not stack.bounded_roles:
            return
        from systems.deploy_roles import (  # noqa: PLC0415 - as above
            bound_roles,
            build_deploy_roles,
            foreign_boundary_arn,
        )

        if stack.deploy_roles is None:
            bound_roles(foreign_boundary_arn(stack))
            return
        roles = build_deploy_roles("deploy", stack, stack.deploy_roles, self._opts())
        bound_roles(roles.boundary_arn)

    def build_baseline(self) -> "AccountBaseline | None":
        """The account's security services, where this stack's settings ask for them."""
        wanted = self._stack.account_baseline
        if wanted is None:
            return None
        from systems.account_baseline import build_baseline  # noqa: PLC0415 - as above

        return build_baseline(NAME, self._stack, wanted, self._opts())

    def _opts(self) -> pulumi.ResourceOptions:
        stack = self._stack
        return pulumi.ResourceOptions(transformations=[tagging(stack, system=NAME)])
