"""What ``ops cutover`` prints: the status for people, and documents for scripts."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.cutover.wiring import Wired
from ops.rollout.moving import Outcome
from ops.rollout.plan import normal
from ops.rollout.record import Entry, Reading
from ops.rollout.runner import Intent
from ops.rollout.screen import journal_table
from ops.rollout.status import Status

_SHOWN_ENTRIES = 12


def print_status(
    wired: Wired, found: Status, entries: Sequence[Entry], holder: Mapping[str, Any] | None
) -> None:
    """Stages, sides, alarms; who is at work; the last entries; and what to do."""
    screen = wired.screen
    screen.console.print(screen.picture(found.view))
    screen.say(f"config {found.configured}, state {found.deployed}, journal {found.record.stage}")
    if holder and not holder["released"]:
        screen.say(f"lock: {holder['owner']}, {holder['purpose']}, since {holder['since']}", level="warn")
    if entries:
        screen.console.print(journal_table(entries[-_SHOWN_ENTRIES:]))
    screen.say(f"next: {found.advice}", level="good" if found.agreed else "warn")


def status_json(found: Status, entries: Sequence[Entry], holder: Mapping[str, Any] | None) -> dict[str, Any]:
    move = found.record.move
    at_work = holder is not None and not holder["released"]
    return {
        "stage": found.record.stage,
        "baked": found.record.baked,
        "move": None if move is None else {"start": move.start, "end": move.end, "back": move.back},
        "config": found.configured,
        "state": found.deployed,
        "live": None if found.live is None else normal(found.live.shares),
        "sides": {side: seen.healthy for side, seen in found.sides.items()},
        "alarms": {each.name: each.state for each in found.view.alarms},
        "agreed": found.agreed,
        "problems": list(found.problems),
        "unread": list(found.unread),
        "lock": {"owner": holder["owner"], "purpose": holder["purpose"]} if holder and at_work else None,
        "advice": found.advice,
        "journal": [entry_json(entry) for entry in entries],
    }


def intent_json(intent: Intent) -> dict[str, Any]:
    return {
        "start": intent.start,
        "end": intent.end,
        "allowed": intent.allowed,
        "gates": [_reading_json(each) for each in intent.gates],
    }


def outcome_json(outcome: Outcome, entries: Sequence[Entry] = ()) -> dict[str, Any]:
    return {
        "exitCode": int(outcome.exit_code),
        "stage": outcome.stage,
        "message": outcome.message,
        "journal": [entry_json(entry) for entry in entries],
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "kind": str(entry.kind),
        "time": entry.time.isoformat(),
        "operator": entry.operator,
        "from": entry.start,
        "to": entry.end,
        "reason": entry.reason,
        "gates": [_reading_json(each) for each in entry.gates],
    }


def _reading_json(reading: Reading) -> dict[str, Any]:
    return {"gate": reading.gate, "ok": reading.ok, "value": reading.value, "needed": reading.needed}
