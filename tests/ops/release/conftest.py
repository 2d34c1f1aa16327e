"""A deployed stack and a registry, for every test of a release."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline.cli import Cli
from offline.engine import Session
from tests.ops.release.registry_server import Registry, serving
from tests.ops.release.world import PROGRAM, SETTINGS, STACK, World, opened


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with serving(tmp_path / "registry") as running:
        yield running


@pytest.fixture(scope="session")
def deployed(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - there, or skipped
    """A project whose stack runs OLD."""
    folder = tmp_path_factory.mktemp("release")
    (folder / "Pulumi.yaml").write_text("name: seoul-platform\nruntime: python\nmain: .\n")
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / f"Pulumi.{STACK}.yaml").write_text(SETTINGS)
    with opened(folder) as running:
        outcome = running.up(STACK)
        assert outcome.ok, outcome.output
    return folder


@pytest.fixture(scope="session")
def engine(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Session]]:
    """One session for all tests: each puts the deployed state and settings back first."""
    folder = tmp_path_factory.mktemp("running")
    shutil.copytree(deployed, folder, dirs_exist_ok=True)
    with opened(folder) as running:
        yield folder, running


@pytest.fixture
def world(engine: tuple[Path, Session], deployed: Path, registry: Registry) -> World:
    folder, running = engine
    shutil.rmtree(folder / "state")
    shutil.copytree(deployed / "state", folder / "state")
    (folder / f"Pulumi.{STACK}.yaml").write_text(SETTINGS)
    (folder / "journal.jsonl").unlink(missing_ok=True)
    return World(folder, running, registry)
