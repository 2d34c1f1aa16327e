"""The command line on the real engine: small programs deployed, changed, refused, killed and destroyed."""

import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline.cli import Cli
from tests.engine.conftest import Project

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("cli")]

BUCKET_AND_QUEUE = """
    bucket = aws.s3.Bucket("files", tags={"owner": "team"})
    aws.sqs.Queue("jobs", visibility_timeout_seconds=30)
    pulumi.export("arn", bucket.arn)
"""

UNTYPED = """
    class Raw(pulumi.CustomResource):
        pass

    Raw({type!r}, "it", {inputs!r})
"""


def test_a_whole_life(project: Project) -> None:
    project.program(BUCKET_AND_QUEUE)
    assert "+ 3 to create" in project.passes("preview")
    said = project.passes("cycle")
    assert "+ 3 created" in said
    assert "3 unchanged" in said
    assert "- 3 deleted" in said


def test_a_second_update_that_changes_something_fails_and_names_it(project: Project) -> None:
    project.program("""
        import time
        aws.sqs.Queue("jobs", tags={"now": str(time.time())})
    """)
    said = project.fails("cycle")
    assert "a second update of dev changed" in said
    assert "aws:sqs/queue:Queue::jobs (tags" in said


@pytest.mark.parametrize(
    ("kind", "inputs", "named"),
    [
        pytest.param(
            "aws:sqs/queue:Queue", {"visibilitySeconds": 3}, "visibilitySeconds", id="unknown property"
        ),
        pytest.param("aws:ec2/subnet:Subnet", {"cidrBlock": "10.0.0.0/24"}, "vpcId", id="missing required"),
        pytest.param("aws:sqs/queue:Queue", {"delaySeconds": "soon"}, "delaySeconds", id="wrong type"),
        pytest.param(
            "aws:lambda/function:Function", {"role": "r", "runtime": "Python3.13"}, "runtime", id="wrong enum"
        ),
    ],
)
def test_a_preview_refuses_what_the_sdk_does_not_know(
    project: Project, kind: str, inputs: dict[str, object], named: str
) -> None:
    project.program(UNTYPED.format(type=kind, inputs=inputs))
    assert named in project.fails("preview")


def test_an_immutable_property_replaces(project: Project) -> None:
    program = 'aws.ec2.Subnet("a", vpc_id="vpc-1", cidr_block="10.0.{}.0/24")\n'
    project.program(program.format(0))
    project.passes("up")
    project.program(program.format(1))
    said = project.passes("preview")
    assert "replace" in said
    assert "cidrBlock" in said


def test_settings_errors_are_read_whole_once_and_without_a_traceback(project: Project) -> None:
    project.program(
        'raise pulumi.RunError("settings:\\n  api.timeout: got 60; at most 29\\n\\n  zone: missing")\n'
    )
    said = project.fails("preview")
    assert said.count("api.timeout: got 60; at most 29") == 1
    assert said.count("zone: missing") == 1


def test_a_wrong_argument_names_the_line_of_the_program(project: Project) -> None:
    project.program("""
        def build() -> None:
            raise ValueError("zones: got 1; at least 2")

        build()
    """)
    said = project.fails("preview")
    assert "ValueError: zones: got 1; at least 2" in said
    assert "at __main__.py:6 in build" in said


def test_all_stacks_are_previewed_with_a_table_and_one_bad_stack_fails(project: Project) -> None:
    project.program("""
        count = pulumi.Config().require_int("count")
        for number in range(count):
            aws.sqs.Queue(f"jobs-{number}")
    """)
    project.settings("dev", {"sample:count": "1"})
    project.settings("prod", {"sample:count": "2"})
    lines = project.passes("preview", "--stack", "all").splitlines()
    assert lines.index("== sample, stack dev: preview") < lines.index("== sample, stack prod: preview")
    assert [line.split()[:4] for line in lines[-2:]] == [
        ["dev", "preview", "ok", "2"],
        ["prod", "preview", "ok", "3"],
    ]
    project.settings("prod", {"sample:count": "many"})
    said = project.fails("preview", "--stack", "all")
    assert "many" in said
    assert "prod   preview    FAILED" in said


