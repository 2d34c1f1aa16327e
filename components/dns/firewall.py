"""Cloudflare's own web application firewall, in front of everything in a zone."""

from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_cloudflare import Ruleset, RulesetRuleActionParametersArgs, RulesetRuleArgs

Plan = Literal["free", "pro", "business", "enterprise"]

# The ids are the same in every account: https://developers.cloudflare.com/waf/managed-rules/
FREE_RULES: Final = {"free": "77454fe2d30c4220b5701f6fdfb893ba"}
PAID_RULES: Final = {
    "managed": "efb7b8c949ac4650a09736fc376e9aee",
    "owasp": "4814384a9e5d4991b9815dcfc25d2f1f",
}


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    zone_id: pulumi.Input[str]
    plan: Plan
    """The zone's plan. The full managed and OWASP rules need a paid one."""


class Firewall(pulumi.ComponentResource):
    """Runs Cloudflare's managed rules on every request to the zone.

    A zone has one entry ruleset in this phase: exactly one stack may build this, and rules made by hand in
    the dashboard are replaced. Left out: a rate limit, which the AWS side has at each door and the free plan
    allows only in windows of ten seconds.
    """

    ruleset_id: pulumi.Output[str]

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:dns:Firewall", name, None, opts)
        self.ruleset_id = self._build_ruleset(name, args).id
        self.register_outputs({"rulesetId": self.ruleset_id})

    def _build_ruleset(self, name: str, args: FirewallArgs) -> Ruleset:
        managed = FREE_RULES if args.plan == "free" else PAID_RULES
        return Ruleset(
            f"{name}-managed",
            zone_id=args.zone_id,
            name="Managed rules",
            kind="zone",
            phase="http_request_firewall_managed",
            rules=[_execute(key, ruleset_id) for key, ruleset_id in managed.items()],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _execute(key: str, ruleset_id: str) -> RulesetRuleArgs:
    return RulesetRuleArgs(
        ref=f"execute_{key}",
        description=f"Run Cloudflare's {key} rules",
        expression="true",
        action="execute",
        action_parameters=RulesetRuleActionParametersArgs(id=ruleset_id),
        enabled=True,
    )
