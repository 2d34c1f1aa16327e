"""Who looks for what is wrong in an account, and who hears of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, guardduty, securityhub

from components.security.account_baseline_plan import FINDINGS, GUARDDUTY_FEATURES, STANDARDS


@dataclass(frozen=True, kw_only=True)
class ThreatDetectionArgs:
    """``finding_topic_arn``: told of high and critical findings; it must let ``events`` publish."""

    region: str
    finding_topic_arn: pulumi.Input[str]


class ThreatDetection(pulumi.ComponentResource):
    """GuardDuty, Security Hub with its two standards, and rules that carry what matters to people.

    Both work by Region; this is the stack's own. Detective, Inspector and Macie are left out: the owners
    asked for none of them.
    """

    detector_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: ThreatDetectionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:security:ThreatDetection", name, None, opts)
        self._name = name
        self._args = args
        self.detector = self._build_detector()
        for feature in GUARDDUTY_FEATURES:
            self._build_feature(feature)
        self.hub = self._build_hub()
        for key, standard in STANDARDS.items():
            self._build_standard(key, standard)
        for key, pattern in FINDINGS.items():
            self._build_notice(key, pattern)
        self.detector_id = self.detector.id
        self.register_outputs({"detectorId": self.detector_id, "hubArn": self.hub.arn})

    def _build_detector(self) -> guardduty.Detector:
        return guardduty.Detector(
            f"{self._name}-detector",
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_feature(self, feature: str) -> guardduty.DetectorFeature:
        return guardduty.DetectorFeature(
            f"{self._name}-{feature.lower().replace('_', '-')}",
            detector_id=self.detector.id,
            name=feature,
            status="ENABLED",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_hub(self) -> securityhub.Account:
        return securityhub.Account(
            f"{self._name}-hub",
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
            # The default ones include an older CIS benchmark; the standards are named one by one.
            enable_default_standards=False,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_standard(self, key: str, standard: str) -> securityhub.StandardsSubscription:
        return securityhub.StandardsSubscription(
            f"{self._name}-{key}",
            standards_arn=f"arn:aws:securityhub:{self._args.region}::{standard}",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.hub]),
        )

    def _build_notice(self, key: str, pattern: Mapping[str, Any]) -> cloudwatch.EventTarget:
        rule = cloudwatch.EventRule(
            f"{self._name}-{key}",
            description=f"Findings of {key} that somebody must hear of",
            event_pattern=json.dumps(pattern, sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return cloudwatch.EventTarget(
            f"{self._name}-{key}-topic",
            rule=rule.name,
            arn=self._args.finding_topic_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
