"""What of an interrupted copy may stay: only chunks whose rows are proven to be those of today's snapshot."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg import sql

from ops.migrate.catalog import Table
from ops.migrate.journal import Chunk, Journal
from ops.migrate.snapshot import Snapshot
from ops.migrate.tasks import Task

Runner = Callable[[Sequence[Task]], list[Any]]


def carry_over(
    book: Journal, now: Snapshot, tables: Mapping[tuple[str, str], Table], run: Runner
) -> tuple[int, list[str]]:
    """Prove or take back every finished chunk; returns the number of the present snapshot, and what is copied
    again.

    A table of which one chunk fails is emptied and copied again as a whole: its ranges are then of one
    snapshot.
    """
    known = book.snapshots()
    finished = [chunk for chunk in book.chunks() if chunk.state == "done"]
    if not finished:
        return book.add_snapshot(now), []
    number = book.add_snapshot(now)
    doubtful: list[Chunk] = []
    again: set[tuple[str, str]] = set()
    kept: list[Chunk] = []
    for chunk in finished:
        then = known[chunk.snapshot or 0]
        key = (chunk.schema, chunk.name)
        table = tables.get(key)
        if then.unchanged_until(now):
            kept.append(chunk)
        elif table is None or not then.comparable(now) or moved(chunk, table):
            again.add(key)
        else:
            doubtful.append(chunk)
    tasks = [
        Task(
            "prove",
            chunk.id,
            f"checking {chunk}",
            chunk.weight,
            chunk,
            tables[chunk.schema, chunk.name],
            number,
            known[chunk.snapshot or 0],
            now,
        )
        for chunk in doubtful
        if (chunk.schema, chunk.name) not in again
    ]
    for task, same in zip(tasks, run(tasks), strict=True):
        assert task.chunk is not None  # noqa: S101 (made above)
        if same:
            kept.append(task.chunk)
        else:
            again.add((task.chunk.schema, task.chunk.name))
    _settle(book, number, kept, again, tables)
    return number, sorted(f"{schema}.{name}" if name else "large objects" for schema, name in again)


def moved(chunk: Chunk, table: Table) -> bool:
    """Row addresses mean nothing any more once the table has been written anew (VACUUM FULL, CLUSTER)."""
    return chunk.range.by_address and chunk.filenode != table.filenode


def _settle(
    book: Journal,
    number: int,
    kept: Sequence[Chunk],
    again: set[tuple[str, str]],
    tables: Mapping[tuple[str, str], Table],
) -> None:
    by_table: dict[tuple[str, str], list[Chunk]] = defaultdict(list)
    for chunk in kept:
        by_table[chunk.schema, chunk.name].append(chunk)
    filenodes = {key: table.filenode for key, table in tables.items()}
    with book.connection.transaction():
        for key, parts in by_table.items():
            if key not in again:
                book.keep(parts, number, filenodes)
        for schema, name in sorted(again):
            if name:
                book.connection.execute(sql.SQL("truncate only {}").format(sql.Identifier(schema, name)))
            book.connection.execute(
                "update ops_migrate.chunk set state = 'pending', rows = null, snapshot = null"
                " where schema = %s and name = %s",
                [schema, name],
            )
