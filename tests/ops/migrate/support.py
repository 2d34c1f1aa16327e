"""Shorthand of the migration tests."""

from pathlib import Path
from typing import Any

from ops.migrate import copy, verify
from ops.migrate.connect import Endpoint
from ops.progress import Reporter


def run_copy(source: Endpoint, target: Endpoint, pg_bin: Path, **options: Any) -> copy.Outcome:
    chosen = copy.Options(**{"jobs": 2, "pg_bin": pg_bin, **options})
    with Reporter(quiet=True) as reporter:
        return copy.Copy(source, target, chosen, reporter, "the same command").run()


def run_verify(source: Endpoint, target: Endpoint, **options: Any) -> verify.Report:
    with Reporter(quiet=True) as reporter:
        return verify.verify(source, target, verify.Options(**options), reporter)


def execute(endpoint: Endpoint, text: str) -> list[tuple[Any, ...]]:
    """Statements as the superuser; returns the rows of the last one."""
    with endpoint.connect("test") as connection:
        connection.execute("set search_path = public")
        cursor = connection.execute(text)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []
