"""A release on the real engine: what is changed and in which order, each failure, a kill at every step."""

import io
import json
import re
import shutil
import textwrap
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

from offline.cli import CliError, ensure_cli
from offline.engine import Options, Session, session
from ops.errors import Exit, OpsError
from ops.release import gates, migration
from ops.release.command import Reached, command
from ops.release.deployment import repositories
from ops.release.images import ImageFile
from ops.state import State
from tests.harness import run_program, stack_config

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.xdist_group("release")]

OLD, NEW, ABSENT = (f"sha256:{digit * 64}" for digit in "abc")
STACK = "demo"
PROGRAM = textwrap.dedent(
    """
    import json
    import pulumi
    import pulumi_aws as aws

    shop = pulumi.Config("seoul-platform").require_object("systems")["shop"]
    registry = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
    image = lambda role: f"{registry}/shop-{role}@{shop[role]['imageDigest']}"

    class Part(pulumi.ComponentResource):
        def __init__(self, kind, name, opts=None):
            super().__init__(kind, name, None, opts)

    system = Part("platform:system:Shop", "shop")
    inside = pulumi.ResourceOptions(parent=system)

    def task(name, role, parent):
        return aws.ecs.TaskDefinition(
            name, family=name, container_definitions=json.dumps([{"name": "app", "image": image(role)}]),
            opts=pulumi.ResourceOptions(parent=parent))

    cluster = aws.ecs.Cluster("shop-cluster", name="shop", opts=inside)
    migration = Part("platform:compute:FargateTask", "shop-migration", inside)
    before = task("shop-migration-task", "api", migration)
    served = task("shop-api-task", "api", system)
    aws.ecs.Service("shop-api", cluster=cluster.arn, task_definition=served.arn, opts=inside)
    task("shop-worker-task", "worker", system)
    aws.sqs.Queue("waiting", visibility_timeout_seconds=shop["waits"])
    pulumi.export("shop", {
        "repositories": {role: f"{registry}/shop-{role}" for role in ("api", "worker")},
        "migration": {
            "cluster": cluster.arn, "taskDefinition": before.arn, "container": "app", "subnets": ["subnet-1"],
            "securityGroup": "sg-1", "logGroup": "shop-migration"},
    })
    """
)
SETTINGS = f"""# What the owner decides.
config:
  aws:region: ap-northeast-2
  seoul-platform:systems:
    shop:
      waits: 30   # seconds
      api: {{ imageDigest: {OLD} }}
      worker:
        imageDigest: {OLD}
"""


