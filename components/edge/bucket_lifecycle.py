"""What a bucket lets go by itself, and when."""

from collections.abc import Sequence

from pulumi_aws import s3


def lifecycle_rules(
    *,
    expire_after_days: int | None,
    archive_after_days: int | None,
    noncurrent_retention_days: int,
    archive_noncurrent_after_days: int | None,
) -> Sequence[s3.BucketLifecycleConfigurationRuleArgs]:
    """Rules over every object: what was overwritten or half uploaded goes; objects where asked."""
    every_object = s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    rules = [
        s3.BucketLifecycleConfigurationRuleArgs(
            id="clean-up",
            status="Enabled",
            filter=every_object,
            abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=7
            ),
            noncurrent_version_transitions=_archive(archive_noncurrent_after_days),
            noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=noncurrent_retention_days
            ),
        )
    ]
    if archive_after_days is not None:
        rules.append(
            s3.BucketLifecycleConfigurationRuleArgs(
                id="archive",
                status="Enabled",
                filter=every_object,
                transitions=[
                    s3.BucketLifecycleConfigurationRuleTransitionArgs(
                        days=archive_after_days, storage_class="GLACIER"
                    )
                ],
            )
        )
    if expire_after_days is not None:
        rules.append(
            s3.BucketLifecycleConfigurationRuleArgs(
                id="expire",
                status="Enabled",
                filter=every_object,
                expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=expire_after_days),
            )
        )
    return rules


def _archive(
    after_days: int | None,
) -> list[s3.BucketLifecycleConfigurationRuleNoncurrentVersionTransitionArgs] | None:
    if after_days is None:
        return None
    return [
        s3.BucketLifecycleConfigurationRuleNoncurrentVersionTransitionArgs(
            noncurrent_days=after_days, storage_class="GLACIER"
        )
    ]
