"""One of everything, from an old version to a new one: copied, and found equal."""

from ops.migrate.connect import Endpoint
from tests.ops.migrate.support import run_copy, run_verify


def test_rich(rich, database, pg_bin):
    t = database()
    o = run_copy(rich, t, pg_bin)
    print(o)
    r = run_verify(rich, t)
    print(*r.problems(), sep="\n")
    for d in r.object_differences:
        print(d.kind, d.name, d.what, "\n   ", d.source, "\n   ", d.target)
    assert r.equal
