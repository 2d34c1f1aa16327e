"""A release on the real engine: what is changed and in which order, each failure, a kill at every step."""

import re
import shutil
from pathlib import Path

import boto3
import pytest
import yaml
from moto import mock_aws

from ops.errors import Exit, OpsError
from ops.release import gates, migration
from ops.release.deployment import repositories
from ops.release.images import ImageFile
from tests.harness import run_program, stack_config
from tests.ops.release.world import ABSENT, API, BEFORE, NEW, OLD, SETTINGS, Killed, World

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.xdist_group("release")]


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
