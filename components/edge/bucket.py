"""A private bucket."""

from dataclasses import dataclass
from typing import TypeAlias

import pulumi
from pulumi_aws import s3

from components.edge.bucket_lifecycle import lifecycle_rules
from components.edge.bucket_policy import deny_plain_http, load_balancer_logs, log_delivery
from components.protection import stateful
from components.security.iam import Statement, policy_document


@dataclass(frozen=True)
class KmsEncryption:
    """A customer managed key, with a bucket key so that S3 asks KMS once for many objects."""

    key_arn: pulumi.Input[str]


@dataclass(frozen=True)
class S3Encryption:
    """S3's own key: the only one that access logs and load balancer logs can be delivered under."""


Encryption: TypeAlias = KmsEncryption | S3Encryption


@dataclass(frozen=True)
class AccessLogs:
    """Server access logs of a bucket go to ``log_bucket``, of the same Region, under ``prefix``."""

    log_bucket: "LogBucket"
    prefix: str


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """``policy_follows``: the caller makes the bucket's one policy later, with ``attach_policy``, because it
    names something that needs the bucket first. Otherwise a policy that forces TLS is made at once.
    """

    encryption: Encryption
    access_logs: AccessLogs | None = None
    noncurrent_retention_days: int = 30
    """How long an overwritten or deleted object can be brought back."""
    archive_noncurrent_after_days: int | None = None
    """Overwritten and deleted objects move to Glacier first: cheap to keep, and hours to read back."""
    expire_after_days: int | None = None
    """Objects go after this long: for logs. None keeps them."""
    archive_after_days: int | None = None
    """Objects move to Glacier first."""
    policy_follows: bool = False
    deletion_protection: bool = True
    region: str | None = None
    """Elsewhere than the provider's Region."""


class PrivateBucket(pulumi.ComponentResource):
    """A versioned, encrypted bucket that nobody reaches without TLS and IAM, and that has no ACLs.

    Replication is ``BucketReplication``'s.
    Object Lock is left out: none of the five keeps records under a retention law.
    """

    bucket: s3.Bucket
    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    bucket_regional_domain_name: pulumi.Output[str]
    encryption: Encryption
    versioning: s3.BucketVersioning

    def __init__(
        self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:edge:PrivateBucket", name, None, opts)
        _check(args)
        self._name = name
        self._args = args
        self._policy: s3.BucketPolicy | None = None
        self.encryption = args.encryption
        self.bucket = self._build_bucket()
        self._public_access_block = self._build_public_access_block()
        self._build_ownership()
        self.versioning = self._build_versioning()
        self._build_encryption()
        self._build_lifecycle()
        if args.access_logs:
            self._build_logging(args.access_logs)
        if not args.policy_follows:
            self.attach_policy()
        self.bucket_name = self.bucket.bucket
        self.bucket_arn = self.bucket.arn
        self.bucket_regional_domain_name = self.bucket.bucket_regional_domain_name
        self.register_outputs({"bucketName": self.bucket_name, "bucketArn": self.bucket_arn})

    def attach_policy(self, *statements: Statement) -> s3.BucketPolicy:
        """Make the bucket's one policy: TLS only, and ``statements``. A second call is a mistake."""
        if self._policy is not None:
            raise ValueError(
                f"{self._name}: got a second bucket policy; a bucket has one and the last would win: pass "
                "all statements in one call, and set policy_follows"
            )
        self._policy = s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self.bucket.bucket,
            policy=policy_document(deny_plain_http(self.bucket.arn), *statements),
            region=self._args.region,
            # Both change the bucket's access settings; S3 answers 409 when they come together.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._public_access_block]),
        )
        return self._policy

    def _build_bucket(self) -> s3.Bucket:
        return s3.Bucket(
            f"{self._name}-bucket",
            force_destroy=False,
            region=self._args.region,
            opts=stateful(self, protected=self._args.deletion_protection),
        )

    def _build_public_access_block(self) -> s3.BucketPublicAccessBlock:
        return s3.BucketPublicAccessBlock(
            f"{self._name}-public-access",
            bucket=self.bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            region=self._args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_ownership(self) -> s3.BucketOwnershipControls:
        return s3.BucketOwnershipControls(
            f"{self._name}-ownership",
            bucket=self.bucket.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            region=self._args.region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._public_access_block]),
        )

    def _build_versioning(self) -> s3.BucketVersioning:
        return s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self.bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            region=self._args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_encryption(self) -> s3.BucketServerSideEncryptionConfiguration:
        return s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption",
            bucket=self.bucket.bucket,
            rules=[_encryption_rule(self._args.encryption)],
            region=self._args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_lifecycle(self) -> s3.BucketLifecycleConfiguration:
        return s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self.bucket.bucket,
            rules=lifecycle_rules(
                expire_after_days=self._args.expire_after_days,
                archive_after_days=self._args.archive_after_days,
                noncurrent_retention_days=self._args.noncurrent_retention_days,
                archive_noncurrent_after_days=self._args.archive_noncurrent_after_days,
            ),
            region=self._args.region,
            # Rules about noncurrent versions are refused until versioning is on.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.versioning]),
        )

    def _build_logging(self, target: AccessLogs) -> s3.BucketLogging:
        return s3.BucketLogging(
            f"{self._name}-logging",
            bucket=self.bucket.bucket,
            target_bucket=target.log_bucket.bucket_name,
            target_prefix=target.prefix,
            region=self._args.region,
            # Delivery starts at once and needs the permission to be there.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[target.log_bucket.policy]),
        )