def test_json_is_the_engines_document_alone(project: Project) -> None:
    project.program('print("chatter")\naws.sqs.Queue("jobs")\n')
    project.settings("prod", {})
    one = json.loads(project.passes("preview", "--json"))
    assert one["changeSummary"] == {"create": 2}
    both = json.loads(project.passes("preview", "--json", "--stack", "all"))
    assert set(both) == {"dev", "prod"}


def test_set_changes_one_run_and_no_file(project: Project) -> None:
    project.program("""
        config = pulumi.Config()
        profile = config.require_object("systems")["safework"]["profile"]
        pulumi.export("seen", f"{profile}/{config.get('plain')}")
    """)
    project.settings("dev", {"sample:systems": "{safework: {profile: standard}}", "sample:plain": "kept"})
    before = (project.folder / "Pulumi.dev.yaml").read_text()
    assert "economy/kept" in project.passes("preview", "--set", "systems.safework.profile=economy")
    assert (project.folder / "Pulumi.dev.yaml").read_text() == before
    assert "write it as path.to.key=value" in project.fails("preview", "--set", "nonsense", code=3)


def test_committed_files_stay_as_they_are(project: Project) -> None:
    project.program(BUCKET_AND_QUEUE)
    git = ["git", "-C", str(project.folder), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    (project.folder / ".gitignore").write_text("state/\n__pycache__/\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "start"]):
        subprocess.run([*git, *command], check=True)
    project.passes("cycle")
    status = subprocess.run([*git, "status", "--porcelain"], check=True, capture_output=True, text=True)
    assert status.stdout == ""


def test_secrets_of_the_real_stack_are_neither_needed_nor_stored_in_plain_text(project: Project) -> None:
    (project.folder / "Pulumi.dev.yaml").write_text(
        "secretsprovider: awskms://alias/real\nencryptedkey: AAAA\n"
        "config:\n  sample:token:\n    secure: AAABBB\n  sample:deep:\n    inner:\n      secure: CCC\n"
    )
    project.program("""
        config = pulumi.Config()
        aws.ssm.Parameter("token", type="SecureString", value=config.require_secret("token"))
        pulumi.export("inner", config.require_secret_object("deep"))
        pulumi.export("made", pulumi.Output.secret("made-at-run-time"))
    """)
    said = project.passes("up")
    project.passes("up")
    stored = "".join(text_of(file) for file in project.state.rglob("*") if file.is_file())
    for secret in ("offline-placeholder", "made-at-run-time"):
        assert secret not in said
        assert secret not in stored
    assert "aws:ssm/parameter:Parameter" in stored


def test_protected_resources_are_destroyed_only_when_asked(project: Project) -> None:
    project.program('aws.s3.Bucket("files", opts=pulumi.ResourceOptions(protect=True))\n')
    project.passes("up")
    assert "--unprotect" in project.fails("destroy")
    assert "- 2 deleted" in project.passes("destroy", "--unprotect")


def test_the_policy_pack_stops_a_preview(project: Project) -> None:
    pack = project.folder / "policies"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(
        "from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy\n\n"
        "def check(args, report):\n"
        '    if args.resource_type == "aws:sqs/queue:Queue" and not args.props.get("kmsMasterKeyId"):\n'
        '        report("queue without a key")\n\n'
        'PolicyPack(name="sample", enforcement_level=EnforcementLevel.MANDATORY, policies=[\n'
        '    ResourceValidationPolicy(name="key", description="keys", validate=check)])\n'
    )
    project.program('aws.sqs.Queue("jobs")\n')
    said = project.fails("preview")
    assert "queue without a key" in said
    assert "1 mandatory" in said
    assert "pulumi-analyzer-policy-python" not in said
    project.passes("preview", "--no-policy")
    project.program('aws.sqs.Queue("jobs", kms_master_key_id="alias/ours")\n')
    project.passes("preview")


def test_a_killed_update_leaves_no_process_and_the_next_one_completes(project: Project) -> None:
    started = project.folder / "started"
    project.program(f"""
        import pathlib, time

        def pause(value: str) -> str:
            if not pathlib.Path({str(started)!r}).exists():
                pathlib.Path({str(started)!r}).touch()
                time.sleep(120)
            return value

        first = aws.sqs.Queue("first")
        aws.sqs.Queue("second", tags={{"after": first.arn.apply(pause)}})
    """)
    with subprocess.Popen(
        project.command("up"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as child:
        wait_for(started)
        providers = children(child.pid)
        child.kill()
    said = project.passes("up")
    assert "+ 1 created" in said
    assert "2 unchanged" in said
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in providers) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [pid for pid in providers if Path(f"/proc/{pid}").exists()]


def test_an_update_while_another_runs_is_refused_and_says_by_whom(project: Project) -> None:
    project.program('aws.sqs.Queue("jobs")\n')
    project.passes("preview")
    locks = project.state / "simulated" / ".pulumi" / "locks" / "organization" / "sample" / "dev"
    locks.mkdir(parents=True, exist_ok=True)
    lock = locks / "other.json"
    lock.write_text(json.dumps({"pid": 4242, "username": "someone", "hostname": "elsewhere"}))
    assert "process 4242 on elsewhere" in project.fails("up", code=3)


def test_ctrl_c_ends_an_update_in_good_order(project: Project) -> None:
    started = project.folder / "started"
    project.program(f"""
        import pathlib, time
        aws.sqs.Queue("first")
        pathlib.Path({str(started)!r}).touch()
        for _ in range(300):
            time.sleep(0.1)
    """)
    with subprocess.Popen(
        project.command("up"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as child:
        wait_for(started)
        os.killpg(child.pid, signal.SIGINT)
        out, error = child.communicate(timeout=120)
    assert child.returncode == 130, out + error
    assert "Traceback" not in out + error
    assert not list((project.state / "simulated" / ".pulumi" / "locks").rglob("*.json"))


def test_what_cannot_run_says_why(project: Project) -> None:
    project.program("")
    assert "stacks of this project: dev" in project.fails("preview", "--stack", "nowhere", code=3)
    assert "real account" in project.fails("up", "--providers", "installed", code=2)
    assert "reach no endpoint" in project.fails("preview", "--endpoint", "http://127.0.0.1:1", code=3)


def test_installed_providers_are_named_when_missing(project: Project) -> None:
    project.program("")
    home = project.folder / "empty-home"
    done = project.run("preview", "--providers", "installed", PATH=os.defpath, PULUMI_HOME=str(home))
    if shutil.which("pulumi-resource-aws", path=os.defpath):
        pytest.skip("a plugin is installed for everyone on this machine")
    assert done.returncode == 3
    assert "pulumi plugin install resource aws" in done.stderr


def test_installed_providers_preview_without_an_account(project: Project, cli: Cli) -> None:
    if not shutil.which("pulumi-resource-aws"):
        pytest.skip("no pulumi-resource-aws on PATH")
    assert cli.version
    project.settings("dev", {"aws:region": "ap-northeast-2", "aws:allowedAccountIds": '["111122223333"]'})
    project.program(BUCKET_AND_QUEUE)
    assert "+ 3 to create" in project.passes("preview", "--providers", "installed")
    project.program('aws.sqs.Queue("jobs", visibility_timeout_seconds=99999)\n')
    assert "visibility" in project.fails("preview", "--providers", "installed").lower()


@pytest.fixture
def emulator() -> Iterator[str]:
    """The address of an AWS emulator of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "moto's server did not start"
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
        child.kill()


def test_installed_providers_deploy_to_an_emulator(project: Project, emulator: str) -> None:
    if not shutil.which("pulumi-resource-aws"):
        pytest.skip("no pulumi-resource-aws on PATH")
    project.settings("dev", {"aws:region": "ap-northeast-2"})
    project.program('vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")\npulumi.export("id", vpc.id)\n')
    said = project.passes("up", "--providers", "installed", "--endpoint", emulator)
    assert "+ 2 created" in said
    assert 'id: "vpc-' in said
    assert "- 2 deleted" in project.passes("destroy", "--providers", "installed", "--endpoint", emulator)


def text_of(file: Path) -> str:
    """A file of the state, which the engine compresses in places."""
    content = file.read_bytes()
    return (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode(errors="replace")


def wait_for(file: Path, seconds: float = 90) -> None:
    """Until a file appears."""
    deadline = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < deadline, f"{file} never appeared"
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    """The direct child processes of a process, where the system tells."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
