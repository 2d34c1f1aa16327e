"""How far a move is: the journal of a copy, or a replication of AWS DMS."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import OpsError
from ops.migrate import journal
from ops.migrate.connect import Connection


@dataclass(frozen=True)
class CopyStatus:
    """``phase``: one of journal.PHASES."""

    copy_id: str
    origin: str
    phase: str
    started_at: str
    finished_at: str | None
    chunks: int
    chunks_done: int
    rows: int
    bytes: int
    share: float
    statements: int
    statements_done: int
    sessions: int
    """Of a copy that is under way now; 0 where none is."""
    verified_at: str | None
    verified_equal: bool | None

    def json(self) -> dict[str, Any]:
        return asdict(self)


def copy_status(connection: Connection) -> CopyStatus:
    """Raises OpsError where the database holds no journal."""
    if not journal.exists(connection):
        raise OpsError("the target holds no copy of this tool", fix="`copy` begins one")
    row = connection.execute(
        "select r.id::text, r.origin, r.phase, r.started_at::text, r.finished_at::text,"
        " c.total, c.done, c.rows, c.bytes, c.share, s.total, s.done,"
        " (select count(*) from pg_catalog.pg_stat_activity a where a.datname = current_database()"
        " and a.application_name in ('ops-migrate worker', 'ops-migrate coordinator')),"
        " v.finished_at::text, v.equal from ops_migrate.run r"
        " cross join (select count(*) total, count(*) filter (where state = 'done') done, coalesce(sum(rows),"
        " 0)::bigint rows,"
        " coalesce(sum(bytes), 0)::bigint bytes, coalesce(sum(weight) filter (where state = 'done')::float8"
        " / nullif(sum(weight), 0), 1) share from ops_migrate.chunk) c"
        " cross join (select count(*) total, count(*) filter (where state = 'done') done from"
        " ops_migrate.statement) s"
        " left join lateral (select * from ops_migrate.verification order by finished_at desc limit 1) v on"
        " true"
    ).fetchone()
    if row is None:
        raise OpsError("the target's journal is empty", fix="drop schema ops_migrate, and run `copy`")
    return CopyStatus(*row)


@dataclass(frozen=True)
class TableReplication:
    """One table of a replication, as DMS counts it."""

    name: str
    state: str
    validation: str
    full_load_rows: int
    inserts: int
    updates: int
    deletes: int
    failed: int
    pending: int
    suspended: int


@dataclass(frozen=True)
class Replication:
    """A DMS Serverless replication."""

    arn: str
    status: str
    kind: str
    full_load_percent: int
    tables_errored: int
    lag_seconds: float | None
    """The larger of source and target latency in the last minutes; None where CloudWatch has none."""
    stop_reason: str
    tables: list[TableReplication]

    @property
    def invalid(self) -> list[TableReplication]:
        """Tables whose validation found something or gave up."""
        good = {"Validated", "Not enabled"}
        bad = [t for t in self.tables if t.failed or t.suspended or t.state.lower().endswith("error")]
        return [*bad, *(t for t in self.tables if t not in bad and t.validation not in good)]

    @property
    def ready(self) -> bool:
        """Whether writes may be stopped for the switch: all loaded and validated, no lag."""
        return (
            self.status == "running"
            and self.full_load_percent == 100
            and not self.tables_errored
            and self.lag_seconds == 0
            and bool(self.tables)
            and not self.invalid
        )

    def json(self) -> dict[str, Any]:
        return {"ready": self.ready, **asdict(self)}


def replication(arn: str, *, client: Any = None, metrics: Any = None) -> Replication:
    """Raises OpsError where DMS does not know the replication config."""
    region = arn.split(":")[3] if arn.count(":") >= 6 else None
    if region is None:
        raise OpsError(f"--replication-config: {arn!r} is no ARN", fix="it is an output of the stack")
    dms: Any = client or cast("Any", boto3).client("dms", region_name=region)
    try:
        found = dms.describe_replications(Filters=[{"Name": "replication-config-arn", "Values": [arn]}])
        pages = dms.get_paginator("describe_replication_table_statistics").paginate(ReplicationConfigArn=arn)
        tables = [_table(row) for page in pages for row in page.get("ReplicationTableStatistics", [])]
    except (BotoCoreError, ClientError) as error:
        raise OpsError(
            f"DMS: {error}",
            fix="dms:DescribeReplications and dms:DescribeReplicationTableStatistics are needed",
        ) from error
    rows = cast("list[dict[str, Any]]", found.get("Replications", []))
    if not rows:
        raise OpsError(f"DMS has no replication for {arn}", fix="start it: aws dms start-replication")
    row = rows[0]
    progress = cast("dict[str, Any]", row.get("ReplicationStats") or {})
    return Replication(
        arn=arn,
        status=str(row.get("Status", "")),
        kind=str(row.get("ReplicationType", "")),
        full_load_percent=int(progress.get("FullLoadProgressPercent", 0)),
        tables_errored=int(progress.get("TablesErrored", 0)),
        lag_seconds=lag(str(row.get("ReplicationConfigIdentifier", "")), region, metrics),
        stop_reason=str(row.get("StopReason", "")),
        tables=tables,
    )


def _table(row: dict[str, Any]) -> TableReplication:
    return TableReplication(
        name=f"{row.get('SchemaName', '')}.{row.get('TableName', '')}",
        state=str(row.get("TableState", "")),
        validation=str(row.get("ValidationState", "")),
        full_load_rows=int(row.get("FullLoadRows", 0)),
        inserts=int(row.get("Inserts", 0)),
        updates=int(row.get("Updates", 0)),
        deletes=int(row.get("Deletes", 0)),
        failed=int(row.get("ValidationFailedRecords", 0)),
        pending=int(row.get("ValidationPendingRecords", 0)),
        suspended=int(row.get("ValidationSuspendedRecords", 0)),
    )


def lag(identifier: str, region: str, metrics: Any = None) -> float | None:
    """Seconds behind, from CloudWatch: DMS itself does not say.

    Which dimensions a serverless replication's metrics carry is not documented: those that name the
    replication are read, or, where none does, all of the account's, of which the worst counts. None where
    either end has no figure.
    """
    cloudwatch: Any = metrics or cast("Any", boto3).client("cloudwatch", region_name=region)
    found: list[float] = []
    try:
        for name in ("CDCLatencySource", "CDCLatencyTarget"):
            listed = cloudwatch.list_metrics(Namespace="AWS/DMS", MetricName=name)["Metrics"]
            dimensions = [cast("list[dict[str, str]]", metric["Dimensions"]) for metric in listed]
            own = [d for d in dimensions if any(identifier in part["Value"] for part in d)]
            latest = [_latest(cloudwatch, name, chosen) for chosen in own or dimensions]
            known = [seconds for seconds in latest if seconds is not None]
            if not known:
                return None
            found.append(max(known))
    except (BotoCoreError, ClientError) as error:
        raise OpsError(
            f"CloudWatch: {error}", fix="cloudwatch:ListMetrics and cloudwatch:GetMetricStatistics are needed"
        ) from error
    return max(found)


def _latest(cloudwatch: Any, name: str, dimensions: list[dict[str, str]]) -> float | None:
    now = dt.datetime.now(dt.UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/DMS",
        MetricName=name,
        Period=60,
        Statistics=["Maximum"],
        Dimensions=dimensions,
        StartTime=now - dt.timedelta(minutes=5),
        EndTime=now,
    )
    points = sorted(answer.get("Datapoints", []), key=lambda point: point["Timestamp"])
    return float(points[-1]["Maximum"]) if points else None
