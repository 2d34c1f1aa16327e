"""A verification as one HTML page without outside parts, for a change request."""

from html import escape

from ops.migrate.verify import Report

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
  color: #1b1f24 }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; vertical-align: top; border-bottom: 1px solid #d8dee4;
  overflow-wrap: anywhere }
td.n, th.n { text-align: right; white-space: nowrap }
.verdict { padding: .8rem 1rem; border-radius: .4rem; font-weight: 600 }
.good { background: #dafbe1 } .bad, tr.bad td { background: #ffebe9 }
code { font-size: .85em }
@media print { body { margin: 0 } }
"""


def html(report: Report) -> str:
    """The page; every value in it is escaped."""
    equal = report.equal
    problems = len(report.object_differences) + sum(not table.equal for table in report.tables)
    verdict = (
        f"Equal: {report.rows:,} rows in {len(report.tables):,} tables, {report.objects:,} objects,"
        f" {report.large_objects:,} large objects."
        if equal
        else f"Not equal: {problems:,} tables or objects differ. Do not switch over."
    )
    return "".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport"
            " content='width=device-width'>",
            f"<title>Verification of {escape(report.target_database)}</title><style>{STYLE}</style>",
            f"<h1>Verification of the copy of {escape(report.source_database)}</h1>",
            f"<p class='verdict {'good' if equal else 'bad'}'>{escape(verdict)}</p>",
            _facts(report),
            _differences(report),
            _tables(report),
            "<h2>What was not compared</h2><ul>",
            *(f"<li>{escape(note)}</li>" for note in report.notes),
            "</ul></html>\n",
        ]
    )


def _facts(report: Report) -> str:
    facts = {
        "Source": f"{report.source}, PostgreSQL {report.source_version}",
        "Target": f"{report.target}, PostgreSQL {report.target_version}",
        "Began": report.started_at,
        "Ended": f"{report.finished_at} ({report.seconds:.1f} s)",
        "Copy": report.copy_id or "not made by this tool",
        "Digest of all rows": report.digest,
    }
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts.items()
    )
    return f"<table>{rows}</table>"


def _differences(report: Report) -> str:
    if report.equal:
        return ""
    rows = [
        f"<tr class=bad><td>{escape(d.kind)}</td><td>{escape(d.name)}</td><td>{escape(d.what)}</td>"
        f"<td><code>{escape(d.source)}</code></td><td><code>{escape(d.target)}</code></td></tr>"
        for d in report.object_differences
    ]
    parts = ["<h2>Differences</h2>"]
    if rows:
        head = "<tr><th>kind</th><th>name</th><th>what</th><th>source</th><th>target</th></tr>"
        parts.append(f"<table>{head}{''.join(rows)}</table>")
    for table in report.tables:
        if table.equal:
            continue
        said = table.error or (
            f"{table.source_rows:,} rows in the source, {table.target_rows:,} in the target; "
            f"{table.different_ranges:,} of {table.ranges:,} ranges differ; {table.different_rows:,} rows"
            f" found"
        )
        lines = "".join(f"<li>{escape(str(difference))}</li>" for difference in table.differences)
        parts.append(f"<h3>{escape(table.name)}</h3><p>{escape(said)}</p><ul>{lines}</ul>")
    return "".join(parts)


def _tables(report: Report) -> str:
    head = (
        "<tr><th>table</th><th class=n>rows, source</th><th class=n>rows, target</th><th>compared by</th>"
        "<th>digest</th></tr>"
    )
    rows = "".join(
        f"<tr{'' if table.equal else ' class=bad'}><td>{escape(table.name)}</td><td"
        f" class=n>{table.source_rows:,}</td>"
        f"<td class=n>{table.target_rows:,}</td><td>{escape(table.method)}</td>"
        f"<td><code>{escape(table.digest[:32])}</code></td></tr>"
        for table in report.tables
    )
    return f"<h2>Tables</h2><table>{head}{rows}</table>"
