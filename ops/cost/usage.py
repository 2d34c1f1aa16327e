"""What people and programs do in a month: assumptions that the owner of a system edits.

A price times nothing is nothing: so an assumption that a resource needs and that is not written down is
reported as missing, and never taken as zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from ops.errors import Exit, OpsError

ASSUMPTIONS = Path(__file__).with_name("usage.yaml")

METRICS: Mapping[str, str] = {
    "requests": "requests that reach the system's API, a month",
    "lambdaInvocations": "invocations of all functions together, a month",
    "lambdaMilliseconds": "average duration of an invocation, ms",
    "cdnRequests": "requests at CloudFront, a month",
    "cdnGb": "GB that CloudFront sends to viewers, a month",
    "internetGb": "GB that leave AWS by other doors, a month",
    "crossRegionGb": "GB replicated to the second region, a month",
    "natGb": "GB through NAT gateways, a month",
    "endpointGb": "GB through interface endpoints, a month",
    "loadBalancerLcu": "average load balancer capacity units in use",
    "taskLoad": "0 when services stand at their floor all month, 1 at their ceiling",
    "auroraAcu": "average capacity of an Aurora instance above 0 ACU, where it exceeds the minimum",
    "auroraGb": "GB in the Aurora volume",
    "auroraIo": "reads and writes of the Aurora volume, a month",
    "backupGb": "GB of backups beyond the free allowance",
    "cacheGb": "average GB in the serverless cache",
    "cacheEcpu": "ElastiCache processing units, a month",
    "batchVcpuHours": "vCPU hours of batch jobs, a month",
    "dynamodbReads": "read request units, a month",
    "dynamodbWrites": "write request units, a month",
    "dynamodbGb": "GB in tables",
    "s3Gb": "GB in buckets, versions included",
    "s3Puts": "writes and lists, a month",
    "s3Gets": "reads, a month",
    "ecrGb": "GB of images",
    "queueRequests": "SQS and pipe requests, a month",
    "kmsRequests": "uses of the key that buckets and secrets do not cache, a month",
    "secretRequests": "reads of secrets, a month",
    "logsGb": "GB of logs that CloudWatch takes in, a month",
    "customMetrics": "metrics that are not AWS's own: containers, applications, filters",
    "traces": "traces recorded, a month",
    "taskRuns": "runs of one-off and scheduled tasks, a month",
    "taskMinutes": "average minutes of such a run",
    "configItems": "configuration items recorded, a month",
    "configEvaluations": "Config rule evaluations, a month",
    "securityChecks": "Security Hub checks, a month",
    "guardEvents": "events that GuardDuty reads, a month",
}
"""Every assumption that a price may ask for, and its unit."""


class MissingUsageError(LookupError):
    """An assumption that a resource needs is not written down."""


@dataclass(frozen=True)
class Usage:
    """The assumptions of one system in one environment."""

    system: str
    environment: str
    values: Mapping[str, float]

    def __getitem__(self, metric: str) -> float:
        if metric not in METRICS:
            raise KeyError(metric)
        try:
            return self.values[metric]
        except KeyError:
            raise MissingUsageError(
                f"usage.yaml: {self.system}.{self.environment}.{metric} ({METRICS[metric]})"
            ) from None


@dataclass(frozen=True)
class Assumptions:
    """All systems and environments of one usage file."""

    by_system: Mapping[str, Mapping[str, Mapping[str, float]]]

    def of(self, system: str, environment: str) -> Usage:
        return Usage(system, environment, self.by_system.get(system, {}).get(environment, {}))


def load_usage(path: Path = ASSUMPTIONS) -> Assumptions:
    """Read a usage file: system, environment, metric, number. All errors at once, each with its key."""
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OpsError(f"{path}: {error.strerror}", fix="name a usage file with --usage") from error
    except yaml.YAMLError as error:
        raise OpsError(f"{path} is not YAML: {error}", exit_code=Exit.USAGE) from error
    problems = list(_problems(document))
    if problems:
        raise OpsError(
            f"{path}:\n  " + "\n  ".join(problems),
            fix="system, environment, then one of: " + ", ".join(METRICS),
            exit_code=Exit.USAGE,
        )
    return Assumptions(cast("dict[str, dict[str, dict[str, float]]]", document))


def _problems(document: object) -> list[str]:
    if not isinstance(document, dict):
        return [f"got {type(document).__name__}; allowed: a mapping of systems"]
    found: list[str] = []
    for system, environments in cast("dict[object, object]", document).items():
        if not isinstance(environments, dict):
            found.append(f"{system}: got {environments!r}; allowed: a mapping of environments")
            continue
        for environment, metrics in cast("dict[object, object]", environments).items():
            if not isinstance(metrics, dict):
                found.append(f"{system}.{environment}: got {metrics!r}; allowed: a mapping of metrics")
                continue
            for metric, value in cast("dict[object, object]", metrics).items():
                key = f"{system}.{environment}.{metric}"
                if metric not in METRICS:
                    found.append(f"{key}: no such metric")
                elif isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                    found.append(f"{key}: got {value!r}; allowed: a number, 0 or more")
    return found
