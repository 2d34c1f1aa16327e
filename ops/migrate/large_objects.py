"""Large objects: read and written through the server's functions, since a managed server closes their
catalog."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from ops.migrate.chunks import Range, between
from ops.migrate.connect import Connection

PIECE = 1024 * 1024
"""Bytes that are in memory at a time."""

BATCH = 1000
"""Objects in one chunk; their sizes are not known without reading them."""


def count(connection: Connection) -> int:
    row = connection.execute("select count(*) from pg_catalog.pg_largeobject_metadata").fetchone()
    return int(row[0]) if row else 0


def divide(connection: Connection) -> list[Range]:
    """Ranges of object ids; none where there is no object."""
    rows = connection.execute(
        "select oid::bigint from (select oid, row_number() over (order by oid) n"
        " from pg_catalog.pg_largeobject_metadata) s where n %% %s = 1 and n > 1 order by oid",
        [BATCH],
    ).fetchall()
    return between("oid", [str(row[0]) for row in rows]) if count(connection) else []


@dataclass(frozen=True)
class LargeObject:
    """``grants``: role (empty for PUBLIC), privilege, and whether it may be passed on."""

    oid: int
    owner: str
    comment: str | None
    grants: list[tuple[str, str, bool]]


def listed(connection: Connection, within: Range) -> list[LargeObject]:
    """The objects of a range, without their contents."""
    rows = connection.execute(
        sql.SQL(
            "select m.oid::bigint, pg_catalog.pg_get_userbyid(m.lomowner),"
            " pg_catalog.obj_description(m.oid, 'pg_largeobject'), coalesce((select"
            " json_agg(json_build_array("
            " case when x.grantee = 0 then '' else pg_catalog.pg_get_userbyid(x.grantee) end,"
            " x.privilege_type, x.is_grantable) order by x.grantee, x.privilege_type)"
            " from pg_catalog.aclexplode(m.lomacl) x where x.grantee <> m.lomowner), '[]')"
            " from pg_catalog.pg_largeobject_metadata m where {} order by m.oid"
        ).format(within.condition())
    ).fetchall()
    return [LargeObject(row[0], row[1], row[2], [(g[0], g[1], g[2]) for g in row[3]]) for row in rows]


def copy(
    source: Connection,
    target: Connection,
    within: Range,
    progress: Callable[[int], None],
    *,
    owners: bool,
    privileges: bool,
) -> tuple[int, int]:
    """Objects of a range, in the target's open transaction: what is there under these ids is replaced.

    Returns objects and bytes.
    """
    total = 0
    target.execute(
        sql.SQL("select pg_catalog.lo_unlink(oid) from pg_catalog.pg_largeobject_metadata where {}").format(
            within.condition()
        )
    )
    objects = listed(source, within)
    for found in objects:
        target.execute("select pg_catalog.lo_create(%s::oid)", [found.oid])
        offset = 0
        while piece := _piece(source, found.oid, offset):
            target.execute(
                "select pg_catalog.lo_put(%s::oid, %s, %s)", [found.oid, offset, piece], binary=True
            )
            offset += len(piece)
            progress(len(piece))
        total += offset
        _describe(target, found, owners=owners, privileges=privileges)
    return len(objects), total


def _describe(target: Connection, found: LargeObject, *, owners: bool, privileges: bool) -> None:
    number = sql.Literal(found.oid)
    if owners:
        target.execute(
            sql.SQL("alter large object {} owner to {}").format(number, sql.Identifier(found.owner))
        )
    if found.comment is not None:
        target.execute(sql.SQL("comment on large object {} is {}").format(number, sql.Literal(found.comment)))
    for role, privilege, grantable in found.grants if privileges else ():
        target.execute(
            sql.SQL("grant {} on large object {} to {} {}").format(
                {"SELECT": sql.SQL("select"), "UPDATE": sql.SQL("update")}[privilege],
                number,
                sql.Identifier(role) if role else sql.SQL("public"),
                sql.SQL("with grant option") if grantable else sql.SQL(""),
            )
        )


def _piece(connection: Connection, oid: int, offset: int) -> bytes:
    cursor: Any = connection.cursor(binary=True)
    row = cursor.execute("select pg_catalog.lo_get(%s::oid, %s, %s)", [oid, offset, PIECE]).fetchone()
    return bytes(row[0]) if row else b""
