"""Functions that are called when something happens in the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from components.compute.lambda_function import LambdaFunction


@dataclass(frozen=True, kw_only=True)
class EventCallArgs:
    """``pattern`` is EventBridge's; values in it may still be Outputs."""

    description: str
    pattern: Mapping[str, Any]
    function: LambdaFunction
    message: Mapping[str, Any] | None = None
    """What the function gets in place of the event; values may still be Outputs."""


class EventCall(pulumi.ComponentResource):
    """A rule on the account's default bus, and the function's alias as its target.

    Lambda keeps an event that fails and tries twice more; a function that must not miss one says where
    failures go by its own ``failure_queue_arn``.
    """

    rule_arn: pulumi.Output[str]

    def __init__(self, name: str, args: EventCallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:EventCall", name, None, opts)
        rule = cloudwatch.EventRule(
            f"{name}-rule",
            description=args.description,
            event_pattern=pulumi.Output.json_dumps(args.pattern, sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        permission = args.function.allow_invoke(name, principal="events.amazonaws.com", source_arn=rule.arn)
        cloudwatch.EventTarget(
            f"{name}-function",
            rule=rule.name,
            arn=args.function.alias_arn,
            input=pulumi.Output.json_dumps(args.message, sort_keys=True) if args.message else None,
            # An event that comes before the permission is lost.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.rule_arn = rule.arn
        self.register_outputs({"ruleArn": self.rule_arn})
