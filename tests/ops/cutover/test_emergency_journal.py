"""The emergency with a token and the journal: it finds the balancer there, and `rollback` can go on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from offline.cloudflare_server import serve
from ops.__main__ import main
from ops.cutover.emergency import PLAN
from ops.cutover.target import LEGACY, subject
from ops.errors import Exit
from ops.rollout.clock import SystemClock
from ops.rollout.dynamodb import DynamoJournal
from ops.rollout.lease import DynamoLock
from ops.rollout.ports import LockLostError
from ops.rollout.record import Entry, Kind, fold
from tests.ops.cutover.world import TOKEN, World
from tests.ops.rollout.test_dynamodb import endpoint, table  # noqa: F401 - fixtures

HOSTNAME = "safework2.jclee.me"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World("50")
    with serve(made.model) as url:
        monkeypatch.setenv("CLOUDFLARE_BASE_URL", url)
        monkeypatch.setenv("CLOUDFLARE_API_TOKEN", TOKEN)
        yield made


def entry(sequence: int, kind: Kind, start: str, end: str, target: Any) -> Entry:
    return Entry(
        sequence=sequence,
        kind=kind,
        time=datetime.now(UTC),
        operator="day",
        start=start,
        end=end,
        target=target,
    )


def test_the_journal_is_enough(world: World, table: Any) -> None:  # noqa: F811
    clock = SystemClock()
    hung = DynamoLock(table, subject(HOSTNAME), clock, operator="day")
    hung.acquire("a step")
    journal = DynamoJournal(table, subject(HOSTNAME), hung, clock)
    journal.append(entry(1, Kind.ADOPTED, "25", "25", world.place.published()))
    journal.append(entry(2, Kind.BEGUN, "25", "50", world.place.published()))

    arguments = ["--hostname", HOSTNAME, "--journal", table.name, "--reason", "night"]
    assert main(["cutover", "rollback", "--emergency", *arguments]) == Exit.ROLLED_BACK

    assert world.edge() == {LEGACY: 1.0}
    record = fold(PLAN, journal.entries())
    assert record.move is not None
    assert (record.move.end, record.move.back, record.move.diverted) == ("0", True, True)
    assert journal.entries()[-1].reason == "emergency: night"
    with pytest.raises(LockLostError):
        hung.renew()


def test_an_empty_journal_does_not_say_where(world: World, table: Any) -> None:  # noqa: F811
    before = world.edge()
    arguments = ["--hostname", HOSTNAME, "--journal", table.name]
    assert main(["cutover", "rollback", "--emergency", *arguments]) == Exit.FAILED
    assert world.edge() == before
