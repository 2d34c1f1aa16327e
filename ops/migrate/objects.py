"""Compares everything besides rows: schema objects, sequences with their positions, privileges, large
objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, LiteralString

import psycopg
from psycopg import sql

from ops.migrate import object_queries
from ops.migrate.connect import Connection

Objects = dict[tuple[str, str], str]

BATCH = 200


@dataclass(frozen=True)
class ObjectDifference:
    """``what``: missing on the target, added there, or changed; then both definitions."""

    kind: str
    name: str
    what: Literal["missing", "added", "changed"]
    source: str = ""
    target: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.what}"


def read(connection: Connection, *, owners: bool, privileges: bool) -> Objects:
    """Every object with its definition. Raises psycopg.Error where the role may not look."""
    queries: Mapping[str, LiteralString] = {
        **object_queries.QUERIES,
        **(object_queries.OWNERS if owners else {}),
        **(object_queries.PRIVILEGES if privileges else {}),
    }
    found: Objects = {}
    for kind, query in queries.items():
        for name, definition in connection.execute(query).fetchall():
            found[kind, name] = definition or ""
    found.update(_positions(connection, [name for kind, name in found if kind == "sequence"]))
    return found


def _positions(connection: Connection, names: list[str]) -> Objects:
    found: Objects = {}
    for start in range(0, len(names), BATCH):
        part = names[start : start + BATCH]
        # The names are quoted by the server (format %I).
        text = " union all ".join(
            f"select {sql.Literal(name).as_string()}, last_value::text"  # noqa: S608 (quoted by the server)
            f" || case when is_called then ' (used)' else '' end from {name}"
            for name in part
        )
        for name, value in connection.execute(text.encode()).fetchall():
            found["sequence position", name] = value
    return found


def compare(source: Objects, target: Objects, target_connection: Connection) -> list[ObjectDifference]:
    """By kind and name. Views are compared as the target's version writes them."""
    differences: list[ObjectDifference] = []
    for (kind, name), definition in source.items():
        there = target.get((kind, name))
        if there is None:
            differences.append(ObjectDifference(kind, name, "missing", definition))
        elif there != definition and not _same_view(target_connection, kind, definition, there):
            differences.append(ObjectDifference(kind, name, "changed", definition, there))
    for (kind, name), definition in target.items():
        if (kind, name) not in source:
            differences.append(ObjectDifference(kind, name, "added", "", definition))
    return differences


def _same_view(connection: Connection, kind: str, source: str, target: str) -> bool:
    """Versions write the same query differently: let the target's read the source's, and undo that."""
    if kind not in {"view", "materialized view"}:
        return False
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(b"create temporary view ops_migrate_view as " + source.encode())
            row = connection.execute(
                "select pg_catalog.pg_get_viewdef('pg_temp.ops_migrate_view'::regclass)"
            ).fetchone()
    except psycopg.Error:
        return False
    return row is not None and row[0] == target
