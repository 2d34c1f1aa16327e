"""Who may import what. Each folder has its list; what is not on it is refused.

The list is about direct imports; the contracts in ``.importlinter`` follow what comes in through others.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
STANDARD = frozenset(sys.stdlib_module_names)
PROVIDERS = frozenset({"pulumi_aws", "pulumi_cloudflare", "pulumi_kubernetes"})

ALLOWED: dict[str, frozenset[str]] = {
    "__main__.py": frozenset({"pulumi", "settings", "systems"}),
    "settings": frozenset({"pydantic", "pydantic_core", "settings"}),
    "components": frozenset({"components", "pulumi", *PROVIDERS}),
    "systems": frozenset({"components", "pulumi", "settings", "systems", *PROVIDERS}),
    "policies": frozenset({"policies", "pulumi", "pulumi_policy", "yaml"}),
    "ops": frozenset(
        {
            "boto3",
            "botocore",
            "click",
            "httpx",
            "mypy_boto3_cloudwatch",
            "mypy_boto3_dynamodb",
            "offline",
            "ops",
            "psycopg",
            "pulumi",
            "pydantic",
            "rich",
            "ruamel",
            "settings",
            "tenacity",
            "yaml",
        }
    ),
    "offline": frozenset({"google", "grpc", "offline", "pulumi", "semver", "yaml"}),
}
"""Top-level names each folder may import besides the standard library and, for code that is deployed, its own
dependencies, which ``functions`` may choose freely."""

ONLY_IN: dict[tuple[str, str], frozenset[str]] = {
    ("components", "yaml"): frozenset({"components/delivery/deploy_catalogue.py"}),
    ("offline", "cryptography"): frozenset({"offline/postgres_tls.py"}),
    ("offline", "psycopg"): frozenset({"offline/postgres_server.py"}),
    ("policies", "google"): frozenset({"policies/server.py"}),
    ("policies", "grpc"): frozenset({"policies/server.py"}),
    ("settings", "pulumi"): frozenset({"settings/loader.py"}),
}
"""What a folder may import in the named files alone."""

NOT_FOR_FUNCTIONS = frozenset(
    {"components", "offline", "ops", "policies", "pulumi", "settings", "systems", "tests", *PROVIDERS}
)

PURE = "_plan.py"
"""A planner beside a component: it decides, and knows no engine."""


def _files(folder: str) -> list[Path]:
    path = REPOSITORY / folder
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, inside functions too; relative ones are the folder's own."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def _place(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("folder", ALLOWED)
def test_imports_follow_the_table(folder: str) -> None:
    refused = [
        f"{_place(path)}:{line} imports {name}; {folder} may import {', '.join(sorted(ALLOWED[folder]))}"
        for path in _files(folder)
        for line, name in _imports(path)
        if (root := name.split(".")[0]) not in STANDARD | ALLOWED[folder]
        and _place(path) not in ONLY_IN.get((folder, root), frozenset())
    ]
    assert refused == []


def test_deployed_code_imports_none_of_the_program() -> None:
    refused = [
        f"{_place(path)}:{line} imports {name}"
        for path in _files("functions")
        for line, name in _imports(path)
        if name.split(".")[0] in NOT_FOR_FUNCTIONS
    ]
    assert refused == []


def test_planners_know_no_engine() -> None:
    refused = [
        f"{_place(path)}:{line} imports {name}"
        for path in _files("components")
        if path.name.endswith(PURE)
        for line, name in _imports(path)
        if name.split(".")[0] in {"pulumi", *PROVIDERS}
    ]
    assert refused == []


def test_only_the_loader_reads_configuration() -> None:
    readers = [
        f"{_place(path)}:{node.lineno}"
        for folder in ("components", "systems", "settings", "__main__.py")
        for path in _files(folder)
        if _place(path) != "settings/loader.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("pulumi.Config", "aws.config")
    ]
    assert readers == []


def test_no_contract_is_broken_through_others() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


_IMPORT_ALL_BUT_DNS = """
import importlib, pathlib, sys
for path in sorted(pathlib.Path("components").rglob("*.py")):
    if path.parts[1] != "dns":
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
import settings.loader, systems
print("pulumi_cloudflare" in sys.modules)
"""


def test_cloudflare_is_imported_only_where_dns_needs_it() -> None:
    """It takes seconds, which a stack without Cloudflare should not pay."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL_BUT_DNS],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "False", done.stdout + done.stderr
