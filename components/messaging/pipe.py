"""A pipe from a queue to Batch: each message becomes one job."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, pipes

from components.compute.batch_worker import BatchWorker
from components.observability.log_group import log_group
from components.security.iam import ServicePrincipal, Statement, policy_document
from components.security.service_role import ServiceRole, ServiceRoleArgs

BODY_VARIABLE = "SQS_MESSAGE_BODY"
"""The environment variable in which a job finds its message."""

MAX_BODY_BYTES = 4_096
"""Of a message, for its queue to refuse longer ones. Batch fails a job whose overrides are longer than 8192
characters as JSON, and there each quote of a body counts twice."""


@dataclass(frozen=True, kw_only=True)
class BatchPipeArgs:
    """``pipe_name`` is known beforehand, since the role trusts this one pipe alone.

    ``queue_key_arn`` encrypts the queue's messages; ``kms_key_arn`` the pipe's log.
    """

    pipe_name: str
    account_id: str
    region: str
    queue_arn: pulumi.Input[str]
    queue_key_arn: pulumi.Input[str]
    worker: BatchWorker
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    description: str


class BatchPipe(pulumi.ComponentResource):
    """One message, one job: the job's name is the message's id, its body an environment variable.

    The pipe deletes a message once Batch has taken the job; from there the job's state is Batch's. A message
    that Batch refuses comes back after the queue's visibility timeout, and goes where the queue's redrive
    policy says. Filters and enrichment are left out: every message is a job. What a message says is left out
    of the log.
    """

    pipe: pipes.Pipe
    pipe_name: pulumi.Output[str]
    pipe_arn: pulumi.Output[str]
    role: ServiceRole
    log_group: cloudwatch.LogGroup
    log_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: BatchPipeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:BatchPipe", name, None, opts)
        if args.worker.fair:
            raise ValueError(
                f"{name}: worker: got one with a fair-share queue, which refuses a job without a share, "
                "and a pipe names none: give the worker Fifo() scheduling, or submit with code"
            )
        self._name = name
        self._args = args
        self.role = self._build_role()
        self.log_group = log_group(
            self,
            f"{name}-logs",
            retention_days=args.log_retention_days,
            kms_key_arn=args.kms_key_arn,
            # Vended logs share one policy of limited length unless the group's name begins so.
            physical_name=f"/aws/vendedlogs/pipes/{args.pipe_name}",
        )
        self.pipe = self._build_pipe(self._build_log_policy())
        self.pipe_name = self.pipe.name
        self.pipe_arn = self.pipe.arn
        self.log_group_name = self.log_group.name
        self.register_outputs({"pipeArn": self.pipe_arn, "logGroupName": self.log_group_name})

    def _build_role(self) -> ServiceRole:
        args = self._args
        return ServiceRole(
            f"{self._name}-pipe",
            ServiceRoleArgs(
                service="pipes.amazonaws.com",
                description="Takes messages from one queue and submits each as a job",
                source_account=args.account_id,
                source_arn=f"arn:aws:pipes:{args.region}:{args.account_id}:pipe/{args.pipe_name}",
                statements=[
                    Statement(
                        sid="Take",
                        actions=["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
                        resources=[args.queue_arn],
                    ),
                    Statement(
                        sid="Read",
                        actions=["kms:Decrypt"],
                        resources=[args.queue_key_arn],
                        conditions={"StringEquals": {"kms:ViaService": f"sqs.{args.region}.amazonaws.com"}},
                    ),
                    Statement(
                        sid="Submit",
                        actions=["batch:SubmitJob"],
                        resources=[args.worker.job_queue_arn, args.worker.job_definition_arn],
                    ),
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_log_policy(self) -> cloudwatch.LogResourcePolicy:
        account_id, region = self._args.account_id, self._args.region
        return cloudwatch.LogResourcePolicy(
            f"{self._name}-log-policy",
            resource_arn=self.log_group.arn,
            policy_document=policy_document(
                Statement(
                    sid="PipeDelivery",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[pulumi.Output.concat(self.log_group.arn, ":*")],
                    principals=[ServicePrincipal("delivery.logs.amazonaws.com")],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": account_id},
                        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:*"},
                    },
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_pipe(self, log_policy: cloudwatch.LogResourcePolicy) -> pipes.Pipe:
        args = self._args
        return pipes.Pipe(
            f"{self._name}-pipe",
            name=args.pipe_name,
            description=args.description,
            desired_state="RUNNING",
            role_arn=self.role.role_arn,
            source=args.queue_arn,
            source_parameters=pipes.PipeSourceParametersArgs(
                sqs_queue_parameters=pipes.PipeSourceParametersSqsQueueParametersArgs(batch_size=1)
            ),
            target=args.worker.job_queue_arn,
            target_parameters=pipes.PipeTargetParametersArgs(batch_job_parameters=self._job()),
            log_configuration=pipes.PipeLogConfigurationArgs(
                level="INFO",
                cloudwatch_logs_log_destination=pipes.PipeLogConfigurationCloudwatchLogsLogDestinationArgs(
                    log_group_arn=self.log_group.arn
                ),
            ),
            # The pipe polls as soon as it is made, and needs its grants by then.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role, log_policy]),
        )

    def _job(self) -> pipes.PipeTargetParametersBatchJobParametersArgs:
        """A value that is a path as a whole is read from the message; a path inside a text is not."""
        overrides = pipes.PipeTargetParametersBatchJobParametersContainerOverridesArgs(
            environments=[
                pipes.PipeTargetParametersBatchJobParametersContainerOverridesEnvironmentArgs(
                    name=BODY_VARIABLE, value="$.body"
                )
            ]
        )
        return pipes.PipeTargetParametersBatchJobParametersArgs(
            job_name="$.messageId",
            job_definition=self._args.worker.job_definition_arn,
            container_overrides=overrides,
        )
