"""Ten million rows in one table: ranges, flat memory, and a digest that finds one byte."""

import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from offline.postgres_server import Server
from ops.migrate.connect import Endpoint
from tests.ops.migrate.support import execute, run_copy, run_verify

Database = Callable[..., Endpoint]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


def test_ten_million_rows(old: Server, database: Database, pg_bin: Path) -> None:
    script = (
        "create table big (id bigint primary key, email text, n numeric(12, 2), at timestamptz);"
        " insert into big select g, 'user' || g, g * 1.01, timestamptz '2024-01-01+00' + g * interval '1 s'"
        " from generate_series(1, 10000000) g; analyze"
    )
    source, target = database(script, server=old, role="source"), database()
    outcome = run_copy(source, target, pg_bin)
    assert outcome.total_rows == 10_000_000
    # Kilobytes on Linux, bytes on macOS.
    unit = 1024 if sys.platform == "linux" else 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit < 200e6
    copied = outcome.seconds["rows"] + outcome.seconds["indexes"]
    report = run_verify(source, target)
    assert report.equal
    assert report.seconds <= copied, "verify takes no longer than the copy"
    execute(target, "update big set email = 'User5000000' where id = 5000000")
    (table,) = run_verify(source, target).tables
    (difference,) = table.differences
    assert (difference.key, difference.columns) == ({"id": "5000000"}, ["email"])
