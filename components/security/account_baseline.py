"""What an account needs once, whatever runs in it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import accessanalyzer, ebs, iam, s3

from components.edge.bucket import (
    AccessLogs,
    KmsEncryption,
    LogBucket,
    LogBucketArgs,
    PrivateBucket,
    PrivateBucketArgs,
)
from components.security.account_baseline_config import ConfigRecorder, ConfigRecorderArgs
from components.security.account_baseline_detection import ThreatDetection, ThreatDetectionArgs
from components.security.account_baseline_plan import CONFIG_RULES, trail_arn
from components.security.account_baseline_policies import config_delivery, trail_delivery
from components.security.account_baseline_trail import AccountTrail, AccountTrailArgs


@dataclass(frozen=True, kw_only=True)
class AccountBaselineArgs:
    """The key of ``kms_key_arn`` must hold ``record_key_statements`` and list ``logs`` among its services."""

    account_id: str
    region: str
    trail_name: str
    kms_key_arn: pulumi.Input[str]
    finding_topic_arn: pulumi.Input[str]
    """Must let ``events`` publish."""
    log_retention_days: int
    record_retention_days: int = 365
    """CloudTrail's and Config's files. A year is what an investigation looks back on."""
    deletion_protection: bool = True


class AccountBaseline(pulumi.ComponentResource):
    """CloudTrail, AWS Config, GuardDuty, Security Hub, Access Analyzer, and the account's own defaults.

    An account has one of each, so exactly one stack of an account builds this. AWS Organizations' delegated
    administration is left out: the owners have accounts and no organisation.
    """

    records: PrivateBucket
    trail: AccountTrail
    config: ConfigRecorder
    detection: ThreatDetection

    def __init__(
        self, name: str, args: AccountBaselineArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:security:AccountBaseline", name, None, opts)
        self._name = name
        self._args = args
        self.records = self._build_records()
        policy = self._attach_policy(self.records)
        self.trail = self._build_trail(policy)
        self.config = self._build_config(policy)
        self.detection = self._build_detection()
        self._build_storage_defaults()
        self._build_password_policy()
        self.analyzer = self._build_analyzer()
        self.register_outputs(
            {
                "trailArn": self.trail.trail_arn,
                "recordsBucket": self.records.bucket_name,
                "detectorId": self.detection.detector_id,
            }
        )

    def _build_records(self) -> PrivateBucket:
        args = self._args
        access_logs = LogBucket(
            f"{self._name}-access",
            LogBucketArgs(
                account_id=args.account_id,
                retention_days=args.record_retention_days,
                deletion_protection=args.deletion_protection,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return PrivateBucket(
            f"{self._name}-records",
            PrivateBucketArgs(
                encryption=KmsEncryption(args.kms_key_arn),
                access_logs=AccessLogs(access_logs, prefix="records/"),
                expire_after_days=args.record_retention_days,
                policy_follows=True,
                deletion_protection=args.deletion_protection,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _attach_policy(self, records: PrivateBucket) -> s3.BucketPolicy:
        args = self._args
        arn = trail_arn(region=args.region, account_id=args.account_id, trail_name=args.trail_name)
        return records.attach_policy(
            *trail_delivery(bucket_arn=records.bucket_arn, account_id=args.account_id, trail_arn=arn),
            *config_delivery(bucket_arn=records.bucket_arn, account_id=args.account_id),
        )

    def _build_trail(self, policy: s3.BucketPolicy) -> AccountTrail:
        args = self._args
        return AccountTrail(
            f"{self._name}-calls",
            AccountTrailArgs(
                trail_name=args.trail_name,
                account_id=args.account_id,
                bucket=self.records,
                bucket_policy=policy,
                kms_key_arn=args.kms_key_arn,
                log_retention_days=args.log_retention_days,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_config(self, policy: s3.BucketPolicy) -> ConfigRecorder:
        return ConfigRecorder(
            f"{self._name}-config",
            ConfigRecorderArgs(
                bucket=self.records,
                bucket_policy=policy,
                kms_key_arn=self._args.kms_key_arn,
                rules=CONFIG_RULES,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_detection(self) -> ThreatDetection:
        return ThreatDetection(
            f"{self._name}-detection",
            ThreatDetectionArgs(region=self._args.region, finding_topic_arn=self._args.finding_topic_arn),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_storage_defaults(self) -> None:
        """New volumes are encrypted (with AWS's key where nobody names one); no bucket can be made public."""
        ebs.EncryptionByDefault(
            f"{self._name}-volumes", enabled=True, opts=pulumi.ResourceOptions(parent=self)
        )
        s3.AccountPublicAccessBlock(
            f"{self._name}-public-access",
            account_id=self._args.account_id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_password_policy(self) -> iam.AccountPasswordPolicy:
        """IAM.7, IAM.10 to IAM.17, and CIS 1.8 and 1.9; for the day somebody makes a user after all."""
        return iam.AccountPasswordPolicy(
            f"{self._name}-passwords",
            minimum_password_length=14,
            password_reuse_prevention=24,
            max_password_age=90,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            allow_users_to_change_password=True,
            hard_expiry=False,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_analyzer(self) -> accessanalyzer.Analyzer:
        """Says what is shared beyond the account (IAM.28)."""
        return accessanalyzer.Analyzer(
            f"{self._name}-analyzer",
            analyzer_name=self._name,
            type="ACCOUNT",
            opts=pulumi.ResourceOptions(parent=self),
        )
