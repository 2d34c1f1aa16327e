"""ECS: a deployment that the circuit breaker rolled back looks like success to whoever only waits for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.aws import section
from ops.verify.result import Probe, Result

Described = Mapping[str, Any]

_UNDER_WAY = frozenset(
    {"PENDING", "IN_PROGRESS", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "STOP_REQUESTED"}
)


def service(probe: Probe) -> Iterator[Result]:
    """The primary deployment is of the planned task definition, COMPLETED, and all its tasks run."""
    ecs = probe.client("ecs")
    cluster, name = probe.resource.get("cluster"), probe.resource.get("name") or probe.resource.id
    reply = ecs.describe_services(cluster=cluster, services=[name])
    found: Described | None = next(iter(reply["services"]), None)
    if found is None or found["status"] != "ACTIVE":
        said = found["status"] if found else "no such service"
        yield probe.failed("service ACTIVE", said, "`pulumi refresh`, then `pulumi up`")
        return
    controller = section(found, "deploymentController").get("type", "ECS")
    strategy = section(found, "deploymentConfiguration").get("strategy", "ROLLING")
    if controller != "ECS":
        primary = next((each for each in found.get("taskSets") or () if each["status"] == "PRIMARY"), None)
        yield from _task_set(probe, primary)
    elif strategy != "ROLLING":
        yield from _shifted(probe, ecs, cluster, found)
    else:
        yield from _rolled(probe, found)
    yield _count(probe, found)


def _rolled(probe: Probe, found: Described) -> Iterator[Result]:
    deployments: Sequence[Described] = found.get("deployments") or ()
    primary = next((each for each in deployments if each["status"] == "PRIMARY"), None)
    if primary is None:
        yield probe.failed(
            "a primary deployment", "none", "start one: `aws ecs update-service --force-new-deployment`"
        )
        return
    planned, live = probe.resource.planned("taskDefinition"), primary["taskDefinition"]
    reason = primary.get("rolloutStateReason") or ""
    if planned and _short(planned) != _short(live):
        yield probe.failed(
            f"task definition {_short(planned)}",
            f"{_short(live)}: the planned one was rolled back or not started. {_why(found, reason)}".strip(),
            "`aws ecs list-tasks --desired-status STOPPED` leads to the reasons; mend, and deploy again",
        )
        return
    state = primary.get("rolloutState") or ("COMPLETED" if len(deployments) == 1 else "IN_PROGRESS")
    expected = f"deployment of {_short(live)} COMPLETED"
    if state == "COMPLETED" and len(deployments) == 1:
        yield probe.ok(expected, "COMPLETED")
    elif state == "FAILED":
        yield probe.failed(
            expected, f"FAILED. {_why(found, reason)}", "mend the image or its settings, and deploy again"
        )
    else:
        others = f", {len(deployments) - 1} older still there" if len(deployments) > 1 else ""
        yield probe.pending(
            expected,
            f"{state}{others}. {_why(found, reason)}",
            "wait; `aws ecs describe-services` shows events",
        )


def _shifted(probe: Probe, ecs: Any, cluster: str, found: Described) -> Iterator[Result]:
    """Blue/green, linear and canary deployments keep a record of their own of how each ended."""
    latest: Sequence[Described] = ecs.list_service_deployments(
        cluster=cluster, service=found["serviceName"], maxResults=1
    )["serviceDeployments"]
    if not latest:
        yield probe.failed("a deployment", "none", "deploy again")
        return
    status = latest[0]["status"]
    expected = "last deployment SUCCESSFUL"
    if status in _UNDER_WAY:
        yield probe.pending(
            expected,
            f"{status}. {latest[0].get('statusReason', '')}".rstrip(". "),
            "wait for the shift and its bake time",
        )
        return
    if status != "SUCCESSFUL":
        yield probe.failed(
            expected,
            f"{status}. {_why(found, latest[0].get('statusReason', ''))}",
            "mend what the alarm or the hook found, and deploy again",
        )
        return
    yield probe.ok(expected, status)
    arn = latest[0]["targetServiceRevisionArn"]
    revision = ecs.describe_service_revisions(serviceRevisionArns=[arn])["serviceRevisions"][0]
    planned, live = probe.resource.planned("taskDefinition"), revision["taskDefinition"]
    if planned and _short(planned) != _short(live):
        yield probe.failed(f"task definition {_short(planned)}", _short(live), "deploy again: `pulumi up`")
    else:
        yield probe.ok(f"task definition {_short(planned or live)}", _short(live))


def _task_set(probe: Probe, primary: Described | None) -> Iterator[Result]:
    """A service of CodeDeploy or another controller: its task definition is the controller's."""
    if primary is None:
        yield probe.failed("a primary task set", "none", "start a deployment with the service's controller")
        return
    yield probe.status(
        primary.get("stabilityStatus", ""),
        good=["STEADY_STATE"],
        moving=["STABILIZING"],
        fix="wait; the task set's events say what it waits for",
        what="task set",
    )


def _count(probe: Probe, found: Described) -> Result:
    desired, running = found["desiredCount"], found["runningCount"]
    if desired == 0 and (probe.resource.inputs.get("desiredCount") or 0) > 0:
        return probe.failed(
            f"{probe.resource.inputs['desiredCount']} tasks",
            "0: somebody scaled it to nothing",
            "set the desired count back",
        )
    expected = f"{desired} tasks running"
    if running == desired and not found["pendingCount"]:
        return probe.ok(expected, f"{running} running")
    return probe.pending(
        expected,
        f"{running} running, {found['pendingCount']} pending. {_why(found, '')}".rstrip(". "),
        "wait, or read the service's events",
    )


def _why(found: Described, reason: str) -> str:
    """The reason that ECS gives, or else the newest event."""
    events: Sequence[Described] = found.get("events") or ()
    return reason or (str(events[0]["message"]) if events else "")


def _short(arn: str) -> str:
    """Family and revision, without the ARN before them."""
    return str(arn).rpartition("/")[2]
