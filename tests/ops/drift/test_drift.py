"""Drift on the real engine: a simulated cloud that somebody changed, and the issue that follows."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from offline.cli import Cli
from ops.drift import command as drift_command
from ops.drift import report
from ops.drift.find import read
from ops.errors import Exit, OpsError

REPOSITORY = Path(__file__).parents[3]
PROGRAM = """
import pulumi
import pulumi_aws as aws

aws.cloudwatch.LogGroup("logs", name="logs", retention_in_days=30, tags={"owner": "kim"})
cluster = aws.ecs.Cluster("cluster", name="cluster")
aws.ecs.Service("service", cluster=cluster.arn, desired_count=2, task_definition="app:1", name="service",
    opts=pulumi.ResourceOptions(ignore_changes=["desiredCount", "taskDefinition"]))
aws.sqs.Queue("queue", name="queue", visibility_timeout_seconds=30)
"""
pytestmark = [pytest.mark.engine, pytest.mark.timeout(300), pytest.mark.xdist_group("drift")]


@pytest.fixture(scope="module")
def deployed(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - there, or skipped
    folder = tmp_path_factory.mktemp("drift")
    (folder / "Pulumi.yaml").write_text("name: sample\nruntime: python\nmain: .\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: ap-northeast-2\n")
    (folder / "__main__.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "offline", "up", "--project", str(folder), "--state", str(folder / "state")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def drift(folder: Path, by_hand: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The tool's answer after somebody changed these resources in the simulated cloud."""
    file = folder / "by-hand.json"
    file.write_text(json.dumps(by_hand))
    before = [each.read_bytes() for each in sorted((folder / "state").rglob("*.json"))]
    asked = [sys.executable, "-m", "ops", "drift", "--stack", "dev", "--offline", "--json"]
    done = subprocess.run(
        [*asked, "--project", str(folder), "--state", str(folder / "state")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SIMULATED_DRIFT": str(file)},
    )
    assert done.stdout, done.stderr
    assert [each.read_bytes() for each in sorted((folder / "state").rglob("*.json"))] == before
    return done.returncode, json.loads(done.stdout)


def test_nothing_changed(deployed: Path) -> None:
    code, answer = drift(deployed, {})
    assert (code, answer["drifted"], answer["looked"]) == (Exit.OK, [], 4)


def test_what_was_changed_by_hand_is_found_and_what_runs_by_itself_is_left_out(deployed: Path) -> None:
    code, answer = drift(
        deployed,
        {
            "logs": {"retentionInDays": 3, "tags": {"owner": "kim", "by": "hand"}},
            "service": {"desiredCount": 9, "taskDefinition": "app:7"},
            "queue": None,
        },
    )
    assert code == Exit.FAILED
    assert [(each["name"], each["kind"], each["properties"]) for each in answer["drifted"]] == [
        ("queue", "gone", []),
        ("logs", "changed", ["retentionInDays", "tags.by"]),
    ]
    assert "3" not in json.dumps(answer["drifted"]).replace("urn", ""), "no values"


def test_a_property_of_a_service_that_nobody_else_owns(deployed: Path) -> None:
    code, answer = drift(deployed, {"service": {"desiredCount": 9, "enableExecuteCommand": True}})
    assert code == Exit.FAILED
    assert [each["properties"] for each in answer["drifted"]] == [["enableExecuteCommand"]]


class Issues:
    """What was asked of GitHub."""

    def __init__(self) -> None:
        self.said: list[tuple[str, ...]] = []

    def issue(self, *given: str) -> str:
        self.said.append(("issue", *given))
        return "https://x/1"

    def settle(self, *given: str) -> None:
        self.said.append(("settle", *given))


def document(after: dict[str, Any] | None) -> str:
    system = "urn:pulumi:prod::p::platform:system:PetClinic::petclinic"
    urn = "urn:pulumi:prod::p::platform:system:PetClinic$aws:sqs/queue:Queue::petclinic-jobs"
    state = {"urn": urn, "type": "aws:sqs/queue:Queue", "custom": True, "inputs": {"delaySeconds": 0}}
    new = {**state, "inputs": after} if after is not None else None
    whole = {"urn": system, "type": "platform:system:PetClinic"}
    steps = [
        {"op": "same", "urn": system, "oldState": whole, "newState": whole},
        {"op": "refresh", "urn": urn, "oldState": state, "newState": new},
    ]
    return json.dumps({"steps": steps})


def test_one_issue_for_a_stack_opened_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    issues = Issues()
    monkeypatch.setattr(drift_command, "from_environment", lambda: issues)
    monkeypatch.setenv("RUN_URL", "https://github.com/x/actions/runs/1")
    texts = iter([document({"delaySeconds": 5}), document({"delaySeconds": 0})])
    monkeypatch.setattr(drift_command, "_refreshed", lambda *_given: next(texts))
    asked = ["--stack", "prod", "--issue"]
    assert drift_command.command.main(asked, standalone_mode=False) == Exit.FAILED
    assert drift_command.command.main(asked, standalone_mode=False) == Exit.OK
    opened, closed = issues.said
    assert opened[:3] == ("issue", report.marker("prod"), "Drift in prod: 1 resource")
    assert opened[3].startswith(report.marker("prod"))
    assert "| changed | petclinic | `petclinic-jobs` | `aws:sqs/queue:Queue` | delaySeconds |" in opened[3]
    assert closed[:3] == ("settle", report.marker("prod"), "drift")


def test_what_is_owned_at_run_time_is_left_out_where_the_engine_shows_it() -> None:
    shown = json.loads(document({"delaySeconds": 5, "tags": {"by": "hand"}}))
    shown["steps"][1]["oldState"]["ignoreChanges"] = ["delaySeconds"]
    found = read(json.dumps(shown), "prod")
    assert [each.properties for each in found.drifted] == [("tags",)]
    assert found.owned == 1


def test_a_default_that_is_read_back_is_no_drift() -> None:
    assert read(document({"delaySeconds": 0, "policy": ""}), "prod").ok


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no", "not its document"),
        (
            '{"steps": [], "diagnostics": [{"severity": "error", "message": "expired token"}]}',
            "expired token",
        ),
    ],
)
def test_a_cloud_that_cannot_be_asked_is_not_a_cloud_without_drift(text: str, said: str) -> None:
    with pytest.raises(OpsError, match=said):
        read(text, "prod")
