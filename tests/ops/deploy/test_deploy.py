"""A deployment on the real engine: two commits of a small program, failures, and the way back."""

import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from offline.cli import Cli
from ops import state as states
from ops.deploy.engine import last_head
from ops.deploy.steps import Deploy, Outcome
from ops.errors import Exit, OpsError
from ops.review.base import worktree

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.xdist_group("deploy")]
REPOSITORY = Path(__file__).parents[3]
OLD, NEW = (f"sha256:{digit * 64}" for digit in "ab")
PROGRAM = textwrap.dedent(
    """
    import json
    import pulumi
    import pulumi_aws as aws

    shop = pulumi.Config("seoul-platform").require_object("systems")["shop"]
    url = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop-api"

    class System(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("platform:system:Shop", "shop")

    inside = pulumi.ResourceOptions(parent=System())
    aws.ecs.TaskDefinition("shop-api", family="api", opts=inside, container_definitions=json.dumps(
        [{"name": "app", "image": f"{url}@{shop['api']['imageDigest']}"}]))
    aws.cloudwatch.MetricAlarm("shop-alarm", comparison_operator="GreaterThanThreshold", evaluation_periods=1,
        threshold=LEVEL, opts=inside)
    pulumi.export("shop", {"repositories": {"api": url}})
    """
)
BUCKET = 'aws.s3.Bucket("shop-files", opts=inside)\n'
BOARD = 'aws.cloudwatch.Dashboard("shop-board", dashboard_name="shop", dashboard_body="{}", opts=inside)\n'
SETTINGS = """config:
  aws:region: ap-northeast-2
  seoul-platform:systems:
    shop:
      api: {{ imageDigest: {} }}
"""


@dataclass
class Simulated:
    """The engine with simulated providers, on a state of its own."""

    state_folder: Path
    messages: list[str] = field(default_factory=list)

    def preview(self, project: Path) -> str:
        file = self.state_folder / "preview.json"
        file.unlink(missing_ok=True)
        self._run("preview", project, "--json", str(file))
        return file.read_text()

    def up(self, project: Path, *, message: str, policy: bool) -> None:
        assert policy == message.startswith("deploy")
        done = self._run("up", project, "--quick")
        if done.returncode:
            raise OpsError(f"pulumi up failed:\n{done.stdout[-800:]}")
        self.messages.append(message)

    def state(self) -> states.State:
        [file] = self.state_folder.rglob("stacks/*/dev.json")
        return states.parse({"deployment": json.loads(file.read_text())["checkpoint"]["latest"]}, "dev")

    def head(self) -> str | None:
        history = [{"kind": "update", "result": "succeeded", "message": each} for each in self.messages]
        return last_head(history[::-1])

    def _run(self, command: str, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        where = ["--project", str(project), "--state", str(self.state_folder)]
        asked = [sys.executable, "-m", "offline", command, *where, "--no-policy", *arguments]
        return subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=False)


class World:
    """A repository whose first commit is deployed."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.project.mkdir()
        (folder / "state").mkdir()
        self.engine = Simulated(folder / "state")
        self.verdicts: list[bool] = []
        self.git("init", "--quiet")
        (self.project / "Pulumi.yaml").write_text("name: seoul-platform\nruntime: python\nmain: .\n")
        self.first = self.commit(level=1)
        assert self.deploy().exit_code == Exit.OK

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=kim", "-c", "user.email=kim@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.project, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, *, level: int, more: str = "", digest: str = OLD) -> str:
        (self.project / "__main__.py").write_text(PROGRAM.replace("LEVEL", str(level)) + more)
        (self.project / "Pulumi.dev.yaml").write_text(SETTINGS.format(digest))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "HEAD")

    def deploy(self) -> Outcome:
        return Deploy(
            stack="dev",
            commit=self.git("rev-parse", "HEAD"),
            project=self.project,
            engine=self.engine,
            approvals=(),
            verify=lambda _state: (self.verdicts.pop(0) if self.verdicts else True, "verify: said so"),
            checkout=lambda commit: worktree(self.project, commit),
            say=lambda _line: None,
        ).run()

    def input(self, name: str, key: str) -> Any:
        [found] = [each for each in self.engine.state().resources if each.name == name]
        return found.inputs[key]

    def names(self) -> set[str]:
        return {each.name for each in self.engine.state().resources}


@pytest.fixture
def world(cli: Cli, tmp_path: Path) -> World:  # noqa: ARG001 - there, or skipped
    return World(tmp_path)


def test_deployed_refused_and_taken_back(world: World) -> None:
    second = world.commit(level=2)
    outcome = world.deploy()
    assert (outcome.exit_code, outcome.before) == (Exit.OK, world.first)
    assert (world.input("shop-alarm", "threshold"), world.engine.head()) == (2, second)
    assert list(outcome.seconds) == ["guard", "update", "verify"]

    # A release of a newer image since: what ran goes on running, whatever the older commit's file says.
    (world.project / "Pulumi.dev.yaml").write_text(SETTINGS.format(NEW))
    world.engine.up(world.project, message="deploy of an image", policy=True)
    world.commit(level=3, more=BOARD, digest=NEW)
    world.verdicts = [False, True]
    outcome = world.deploy()
    assert outcome.exit_code == Exit.ROLLED_BACK, outcome.line
    assert f"{second[:12]} runs again" in outcome.line
    assert (world.input("shop-alarm", "threshold"), "shop-board" in world.names()) == (2, False)
    assert NEW in world.input("shop-api", "containerDefinitions")
    assert world.engine.head() == second
    assert world.git("worktree", "list").count("\n") == 0, "the older commit's folder is gone"


@pytest.mark.slow
def test_a_way_back_that_would_lose_something_waits_for_a_person(world: World) -> None:
    world.commit(level=2, more=BUCKET)
    world.verdicts = [False]
    outcome = world.deploy()
    assert outcome.exit_code == Exit.INCOMPLETE
    assert "not taken back" in outcome.line
    assert "deletes aws:s3/bucket:Bucket shop-files" in outcome.line
    assert "shop-files" in world.names()

    world.commit(level=2)
    with pytest.raises(OpsError) as error:
        world.deploy()
    assert error.value.exit_code == Exit.REFUSED
    assert "deletes aws:s3/bucket:Bucket shop-files" in error.value.message
    assert "shop-files" in world.names()


def test_the_commit_before_is_the_one_of_the_last_deployment() -> None:
    clean = {"git.dirty": "false", "git.head": "c" * 40}
    history = [
        {"kind": "update", "result": "failed", "message": f"deploy {'f' * 40}"},
        {"kind": "refresh", "result": "succeeded", "environment": clean},
        {
            "kind": "update",
            "result": "succeeded",
            "message": "x",
            "environment": {**clean, "git.dirty": "true"},
        },
        {"kind": "update", "result": "succeeded", "message": f"back to {'a' * 40}", "environment": clean},
    ]
    assert last_head(history) == "a" * 40
    assert last_head([*history[:3], {**history[1], "kind": "update"}]) == "c" * 40
    assert last_head(history[:3]) is None
