"""A stack on the real engine that runs one digest, and ``ops release`` on it."""

import io
import json
import re
import textwrap
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from offline.engine import Options, Session, session
from ops.release.command import Reached, command
from ops.release.registry import Repository
from ops.state import State
from tests.ops.release.registry_server import Registry

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


@dataclass
class Ecr:
    """Knows two images of each repository, and one tag."""

    images: list[str] = field(default_factory=lambda: [OLD, NEW])
    untagged: set[str] = field(default_factory=set)

    def describe_images(self, *, registryId: str, repositoryName: str, imageIds: Any) -> dict[str, Any]:  # noqa: N803
        assert (registryId, repositoryName.partition("-")[0]) == ("123456789012", "shop")
        wanted = imageIds[0].get("imageDigest") or {"2.0.0": NEW}.get(imageIds[0]["imageTag"])
        if wanted not in self.images:
            error = {"Error": {"Code": "ImageNotFoundException", "Message": "no"}}
            raise boto3.client("ecr", region_name="ap-northeast-2").exceptions.ImageNotFoundException(
                error, "x"
            )
        tags = {} if wanted in self.untagged else {"imageTags": ["2.0.0"]}
        return {"imageDetails": [{"imageDigest": wanted, **tags}]}


class Killed(BaseException):
    """The process dies: nothing in it may catch this."""


@dataclass
class World:
    """A stack that runs OLD, and the command line on it."""

    folder: Path
    running: Session
    registry: Registry
    ecs: Ecs = field(default_factory=Ecs)
    ecr: Ecr = field(default_factory=Ecr)
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
            clients=lambda service: {"ecs": self.ecs, "ecr": self.ecr}[service],
            verify=self.verify,
            connect=self.connect,
            sleep=lambda _seconds: None,
        )
        said = io.StringIO()
        asked = ["shop", "--stack", STACK, "--journal", str(self.journal), "--json", *arguments]
        with redirect_stdout(said):
            code = command.main(asked, standalone_mode=False, obj=reached)
        return code, json.loads(said.getvalue()[said.getvalue().index("{") :])

    def connect(self, address: str) -> Repository:
        host, _, name = address.partition("/")
        assert host == "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
        return Repository(
            host,
            name,
            lambda: self.registry.token,
            base_url=self.registry.url,
            sleep=lambda _seconds: None,
        )

    def verify(self, state: State) -> tuple[bool, str]:
        assert state.systems == ["shop"]
        if self.killed_at == "verify":
            raise Killed
        ok = self.verdicts.pop(0) if self.verdicts else True
        return ok, "verify: passed" if ok else "verify: failed: shop-api: rolled back"


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


API = {"shop-migration-task": NEW, "shop-api-task": NEW, "shop-worker-task": OLD}
BEFORE = dict.fromkeys(API, OLD)
