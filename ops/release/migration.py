"""The migration task: run once for each release, waited for, and found again after a kill."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from ops.errors import OpsError

_POLL_SECONDS = 5.0


class Migration(BaseModel):
    """What a system exports of its migration: enough to run it."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)

    cluster: str
    task_definition: str
    container: str
    subnets: Sequence[str]
    security_group: str
    platform_version: str = "LATEST"
    log_group: str = ""


def of(outputs: Mapping[str, Any]) -> Migration | None:
    """The migration that goes before a release; None for a system without one.

    SafeWork and Sesami export under the same name the task that moves their old database here, in another
    shape: that one is never a release's to run.
    """
    found = outputs.get("migration")
    if not isinstance(found, Mapping) or "taskDefinition" not in found:
        return None
    try:
        return Migration.model_validate(found)
    except ValidationError as error:
        raise OpsError(f"output migration: {error}", fix="it is FargateTask.run of the system") from error


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a migration ended. ``line`` says where to read more when it failed."""

    ok: bool
    line: str


def run(
    ecs: Any,
    wanted: Migration,
    release: str,
    *,
    timeout: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Ran:
    """Start the task, or find the one that this release started before, and wait for its exit code.

    Raises OpsError where ECS refuses, and after ``timeout`` seconds; the task is then left running: a schema
    change that is cut off is worse than one that is late.
    """
    try:
        task = _found(ecs, wanted, release) or _started(ecs, wanted, release)
        deadline = clock() + timeout
        while True:
            [described] = ecs.describe_tasks(cluster=wanted.cluster, tasks=[task])["tasks"]
            if described["lastStatus"] == "STOPPED":
                return _ended(described, wanted)
            if clock() > deadline:
                raise OpsError(
                    f"migration {_short(task)} still runs after {timeout:.0f} s; nothing was released",
                    fix="let it end, then repeat the same command: it takes up this task",
                )
            sleep(_POLL_SECONDS)
    except (ClientError, BotoCoreError, ValueError) as error:
        raise OpsError(f"migration: {' '.join(str(error).split())}") from error


def _found(ecs: Any, wanted: Migration, release: str) -> str | None:
    """A task that this release started and whose answer, or whose end, was not seen."""
    for status in ("RUNNING", "STOPPED"):
        listed = ecs.list_tasks(cluster=wanted.cluster, startedBy=release, desiredStatus=status)
        tasks = cast("Sequence[str]", listed["taskArns"])
        if not tasks:
            continue
        described = ecs.describe_tasks(cluster=wanted.cluster, tasks=list(tasks)[:100])["tasks"]
        for each in described:
            same = _short(each["taskDefinitionArn"]) == _short(wanted.task_definition)
            if same and (status == "RUNNING" or _ended(each, wanted).ok):
                return str(each["taskArn"])
    return None


def _started(ecs: Any, wanted: Migration, release: str) -> str:
    answer = ecs.run_task(
        cluster=wanted.cluster,
        taskDefinition=wanted.task_definition,
        launchType="FARGATE",
        platformVersion=wanted.platform_version,
        startedBy=release,
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": list(wanted.subnets),
                "securityGroups": [wanted.security_group],
                "assignPublicIp": "DISABLED",
            }
        },
    )
    if not answer["tasks"]:
        reasons = ", ".join(str(each.get("reason")) for each in answer.get("failures") or ())
        raise OpsError(f"migration: ECS started nothing: {reasons or 'no reason given'}")
    return str(answer["tasks"][0]["taskArn"])


def _ended(task: Mapping[str, Any], wanted: Migration) -> Ran:
    containers = [each for each in task.get("containers") or () if each.get("name") == wanted.container]
    code = containers[0].get("exitCode") if containers else None
    if code == 0:
        return Ran(ok=True, line=f"migration {_short(task['taskArn'])} ended with 0")
    reason = (containers[0].get("reason") if containers else "") or task.get("stoppedReason") or "no reason"
    return Ran(
        ok=False,
        line=f"migration {_short(task['taskArn'])} ended with {'no exit code' if code is None else code}: "
        f"{reason}; its log: {wanted.log_group or 'none'}",
    )


def _short(arn: str) -> str:
    return str(arn).rpartition("/")[2]
