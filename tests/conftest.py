"""What every test shares."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from offline.cli import Cli, CliError, ensure_cli

# A busy machine makes single examples slow; the suite's own time limit is the one that counts.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


# Whole stacks stay in memory from test to test: with Python's own thresholds half the time goes into looking
# through them for garbage.
gc.set_threshold(100_000, 10, 10)


def pytest_configure(config: pytest.Config) -> None:
    """The SDK warns of its own old types when it is imported; a use of one still shows."""
    config.addinivalue_line("filterwarnings", "ignore:.*deprecated in favor of:DeprecationWarning:pulumi_aws")


@pytest.fixture(scope="session")
def cli() -> Cli:
    """The CLI; without one the test is skipped, or fails where `REQUIRE_ENGINE` is set."""
    try:
        return ensure_cli()
    except CliError as error:
        if os.environ.get("REQUIRE_ENGINE"):
            pytest.fail(str(error))
        pytest.skip(str(error))


SHARING = (
    "components/delivery/test_deploy_roles.py",
    "contracts/test_systems.py",
    "docs",
    "ops/cost",
    "policies/test_shipped_stacks.py",
    "systems",
)
"""Tests that read the same runs of the program, which take seconds each."""


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of one file, and of one stack where the file is about stacks, run in one worker.

    Groups come first, since they are long: single tests then fill the end, and no worker is left waiting.
    """
    here = Path(__file__).parent
    for item in items:
        shares = any(item.path.is_relative_to(here / place) for place in SHARING)
        if shares and not item.get_closest_marker("xdist_group"):
            parameters = (
                item.callspec.params
                if isinstance(item, pytest.Function) and hasattr(item, "callspec")
                else {}
            )
            about = f"{item.path.stem}-{parameters.get('stack', '')}-{parameters.get('kind', '')}"
            item.add_marker(pytest.mark.xdist_group(about))
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