@dataclass
class Ecs:
    """Runs tasks as ECS does: slowly, under a name, ending with a code."""

    exit_code: int | None = 0
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    lose_answer: bool = False

    def run_task(self, **given: Any) -> dict[str, Any]:
        assert given["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
        arn = f"arn:aws:ecs:ap-northeast-2:123456789012:task/shop/{len(self.tasks)}"
        self.tasks[arn] = {
            "taskArn": arn,
            "taskDefinitionArn": given["taskDefinition"],
            "lastStatus": "RUNNING",
            "startedBy": given["startedBy"],
            "containers": [{"name": "app"}],
        }
        if self.lose_answer:
            raise Killed
        return {"tasks": [self.tasks[arn]]}

    def list_tasks(self, *, cluster: str, startedBy: str, desiredStatus: str) -> dict[str, Any]:  # noqa: N803
        assert cluster
        found = [each for each in self.tasks.values() if each["startedBy"] == startedBy]
        return {"taskArns": [each["taskArn"] for each in found if each["lastStatus"] == desiredStatus]}

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> dict[str, Any]:
        assert cluster
        answer = [json.loads(json.dumps(self.tasks[each])) for each in tasks]
        for each in tasks:
            self.tasks[each]["lastStatus"] = "STOPPED"
            self.tasks[each]["containers"] = [{"name": "app", "exitCode": self.exit_code}]
        return {"tasks": answer}


class Ecr:
    """Knows two images of each repository, and one tag."""

    def describe_images(self, *, registryId: str, repositoryName: str, imageIds: Any) -> dict[str, Any]:  # noqa: N803
        assert (registryId, repositoryName.partition("-")[0]) == ("123456789012", "shop")
        wanted = imageIds[0].get("imageDigest") or {"2.0.0": NEW}.get(imageIds[0]["imageTag"])
        if wanted not in (OLD, NEW):
            error = {"Error": {"Code": "ImageNotFoundException", "Message": "no"}}
            raise boto3.client("ecr", region_name="ap-northeast-2").exceptions.ImageNotFoundException(
                error, "x"
            )
        return {"imageDetails": [{"imageDigest": wanted}]}


class Killed(BaseException):
    """The process dies: nothing in it may catch this."""


@dataclass
class World:
    """A stack that runs OLD, and the command line on it."""

    folder: Path
    running: Session
    ecs: Ecs = field(default_factory=Ecs)
    verdicts: list[bool] = field(default_factory=list)
    killed_at: str = ""

    @property
    def file(self) -> Path:
        return self.folder / f"Pulumi.{STACK}.yaml"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def state(self) -> dict[str, Any]:
        return json.loads(self.running.state_file(STACK).read_text())["checkpoint"]["latest"]

    def output(self, name: str, key: str) -> Any:
        [found] = [each for each in self.state()["resources"] if each["urn"].endswith(f"::{name}")]
        return found["outputs"][key]

    def digests(self) -> dict[str, str]:
        """Logical name of each task definition to the digest it runs."""
        return {
            each["urn"].rpartition("::")[2]: re.search(r"sha256:\w+", each["inputs"]["containerDefinitions"])[
                0
            ]  # type: ignore[index]
            for each in self.state()["resources"]
            if each["type"] == "aws:ecs/taskDefinition:TaskDefinition" and not each.get("delete")
        }

    def release(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        reached = Reached(
            stack_file=self.file,
            open_stack=lambda: self.running.opened(STACK),
            clients=lambda service: {"ecs": self.ecs, "ecr": Ecr()}[service],
            verify=self.verify,
            sleep=lambda _seconds: None,
        )
        said = io.StringIO()
        asked = ["shop", "--stack", STACK, "--journal", str(self.journal), "--json", *arguments]
        with redirect_stdout(said):
            code = command.main(asked, standalone_mode=False, obj=reached)
        return code, json.loads(said.getvalue()[said.getvalue().index("{") :])

    def verify(self, state: State) -> tuple[bool, str]:
        assert state.systems == ["shop"]
        if self.killed_at == "verify":
            raise Killed
        ok = self.verdicts.pop(0) if self.verdicts else True
        return ok, "verify: passed" if ok else "verify: failed: shop-api: rolled back"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose stack runs OLD."""
    try:
        ensure_cli()
    except CliError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("release")
    (folder / "Pulumi.yaml").write_text("name: seoul-platform\nruntime: python\nmain: .\n")
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / f"Pulumi.{STACK}.yaml").write_text(SETTINGS)
    with opened(folder) as running:
        outcome = running.up(STACK)
        assert outcome.ok, outcome.output
    return folder


def opened(folder: Path) -> Any:
    quiet: Callable[[str], None] = lambda _line: None  # noqa: E731
    return session(
        Options(
            project=folder,
            state=folder / "state",
            policy=False,
            durable=False,
            write=quiet,
            write_error=quiet,
        )
    )


@pytest.fixture(scope="module")
def engine(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Session]]:
    """One session for all tests: each puts the deployed state and settings back first."""
    folder = tmp_path_factory.mktemp("running")
    shutil.copytree(deployed, folder, dirs_exist_ok=True)
    with opened(folder) as running:
        yield folder, running


@pytest.fixture
def world(engine: tuple[Path, Session], deployed: Path) -> World:
    folder, running = engine
    shutil.rmtree(folder / "state")
    shutil.copytree(deployed / "state", folder / "state")
    (folder / f"Pulumi.{STACK}.yaml").write_text(SETTINGS)
    (folder / "journal.jsonl").unlink(missing_ok=True)
    return World(folder, running)


API = {"shop-migration-task": NEW, "shop-api-task": NEW, "shop-worker-task": OLD}
BEFORE = dict.fromkeys(API, OLD)


def test_a_release_migrates_deploys_the_system_alone_and_keeps_the_file(world: World) -> None:
    world.file.write_text(SETTINGS.replace("waits: 30", "waits: 60"))
    code, answer = world.release("--image", f"api={NEW}")
    assert (code, answer["ok"]) == (Exit.OK, True), answer
    assert list(answer["steps"]) == ["configure", "register", "migrate", "update", "verify"]
    assert re.search(r"; \d+ s \(configure \d+, register \d+", answer["line"])
    assert world.digests() == API
    [task] = world.ecs.tasks.values()
    assert task["taskDefinitionArn"] == world.output("shop-migration-task", "arn")
    assert world.file.read_text() == SETTINGS.replace("waits: 30", "waits: 60").replace(
        f"api: {{ imageDigest: {OLD} }}", f"api: {{ imageDigest: {NEW} }}"
    )
    [queue] = [each for each in world.state()["resources"] if each["type"] == "aws:sqs/queue:Queue"]
    assert queue["inputs"]["visibilityTimeoutSeconds"] == 30, "another change that waits is not deployed"

    code, answer = world.release("--back")
    assert (code, answer["previous"]) == (Exit.ROLLED_BACK, {"api": OLD}), (
        "the last release, taken back by hand"
    )
    assert (world.digests(), world.file.read_text()) == (BEFORE, SETTINGS.replace("waits: 30", "waits: 60"))


def test_a_migration_that_fails_stops_the_release_before_the_service(world: World) -> None:
    world.ecs.exit_code = 3
    code, answer = world.release("--image", f"api={NEW}")
    assert code == Exit.ROLLED_BACK
    assert "ended with 3" in answer["line"]
    assert "update" not in answer["steps"]
    assert (world.digests(), world.file.read_text()) == (BEFORE, SETTINGS)


def test_a_rollout_that_did_not_happen_goes_back_to_the_recorded_digest(world: World) -> None:
    world.verdicts = [False, True]
    code, answer = world.release("--image", f"api={NEW}")
    assert code == Exit.ROLLED_BACK
    assert "rolled back" in answer["line"]
    assert answer["previous"] == {"api": OLD}
    assert (world.digests(), world.file.read_text()) == (BEFORE, SETTINGS)


@pytest.mark.slow
def test_a_way_back_that_fails_is_gone_on_with(world: World) -> None:
    world.verdicts = [False, False]
    code, answer = world.release("--image", f"api={NEW}")
    assert (code, "--back" in answer["line"]) == (Exit.INCOMPLETE, True)
    code, answer = world.release("--image", f"api={NEW}")
    assert code == Exit.ROLLED_BACK
    assert world.digests() == BEFORE


@pytest.mark.parametrize("moment", ["migrate", pytest.param("verify", marks=pytest.mark.slow)])
def test_killed_and_repeated(world: World, moment: str) -> None:
    world.ecs.lose_answer = moment == "migrate"
    world.killed_at = moment
    with pytest.raises(Killed):
        world.release("--image", f"api={NEW}")
    world.ecs.lose_answer, world.killed_at = False, ""
    with pytest.raises(OpsError) as error:
        world.release("--image", f"worker={NEW}")
    assert error.value.exit_code == Exit.REFUSED
    code, answer = world.release("--image", f"api={NEW}")
    assert code == Exit.OK, answer
    assert answer["previous"] == {"api": OLD}
    assert len(world.ecs.tasks) == 1, "the migration that was started before the kill is found again"
    assert world.digests() == API


def test_a_dry_run_changes_nothing_and_a_tag_becomes_a_digest(world: World) -> None:
    code, answer = world.release("--image", "api=2.0.0", "--dry-run")
    assert (code, answer["wanted"]) == (Exit.OK, {"api": NEW})
    assert "would register and run the migration, update shop alone and verify it" in answer["line"]
    assert (world.file.read_text(), world.journal.exists(), world.digests()) == (SETTINGS, False, BEFORE)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (f"api={ABSENT}", "shop-api has no image sha256:ccc"),
        (NEW, "without a role; one of api, worker"),
        (f"web={NEW}", "got the role 'web'; shop has api, worker"),
        ("api=sha256:12", "a digest (sha256: and 64 hex digits)"),
    ],
)
def test_what_is_refused_changes_nothing(world: World, image: str, said: str) -> None:
    with pytest.raises(OpsError) as error:
        world.release("--image", image)
    assert said in error.value.message
    assert (world.file.read_text(), world.journal.exists()) == (SETTINGS, False)


@mock_aws
def test_the_task_is_started_and_found_again_in_ecs() -> None:
    """The calls and their answers are those of ECS, as moto keeps them."""
    ecs = boto3.client("ecs", region_name="ap-northeast-2")
    cluster = ecs.create_cluster(clusterName="shop")["cluster"]["clusterArn"]
    definition = ecs.register_task_definition(
        family="shop-migration",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "x", "memory": 512}],
    )["taskDefinition"]["taskDefinitionArn"]
    ec2 = boto3.client("ec2", region_name="ap-northeast-2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    wanted = migration.of(
        {
            "migration": {
                "cluster": cluster,
                "taskDefinition": definition,
                "container": "app",
                "subnets": [subnet["SubnetId"]],
                "securityGroup": group,
            }
        }
    )
    assert wanted
    with pytest.raises(OpsError, match="still runs after"):
        migration.run(ecs, wanted, "release-1", timeout=-1, sleep=lambda _seconds: None)
    [task] = ecs.list_tasks(cluster=cluster, startedBy="release-1")["taskArns"]
    with pytest.raises(OpsError, match="still runs after"):
        migration.run(ecs, wanted, "release-1", timeout=-1, sleep=lambda _seconds: None)
    assert ecs.list_tasks(cluster=cluster)["taskArns"] == [task]


def test_the_move_of_an_old_database_is_no_migration_of_a_release() -> None:
    assert migration.of({"migration": {"run": {"taskDefinition": "x"}, "secrets": {}}}) is None
    assert migration.of({}) is None


def test_work_redesign_exports_what_its_release_needs() -> None:
    config = stack_config("prod")
    systems = config["seoul-platform:systems"]
    config["seoul-platform:systems"] = {"workRedesign": systems["workRedesign"]}
    outputs = run_program(config).outputs["workRedesign"]
    found = migration.of(outputs)
    assert found
    assert found.container == "app"
    assert found.log_group
    assert len(found.subnets) > 1
    assert set(repositories(outputs, ["frontend", "backend"])) == {"frontend", "backend"}


def test_what_codedeploy_moves_is_refused() -> None:
    outputs = {"releases": {"currency": {"application": "x"}}}
    with pytest.raises(OpsError) as error:
        gates.not_shifted(outputs, ["services.currency", "ingestion"])
    assert (error.value.exit_code, "services.currency: released by CodeDeploy" in error.value.message) == (
        Exit.REFUSED,
        True,
    )
    gates.not_shifted(outputs, ["ingestion"])
    gates.not_shifted({"releases": {}}, ["services.currency"])


@pytest.mark.parametrize(
    ("system", "roles"),
    [
        ("work-redesign", {"frontend", "backend"}),
        ("sesami", {"api", "worker"}),
        (
            "currency-travel",
            {"services.currency", "services.ranking", "services.history", "ingestion"},
        ),
    ],
)
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_shipped_stack_files_can_be_written(
    tmp_path: Path, stack: str, system: str, roles: set[str]
) -> None:
    source = Path(__file__).parents[3] / f"Pulumi.{stack}.yaml"
    path = tmp_path / source.name
    shutil.copy(source, path)
    file = ImageFile(path, system=system)
    before = file.digests()
    assert set(before) == roles
    role = sorted(roles)[0]
    assert file.write({role: NEW})
    assert not file.write({role: NEW})
    lines = zip(source.read_text().splitlines(), path.read_text().splitlines(), strict=True)
    assert [old.replace(before[role], NEW) == new for old, new in lines if old != new] == [True]
    assert yaml.safe_load(path.read_text())
