"""The guard's tables, its reading of previews and approvals, and what it says; the engine's previews are
tested with the engine."""

import json
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ops.errors import OpsError
from ops.guard import guarded, harmless, locks, report, run
from ops.guard.approvals import FILE, load
from ops.guard.judge import judge
from ops.guard.preview import parse
from tests.contracts import rules
from tests.contracts.discovery import components, example
from tests.harness import deploy, program

TODAY = date(2027, 1, 10)
BUCKET = "urn:pulumi:dev::sample::platform:data:Store$aws:s3/bucket:Bucket::shop-files"


def state(urn: str, **fields: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], "custom": True, **fields}


def step(operation: str, urn: str, **fields: Any) -> dict[str, Any]:
    sides = {"oldState": state(urn), "newState": state(urn)}
    if operation == "delete":
        del sides["newState"]
    if operation == "create":
        del sides["oldState"]
    return {"op": operation, "urn": urn, **sides, **fields}


def document(*steps: dict[str, Any], **fields: Any) -> str:
    return json.dumps({"steps": list(steps), "changeSummary": {}, **fields})


def judged(*steps: dict[str, Any], approvals: Any = ()) -> Any:
    return judge(parse(document(*steps), "p"), approvals, TODAY)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_type_of_the_shipped_stacks_is_judged(stack: str) -> None:
    types = {
        record.type for record in program(stack) if record.custom and not record.type.startswith("pulumi:")
    }
    unjudged = sorted(
        each for each in types if not guarded.lost_with(each) and not harmless.why_harmless(each)
    )
    assert unjudged == [], "list each in ops/guard/guarded.py with what is lost, or in ops/guard/harmless.py"


def test_every_type_of_a_component_is_judged() -> None:
    unjudged: dict[str, str] = {}
    for component in components():
        build = example(component)
        for record in deploy(lambda build=build: build("example", None)):
            if record.custom and not record.type.startswith("pulumi:"):
                known = guarded.lost_with(record.type) or harmless.why_harmless(record.type)
                if not known:
                    unjudged[record.type] = str(component)
    assert unjudged == {}


def test_what_keeps_data_is_guarded() -> None:
    """The contract tests hold the list of stateful types; none of them may be called harmless."""
    assert sorted(rules.STATEFUL - set(guarded.GUARDED)) == []


def test_no_type_is_in_both_tables_and_locks_belong_to_something() -> None:
    named = {each for types in harmless.HARMLESS.values() for each in types}
    assert named & set(guarded.GUARDED) == set()
    elsewhere = {"aws:cfg/recorderStatus:RecorderStatus"}
    assert set(locks.LOCKS) - set(guarded.GUARDED) == elsewhere


@pytest.mark.parametrize(
    "resource_type",
    [
        "aws:rds/customDbEngineVersion:CustomDbEngineVersion",
        "gcp:storage/bucket:Bucket",
        "aws:s3/newThing:NewThing",
    ],
)
def test_a_type_that_nobody_judged_is_not_let_through(resource_type: str) -> None:
    [finding] = judged(step("delete", f"urn:pulumi:dev::sample::{resource_type}::it")).open
    assert "type that nobody has judged" in finding.what
    assert "ops/guard/harmless.py" in finding.why


def test_components_and_harmless_types_pass() -> None:
    answer = judged(
        step("delete", "urn:pulumi:dev::sample::platform:data:Store::shop"),
        step("delete", "urn:pulumi:dev::sample::aws:iam/role:Role::shop-role"),
        step("replace", "urn:pulumi:dev::sample::aws:ecs/taskDefinition:TaskDefinition::shop-task"),
    )
    assert answer.ok
    assert answer.findings == []


