"""Journal, lock and evidence on DynamoDB's real API, as moto's server speaks it."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from moto.server import ThreadedMotoServer

from ops.errors import OpsError
from ops.evidence import Evidence, leave, migration_key, newest
from ops.rollout.cloudwatch import CloudWatchAlarms, CloudWatchCount, open_cloudwatch
from ops.rollout.dynamodb import DynamoJournal, open_table
from ops.rollout.lease import DynamoLock
from ops.rollout.ports import LockHeldError, LockLostError, PortError
from ops.rollout.record import Entry, JournalError, Kind, Reading

SUBJECT = "cutover:safework2.jclee.me"


class Clock:
    """Time that passes when somebody sleeps, and what happens then."""

    def __init__(self, *, skew: float = 0.0) -> None:
        self.time = 0.0
        self.skew = skew
        self.meanwhile: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time + self.skew)

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.meanwhile()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def table(endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"journal-{abs(hash(request.node.name))}"
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "subject", "KeyType": "HASH"},
            {"AttributeName": "sequence", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "subject", "AttributeType": "S"},
            {"AttributeName": "sequence", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return open_table(name)


def lock(table: Any, operator: str, clock: Clock) -> DynamoLock:
    return DynamoLock(table, SUBJECT, clock, operator=operator)


def entry(sequence: int, **given: Any) -> Entry:
    fields = {
        "sequence": sequence,
        "kind": Kind.BEGUN,
        "time": datetime(2026, 1, 1, tzinfo=UTC),
        "operator": "first@here",
        "start": "0",
        "end": "25",
        "reason": "test",
        "gates": (Reading(gate="pools", ok=True, value="healthy", needed="healthy"),),
        "target": {"zoneId": "b" * 32},
    }
    return Entry(**{**fields, **given})


def test_entries_come_back_as_they_were_written(table: Any) -> None:
    clock = Clock()
    held = lock(table, "first", clock)
    held.acquire("a step")
    journal = DynamoJournal(table, SUBJECT, held, clock)
    written = [entry(1), entry(2, kind=Kind.APPLIED, gates=())]
    for each in written:
        journal.append(each)
    assert journal.entries() == written


def test_an_entry_is_written_once_though_it_is_sent_twice(table: Any) -> None:
    clock = Clock()
    held = lock(table, "first", clock)
    held.acquire("a step")
    journal = DynamoJournal(table, SUBJECT, held, clock)
    again = entry(1)
    journal.append(again)
    journal.append(again)
    assert journal.entries() == [again]
    with pytest.raises(LockLostError, match="entry 1 was not written"):
        journal.append(entry(1))


@pytest.mark.parametrize("lost", ["before", "after"])
def test_an_answer_that_is_lost_is_asked_for_again(
    table: Any, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    held = lock(table, "first", clock)
    held.acquire("a step")
    journal = DynamoJournal(table, SUBJECT, held, clock)
    real, calls = table.meta.client.transact_write_items, []

    def unreliable(**given: Any) -> Any:
        calls.append(given)
        if len(calls) == 1 and lost == "before":
            raise ConnectTimeoutError(endpoint_url="https://dynamodb")
        answer = real(**given)
        if len(calls) == 1:
            raise ConnectTimeoutError(endpoint_url="https://dynamodb")
        return answer

    monkeypatch.setattr(table.meta.client, "transact_write_items", unreliable)
    journal.append(entry(1))
    assert len(calls) == 2
    assert [each.sequence for each in journal.entries()] == [1]


def test_without_the_lock_nothing_is_written(table: Any) -> None:
    clock = Clock()
    first, second = lock(table, "first", clock), lock(table, "second", clock)
    first.acquire("a step")
    second.seize("a way back")
    with pytest.raises(LockLostError):
        DynamoJournal(table, SUBJECT, first, clock).append(entry(1))
    with pytest.raises(LockLostError, match="second took over"):
        first.renew()
    first.release()
    second.renew()
    DynamoJournal(table, SUBJECT, second, clock).append(entry(1))


@pytest.mark.parametrize("skew", [-86_400.0, 0.0, 86_400.0])
def test_a_holder_that_moves_keeps_the_lock_whatever_the_clocks_say(table: Any, skew: float) -> None:
    ours, theirs = Clock(), Clock(skew=skew)
    first, second = lock(table, "first", ours), lock(table, "second", theirs)
    first.acquire("a step")
    theirs.meanwhile = first.renew
    with pytest.raises(LockHeldError, match="first is at work: a step") as held:
        second.acquire("another step")
    assert held.value.fix
    assert theirs.time <= 10
    first.renew()


@pytest.mark.parametrize("skew", [-86_400.0, 0.0, 86_400.0])
def test_the_lock_of_a_killed_run_is_free_after_one_lease(table: Any, skew: float) -> None:
    ours, theirs = Clock(), Clock(skew=skew)
    first, second = lock(table, "first", ours), lock(table, "second", theirs)
    first.acquire("a step")
    second.acquire("another step")
    assert 60 <= theirs.time < 70
    with pytest.raises(LockLostError):
        first.renew()
    second.renew()


def test_of_two_that_wait_one_gets_the_lock(table: Any) -> None:
    dead, clock, other = lock(table, "dead", Clock()), Clock(), Clock()
    dead.acquire("a step")
    second, third = lock(table, "second", clock), lock(table, "third", other)
    got: list[str] = []

    def third_comes_first() -> None:
        if clock.time >= 55 and not got:
            third.acquire("a step")
            got.append("third")

    clock.meanwhile = third_comes_first
    with pytest.raises(LockHeldError):
        second.acquire("a step")
    third.renew()


def test_a_released_lock_is_taken_at_once(table: Any) -> None:
    clock = Clock()
    first, second = lock(table, "first", clock), lock(table, "second", clock)
    first.acquire("a step")
    first.release()
    second.acquire("a step")
    assert clock.time == 0


def test_a_table_that_is_missing_says_how_to_get_it(table: Any) -> None:
    with pytest.raises(PortError) as missing:
        DynamoJournal(open_table("none"), SUBJECT, lock(table, "first", Clock()), Clock()).entries()
    assert missing.value.fix == "the journal is a table of the stack: pulumi up makes it"


def test_an_item_that_is_no_entry_is_named(table: Any) -> None:
    table.put_item(Item={"subject": SUBJECT, "sequence": 1, "kind": "nonsense"})
    with pytest.raises(JournalError, match="item 1 cannot be read"):
        DynamoJournal(table, SUBJECT, lock(table, "first", Clock()), Clock()).entries()


def test_the_newest_verdict_counts(table: Any) -> None:
    key = migration_key("safework")
    assert newest(table, key) is None
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    passed = Evidence(key=key, passed=True, time=at, digest="abc", operator="me", detail="4 tables")
    leave(table, passed)
    assert newest(table, key) == passed
    failed = Evidence(key=key, passed=False, time=at + timedelta(seconds=1), digest="abd", operator="me")
    leave(table, failed)
    assert newest(table, key) == failed
    with pytest.raises(OpsError, match="without a zone"):
        leave(table, Evidence(key=key, passed=True, time=datetime(2026, 1, 1), digest="", operator="me"))  # noqa: DTZ001


def test_alarms_are_read_by_name(table: Any) -> None:
    del table
    client = open_cloudwatch(region="ap-northeast-2")
    names = [f"alarm-{number}" for number in range(120)]
    for name in names[:-1]:
        client.put_metric_alarm(
            AlarmName=name,
            Namespace="test",
            MetricName="test",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Period=60,
            Statistic="Sum",
            Threshold=1,
        )
        client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="fine")
    client.set_alarm_state(AlarmName=names[7], StateValue="ALARM", StateReason="6 %")
    states = {each.name: each.state for each in CloudWatchAlarms(client, names).read()}
    assert states.pop(names[7]) == "ALARM"
    assert states.pop(names[-1]) == "MISSING"
    assert set(states.values()) == {"OK"}


def test_requests_are_counted_since_a_moment(table: Any) -> None:
    del table
    client = open_cloudwatch(region="ap-northeast-2")
    count = CloudWatchCount(
        client, namespace="AWS/ApiGateway", metric="Count", dimensions={"ApiName": "safework"}
    )
    now = datetime.now(UTC)
    for minutes, value in ((30, 1_000), (10, 300), (1, 250)):
        client.put_metric_data(
            Namespace="AWS/ApiGateway",
            MetricData=[
                {
                    "MetricName": "Count",
                    "Dimensions": [{"Name": "ApiName", "Value": "safework"}],
                    "Timestamp": now - timedelta(minutes=minutes),
                    "Value": value,
                }
            ],
        )
    assert count.since(now - timedelta(minutes=15), now) == 550
    assert count.since(now - timedelta(days=3), now) == 1_550
    with pytest.raises(PortError, match="one clock is wrong"):
        count.since(now + timedelta(minutes=5), now)