@dataclass(frozen=True, kw_only=True)
class LogBucketArgs:
    """``retention_days`` is how long a log file is kept.

    ``load_balancer_logs``: load balancers of the account, in the bucket's Region, deliver here too.
    """

    account_id: str
    retention_days: int
    region: str | None = None
    load_balancer_logs: bool = False
    deletion_protection: bool = True


class LogBucket(pulumi.ComponentResource):
    """Where S3, CloudFront and load balancers deliver access logs, for this account's resources alone.

    Encrypted by S3's own key: access logs and load balancer logs cannot be delivered under a customer managed
    one.
    Its own access is not logged: a log bucket that logs into itself grows without end.
    """

    bucket: PrivateBucket
    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    policy: s3.BucketPolicy
    takes_load_balancer_logs: bool

    def __init__(self, name: str, args: LogBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:LogBucket", name, None, opts)
        self.bucket = PrivateBucket(
            name,
            PrivateBucketArgs(
                encryption=S3Encryption(),
                expire_after_days=args.retention_days,
                noncurrent_retention_days=1,
                policy_follows=True,
                deletion_protection=args.deletion_protection,
                region=args.region,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.takes_load_balancer_logs = args.load_balancer_logs
        self.policy = self.bucket.attach_policy(*_deliveries(self.bucket.bucket_arn, args))
        self.bucket_name = self.bucket.bucket_name
        self.bucket_arn = self.bucket.bucket_arn
        self.register_outputs({"bucketName": self.bucket_name, "bucketArn": self.bucket_arn})


def _deliveries(bucket_arn: pulumi.Output[str], args: LogBucketArgs) -> list[Statement]:
    statements = log_delivery(bucket_arn=bucket_arn, account_id=args.account_id)
    if args.load_balancer_logs:
        statements.append(load_balancer_logs(bucket_arn=bucket_arn, account_id=args.account_id))
    return statements


def _check(args: PrivateBucketArgs) -> None:
    for field, days in (
        ("noncurrent_retention_days", args.noncurrent_retention_days),
        ("expire_after_days", args.expire_after_days),
    ):
        if days is not None and days < 1:
            raise ValueError(f"{field}: got {days}; S3 allows 1 day or more: raise it, or keep with None")
    if args.archive_after_days is not None and not 1 <= args.archive_after_days < (
        args.expire_after_days or args.archive_after_days + 1
    ):
        raise ValueError(
            f"archive_after_days: got {args.archive_after_days}; 1 or more, and before objects go (after "
            f"{args.expire_after_days})"
        )
    archive, end = args.archive_noncurrent_after_days, args.noncurrent_retention_days
    if archive is not None and not 1 <= archive < end:
        raise ValueError(
            f"archive_noncurrent_after_days: got {archive}; 1 or more, and before versions go (after {end})"
        )


def _encryption_rule(encryption: Encryption) -> s3.BucketServerSideEncryptionConfigurationRuleArgs:
    by_default = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
    match encryption:
        case KmsEncryption(key_arn):
            return s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=by_default(
                    sse_algorithm="aws:kms", kms_master_key_id=key_arn
                ),
                bucket_key_enabled=True,
            )
        case S3Encryption():
            return s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=by_default(sse_algorithm="AES256")
            )
