"""The program, run in this process as the engine's inline program, with its folder as working directory."""

import contextlib
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Generator
from pathlib import Path

import pulumi


def _unsaid(*_words: object, **_options: object) -> None:
    """The SDK's own debug lines, of which the engine is sent five for each resource and answers each."""


def inline(project: Path) -> Callable[[], None]:
    """The project's `__main__.py` as a function for the Automation API.

    An error of the program becomes one message that names the lines of the project it passed through; the
    frames of the SDK and of Python say nothing to whoever wrote the program.
    """

    def program() -> None:
        pulumi.log.debug = _unsaid
        try:
            runpy.run_path(str(project / "__main__.py"), run_name="__main__")
        except pulumi.RunError:
            raise
        except Exception as error:
            raise pulumi.RunError(explain(error, project)) from error

    return program


def explain(error: Exception, project: Path) -> str:
    """An error as a person reads it: kind, text, and where in the project, the innermost line last."""
    kept = [
        f"  at {Path(frame.filename).relative_to(project)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if _belongs(Path(frame.filename), project)
    ]
    return "\n".join([f"{type(error).__name__}: {error}", *kept])


@contextlib.contextmanager
def working_directory(project: Path) -> Generator[None]:
    """Work in the project's folder and import from it, as `pulumi up` does."""
    before, path = Path.cwd(), list(sys.path)
    os.chdir(project)
    sys.path.insert(0, str(project))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path


def _belongs(file: Path, project: Path) -> bool:
    if not file.is_relative_to(project):
        return False
    parts = file.relative_to(project).parts
    return parts[0] not in {".venv", "offline"}
