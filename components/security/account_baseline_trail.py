"""The record of every API call in an account."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudtrail, s3

from components.edge.bucket import PrivateBucket
from components.observability.log_group import log_group
from components.security.account_baseline_policies import TRAIL_PREFIX
from components.security.grants import write_logs
from components.security.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class AccountTrailArgs:
    """``bucket_policy`` must let CloudTrail write; the trail refuses to start before it does.

    ``trail_name`` is physical, since the policies of bucket and key name the trail before it exists.
    """

    trail_name: str
    account_id: str
    bucket: PrivateBucket
    bucket_policy: s3.BucketPolicy
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    """In CloudWatch Logs, for searching. The files in the bucket are the record."""


class AccountTrail(pulumi.ComponentResource):
    """One trail for all Regions: management calls, objects in S3, invocations of functions.

    Insights are left out: GuardDuty reads the same calls and says what is wrong with them. Network events
    are left out: the endpoints' policies admit this account alone.
    """

    trail_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: AccountTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:security:AccountTrail", name, None, opts)
        self._name = name
        self._args = args
        self.log_group = log_group(
            self, f"{name}-logs", retention_days=args.log_retention_days, kms_key_arn=args.kms_key_arn
        )
        self.role = self._build_role()
        self.trail = self._build_trail()
        self.trail_arn = self.trail.arn
        self.log_group_name = self.log_group.name
        self.register_outputs({"trailArn": self.trail_arn, "logGroupName": self.log_group_name})

    def _build_role(self) -> ServiceRole:
        return ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="cloudtrail.amazonaws.com",
                description="CloudTrail writes its log group",
                statements=[write_logs(self.log_group.arn)],
                source_account=self._args.account_id,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_trail(self) -> cloudtrail.Trail:
        args = self._args
        return cloudtrail.Trail(
            f"{self._name}-trail",
            name=args.trail_name,
            s3_bucket_name=args.bucket.bucket_name,
            s3_key_prefix=TRAIL_PREFIX,
            enable_logging=True,
            enable_log_file_validation=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            kms_key_id=args.kms_key_arn,
            cloud_watch_logs_group_arn=pulumi.Output.concat(self.log_group.arn, ":*"),
            cloud_watch_logs_role_arn=self.role.role_arn,
            advanced_event_selectors=self._selectors(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.bucket_policy, self.role]),
        )

    def _selectors(self) -> list[cloudtrail.TrailAdvancedEventSelectorArgs]:
        selector = cloudtrail.TrailAdvancedEventSelectorArgs
        own_files = pulumi.Output.concat(self._args.bucket.bucket_arn, "/")
        return [
            selector(name="Management", field_selectors=[_equals("eventCategory", "Management")]),
            selector(
                name="Objects",
                field_selectors=[
                    *_data("AWS::S3::Object"),
                    # The trail's own deliveries would be recorded in files that are delivered in turn.
                    cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
                        field="resources.ARN", not_starts_withs=[own_files]
                    ),
                ],
            ),
            selector(name="Functions", field_selectors=_data("AWS::Lambda::Function")),
        ]


def _data(resource_type: str) -> list[cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs]:
    return [_equals("eventCategory", "Data"), _equals("resources.type", resource_type)]


def _equals(field: str, value: str) -> cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs:
    return cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field=field, equals=[value])
