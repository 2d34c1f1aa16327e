"""The command line on the real engine: every stage, an alarm, the commit; all agree after each."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from offline.cli import Cli
from ops.errors import Exit
from tests.ops.cutover.offline_cutover import OfflineCutover, offline_cutover

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900), pytest.mark.xdist_group("offline-cutover")]
SPEED = 20.0


@pytest.fixture(scope="module")
def offline(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCutover]:  # noqa: ARG001 - there, or skipped
    with offline_cutover(tmp_path_factory.mktemp("cutover"), speed=SPEED) as running:
        yield running


def status(offline: OfflineCutover, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    offline.ops("status", "--json")
    return json.loads(capsys.readouterr().out)


def agrees(offline: OfflineCutover, capsys: pytest.CaptureFixture[str], stage: str) -> None:
    found = status(offline, capsys)
    assert found["agreed"], found
    assert (found["stage"], found["config"], found["state"]) == (stage, stage, stage)


@pytest.mark.slow
def test_a_whole_cutover(offline: OfflineCutover, capsys: pytest.CaptureFixture[str]) -> None:
    before = yaml.safe_load(offline.stack_file.read_text())
    assert offline.ops("advance", "--yes") == Exit.REFUSED
    assert offline.ops("start", "--yes") == Exit.OK
    agrees(offline, capsys, "25")
    assert offline.edge() == pytest.approx({"legacy": 0.75, "new": 0.25})

    assert offline.ops("advance", "--yes") == Exit.REFUSED, "no request has reached the new side yet"
    offline.requests(500)

    ringing = threading.Thread(target=alarm_in_the_watch, args=(offline,))
    ringing.start()
    assert offline.ops("advance", "--yes") == Exit.ROLLED_BACK
    ringing.join()
    assert offline.edge() == {"legacy": 1.0}
    agrees(offline, capsys, "0")
    offline.alarm("OK")

    for verb in ("start", "advance", "advance"):
        offline.requests(500)
        assert offline.ops(verb, "--yes") == Exit.OK
    agrees(offline, capsys, "100")
    assert offline.edge() == {"new": 1.0}
    assert offline.ops("commit", "--confirm", "wrong.jclee.me") == Exit.REFUSED
    offline.requests(500)
    assert offline.ops("commit", "--confirm", offline.target.hostname) == Exit.OK
    assert status(offline, capsys)["stage"] == "committed"
    assert [pool["name"] for pool in offline.model.objects["pools"].values()] == [
        "safework2-dev-jclee-me-new"
    ]
    assert "safework-legacy-dev.jclee.me" not in {
        r["name"] for r in offline.model.objects["records"].values()
    }
    after = yaml.safe_load(offline.stack_file.read_text())
    before["config"]["seoul-platform:systems"]["safework"]["cutover"] = {"kind": "committed"}
    assert after == before
    assert offline.ops("rollback", "--yes") == Exit.REFUSED


def alarm_in_the_watch(offline: OfflineCutover) -> None:
    deadline = time.monotonic() + 300
    while offline.edge() != {"legacy": 0.5, "new": 0.5} and time.monotonic() < deadline:
        time.sleep(0.05)
    offline.alarm("ALARM")
