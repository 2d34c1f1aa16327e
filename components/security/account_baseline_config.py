"""What the account's resources look like over time, and whether that is allowed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cfg, iam, s3

from components.edge.bucket import PrivateBucket
from components.security.account_baseline_plan import ConfigRule
from components.security.account_baseline_policies import CONFIG_PREFIX


@dataclass(frozen=True, kw_only=True)
class ConfigRecorderArgs:
    """``bucket_policy`` must let AWS Config write before the channel is made."""

    bucket: PrivateBucket
    bucket_policy: s3.BucketPolicy
    kms_key_arn: pulumi.Input[str]
    rules: Mapping[str, ConfigRule]


class ConfigRecorder(pulumi.ComponentResource):
    """AWS Config: every resource recorded, delivered to a bucket, and judged by managed rules.

    It works under its service-linked role, which Security Hub asks for (Config.1); where an account has that
    role already, import it. Remediation is left out: this program is what puts a resource right.
    """

    recorder_name: pulumi.Output[str]
    rule_arns: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: ConfigRecorderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:security:ConfigRecorder", name, None, opts)
        self._name = name
        self._args = args
        self.recorder = self._build_recorder()
        self.status = self._build_status(self._build_channel())
        self.rules = {key: self._build_rule(key, rule) for key, rule in args.rules.items()}
        self.recorder_name = self.recorder.name
        self.rule_arns = {key: rule.arn for key, rule in self.rules.items()}
        self.register_outputs({"recorderName": self.recorder_name, "ruleArns": self.rule_arns})

    def _build_recorder(self) -> cfg.Recorder:
        role = iam.ServiceLinkedRole(
            f"{self._name}-role",
            aws_service_name="config.amazonaws.com",
            opts=pulumi.ResourceOptions(parent=self),
        )
        return cfg.Recorder(
            f"{self._name}-recorder",
            role_arn=role.arn,
            recording_group=cfg.RecorderRecordingGroupArgs(
                all_supported=True, include_global_resource_types=True
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_channel(self) -> cfg.DeliveryChannel:
        return cfg.DeliveryChannel(
            f"{self._name}-channel",
            s3_bucket_name=self._args.bucket.bucket_name,
            s3_key_prefix=CONFIG_PREFIX,
            s3_kms_key_arn=self._args.kms_key_arn,
            snapshot_delivery_properties=cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.recorder, self._args.bucket_policy]),
        )

    def _build_status(self, channel: cfg.DeliveryChannel) -> cfg.RecorderStatus:
        return cfg.RecorderStatus(
            f"{self._name}-status",
            name=self.recorder.name,
            is_enabled=True,
            # A recorder does not start before it has somewhere to deliver.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )

    def _build_rule(self, key: str, rule: ConfigRule) -> cfg.Rule:
        return cfg.Rule(
            f"{self._name}-{key}",
            source=cfg.RuleSourceArgs(owner="AWS", source_identifier=rule.identifier),
            input_parameters=json.dumps(dict(rule.parameters), sort_keys=True) if rule.parameters else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.recorder]),
        )
