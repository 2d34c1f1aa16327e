"""Replication of one bucket's objects to a bucket in another region."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from components.edge.bucket import KmsEncryption, PrivateBucket, S3Encryption
from components.security.grants import kms_decrypt
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs

PROMISED_MINUTES = 15
"""S3 Replication Time Control: 99.99 percent of objects within this."""


@dataclass(frozen=True, kw_only=True)
class BucketReplicationArgs:
    """Both buckets have a customer managed key, each of its own region."""

    source: PrivateBucket
    target: PrivateBucket
    account_id: str
    region: str
    target_region: str

    def __post_init__(self) -> None:
        for what, bucket in (("source", self.source), ("target", self.target)):
            if bucket.encryption == S3Encryption():
                raise ValueError(f"{what}: got a bucket under S3's own key; give it a key of ours")
        if self.region == self.target_region:
            raise ValueError(f"target_region: got {self.target_region}; another region than the source's")


class BucketReplication(pulumi.ComponentResource):
    """Every new object, its tags and its deletion marks, within fifteen minutes, under the target's key.

    Deletions of versions are not carried over, so that nobody can delete both copies at once. Left out: the
    way back, which would make the first region wait for the second; coming back copies what is new there.
    """

    replication: s3.BucketReplicationConfig
    rule_id: str

    def __init__(
        self, name: str, args: BucketReplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:recovery:BucketReplication", name, None, opts)
        self._name = name
        self._args = args
        self.rule_id = "everything"
        self.replication = self._build_replication(self._build_role())
        self.register_outputs({"ruleId": self.rule_id})

    def _build_role(self) -> ServiceRole:
        source, target = self._args.source, self._args.target
        source_objects = pulumi.Output.concat(source.bucket_arn, "/*")
        return ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="s3.amazonaws.com",
                description="Copies objects to the other region",
                source_account=self._args.account_id,
                source_arn=source.bucket_arn,
                statements=[
                    Statement(
                        actions=["s3:GetReplicationConfiguration", "s3:ListBucket"],
                        resources=[source.bucket_arn],
                    ),
                    Statement(
                        actions=[
                            "s3:GetObjectVersionAcl",
                            "s3:GetObjectVersionForReplication",
                            "s3:GetObjectVersionTagging",
                        ],
                        resources=[source_objects],
                    ),
                    Statement(
                        actions=["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
                        resources=[pulumi.Output.concat(target.bucket_arn, "/*")],
                    ),
                    kms_decrypt(_key(source)),
                    Statement(actions=["kms:Encrypt", "kms:GenerateDataKey"], resources=[_key(target)]),
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_replication(self, role: ServiceRole) -> s3.BucketReplicationConfig:
        args = self._args
        return s3.BucketReplicationConfig(
            f"{self._name}-rules",
            bucket=args.source.bucket_name,
            role=role.role_arn,
            rules=[
                s3.BucketReplicationConfigRuleArgs(
                    id=self.rule_id,
                    status="Enabled",
                    priority=1,
                    filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
                    delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status="Enabled"
                    ),
                    source_selection_criteria=s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
                        sse_kms_encrypted_objects=(
                            s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                                status="Enabled"
                            )
                        )
                    ),
                    destination=s3.BucketReplicationConfigRuleDestinationArgs(
                        bucket=args.target.bucket_arn,
                        encryption_configuration=(
                            s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                                replica_kms_key_id=_key(args.target)
                            )
                        ),
                        metrics=s3.BucketReplicationConfigRuleDestinationMetricsArgs(
                            status="Enabled",
                            event_threshold=s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                                minutes=PROMISED_MINUTES
                            ),
                        ),
                        replication_time=s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
                            status="Enabled",
                            time=s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(
                                minutes=PROMISED_MINUTES
                            ),
                        ),
                    ),
                )
            ],
            # Replication is refused until both buckets keep versions.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.source.versioning, args.target.versioning]
            ),
        )


def _key(bucket: PrivateBucket) -> pulumi.Input[str]:
    encryption = bucket.encryption
    if not isinstance(encryption, KmsEncryption):
        raise TypeError("a replicated bucket has a key of ours")
    return encryption.key_arn
