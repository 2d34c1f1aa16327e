"""Finds every component by reading the sources, so that a new one is covered as soon as it exists."""

import ast
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Component:
    module: str
    name: str

    @property
    def group(self) -> str:
        return self.module.split(".")[1]

    @property
    def token(self) -> str:
        return f"platform:{self.group}:{self.name}"

    def __str__(self) -> str:
        return f"{self.group}.{self.name}"


def components(folder: str = "components") -> list[Component]:
    return [
        Component(".".join(path.relative_to(REPOSITORY).with_suffix("").parts), node.name)
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and any(_is_component(base) for base in node.bases)
    ]


def example(component: Component) -> Any:
    """The function that builds it with the fewest arguments. AssertionError says what to write."""
    module = f"tests.contracts.examples_{component.group}"
    examples = import_module(module).EXAMPLES if find_spec(module) else {}
    assert component.name in examples, (
        f"{component.module}.{component.name} has no example: in {module.replace('.', '/')}.py"
        f' add EXAMPLES["{component.name}"] = a function (name, opts) that returns'
        f" {component.name}(name, {component.name}Args(...), opts)"
    )
    return examples[component.name]


def _is_component(base: ast.expr) -> bool:
    return ast.unparse(base).rsplit(".", 1)[-1] == "ComponentResource"
