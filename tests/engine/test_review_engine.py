"""Pull requests that must be stopped, reviewed on the real engine: five changes to Sesami, each in one line.

The five are in one preview, which takes as long as one; a harmless change shows that none is always said.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from offline.cli import Cli
from ops.review.model import Review, load
from tests.engine.checkout import Checkout
from tests.engine.conftest import REPOSITORY

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("cli")]

ARCHIVE = """        archive = PrivateBucket(
            f"{scope.name}-archive",
            PrivateBucketArgs(
                encryption=KmsEncryption(key.key_arn),
                access_logs=AccessLogs(logs, prefix="archive/"),
                deletion_protection=settings.deletion_protection,
            ),
            scope.opts,
        )
        pulumi.log.debug(f"archive {archive.pulumi_resource_name}")
"""
BUCKETS = "from components.edge.bucket import AccessLogs, KmsEncryption, PrivateBucket, PrivateBucketArgs\n"
PEER = "from components.network.security_group import CidrPeer\n"
AFTER_LOGS = "        vpc = build_network(scope, settings, key)\n"
AFTER_BALANCER = "        queue = build_queue(scope, settings, key)\n"
SSH = '        load_balancer.security_group.allow_from(CidrPeer("0.0.0.0/0"), 22, "SSH for a weekend")\n'
PROGRAM = "systems/sesami/__init__.py"
FIRST_IMPORT = "from components.compute.batch_worker_roles"


def review(checkout: Checkout, out: Path, *arguments: str) -> tuple[int, Review, str]:
    """``ops review local`` on the checkout; the exit code, the review of dev, and the comment."""
    command = [sys.executable, "-m", "ops", "review", "local", "--stack", "dev", "--base", "main"]
    command += ["--project", str(checkout.folder), "--out", str(out), *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert (out / "comment.md").exists(), done.stdout + done.stderr
    return done.returncode, load(out / "dev"), (out / "comment.md").read_text()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Checkout:
    """The program on main, with one bucket more; the branch `change` is checked out."""
    del cli
    made = Checkout(tmp_path_factory.mktemp("checkout"))
    made.edit(PROGRAM, FIRST_IMPORT, BUCKETS + FIRST_IMPORT)
    made.edit(PROGRAM, AFTER_LOGS, ARCHIVE + AFTER_LOGS)
    made.commit("an archive")
    made.git("switch", "--quiet", "--create", "change")
    return made


@pytest.fixture(scope="module")
def dangerous(checkout: Checkout) -> tuple[int, Review, str]:
    """All five dangers in one change."""
    checkout.edit("systems/sesami/data.py", 'f"{scope.name}-database"', 'f"{scope.name}-records"')
    checkout.edit(PROGRAM, ARCHIVE, "")
    checkout.edit(PROGRAM, AFTER_BALANCER, SSH + AFTER_BALANCER)
    checkout.edit(PROGRAM, FIRST_IMPORT, PEER + FIRST_IMPORT)
    checkout.configure("dev", database={"instanceClass": "db.r6g.large", "multiAz": True})
    checkout.edit("systems/tagging.py", '        "cost-center": stack.cost_center,\n', "")
    checkout.commit("five dangers")
    found = review(checkout, checkout.folder / "build" / "dangerous")
    checkout.git("switch", "--quiet", "--create", "harmless", "main")
    return found


def lines(comment: str) -> Sequence[str]:
    """The reasons of the comment."""
    said = comment.split("### Why", maxsplit=1)[1].split("### ", maxsplit=1)[0]
    return [line for line in said.splitlines() if line.startswith("- ")]


def reason(found: tuple[int, Review, str], *words: str) -> None:
    """One line of the comment holds all these words, and only one does."""
    code, _, comment = found
    assert code == 1
    holding = [line for line in lines(comment) if all(word in line for word in words)]
    assert len(holding) == 1, "\n".join(lines(comment))


def test_a_database_component_renamed_without_an_alias(dangerous: tuple[int, Review, str]) -> None:
    reason(
        dangerous,
        "**dev** guard: sesami-database is renamed to sesami-records without an alias",
        "deletes aws:rds/instance:Instance sesami-database-primary (data store)",
        'pulumi.Alias(name="sesami-database")',
    )


def test_a_bucket_deleted(dangerous: tuple[int, Review, str]) -> None:
    reason(
        dangerous,
        "**dev** guard: sesami-archive goes, which deletes aws:s3/bucket:Bucket sesami-archive-bucket",
        "every object is lost",
    )


def test_port_22_opened(dangerous: tuple[int, Review, str]) -> None:
    reason(
        dangerous,
        "**dev** policy: No security group opens SSH or RDP to the internet",
        "opens 22 to 0.0.0.0/0",
    )


def test_the_monthly_cost_doubled(dangerous: tuple[int, Review, str]) -> None:
    _, found, _ = dangerous
    assert found.cost_after > 2 * found.cost_before > 0
    reason(dangerous, "**dev** cost: sesami would cost", "percent", "most of it: database instances")


def test_a_tag_dropped(dangerous: tuple[int, Review, str]) -> None:
    reason(dangerous, "**dev** policy: Everything that can carry tags", "tags lack cost-center")


def test_the_summary_comes_first_and_the_tables_are_folded(dangerous: tuple[int, Review, str]) -> None:
    _, found, comment = dangerous
    head = comment.split("<details>")[0].splitlines()
    assert head[:2] == ["<!-- seoul-platform: review -->", "## Stopped"]
    assert f"**stopped: {len(found.stops)} reasons**" in head[5]
    assert "`sesami-archive" in comment.split("<details>", 1)[1]
    assert len(comment.encode()) <= 65_536


def test_sarif_is_left_for_code_scanning(dangerous: tuple[int, Review, str], checkout: Checkout) -> None:
    del dangerous
    sarif = json.loads((checkout.folder / "build" / "dangerous" / "dev" / "policies.sarif").read_text())
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["automationDetails"] == {"id": "policies/dev/"}
    rules = {result["ruleId"] for result in sarif["runs"][0]["results"] if not result.get("suppressions")}
    assert {"sg-no-open-admin-ports", "tags-required"} <= rules


def test_a_harmless_change_passes(
    dangerous: tuple[int, Review, str], checkout: Checkout, tmp_path: Path
) -> None:
    """After the five, on the state that their base left: nothing of theirs is always said."""
    del dangerous
    checkout.configure("dev", api={"scaleInCooldownSeconds": 240})
    checkout.commit("tasks go away sooner")
    code, found, comment = review(checkout, tmp_path)
    assert (code, found.stops) == (0, ()), comment
    assert "## Nothing stops this" in comment
    assert {(change.operation, change.type) for change in found.changes} == {
        ("update", "aws:appautoscaling/policy:Policy")
    }, "and nothing because the base was deployed from another folder"
    assert found.cost_before == found.cost_after > 0
