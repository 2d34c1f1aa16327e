"""Read replicas: databases that some demands do not concern."""

from policies.model import Resource

_SOURCES = ("replicateSourceDb", "replicationSourceIdentifier")


def is_replica(database: Resource) -> bool:
    """Whether the database is a copy of another, from which engine, user and password come."""
    return any(database.has(path) for path in _SOURCES)


def is_local_copy(database: Resource) -> bool:
    """A replica beside its source comes and goes; one in another Region, whose source is an ARN, is kept."""
    return is_replica(database) and not database.text("replicateSourceDb", "arn:").startswith("arn:")
