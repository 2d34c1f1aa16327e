"""What every tier of a system is told: its name, its stack, and whose child it is."""

from dataclasses import dataclass

import pulumi

from settings.stack import StackSettings
from systems.account import Account


@dataclass(frozen=True, kw_only=True)
class Scope:
    """``name`` begins the logical name of every resource of the system."""

    name: str
    stack: StackSettings
    account: Account
    root: pulumi.Resource

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """Options for a tier of the system."""
        return pulumi.ResourceOptions(parent=self.root)

    @property
    def is_prod(self) -> bool:
        return self.stack.environment == "prod"

    @property
    def physical_name(self) -> str:
        """For the few resources whose name must be known before they exist: unique per environment."""
        return f"{self.name}-{self.stack.environment}"

    def runbook_url(self) -> str:
        """Where the runbooks of this repository are read."""
        return f"https://{self.stack.repository}/blob/main/docs/runbooks"
