"""The account's security services, their key, and who hears of what they find."""

import pulumi

from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs
from components.security.account_baseline import AccountBaseline, AccountBaselineArgs
from components.security.account_baseline_plan import trail_arn
from components.security.account_baseline_policies import record_key_statements
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.stack import AccountBaseline as BaselineSettings
from settings.stack import StackSettings
from systems.endpoints import subscriptions


def build_baseline(
    name: str, stack: StackSettings, wanted: BaselineSettings, opts: pulumi.ResourceOptions
) -> AccountBaseline:
    arn = trail_arn(region=stack.region, account_id=stack.account_id, trail_name=wanted.trail_name)
    key = KmsKey(
        f"{name}-key",
        KmsKeyArgs(
            alias=f"{name}-{stack.environment}",
            description="Account: records of calls and changes, and their alerts",
            account_id=stack.account_id,
            region=stack.region,
            services=["events", "logs"],
            extra_statements=record_key_statements(account_id=stack.account_id, trail_arn=arn),
            deletion_protection=wanted.deletion_protection,
        ),
        opts,
    )
    topics = AlertTopics(
        f"{name}-alerts",
        AlertTopicsArgs(
            account_id=stack.account_id,
            kms_key_arn=key.key_arn,
            publishers=["events"],
            subscriptions={"critical": subscriptions(stack.alerts)["critical"]},
        ),
        opts,
    )
    return AccountBaseline(
        f"{name}-baseline",
        AccountBaselineArgs(
            account_id=stack.account_id,
            region=stack.region,
            trail_name=wanted.trail_name,
            kms_key_arn=key.key_arn,
            finding_topic_arn=topics.arns["critical"],
            log_retention_days=wanted.log_retention_days,
            record_retention_days=wanted.record_retention_days,
            deletion_protection=wanted.deletion_protection,
        ),
        opts,
    )
