"""The command line, as a person or a script uses it."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from offline.postgres_server import Server
from ops.__main__ import main
from ops.errors import Exit
from ops.migrate import status
from ops.migrate.connect import Endpoint
from tests.ops.migrate.support import execute
from tests.ops.migrate.test_resume import reference

Database = Callable[..., Endpoint]


@pytest.fixture
def ends(old: Server, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    source = database(
        "create table t (id int primary key, v text); insert into t values (1, 'a')",
        server=old,
        role="source",
    )
    target = database()
    passwords = tmp_path / "passfile"
    both = [f"*:{e.parameters['port']}:*:*:{e.parameters['password']}" for e in (source, target)]
    passwords.write_text("\n".join(both))
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    return ["--source", reference(source), "--target", reference(target)]


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = main(["migrate", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_whole_move(
    ends: list[str], pg_bin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = ["--pg-bin", str(pg_bin)]
    code, out, _ = call(capsys, "plan", *ends, *tools, "--json")
    assert (code, json.loads(out)["findings"]) == (Exit.OK, [])
    code, out, _ = call(capsys, "plan", *ends, *tools)
    assert "nothing blocks a copy" in out
    code, out, _ = call(capsys, "copy", *ends, *tools, "--dry-run", "--json")
    assert [chunk["what"] for chunk in json.loads(out)["chunks"]] == ["public.t (all)"]
    code, out, err = call(capsys, "status", *ends[2:])
    assert (code, "holds no copy" in err) == (Exit.FAILED, True)
    code, out, _ = call(capsys, "copy", *ends, *tools, "--jobs", "1")
    assert (code, "the target holds 1 rows" in out) == (Exit.OK, True)
    code, out, _ = call(capsys, "status", *ends[2:], "--json")
    assert (json.loads(out)["phase"], json.loads(out)["verified_equal"]) == ("done", None)
    folder = tmp_path / "report"
    code, out, _ = call(capsys, "verify", *ends, "--report", str(folder))
    assert (code, "equal: 1 rows in 1 tables" in out) == (Exit.OK, True)
    assert json.loads((folder / "verification.json").read_text())["equal"] is True
    assert "Equal: 1 rows" in (folder / "verification.html").read_text()
    code, out, _ = call(capsys, "status", *ends[2:])
    assert ": equal" in out


def test_a_difference_is_exit_code_1(
    ends: list[str], pg_bin: Path, tmp_path: Path, new: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    call(capsys, "copy", *ends, "--pg-bin", str(pg_bin), "--json")
    name = ends[3].split("dbname=")[1].split()[0]
    execute(Endpoint("target", new.parameters(name)), "update t set v = 'b'")
    code, out, _ = call(capsys, "verify", *ends, "--report", str(tmp_path), "--json")
    assert code == Exit.FAILED
    (table,) = json.loads(out)["tables"]
    assert (table["differences"][0]["key"], table["differences"][0]["columns"]) == ({"id": "1"}, ["v"])


def test_the_same_database_twice(ends: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "plan", "--source", ends[1], "--target", ends[1])
    assert (code, "are the same database" in err) == (Exit.REFUSED, True)


ARN = "arn:aws:dms:ap-northeast-2:123456789012:replication-config:ABC"


class Dms:
    """Answers as DMS does: moto has no Serverless replications."""

    def __init__(self, **changes: Any) -> None:
        self.replication = {
            "ReplicationConfigIdentifier": "safework",
            "Status": "running",
            "ReplicationType": "full-load-and-cdc",
            "ReplicationStats": {"FullLoadProgressPercent": 100, "TablesErrored": 0},
            **changes.pop("replication", {}),
        }
        self.table = {
            "SchemaName": "public",
            "TableName": "users",
            "TableState": "Table completed",
            "FullLoadRows": 10,
            "Inserts": 2,
            "ValidationState": "Validated",
            "ValidationFailedRecords": 0,
            **changes.pop("table", {}),
        }

    def describe_replications(self, Filters: list[Any]) -> dict[str, Any]:  # noqa: N803
        assert Filters == [{"Name": "replication-config-arn", "Values": [ARN]}]
        return {"Replications": [self.replication]}

    def get_paginator(self, name: str) -> "Dms":
        assert name == "describe_replication_table_statistics"
        return self

    def paginate(self, ReplicationConfigArn: str) -> list[dict[str, Any]]:  # noqa: N803
        assert ReplicationConfigArn == ARN
        return [{"ReplicationTableStatistics": [self.table]}]


class Metrics:
    """Two replications of one account."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds

    def list_metrics(self, **_: Any) -> dict[str, Any]:
        return {
            "Metrics": [
                {"Dimensions": [{"Name": "Replication", "Value": name}]} for name in ("safework", "other")
            ]
        }

    def get_metric_statistics(self, Dimensions: list[dict[str, str]], **_: Any) -> dict[str, Any]:  # noqa: N803
        if Dimensions[0]["Value"] != "safework":
            return {"Datapoints": [{"Timestamp": 1, "Maximum": 500.0}]}
        points = [{"Timestamp": 2, "Maximum": self.seconds}, {"Timestamp": 1, "Maximum": 99.0}]
        return {"Datapoints": points if self.seconds is not None else []}


