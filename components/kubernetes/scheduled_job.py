"""A job that a cluster starts by the clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.batch import v1 as batch
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from components.compute.eks_pod_role import EksPodRole, EksPodRoleArgs
from components.kubernetes.cluster import object_options
from components.kubernetes.namespace import Namespace
from components.kubernetes.pod import APP_LABEL, PodArgs, pod_spec
from components.kubernetes.workload import service_account
from components.security.iam import Statement

_CRON = re.compile(r"\S+( \S+){4}")
_JOB_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class ScheduledJobArgs:
    """``schedule`` has five fields, as cron writes them, by the clock of ``timezone``.

    ``job_name`` is the CronJob's and its service account's name in the namespace.
    """

    namespace: Namespace
    job_name: str
    schedule: str
    pod: PodArgs
    deadline_seconds: int
    """Of one run, retries included: it is then stopped and counts as failed."""
    starting_deadline_seconds: int = 120
    """A start that is later than this is left out. The controller looks every ten seconds."""
    retries: int = 1
    timezone: str = "Etc/UTC"
    kept_successful: int = 3
    kept_failed: int = 3
    kept_seconds: int = 3_600
    """After its end a run goes, whatever the counts: a failure is alarmed about for this long."""
    statements: Sequence[Statement] = ()
    """What the code may do in AWS."""

    def __post_init__(self) -> None:
        if not _JOB_NAME.fullmatch(self.job_name):
            raise ValueError(
                f"job_name: got {self.job_name!r}; at most 52 lower-case letters, digits and dashes"
            )
        if not _CRON.fullmatch(self.schedule):
            raise ValueError(f"schedule: got {self.schedule!r}; five fields, such as */5 * * * *")
        for name, value, least, most in (
            ("deadline_seconds", self.deadline_seconds, 1, 86_400),
            ("starting_deadline_seconds", self.starting_deadline_seconds, 20, 86_400),
            ("retries", self.retries, 0, 10),
            ("kept_successful", self.kept_successful, 0, 20),
            ("kept_failed", self.kept_failed, 1, 20),
            ("kept_seconds", self.kept_seconds, 60, 604_800),
        ):
            if not least <= value <= most:
                raise ValueError(f"{name}: got {value}; allowed {least} to {most}")


class ScheduledJob(pulumi.ComponentResource):
    """A CronJob of which one run never meets the next, its service account and its role."""

    cron_job: batch.CronJob
    cron_job_name: pulumi.Output[str]
    role: EksPodRole
    role_arn: pulumi.Output[str]
    service_account: core.ServiceAccount

    def __init__(self, name: str, args: ScheduledJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:kubernetes:ScheduledJob", name, None, opts)
        self._name = name
        self._args = args
        self.role = EksPodRole(
            f"{name}-identity",
            EksPodRoleArgs(
                cluster=args.namespace.cluster,
                namespace=args.namespace.name,
                service_account=args.job_name,
                description=f"What {name} may do",
                statements=args.statements,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.role_arn = self.role.role_arn
        self.service_account = service_account(
            self, f"{name}-account", args.job_name, args.namespace, self.role
        )
        self.cron_job = self._build_cron_job()
        self.cron_job_name = self.cron_job.metadata.apply(lambda made: made.name or "")
        self.register_outputs({"cronJobName": self.cron_job_name, "roleArn": self.role_arn})

    def _build_cron_job(self) -> batch.CronJob:
        args = self._args
        labels = {APP_LABEL: args.job_name}
        account = self.service_account.metadata.apply(lambda made: made.name or "")
        template = core.PodTemplateSpecArgs(
            metadata=meta.ObjectMetaArgs(labels=labels),
            spec=pod_spec(args.job_name, args.pod, service_account=account, restart="Never"),
        )
        return batch.CronJob(
            f"{self._name}-job",
            metadata=meta.ObjectMetaArgs(
                name=args.job_name, namespace=args.namespace.namespace_name, labels=labels
            ),
            spec=batch.CronJobSpecArgs(
                schedule=args.schedule,
                time_zone=args.timezone,
                concurrency_policy="Forbid",
                suspend=False,
                starting_deadline_seconds=args.starting_deadline_seconds,
                successful_jobs_history_limit=args.kept_successful,
                failed_jobs_history_limit=args.kept_failed,
                job_template=batch.JobTemplateSpecArgs(
                    metadata=meta.ObjectMetaArgs(labels=labels),
                    spec=batch.JobSpecArgs(
                        active_deadline_seconds=args.deadline_seconds,
                        backoff_limit=args.retries,
                        ttl_seconds_after_finished=args.kept_seconds,
                        template=template,
                    ),
                ),
            ),
            opts=object_options(self, args.namespace.cluster),
        )
