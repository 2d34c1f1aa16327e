"""A monthly limit on what a system may cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import budgets

_THRESHOLDS = (("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0))


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """Who hears of it: a topic (which must let ``budgets`` publish), addresses, or both."""

    system: str
    """The value of the ``system`` cost allocation tag, which has to be activated once in Billing."""
    monthly_limit_usd: float
    topic_arns: Sequence[pulumi.Input[str]] = ()
    emails: Sequence[str] = ()


class Budget(pulumi.ComponentResource):
    """A cost budget over one system's tag: told at 80 and 100 percent spent, and at 100 percent forecast.

    Budget actions are left out: shutting a system down over its bill is an owner's decision.
    """

    budget: budgets.Budget
    budget_name: pulumi.Output[str]

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:delivery:Budget", name, None, opts)
        _check(args)
        self._name = name
        self._args = args
        self.budget = self._build_budget()
        self.budget_name = self.budget.name
        self.register_outputs({"budgetName": self.budget_name})

    def _build_budget(self) -> budgets.Budget:
        args = self._args
        return budgets.Budget(
            f"{self._name}-monthly",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{args.monthly_limit_usd:.2f}",
            limit_unit="USD",
            cost_filters=[
                budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:system${args.system}"])
            ],
            notifications=[self._notification(kind, percent) for kind, percent in _THRESHOLDS],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _notification(self, kind: str, percent: float) -> budgets.BudgetNotificationArgs:
        return budgets.BudgetNotificationArgs(
            comparison_operator="GREATER_THAN",
            notification_type=kind,
            threshold=percent,
            threshold_type="PERCENTAGE",
            subscriber_sns_topic_arns=list(self._args.topic_arns),
            subscriber_email_addresses=list(self._args.emails),
        )


def _check(args: BudgetArgs) -> None:
    if args.monthly_limit_usd <= 0:
        raise ValueError(
            f"monthly_limit_usd: got {args.monthly_limit_usd}; "
            "above 0 is allowed: set what the system may cost"
        )
    if not args.topic_arns and not args.emails:
        raise ValueError("topic_arns: got none, and no emails; nobody would hear of it: name one")
    if len(args.topic_arns) > 1 or len(args.emails) > 10:
        raise ValueError(
            f"topic_arns: got {len(args.topic_arns)}, emails: got {len(args.emails)}; AWS Budgets notifies "
            "one topic and ten addresses: subscribe the others to the topic"
        )
