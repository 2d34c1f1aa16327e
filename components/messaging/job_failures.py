"""What becomes of jobs that fail for good, and of a job queue that cannot go on."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, sqs

from components.compute.batch_worker import BatchWorker
from components.observability.log_group import log_group
from components.security.iam import AnyPrincipal, ServicePrincipal, Statement, policy_document

EVENTS = "events.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class JobFailuresArgs:
    """The key of ``kms_key_arn`` must list ``events`` and ``logs`` among its services.

    ``log_group_name`` names the group of blocked queues below ``/aws/events/``, where EventBridge may write.
    """

    account_id: str
    worker: BatchWorker
    kms_key_arn: pulumi.Input[str]
    log_group_name: str
    log_retention_days: int
    retention_days: int = 14
    """How long a failed job waits for somebody to look: 14 days is the most that SQS keeps."""


class JobFailures(pulumi.ComponentResource):
    """A queue that holds each job that failed for good, and a log of why a job queue was blocked.

    Batch retries by itself; the event comes after the last attempt. It holds the whole job: its name (the
    message's id), its reason, its log stream, and the message in its environment. Nothing consumes the queue:
    a person reads it, and sends a message again once its cause is mended. Alarms are the caller's, on the
    queue's depth and on the rule of blocked queues.
    """

    queue: sqs.Queue
    queue_arn: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    queue_name: pulumi.Output[str]
    failed_rule_name: pulumi.Output[str]
    blocked_rule_name: pulumi.Output[str]
    """A blocked queue: no Spot capacity, or a job that no instance can hold."""
    log_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: JobFailuresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:JobFailures", name, None, opts)
        self._name = name
        self._args = args
        self.queue = self._build_queue()
        failed = self._build_rule(
            "failed",
            "Jobs that failed for good",
            {"detail-type": ["Batch Job State Change"]},
            {"status": ["FAILED"]},
        )
        policy = self._build_queue_policy(failed)
        self._build_target("failed", failed, self.queue.arn, policy)
        blocked = self._build_rule(
            "blocked", "A job queue that cannot go on", {"detail-type": ["Batch Job Queue Blocked"]}, {}
        )
        group = self._build_log_group()
        self._build_target("blocked", blocked, group.arn, self._build_log_policy(group, blocked))
        self.queue_arn = self.queue.arn
        self.queue_url = self.queue.url
        self.queue_name = self.queue.name
        self.failed_rule_name = failed.name
        self.blocked_rule_name = blocked.name
        self.log_group_name = group.name
        self.register_outputs({"queueUrl": self.queue_url, "logGroupName": self.log_group_name})

    def _build_queue(self) -> sqs.Queue:
        return sqs.Queue(
            f"{self._name}-queue",
            kms_master_key_id=self._args.kms_key_arn,
            message_retention_seconds=self._args.retention_days * 86_400,
            # The end of the line: no other queue may send its dead letters here.
            redrive_allow_policy=json.dumps({"redrivePermission": "denyAll"}),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_queue_policy(self, rule: cloudwatch.EventRule) -> sqs.QueuePolicy:
        return sqs.QueuePolicy(
            f"{self._name}-queue-policy",
            queue_url=self.queue.url,
            policy=policy_document(
                Statement(
                    sid="DenyPlainHttp",
                    effect="Deny",
                    actions=["sqs:*"],
                    resources=[self.queue.arn],
                    principals=[AnyPrincipal()],
                    conditions={"Bool": {"aws:SecureTransport": "false"}},
                ),
                Statement(
                    sid="FailedJobs",
                    actions=["sqs:SendMessage"],
                    resources=[self.queue.arn],
                    principals=[ServicePrincipal(EVENTS)],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": self._args.account_id},
                        "ArnEquals": {"aws:SourceArn": rule.arn},
                    },
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_rule(
        self, role: str, description: str, kind: dict[str, Any], detail: dict[str, Any]
    ) -> cloudwatch.EventRule:
        pattern = {
            **kind,
            "source": ["aws.batch"],
            "detail": {**detail, "jobQueue": [self._args.worker.job_queue_arn]},
        }
        return cloudwatch.EventRule(
            f"{self._name}-{role}",
            description=description,
            event_pattern=pulumi.Output.json_dumps(pattern, sort_keys=True),
            state="ENABLED",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_target(
        self, role: str, rule: cloudwatch.EventRule, arn: pulumi.Output[str], permission: pulumi.Resource
    ) -> cloudwatch.EventTarget:
        return cloudwatch.EventTarget(
            f"{self._name}-{role}-target",
            rule=rule.name,
            arn=arn,
            # EventBridge drops what it may not deliver.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )

    def _build_log_group(self) -> cloudwatch.LogGroup:
        return log_group(
            self,
            f"{self._name}-blocked-logs",
            retention_days=self._args.log_retention_days,
            kms_key_arn=self._args.kms_key_arn,
            physical_name=f"/aws/events/{self._args.log_group_name}",
        )

    def _build_log_policy(
        self, group: cloudwatch.LogGroup, rule: cloudwatch.EventRule
    ) -> cloudwatch.LogResourcePolicy:
        return cloudwatch.LogResourcePolicy(
            f"{self._name}-blocked-log-policy",
            resource_arn=group.arn,
            policy_document=policy_document(
                Statement(
                    sid="EventDelivery",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[pulumi.Output.concat(group.arn, ":*")],
                    principals=[ServicePrincipal(EVENTS), ServicePrincipal("delivery.logs.amazonaws.com")],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": self._args.account_id},
                        "ArnEquals": {"aws:SourceArn": rule.arn},
                    },
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
