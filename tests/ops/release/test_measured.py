"""How long our own steps of a release take: Work Redesign, in the whole stack as it is shipped."""

import io
import json
import os
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from offline.engine import Options, session
from ops.errors import Exit
from ops.release.command import Reached, command
from ops.release.registry import Repository
from tests.ops.release.layouts import Build
from tests.ops.release.registry_server import Registry
from tests.ops.release.world import Ecs

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(1800)]

REPOSITORY = Path(__file__).parents[3]
TARGET_SECONDS = 15 * 60
LAYERS, LAYER_BYTES = 5, 40_000_000


def quiet(_line: str) -> None:
    """The engine's own lines: the answer of the command is what counts."""


@pytest.mark.usefixtures("cli")
def test_our_own_steps_stay_under_the_target(registry: Registry, tmp_path: Path) -> None:
    """Not in it: the image's way to AWS, ECS's rollout, the migration's own time, the questions of verify."""
    settings = tmp_path / "Pulumi.dev.yaml"
    shutil.copy(REPOSITORY / settings.name, settings)
    build = Build()
    digest = build.name(build.image(*(os.urandom(LAYER_BYTES) for _ in range(LAYERS))))
    archive = build.archive(tmp_path / "backend.tar")
    del build

    def options(*, durable: bool) -> Options:
        return Options(
            state=tmp_path / "state",
            config_file=settings,
            policy=False,
            durable=durable,
            write=quiet,
            write_error=quiet,
        )

    with session(options(durable=False)) as running:
        outcome = running.up("dev")
        assert outcome.ok, outcome.output
    ecs, said = Ecs(), io.StringIO()
    with session(options(durable=True)) as running, redirect_stdout(said):
        reached = Reached(
            stack_file=settings,
            open_stack=lambda: running.opened("dev"),
            clients={"ecs": ecs}.__getitem__,
            verify=lambda state: (state.systems == ["work-redesign"], "verify: passed"),
            connect=lambda address: Repository(
                *address.split("/", 1), lambda: registry.token, base_url=registry.url
            ),
            policy_packs=[str(REPOSITORY / "policies")],
            sleep=lambda _seconds: None,
        )
        asked = ["work-redesign", "--stack", "dev", "--image", f"backend=oci:{archive}", "--json"]
        code = command.main(
            [*asked, "--journal", str(tmp_path / "journal.jsonl")], standalone_mode=False, obj=reached
        )
        state = running.state_file("dev").read_text()
    answer = json.loads(said.getvalue()[said.getvalue().index("{") :])
    print(f"\n{answer['line']}")
    assert code == Exit.OK, answer
    assert list(answer["steps"]) == ["push", "configure", "register", "migrate", "update", "verify"]
    assert answer["pushed"]["backend"]["bytes"] > LAYERS * LAYER_BYTES
    assert f"imageDigest: {digest}" in settings.read_text()
    assert len(re.findall(re.escape(digest), state)) > 2, "the service and the migration run it"
    assert len(ecs.tasks) == 1
    assert answer["seconds"] < TARGET_SECONDS