@pytest.mark.parametrize(
    ("dms", "lag", "ready"),
    [
        (Dms(), 0.0, True),
        (Dms(), 3.0, False),
        (Dms(), None, False),
        (Dms(replication={"Status": "stopped"}), 0.0, False),
        (Dms(replication={"ReplicationStats": {"FullLoadProgressPercent": 99}}), 0.0, False),
        (Dms(table={"ValidationFailedRecords": 1}), 0.0, False),
        (Dms(table={"ValidationState": "Pending records"}), 0.0, False),
        (Dms(table={"TableState": "Table error"}), 0.0, False),
    ],
)
def test_a_replication_is_ready_only_when_all_is_validated_and_nothing_lags(
    dms: Dms, lag: float | None, ready: bool
) -> None:
    found = status.replication(ARN, client=dms, metrics=Metrics(lag))
    assert found.ready is ready
    assert found.json()["tables"][0]["full_load_rows"] == 10


def test_calls_are_those_that_boto3_knows() -> None:
    """The stand-in above takes the same parameters as the real client."""
    model = boto3.client("dms", region_name="ap-northeast-2").meta.service_model
    inputs = model.operation_model("DescribeReplicationTableStatistics").input_shape
    outputs = model.operation_model("DescribeReplicationTableStatistics").output_shape
    assert "ReplicationConfigArn" in inputs.members
    assert set(Dms().table) <= set(outputs.members["ReplicationTableStatistics"].member.members)
    replications = (
        model.operation_model("DescribeReplications").output_shape.members["Replications"].member.members
    )
    assert set(Dms().replication) <= set(replications)


def test_status_wants_one_of_two(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "status")
    assert (code, "one of them" in err) == (Exit.USAGE, True)


def test_a_copy_by_secrets(
    old: Server,
    database: Database,
    pg_bin: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, target = database("create table t (id int)", server=old, role="source"), database()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="ap-northeast-2")
        arguments: list[str] = []
        for end in (source, target):
            shown = end.parameters
            value = {
                "username": shown["user"],
                "password": shown["password"],
                "host": "localhost",
                "port": shown["port"],
            }
            arn = client.create_secret(Name=end.role, SecretString=json.dumps(value))["ARN"]
            arguments += [
                f"--{end.role}",
                f"{arn} dbname={shown['dbname']}",
                f"--{end.role}-ca",
                shown["sslrootcert"],
            ]
        code, out, err = call(capsys, "copy", *arguments, "--pg-bin", str(pg_bin), "--jobs", "1")
    assert code == Exit.OK, err
    for end in (source, target):
        assert end.parameters["password"] not in out + err


def test_the_verdict_is_left_for_the_cutover(
    ends: list[str],
    pg_bin: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "OPS_OPERATOR": "kim",
    }.items():
        monkeypatch.setenv(name, value)
    call(capsys, "copy", *ends, "--pg-bin", str(pg_bin), "--json")
    with mock_aws():
        resource = boto3.resource("dynamodb")
        table = resource.create_table(
            TableName="journal",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "subject", "KeyType": "HASH"},
                {"AttributeName": "sequence", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "subject", "AttributeType": "S"},
                {"AttributeName": "sequence", "AttributeType": "N"},
            ],
        )
        given = ["--report", str(tmp_path), "--evidence-table", "journal", "--system", "safework"]
        assert call(capsys, "verify", *ends, *given)[0] == Exit.OK
        (item,) = table.scan()["Items"]
        assert (item["subject"], item["verdict"], item["operator"]) == (
            "evidence:migration:safework",
            "passed",
            "kim",
        )
        assert item["digest"] == json.loads((tmp_path / "verification.json").read_text())["digest"]
        if importlib.util.find_spec("ops.evidence"):
            evidence = importlib.import_module("ops.evidence")
            read = evidence.newest(table, evidence.migration_key("safework"))
            assert (read.passed, read.digest) == (True, item["digest"])
    assert call(capsys, "verify", *ends, "--system", "safework")[0] == Exit.USAGE
