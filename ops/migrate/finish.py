"""What comes after the rows: indexes, keys, triggers, statistics. Needs the source no more."""

import time

from ops.migrate import catalog, schema, weights
from ops.migrate.journal import Journal, Run
from ops.migrate.pool import Pool
from ops.migrate.steps import Steps
from ops.migrate.tasks import Task


def finish(book: Journal, run: Run, pool: Pool, steps: Steps, *, statistics: bool) -> dict[str, float]:
    """Goes on from the run's phase; returns the seconds of each part."""
    seconds: dict[str, float] = {}
    if run.phase == "indexes":
        started = time.monotonic()
        _statements(book, pool, steps)
        book.advance("statistics")
        seconds["indexes"] = time.monotonic() - started
    if statistics:
        started = time.monotonic()
        steps.on(pool, "statistics")(
            [
                Task("analyze", number, f"analyze {'.'.join(name)}", size + 1, relation=name)
                for number, (name, size) in enumerate(catalog.with_statistics(book.connection))
            ]
        )
        seconds["statistics"] = time.monotonic() - started
    book.advance("done")
    return seconds


def _statements(book: Journal, pool: Pool, steps: Steps) -> None:
    """Indexes and keys by all workers, then keys between tables, then the rest in the archive's order."""
    waiting = [(number, statement) for number, statement, done in book.statements("post-data") if not done]
    sizes = weights.table_sizes(book.connection)
    for title, kinds in (("indexes", schema.PARALLEL), ("foreign keys", schema.KEYS_BETWEEN_TABLES)):
        steps.on(pool, title)(
            [
                Task("statement", number, statement.title, weights.weight(statement.text, sizes))
                for number, statement in waiting
                if statement.kind in kinds
            ]
        )
    parallel = schema.PARALLEL | schema.KEYS_BETWEEN_TABLES
    for number, statement in waiting:
        if statement.kind not in parallel:
            with book.connection.transaction():
                steps.statement(book.connection, number, statement)
