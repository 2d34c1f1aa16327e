"""What `ops` reads from the state of a deployment by the real engine: tear-down plans, and pictures."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from offline.engine import Options, session
from ops.diagram import drawing
from ops.errors import OpsError
from ops.state import parse
from ops.teardown.command import make
from ops.teardown.model import Phase, Plan, Step
from tests.engine.conftest import REPOSITORY
from tests.harness import system, with_system

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("cli")]

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SYSTEMS = {"prod": "workRedesign", "dev": "safework"}


@pytest.fixture(scope="module")
def exported(cli: object, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """One system of each stack, deployed to the simulated cloud, as `pulumi stack export` writes it."""
    del cli
    found: dict[str, dict[str, Any]] = {}
    for stack, key in SYSTEMS.items():
        folder = tmp_path_factory.mktemp(stack)
        file = folder / f"Pulumi.{stack}.yaml"
        file.write_text(yaml.safe_dump({"config": with_system(stack, key)}, sort_keys=False))
        options = Options(
            config_file=file,
            state=folder / "state",
            write=lambda _line: None,
            write_error=lambda _line: None,
            durable=False,
            policy=False,
        )
        with session(options) as running:
            outcome = running.up(stack)
            assert outcome.ok, outcome.output[-4000:] + outcome.problem
            with running.opened(stack) as (opened, _):
                document = opened.export_stack()
                found[stack] = {"version": document.version, "deployment": document.deployment}
    return found


@pytest.fixture
def prod(exported: dict[str, dict[str, Any]]) -> Plan:
    return make(parse(exported["prod"], "test"), ["work-redesign"], now=NOW)


@pytest.fixture
def dev(exported: dict[str, dict[str, Any]]) -> Plan:
    return make(parse(exported["dev"], "test"), [], now=NOW)


def one(plan: Plan, title: str) -> Step:
    found = [step for step in plan.steps if step.title.startswith(title)]
    assert len(found) == 1, [step.title for step in plan.steps]
    return found[0]


def inputs(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        {"id": each["id"], **each["outputs"]}
        for each in document["deployment"]["resources"]
        if each["type"] == kind
    ]


def test_the_phases_come_in_order(prod: Plan) -> None:
    order = [step.phase for step in prod.steps]
    assert order == sorted(order, key=list(Phase).index)
    assert set(order) == set(Phase)


def test_the_database_is_copied_under_a_free_name_and_another_key(prod: Plan, exported: Any) -> None:
    primary = next(
        d for d in inputs(exported["prod"], "aws:rds/instance:Instance") if not d.get("replicateSourceDb")
    )
    name = primary["identifier"]
    step = next(step for step in prod.of(Phase.COPY) if step.names == [name])
    copy = f"{name}-teardown-202611210930"
    assert step.commands[0].startswith(f"aws rds create-db-snapshot --db-instance-identifier {name} ")
    assert copy in step.commands[0]
    assert f"--target-db-snapshot-identifier {copy}-kept --kms-key-id KEY_THAT_STAYS" in step.commands[2]
    replicas = [
        d["identifier"]
        for d in inputs(exported["prod"], "aws:rds/instance:Instance")
        if d.get("replicateSourceDb")
    ]
    assert replicas
    assert not any(set(step.names) & set(replicas) for step in prod.of(Phase.COPY))


def test_locks_are_taken_off_by_the_setting_first(prod: Plan, exported: Any) -> None:
    step = one(prod, "Unlock work-redesign")
    assert step.commands == [
        "Pulumi.prod.yaml: systems.workRedesign.deletionProtection: false, and .unlockReason"
    ]
    locked = [
        each
        for each in exported["prod"]["deployment"]["resources"]
        if each.get("protect") and "platform:system:WorkRedesign" in each["urn"]
    ]
    assert len(step.names) >= len(locked) > 5
    assert one(prod, "Deploy the unlocking").commands == ["pulumi up --stack prod --policy-pack policies"]


def test_what_is_unlocked_asks_for_no_first_deployment(dev: Plan) -> None:
    assert dev.of(Phase.UNLOCK) == []


def test_every_bucket_repository_and_vault_is_emptied_by_its_real_name(prod: Plan, exported: Any) -> None:
    emptied = {name for step in prod.of(Phase.EMPTY) for name in step.names}
    buckets = {
        each["bucket"]
        for each in inputs(exported["prod"], "aws:s3/bucket:Bucket")
        if "work-redesign" in each["bucket"]
    }
    assert buckets
    assert buckets <= emptied
    assert {each["name"] for each in inputs(exported["prod"], "aws:ecr/repository:Repository")} <= emptied
    for step in prod.of(Phase.EMPTY):
        assert all(step.names[0] in command for command in step.commands)


def test_the_deletion_of_one_system_takes_it_out_of_the_stack_file(prod: Plan, dev: Plan) -> None:
    [step] = [step for step in prod.of(Phase.DELETE) if step.title == "Delete"]
    assert step.commands[0].startswith("Pulumi.prod.yaml: take work-redesign out of seoul-platform:systems")
    assert "pulumi destroy" not in " ".join(step.commands)
    [step] = [step for step in dev.of(Phase.DELETE) if step.title == "Delete"]
    assert step.commands == ["pulumi destroy --stack dev", "pulumi stack rm dev"]


def test_the_final_snapshot_must_have_a_free_name(prod: Plan, exported: Any) -> None:
    wanted = {
        each["finalSnapshotIdentifier"]
        for each in inputs(exported["prod"], "aws:rds/instance:Instance")
        if each.get("finalSnapshotIdentifier") and not each.get("skipFinalSnapshot")
    }
    assert wanted
    step = one(prod, "The names of the final snapshots")
    assert set(step.names) == wanted
    assert all(
        "aws rds describe-db-snapshots --db-snapshot-identifier" in command for command in step.commands
    )


def test_interfaces_of_functions_are_waited_for(dev: Plan, exported: Any) -> None:
    inside = {
        each["name"]
        for each in inputs(exported["dev"], "aws:lambda/function:Function")
        if each.get("vpcConfig")
    }
    assert inside
    step = one(dev, "Wait: network interfaces of functions")
    assert set(step.names) == inside
    assert step.minutes == (20, 45)
    assert dev.minutes[1] >= 45


def test_the_longest_waits_come_first(prod: Plan) -> None:
    waits = [step.minutes[1] for step in prod.of(Phase.DELETE) if step.title.startswith("Wait")]
    assert waits == sorted(waits, reverse=True)
    assert one(prod, "Wait: distributions").minutes[1] == 40


def test_what_stays_is_named_with_its_days(prod: Plan, dev: Plan, exported: Any) -> None:
    keys = {each["id"] for each in inputs(exported["dev"], "aws:kms/key:Key")}
    step = one(dev, "Keys wait 30 days")
    assert set(step.names) == keys
    assert {command.split()[4] for command in step.commands} == keys
    secrets = {each["name"] for each in inputs(exported["prod"], "aws:secretsmanager/secret:Secret")}
    assert set(one(prod, "Secrets can be restored for 30 days").names) == secrets
    assert one(dev, "Secrets can be restored for 7 days").names
    retained = [each for each in exported["prod"]["deployment"]["resources"] if each.get("retainOnDelete")]
    kept = one(prod, "Stay in AWS unless")
    assert len(kept.names) == len(
        [each for each in retained if "platform:system:WorkRedesign" in each["urn"]]
    )


def _changed(document: dict[str, Any], kind: str, **changes: Any) -> dict[str, Any]:
    """The state with the outputs of the first resource of a type changed, as if it had been deployed so."""
    copied = json.loads(json.dumps(document))
    next(each for each in copied["deployment"]["resources"] if each["type"] == kind)["outputs"].update(
        changes
    )
    return copied


def test_replicas_of_edge_functions_take_hours(exported: Any) -> None:
    function = "arn:aws:lambda:us-east-1:111122223333:function:headers:3"
    link = {"eventType": "origin-request", "lambdaArn": function}
    state = _changed(
        exported["dev"],
        "aws:cloudfront/distribution:Distribution",
        defaultCacheBehavior={"lambdaFunctionAssociations": [link]},
    )
    plan = make(parse(state, "test"), [], now=NOW)
    assert one(plan, "Wait: replicas of Lambda@Edge").names == [function]
    assert plan.minutes[1] > 8 * 60


def test_a_vault_under_a_compliance_lock_cannot_be_emptied(exported: Any) -> None:
    document = json.loads(json.dumps(exported["prod"]))
    vault = next(
        each for each in document["deployment"]["resources"] if each["type"] == "aws:backup/vault:Vault"
    )
    lock = {
        "urn": vault["urn"].replace(
            "aws:backup/vault:Vault", "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
        ),
        "type": "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        "id": "lock",
        "parent": vault["parent"],
        "outputs": {
            "backupVaultName": vault["outputs"]["name"],
            "changeableForDays": 3,
            "maxRetentionDays": 90,
        },
    }
    document["deployment"]["resources"].append(lock)
    step = one(make(parse(document, "test"), [], now=NOW), "Wait for the locked backups")
    assert step.names == [vault["outputs"]["name"]]
    assert "90 days" in step.why
    assert step.commands == ()
    governed = {**lock, "outputs": {"backupVaultName": vault["outputs"]["name"]}}
    document["deployment"]["resources"][-1] = governed
    vault["outputs"]["forceDestroy"] = False
    step = one(make(parse(document, "test"), [], now=NOW), "Delete the recovery points")
    assert step.commands[0].startswith("aws backup delete-backup-vault-lock-configuration")


def test_an_update_that_broke_off_is_finished_first(exported: Any) -> None:
    document = json.loads(json.dumps(exported["dev"]))
    document["deployment"]["pending_operations"] = [{"type": "creating", "resource": {"urn": "urn:x"}}]
    with pytest.raises(OpsError, match="an update broke off in creating urn:x"):
        make(parse(document, "test"), [], now=NOW)


@pytest.mark.parametrize(("stack", "name"), [("dev", "safework"), ("prod", "work-redesign")])
def test_the_picture_of_the_state_is_the_picture_of_the_program(exported: Any, stack: str, name: str) -> None:
    """What is under docs/ is drawn from the program, what `ops diagram` shows from the state."""
    state = parse(exported[stack], "test")
    program = system(stack, SYSTEMS[stack]).resources
    assert drawing.mermaid(state.resources, name) == drawing.mermaid(program, name)
    assert drawing.resource_table({stack: state.resources}, name) == drawing.resource_table(
        {stack: program}, name
    )


def test_the_diagram_of_a_state_fills_a_page_and_says_when_it_is_stale(exported: Any, tmp_path: Path) -> None:
    file, page = tmp_path / "state.json", tmp_path / "safework.md"
    file.write_text(json.dumps(exported["dev"]))
    page.write_text("# Page\n\n<!-- generated:picture -->\n<!-- /generated:picture -->\n")
    given = ["--state-file", str(file), "--system", "safework", "--show", "picture", "--into", str(page)]
    assert run("diagram", *given, "--check").returncode == 1
    assert run("diagram", *given).returncode == 0
    assert "```mermaid\nflowchart LR" in page.read_text()
    assert run("diagram", *given, "--check").returncode == 0
    page.write_text("# Page\n")
    refused = run("diagram", *given)
    assert refused.returncode != 0
    assert "the page needs <!-- generated:picture -->" in refused.stderr
    printed = run("diagram", "--state-file", str(file))
    assert printed.stdout.startswith("## safework\n")
    assert "| `aws:rds/cluster:Cluster` | 1 |" in printed.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give either --stack STACK or --state-file FILE"),
        (["--state-file", "{file}", "--system", "bank"], "--system: got bank; stack dev holds safework"),
        (["--state-file", "{file}", "--into", "{file}"], "--into: got 0 systems; a page holds one"),
        (["--state-file", "{file}", "--check"], "--check: only with --into PAGE"),
    ],
)
def test_a_wrong_command_line_of_the_diagram_says_so(
    exported: Any, tmp_path: Path, arguments: list[str], said: str
) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(exported["dev"]))
    done = run("diagram", *(each.format(file=file) for each in arguments))
    assert done.returncode != 0
    assert said in done.stderr


def ops(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run("teardown", "plan", *arguments)


def run(verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops", verb, *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_prints_and_refuses(exported: Any, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(exported["dev"]))
    said = ops("--state-file", str(file))
    assert said.returncode == 0, said.stderr
    for heading in ("Stack dev: everything in it", "COPY  ", "UNLOCK  ", "EMPTY  ", "DELETE  ", "AFTER  "):
        assert heading in said.stdout
    answer = json.loads(ops("--state-file", str(file), "--json", "--system", "safework").stdout)
    assert answer["systems"] == ["safework"]
    assert answer["minutes"][1] >= 45
    assert {step["phase"] for step in answer["steps"]} <= {str(phase) for phase in Phase}
    wrong = ops("--state-file", str(file), "--system", "bank")
    assert wrong.returncode != 0
    assert "--system: got bank; stack dev holds safework" in wrong.stderr
    assert "give either --stack STACK or --state-file FILE" in ops().stderr
