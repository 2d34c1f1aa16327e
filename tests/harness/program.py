"""The whole program, with the configuration of a stack."""

import functools
import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from tests.harness.record import Deployment
from tests.harness.run import deploy

REPOSITORY = Path(__file__).parents[2]
PROJECT = "seoul-platform"


def stack_config(stack: str) -> dict[str, Any]:
    """The ``config`` of the shipped ``Pulumi.<stack>.yaml``, a fresh copy that a test may change."""
    text = (REPOSITORY / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text)["config"])


def run_program(config: Mapping[str, Any], *, stack: str = "dev", preview: bool = False) -> Deployment:
    """Runs ``__main__.py`` with the given configuration; a key without a namespace is the project's own."""
    encoded = {
        (key if ":" in key else f"{PROJECT}:{key}"): value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
    accounts = cast("list[str]", config.get("aws:allowedAccountIds") or ["123456789012"])

    def main() -> None:
        runpy.run_path(str(REPOSITORY / "__main__.py"), run_name="__main__")

    return deploy(main, preview=preview, config=encoded, project=PROJECT, stack=stack, account_id=accounts[0])


@functools.cache
def program(stack: str, *, preview: bool = False) -> Deployment:
    """The program as shipped for a stack; run once for all tests of a session."""
    return run_program(stack_config(stack), stack=stack, preview=preview)


@functools.cache
def system(stack: str, name: str) -> Deployment:
    """A stack as shipped, but with one system alone: its tests then need not look past the others."""
    return run_program(with_system(stack, name), stack=stack)


def with_system(stack: str, name: str, **changes: Any) -> dict[str, Any]:
    """The configuration of ``system``, with some of the system's settings replaced."""
    config = stack_config(stack)
    systems = cast("dict[str, Any]", config[f"{PROJECT}:systems"])
    return {**config, f"{PROJECT}:systems": {name: {**systems[name], **changes}}}
