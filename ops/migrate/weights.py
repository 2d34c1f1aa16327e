"""How much work a statement of the schema is, so that the largest begin first."""

import re

from psycopg import sql

from ops.migrate import catalog
from ops.migrate.connect import Connection

RELATION = re.compile(
    r"(?:ON|ALTER TABLE)(?: ONLY)?"
    r" (?P<name>(?:\"(?:[^\"]|\"\")+\"|[^\s.\"]+)\.(?:\"(?:[^\"]|\"\")+\"|[^\s(.\"]+))"
)


def table_sizes(connection: Connection) -> dict[str, int]:
    """Bytes of each table under its quoted name, as pg_dump writes it: large indexes begin first."""
    return {
        sql.Identifier(table.schema, table.name).as_string().replace('"', ""): table.size
        for table in catalog.tables(connection)
    }


def weight(text: str, sizes: dict[str, int]) -> int:
    """How much work a statement is; 1 where its table is not recognized, which costs time alone."""
    matched = RELATION.search(text)
    return sizes.get(matched["name"].replace('"', ""), 1) if matched else 1
