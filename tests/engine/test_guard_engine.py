"""What the guard sees in previews that the real engine makes: renames, losses, lifted locks, approvals."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline.cli import Cli
from tests.engine.conftest import REPOSITORY, Project

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("cli")]

STORE = """
    class Store(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("platform:data:Store", name, None, opts)
            keep = pulumi.ResourceOptions(parent=self, retain_on_delete={retain}, protect={protect})
            aws.rds.Instance(
                f"{{name}}-primary", instance_class="db.t4g.micro", deletion_protection={locked},
                skip_final_snapshot=False, kms_key_id="{key}", opts=keep)
            aws.s3.Bucket(f"{{name}}-files", opts=pulumi.ResourceOptions(parent=self))
            plain = pulumi.ResourceOptions(parent=self)
            aws.iam.Role(f"{{name}}-role", assume_role_policy="{{}}", opts=plain)

    Store("{name}"{opts})
    aws.ec2.Eip("door")
"""
DATABASE = "urn:pulumi:dev::sample::platform:data:Store$aws:rds/instance:Instance::shop-primary"
BUCKET = "urn:pulumi:dev::sample::platform:data:Store$aws:s3/bucket:Bucket::shop-files"
ADDRESS = "urn:pulumi:dev::sample::aws:ec2/eip:Eip::door"


def store(**changes: Any) -> str:
    plain = {
        "name": "shop",
        "opts": "",
        "retain": False,
        "protect": False,
        "locked": True,
        "key": "arn:aws:kms:ap-northeast-2:123456789012:key/1",
    }
    return STORE.format(**{**plain, **changes})


def guard(project: Project, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The guard's answer to a preview of the project as it is, and its exit code."""
    file = project.folder / "preview.json"
    project.run("preview", "--json", str(file))
    done = subprocess.run(
        [sys.executable, "-m", "ops", "guard", "--preview", str(file), "--json", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout) if done.stdout else {"error": done.stderr}


def found(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {finding["urn"]: finding for finding in answer["findings"]}


def approvals(project: Project, *entries: tuple[str, str, int]) -> list[str]:
    """An approvals file with one entry for each URN, operation and days until it expires."""
    today = datetime.now(UTC).date()
    document = [
        {
            "urn": urn,
            "operation": operation,
            "reason": "moved to the group's account",
            "owner": "kim",
            "expires": today + timedelta(days=days),
        }
        for urn, operation, days in entries
    ]
    file = project.folder / "approvals.yaml"
    file.write_text(yaml.safe_dump({"approvals": document}))
    return ["--approvals", str(file)]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Path:
    """The folder of a project that is deployed, state and all, for each test to copy."""
    del cli
    project = Project(tmp_path_factory.mktemp("deployed"))
    project.program(store())
    project.passes("up")
    return project.folder


@pytest.fixture
def deployed(up: Path, tmp_path: Path) -> Project:
    shutil.copytree(up, tmp_path, dirs_exist_ok=True)
    project = Project(tmp_path)
    project.program(store())
    return project


def test_nothing_to_lose_passes(deployed: Project) -> None:
    code, answer = guard(deployed)
    assert (code, answer["findings"], answer["problems"]) == (0, [], [])
    assert answer["verdict"] == "guard: passed: stack dev: 0 changes, nothing guarded is lost or unlocked"


def test_a_renamed_component_is_caught_and_the_suggested_alias_mends_it(deployed: Project) -> None:
    deployed.program(store(name="store"))
    code, answer = guard(deployed)
    assert code == 1
    assert set(found(answer)) == {DATABASE, BUCKET}
    assert {finding["operation"] for finding in answer["findings"]} == {"delete"}
    alias = 'ResourceOptions(aliases=[pulumi.Alias(name="shop")])'
    assert alias in found(answer)[DATABASE]["fix"]
    assert "platform:data:Store::store is the same thing renamed" in found(answer)[DATABASE]["fix"]
    assert found(answer)[DATABASE]["why"] == "the database, or the copy that answers reads, is lost"
    deployed.program(store(name="store", opts=f", pulumi.{alias}"))
    assert guard(deployed)[0] == 0


def test_a_bucket_that_leaves_the_program(deployed: Project) -> None:
    deployed.program("\n".join(line for line in store().splitlines() if "s3.Bucket" not in line))
    code, answer = guard(deployed)
    assert code == 1
    [finding] = answer["findings"]
    assert (finding["urn"], finding["operation"]) == (BUCKET, "delete")
    assert "every object is lost" in finding["why"]
    assert finding["fix"] == "put it back into the program, or approve the deletion"


def test_a_key_that_replaces_a_database(deployed: Project) -> None:
    deployed.program(store(key="arn:aws:kms:ap-northeast-2:123456789012:key/2"))
    code, answer = guard(deployed)
    assert code == 1
    [finding] = answer["findings"]
    assert (finding["urn"], finding["operation"]) == (DATABASE, "replace")
    assert "another kmsKeyId makes a new, empty one and deletes this" in finding["why"]


def test_the_services_own_lock(deployed: Project) -> None:
    deployed.program(store(locked=False))
    code, answer = guard(deployed)
    assert code == 1
    [finding] = answer["findings"]
    assert (finding["urn"], finding["operation"]) == (DATABASE, "unlock")
    assert "lifts deletionProtection from true to false" in finding["why"]


@pytest.mark.parametrize(
    ("before", "after", "lock"),
    [
        ({"protect": True}, {}, "protect (the engine no longer refuses"),
        ({"retain": True}, {}, "retainOnDelete (leaving the program then deletes it)"),
    ],
)
def test_locks_that_only_the_engine_knows(
    project: Project, before: dict[str, Any], after: dict[str, Any], lock: str
) -> None:
    """No provider sees these change: the document must hold the resources that stay the same."""
    project.program(store(**before))
    project.passes("up")
    assert guard(project)[0] == 0
    project.program(store(**after))
    code, answer = guard(project)
    assert code == 1
    [finding] = answer["findings"]
    assert (finding["urn"], finding["operation"]) == (DATABASE, "unlock")
    assert lock in finding["why"]


def test_what_is_retained_is_forgotten_and_not_deleted(project: Project) -> None:
    project.program(store(retain=True))
    project.passes("up")
    project.program('aws.ec2.Eip("door")\n')
    code, answer = guard(project)
    assert code == 1
    assert {urn: each["operation"] for urn, each in found(answer).items()} == {
        DATABASE: "forget",
        BUCKET: "delete",
    }


def test_a_protected_deletion_stops_the_preview_and_the_guard_says_so(project: Project) -> None:
    project.program(store(protect=True))
    project.passes("up")
    project.program('aws.ec2.Eip("door")\n')
    code, answer = guard(project)
    assert code == 1
    assert DATABASE in found(answer)
    [problem] = answer["problems"]
    assert problem.startswith("the preview did not finish")
    assert "it is protected" in problem


def test_approvals_used_unused_expired_and_for_another_operation(deployed: Project) -> None:
    deployed.program(store().replace('aws.ec2.Eip("door")', ""))
    assert guard(deployed)[0] == 1
    code, answer = guard(deployed, *approvals(deployed, (ADDRESS, "delete", 0)))
    assert code == 0
    assert found(answer)[ADDRESS]["approval"]["owner"] == "kim"
    assert answer["verdict"] == "guard: passed: stack dev: 1 change, 1 approved"

    code, answer = guard(deployed, *approvals(deployed, (ADDRESS, "delete", -1)))
    assert code == 1
    assert found(answer)[ADDRESS]["approval"] is None
    assert "expired on" in answer["problems"][0]

    code, answer = guard(deployed, *approvals(deployed, (ADDRESS, "replace", 5)))
    assert code == 1
    assert found(answer)[ADDRESS]["approval"] is None
    assert "approves nothing in this preview" in answer["problems"][0]

    code, answer = guard(deployed, *approvals(deployed, (ADDRESS, "delete", 5), (BUCKET, "delete", 5)))
    assert code == 1
    [problem] = answer["problems"]
    assert problem == f"approval to delete {BUCKET} (kim) approves nothing in this preview: take it out"

    elsewhere = BUCKET.replace(":dev::", ":prod::")
    code, answer = guard(deployed, *approvals(deployed, (ADDRESS, "delete", 5), (elsewhere, "delete", 5)))
    assert (code, answer["problems"]) == (0, [])


def test_the_guard_makes_the_preview_itself(deployed: Project) -> None:
    deployed.program(store().replace('aws.ec2.Eip("door")', ""))
    where = ["--offline", "--state", str(deployed.state), "--project", str(deployed.folder)]
    done = subprocess.run(
        [sys.executable, "-m", "ops", "guard", "--stack", "dev", *where],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "deletes aws:ec2/eip:Eip door (address): the address goes back to AWS" in done.stdout
    assert f"- urn: {ADDRESS}" in done.stdout


def test_several_stacks_in_one_document(deployed: Project) -> None:
    deployed.settings("prod", {})
    file = deployed.folder / "all.json"
    deployed.program(store().replace('aws.ec2.Eip("door")', ""))
    deployed.passes("preview", "--stack", "all", "--json", str(file))
    assert set(json.loads(file.read_text())) == {"dev", "prod"}
    done = subprocess.run(
        [sys.executable, "-m", "ops", "guard", "--preview", str(file), "--json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(done.stdout)
    assert answer["stacks"] == ["dev", "prod"]
    assert list(found(answer)) == [ADDRESS]


def test_a_document_without_what_stays_the_same_is_refused(deployed: Project) -> None:
    file: Path = deployed.folder / "preview.json"
    deployed.passes("preview", "--json", str(file))
    document = json.loads(file.read_text())
    document["steps"] = [step for step in document["steps"] if step["op"] != "same"] + document["steps"][:1]
    file.write_text(json.dumps(document))
    done = subprocess.run(
        [sys.executable, "-m", "ops", "guard", "--preview", str(file)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "stay the same and the document shows 1 of them" in done.stderr
    assert "--show-sames" in done.stderr
