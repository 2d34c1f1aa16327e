"""All traffic back to the old side with a token and the journal, or a token and the zone; no Pulumi."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.cutover.cloudflare import Cloudflare
from ops.cutover.target import COMMITTED, LEGACY, NEW, subject
from ops.cutover.traffic import CloudflareTraffic, Place, find_place, place_from_journal
from ops.errors import Exit, OpsError
from ops.rollout.diverting import Say, divert
from ops.rollout.dynamodb import DynamoJournal, open_table
from ops.rollout.lease import DynamoLock
from ops.rollout.moving import Outcome
from ops.rollout.plan import Plan
from ops.rollout.ports import Clock
from ops.rollout.record import Entry, Kind, Record, fold
from ops.rollout.watching import Limits

PLAN = Plan(
    stages=("0", "25", "50", "100"),
    shares={
        "0": {LEGACY: 1},
        "25": {LEGACY: 3, NEW: 1},
        "50": {LEGACY: 1, NEW: 1},
        "100": {NEW: 1},
        COMMITTED: {NEW: 1},
    },
    old=LEGACY,
    new=NEW,
    final=COMMITTED,
)
"""The stages without the stack that exports them: enough to read its journal."""


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """Where to go, and what may be had besides."""

    hostname: str
    zone_id: str | None
    journal_table: str | None
    region: str
    operator: str
    reason: str


@dataclass(kw_only=True)
class _Journal:
    """The journal as far as it can be had."""

    journal: DynamoJournal
    entries: list[Entry]

    def append(self, kind: Kind, given: Emergency, place: Place, record: Record, clock: Clock) -> None:
        entry = Entry(
            sequence=len(self.entries) + 1,
            kind=kind,
            time=clock.now(),
            operator=given.operator,
            start=record.stage or PLAN.last,
            end=PLAN.first,
            reason=f"emergency: {given.reason}",
            target=place.published(),
        )
        fold(PLAN, [*self.entries, entry])
        self.journal.append(entry)
        self.entries.append(entry)


def run(given: Emergency, api: Cloudflare, clock: Clock, say: Say) -> Outcome:
    """Raises OpsError: INCOMPLETE where the write did not work, or the journal could not be written."""
    journal, problem = _open_journal(given, clock, say)
    record = fold(PLAN, journal.entries) if journal else Record()
    if record.stage == COMMITTED:
        raise OpsError(
            f"the cutover of {given.hostname} is committed: the old side is gone",
            fix="the break-glass steps of docs/runbooks/cutover.md",
            exit_code=Exit.REFUSED,
        )
    place = _place(given, api, journal.entries if journal else [], problem)
    if journal:
        try:
            journal.append(Kind.BEGUN, given, place, record, clock)
        except OpsError as error:
            journal, problem = None, error.message
            say(f"the journal cannot be written, the traffic goes back first: {problem}", level="bad")
    divert(CloudflareTraffic(api, place), PLAN, clock, Limits(bake=0).divert, say)
    if journal:
        try:
            journal.append(Kind.DIVERTED, given, place, record, clock)
        except OpsError as error:
            journal, problem = None, error.message
    if journal is None and given.journal_table is not None:
        raise OpsError(
            f"all new sessions go to the old side; the journal does not know it: {problem}",
            fix="rollback, once the journal and Pulumi are to be had",
            exit_code=Exit.INCOMPLETE,
        )
    return Outcome(
        exit_code=Exit.ROLLED_BACK,
        stage=PLAN.first,
        message="all new sessions go to the old side; `rollback` makes config and state follow",
    )


def locate(given: Emergency, api: Cloudflare, clock: Clock, say: Say) -> Place:
    """Where the write would go, without a lock and without a change."""
    entries: list[Entry] = []
    problem = "no journal given"
    if given.journal_table is not None and given.zone_id is None:
        try:
            entries = list(_journal_of(given, clock)[1].entries())
        except OpsError as error:
            problem = error.message
            say(problem, level="bad")
    return _place(given, api, entries, problem)


def _journal_of(given: Emergency, clock: Clock) -> tuple[DynamoLock, DynamoJournal]:
    table = open_table(given.journal_table or "", region=given.region)
    lock = DynamoLock(table, subject(given.hostname), clock, operator=given.operator)
    return lock, DynamoJournal(table, subject(given.hostname), lock, clock)


def _open_journal(given: Emergency, clock: Clock, say: Say) -> tuple[_Journal | None, str]:
    if given.journal_table is None:
        return None, "no journal given"
    lock, journal = _journal_of(given, clock)
    try:
        lock.seize("an emergency")
        return _Journal(journal=journal, entries=list(journal.entries())), ""
    except OpsError as error:
        say(f"going on without the journal: {error.message}", level="bad")
        return None, error.message


def _place(given: Emergency, api: Cloudflare, entries: Sequence[Entry], problem: str) -> Place:
    if given.zone_id is not None:
        return find_place(api, zone_id=given.zone_id, hostname=given.hostname)
    for entry in reversed(entries):
        if entry.target:
            return place_from_journal(entry.target)
    raise OpsError(
        f"where the load balancer of {given.hostname} is cannot be said: {problem or 'the journal is empty'}",
        fix="--zone-id: the zone's id is on its overview page in the dashboard",
    )
