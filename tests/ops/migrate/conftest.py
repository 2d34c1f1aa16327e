"""Real servers: an old one to copy from, a newer one to copy to, and a rich database on the old one."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from offline.postgres_binaries import CLIENT_MAJOR, PostgresMissingError, find
from offline.postgres_server import Server
from offline.postgres_tls import Authority
from ops.migrate.connect import Endpoint

HERE = Path(__file__).parent
ROLES = "create role reader; create role owner_of_some; create role stranger login"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of one file share the servers of one process."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(f"postgres-{item.path.stem}"))


def found(major: int) -> Path:
    """The binaries of a version; skips the test where they cannot be had, but not in CI."""
    try:
        return find(major)
    except PostgresMissingError as error:
        if os.environ.get("REQUIRE_ENGINE"):
            raise
        pytest.skip(str(error))


@dataclass
class Cluster:
    """Servers of one test session."""

    folder: Path
    authority: Authority
    servers: dict[str, Server] = field(default_factory=dict[str, Server])

    def server(self, name: str, major: int, **settings: object) -> Server:
        """The server of that name, started the first time."""
        if name not in self.servers:
            found(major)
            server = Server(major, self.folder / name, self.authority, **settings)  # type: ignore[arg-type]
            server.start()
            server.execute(ROLES)
            self.servers[name] = server
        return self.servers[name]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="seoul-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = Cluster(folder, Authority.make(folder))
        yield made
        for server in made.servers.values():
            server.discard()


@pytest.fixture(scope="session")
def old(cluster: Cluster) -> Server:
    """The oldest version in which the rich schema can be written."""
    return cluster.server("old", 12)


@pytest.fixture(scope="session")
def new(cluster: Cluster) -> Server:
    """The version that Aurora and RDS run."""
    return cluster.server("new", 17)


@pytest.fixture(scope="session")
def pg_bin() -> Path:
    """The folder of pg_dump."""
    return found(CLIENT_MAJOR) / "bin"


@pytest.fixture(scope="session")
def rich(old: Server) -> Endpoint:
    """A database with one of everything; tests do not change it."""
    old.create_database("rich")
    old.execute((HERE / "rich.sql").read_text(), "rich")
    return Endpoint("source", old.parameters("rich"))


@pytest.fixture
def database(new: Server) -> Iterator[Callable[..., Endpoint]]:
    """Makes databases that are dropped afterwards, on the new server unless another is named."""
    made: list[tuple[Server, str]] = []

    def make(script: str = "", server: Server = new, role: str = "target", options: str = "") -> Endpoint:
        name = f"t{secrets.token_hex(6)}"
        server.create_database(name, options)
        made.append((server, name))
        if script:
            server.execute(script, name)
        return Endpoint(role, server.parameters(name))

    yield make
    for server, name in made:
        server.drop_database(name)