@pytest.mark.parametrize(
    ("resource_type", "before", "after", "said"),
    [
        ("aws:rds/instance:Instance", {"deletionProtection": True}, {}, "from true to unset"),
        (
            "aws:rds/cluster:Cluster",
            {"skipFinalSnapshot": False},
            {"skipFinalSnapshot": True},
            "no final snapshot",
        ),
        (
            "aws:rds/instance:Instance",
            {"backupRetentionPeriod": 14},
            {"backupRetentionPeriod": 7},
            "from 14 to 7",
        ),
        (
            "aws:dynamodb/table:Table",
            {"deletionProtectionEnabled": True},
            {"deletionProtectionEnabled": False},
            "no longer refuses",
        ),
        ("aws:dynamodb/table:Table", {"pointInTimeRecovery": {"enabled": True}}, {}, "continuous backup"),
        ("aws:s3/bucket:Bucket", {}, {"forceDestroy": True}, "forceDestroy from unset to true"),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"versioningConfiguration": {"status": "Enabled"}},
            {"versioningConfiguration": {"status": "Suspended"}},
            "from Enabled to Suspended",
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"retentionInDays": 365},
            {"retentionInDays": 7},
            "from 365 to 7",
        ),
        ("aws:cloudwatch/logGroup:LogGroup", {}, {"retentionInDays": 7}, "from unset to 7"),
        ("aws:cloudtrail/trail:Trail", {}, {"enableLogging": False}, "no longer recorded"),
        ("aws:kms/key:Key", {"deletionWindowInDays": 30}, {"deletionWindowInDays": 7}, "less time"),
        ("aws:kms/key:Key", {}, {"isEnabled": False}, "cannot be read"),
        (
            "aws:cognito/userPool:UserPool",
            {"deletionProtection": "ACTIVE"},
            {"deletionProtection": "INACTIVE"},
            "refuses",
        ),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"enableDeletionProtection": True},
            {"enableDeletionProtection": locks.UNKNOWN},
            "not known before the update",
        ),
    ],
)
def test_a_weaker_lock(resource_type: str, before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    urn = f"urn:pulumi:dev::sample::{resource_type}::it"
    sides = {"oldState": state(urn, inputs=before), "newState": state(urn, inputs=after)}
    [finding] = judged({"op": "update", "urn": urn, **sides}).open
    assert finding.operation == "unlock"
    assert said in finding.why
    back = {"oldState": sides["newState"], "newState": sides["oldState"]}
    if locks.UNKNOWN not in str(after):
        assert judged({"op": "update", "urn": urn, **back}).ok, "a stronger lock is no finding"


def test_longer_log_retention_is_fine_and_for_ever_is_longest() -> None:
    urn = "urn:pulumi:dev::sample::aws:cloudwatch/logGroup:LogGroup::it"
    for before, after in (({"retentionInDays": 7}, {"retentionInDays": 30}), ({"retentionInDays": 7}, {})):
        sides = {"oldState": state(urn, inputs=before), "newState": state(urn, inputs=after)}
        assert judged({"op": "update", "urn": urn, **sides}).ok


def test_one_replacement_in_three_steps_is_one_finding() -> None:
    answer = judged(
        step("create-replacement", BUCKET), step("replace", BUCKET), step("delete-replaced", BUCKET)
    )
    assert [finding.operation for finding in answer.findings] == ["replace"]


def test_the_outermost_component_that_moved_is_named_and_a_moved_parent_takes_the_whole_urn() -> None:
    old, new = (
        "urn:pulumi:dev::sample::platform:data:Store::shop",
        "urn:pulumi:dev::sample::platform:data:Store::mall",
    )
    moved = new.replace("platform:data", "platform:system:Mall$platform:data")
    bucket = BUCKET.replace("shop-files", "mall-files")
    answer = judged(
        {"op": "delete", "urn": BUCKET, "oldState": state(BUCKET, parent=old)},
        {"op": "delete", "urn": old, "oldState": state(old, custom=False, parent="root")},
        {"op": "create", "urn": bucket, "newState": state(bucket, parent=moved)},
        {"op": "create", "urn": moved, "newState": state(moved, custom=False, parent="elsewhere")},
    )
    [finding] = answer.open
    assert f"if {moved} is the same thing" in finding.fix
    assert f'ResourceOptions(aliases=["{old}"])' in finding.fix


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no", "not JSON"),
        ("[]", "got list; a preview is an object"),
        ("{}", "keys got none"),
        ('{"events": []}', "keys got events"),
        ('{"steps": [{}], "changeSummary": {}}', "not a preview that this reads"),
        ('{"steps": [{"op": "same", "urn": "x"}], "changeSummary": {}}', "not a preview that this reads"),
        ('{"steps": [], "changeSummary": {}}', "not even the stack"),
        (document(step("obliterate", BUCKET)), "operation obliterate is new to the guard"),
        (document(step("same", BUCKET), changeSummary={"same": 3}), "shows 1 of them"),
    ],
)
def test_a_document_that_cannot_be_judged_is_refused(text: str, said: str) -> None:
    with pytest.raises(OpsError, match=re.escape(said)):
        parse(text, "preview.json")


