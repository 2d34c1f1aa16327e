"""Things that happen, as messages to people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch


@dataclass(frozen=True, kw_only=True)
class Notice:
    """``pattern`` is EventBridge's; values in it may still be Outputs."""

    description: str
    pattern: Mapping[str, Any]
    topic_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class EventNoticesArgs:
    """``notices`` by a stable key. Their topics must let ``events`` publish."""

    notices: Mapping[str, Notice]


class EventNotices(pulumi.ComponentResource):
    """A rule for each notice, on the account's default bus, and a topic it tells.

    The event arrives as it is. A dead-letter queue is left out: SNS takes what it may take, and the alarm
    topics are watched by their subscribers.
    """

    rule_arns: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: EventNoticesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:EventNotices", name, None, opts)
        self._name = name
        rules = {key: self._build_rule(key, notice) for key, notice in args.notices.items()}
        self.rule_arns = {key: rule.arn for key, rule in rules.items()}
        self.register_outputs({"ruleArns": self.rule_arns})

    def _build_rule(self, key: str, notice: Notice) -> cloudwatch.EventRule:
        rule = cloudwatch.EventRule(
            f"{self._name}-{key}",
            description=notice.description,
            event_pattern=_pattern(notice.pattern),
            opts=pulumi.ResourceOptions(parent=self),
        )
        cloudwatch.EventTarget(
            f"{self._name}-{key}-topic",
            rule=rule.name,
            arn=notice.topic_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return rule


def _pattern(pattern: Mapping[str, Any]) -> pulumi.Input[str]:
    return pulumi.Output.json_dumps(pattern, sort_keys=True)
