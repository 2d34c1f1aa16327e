"""The Automation API fitted to a CLI that was found here and to a project whose files must not change."""

import shlex
import sys
from pathlib import Path

from pulumi.automation import LocalWorkspace, PulumiCommand
from semver import VersionInfo

from offline.cli import Cli

ANALYZER = "pulumi-analyzer-policy-python"


class FoundCommand(PulumiCommand):
    """The CLI that was found, whose version is known already."""

    def __init__(self, cli: Cli) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.command = str(cli.binary)
        self.version = VersionInfo.parse(cli.version)


class QuietWorkspace(LocalWorkspace):
    """Selects no stack: operations name theirs, and the selection a person made for this project stays."""

    def select_stack(self, stack_name: str) -> None:
        """Nothing to do: the session has made the stack."""


def write_analyzer(folder: Path) -> None:
    """Make the program that the engine starts for a Python policy pack without a language host."""
    file = folder / ANALYZER
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -u -m pulumi.policy "$1" "$2"\n')
    file.chmod(0o755)