GOOD = f"""
approvals:
  - urn: {BUCKET}
    operation: delete
    reason: moved
    owner: kim
    expires: 2027-02-01
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "operation: delete",
            "operation: destroy",
            "approvals[0].operation: got 'destroy'; delete, forget, replace or unlock",
        ),
        ("    owner: kim\n", "", "approvals[0].owner: missing; who answers for it"),
        ("owner: kim", "owner: ''", "approvals[0].owner: got ''; who answers for it"),
        ("shop-files", "shop-*", "one whole URN without wildcards"),
        (
            "expires: 2027-02-01",
            "expires: soon",
            "approvals[0].expires: got 'soon'; a date such as 2027-01-31",
        ),
        (
            "expires: 2027-02-01",
            "expires: 2029-02-01",
            "approvals[0].expires: got 2029-02-01; at most 90 days ahead, 2027-04-10",
        ),
        (
            "reason: moved",
            "reason: moved\n    ticket: 4",
            "approvals[0].ticket: not a key; allowed: urn, operation",
        ),
        ("approvals:", "approved:", "approvals: missing"),
        ("approvals:", "approvals: {", "not YAML"),
    ],
)
def test_a_bad_approvals_file_says_which_key_what_it_got_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = tmp_path / "approvals.yaml"
    file.write_text(GOOD)
    assert len(load(file, today=TODAY)) == 1
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(OpsError) as raised:
        load(file, today=TODAY)
    assert said in raised.value.message


def test_an_approval_twice_and_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "approvals.yaml"
    assert load(file, today=TODAY, required=False) == ()
    with pytest.raises(OpsError, match="No such file"):
        load(file, today=TODAY)
    file.write_text(GOOD + GOOD.replace("\napprovals:\n", ""))
    with pytest.raises(OpsError, match="is approved twice"):
        load(file, today=TODAY)
    file.write_text("approvals:\n")
    assert list(load(file, today=TODAY)) == []


def test_the_shipped_file_loads() -> None:
    assert list(load(FILE, today=date.today())) == []  # noqa: DTZ011


def test_the_answer_as_markdown(tmp_path: Path) -> None:
    file = tmp_path / "approvals.yaml"
    file.write_text(GOOD)
    key = "urn:pulumi:dev::sample::aws:kms/key:Key::shop|key"
    answer = judged(step("delete", BUCKET), step("delete", key), approvals=load(file, today=TODAY))
    text = report.as_markdown(answer)
    assert "### Guard failed" in text
    assert "| approved | deletes aws:s3/bucket:Bucket shop-files (data store) |" in text
    assert "approved by kim until 2027-02-01: moved |" in text
    assert "shop\\|key (key or secret)" in text
    assert f"- urn: {key}" in text
    assert f"- urn: {BUCKET}" not in text


def ops(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops", "guard", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_the_command_line_reads_standard_input_and_refuses_nonsense(tmp_path: Path) -> None:
    fine = document(step("same", "urn:pulumi:dev::sample::pulumi:pulumi:Stack::sample-dev"))
    done = ops("--preview", "-", text=fine)
    assert (done.returncode, done.stderr) == (0, "")
    assert "guard: passed: stack dev: 0 changes" in done.stdout
    for arguments in ([], ["--preview", "-", "--stack", "dev"], ["--preview", "-", "--offline"]):
        assert ops(*arguments).returncode == 2
    missing = ops("--preview", str(tmp_path / "none.json"))
    assert missing.returncode == 1
    assert "No such file" in missing.stderr


def test_a_preview_that_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    script = f"import os, time\nif os.fork() == 0:\n open({str(mark)!r}, 'w').write(str(os.getpid()))\n"
    script += "time.sleep(60)"
    started = time.monotonic()
    with pytest.raises(OpsError, match="took more than 1 s and was stopped"):
        run.document([sys.executable, "-c", script], timeout=1, project=tmp_path)
    assert time.monotonic() - started < 15
    deadline = time.monotonic() + 5
    while _runs(int(mark.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(int(mark.read_text()))


def test_a_preview_that_makes_no_document_is_quoted(tmp_path: Path) -> None:
    script = "import sys; print('error: no such stack', file=sys.stderr); sys.exit(255)"
    with pytest.raises(OpsError, match=r"ended with 255 and wrote no document:\nerror: no such stack"):
        run.document([sys.executable, "-c", script], timeout=30, project=tmp_path)


def _runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
