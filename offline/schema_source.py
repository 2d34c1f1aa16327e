"""Reads resource declarations out of a generated Pulumi Python SDK without importing it.

Importing pulumi_aws module by module costs seconds and pulumi_cloudflare more. The files are generated and
regular, so the few classes a program needs are found by text search: about a millisecond for each.
"""

import ast
import bisect
import functools
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

_GETTER = re.compile(
    r"^    @pulumi\.getter(?:\(name=\"(?P<wire>[^\"]+)\"\))?\n"
    r"(?:    @_utilities\.deprecated\(\"\"\".*?\"\"\"\)\n)?"
    r"    def (?P<name>\w+)\(self\) -> (?P<type>[^\n]+):\n"
    r"(?:        \"\"\"\n(?P<doc>.*?)\n        \"\"\"\n)?",
    re.MULTILINE | re.DOTALL,
)


class UnknownTypeError(LookupError):
    """The installed SDK has no resource with this type token."""


@dataclass(frozen=True)
class Field:
    """One property as the SDK declares it.

    ``annotation`` is the text inside ``Input[...]`` or ``Output[...]``, without ``Optional``.
    """

    wire: str
    annotation: str
    optional: bool
    doc: str


@dataclass(frozen=True)
class Declaration:
    """The two classes the SDK has for a resource: what goes in and what comes out."""

    token: str
    folder: Path
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    doc: str


def declaration(token: str) -> Declaration:
    """Raises UnknownTypeError when the package is not installed or has no such resource."""
    folder, class_name = _locate(token)
    text = _resource_text(folder, class_name, token)
    args = class_body(text, f"{class_name}Args") or class_body(text, f"{class_name}InitArgs")
    resource = class_body(text, class_name) or ""
    return Declaration(
        token=token,
        folder=folder,
        inputs=fields(args or ""),
        outputs=fields(resource),
        doc=args or "",
    )


def provider_declaration(package: str) -> tuple[Field, ...]:
    """What the provider resource of a package takes. Raises UnknownTypeError without the package."""
    return fields(class_body(_text(package_folder(package) / "provider.py"), "ProviderArgs") or "")


def nested(folder: Path, class_name: str) -> tuple[Field, ...] | None:
    """Fields of an input class of the SDK sub-package in ``folder``, or None without one of that name."""
    path = folder / "_inputs.py"
    span = _classes(path).get(class_name) if path.exists() else None
    return None if span is None else fields(_text(path)[span[0] : span[1]])


def home(folder: Path, class_name: str) -> tuple[Path, str]:
    """Where a class that is named in the sub-package in ``folder`` lives, and its bare name.

    ``_meta.v1.ObjectMetaArgs`` lives in ``meta/v1``; what it names in turn is relative to that.
    """
    module, _, bare = class_name.rpartition(".")
    if not module:
        return folder, class_name
    parts = module.strip("_").replace("lambda", "lambda_").split(".")
    return package_root(folder).joinpath(*parts), bare


def enum_values(folder: Path, class_name: str) -> tuple[str | float, ...] | None:
    """Values of an enum class of the SDK sub-package in ``folder``, or None without one of that name."""
    path = folder / "_enums.py"
    body = class_body(_text(path), class_name) if path.exists() else None
    if body is None:
        return None
    return tuple(ast.literal_eval(found) for found in re.findall(r"^    \w+ = (.+)$", body, re.MULTILINE))


def package_folder(package: str, *, wanted_by: str = "") -> Path:
    """Where an SDK is installed. Raises UnknownTypeError where it is not."""
    spec = importlib.util.find_spec(f"pulumi_{package}")
    if spec is None or spec.origin is None:
        raise UnknownTypeError(f"{wanted_by}the Python package pulumi_{package} is not installed")
    return Path(spec.origin).parent


def package_root(folder: Path) -> Path:
    while not folder.name.startswith("pulumi_"):
        folder = folder.parent
    return folder


def fields(body: str) -> tuple[Field, ...]:
    found: list[Field] = []
    for match in _GETTER.finditer(body):
        inner = _strip(match["type"], ("pulumi.Input[", "pulumi.Output["))
        bare = inner
        while bare.startswith("Optional["):
            bare = _strip(bare, ("Optional[",))
        found.append(
            Field(
                wire=match["wire"] or match["name"],
                annotation=bare,
                optional=bare != inner,
                doc=" ".join((match["doc"] or "").split()),
            )
        )
    return tuple(found)


def class_body(text: str, class_name: str) -> str | None:
    match = re.search(rf"^class {re.escape(class_name)}[(:]", text, re.MULTILINE)
    if match is None:
        return None
    end = re.compile(r"^(?:class |@pulumi\.|if )", re.MULTILINE).search(text, match.end())
    return text[match.start() : end.start() if end else len(text)]


@functools.cache
def _classes(path: Path) -> dict[str, tuple[int, int]]:
    """Where each class of a file begins and ends: one pass, since some files hold two megabytes."""
    text = _text(path)
    ends = [match.start() for match in re.finditer(r"^(?:class |@pulumi\.|if )", text, re.MULTILINE)]
    found: dict[str, tuple[int, int]] = {}
    for match in re.finditer(r"^class (\w+)[(:]", text, re.MULTILINE):
        after = bisect.bisect_right(ends, match.start())
        found[match[1]] = (match.start(), ends[after] if after < len(ends) else len(text))
    return found


def _strip(annotation: str, wrappers: tuple[str, ...]) -> str:
    for wrapper in wrappers:
        if annotation.startswith(wrapper) and annotation.endswith("]"):
            return annotation[len(wrapper) : -1]
    return annotation


def _locate(token: str) -> tuple[Path, str]:
    """The SDK's own registry, at the end of its ``__init__``, maps tokens to sub-packages and class names."""
    package = token.split(":", 1)[0]
    root = package_folder(package, wanted_by=f"{token}: ")
    registry = _text(root / "__init__.py")
    at = registry.find(f'"{token}":')
    if at < 0:
        raise UnknownTypeError(f"{token}: pulumi_{package} has no resource of this type")
    class_name = registry[at:].split('"', 4)[3]
    module = registry.rfind('"fqn": "', 0, at)
    qualified = registry[module:].split('"', 4)[3]
    return root.joinpath(*qualified.split(".")[1:]), class_name


def _resource_text(folder: Path, class_name: str, token: str) -> str:
    mark = f'@pulumi.type_token("{token}")'
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).lower()
    for guess in (folder / f"{stem}.py", folder / f"{class_name}.py"):
        if guess.exists() and mark in (text := _text(guess)):
            return text
    for path in sorted(folder.glob("*.py")):
        if mark in (text := path.read_text(encoding="utf-8")):
            return text
    raise UnknownTypeError(f"{token}: no file in {folder.name} declares it")


@functools.lru_cache(maxsize=64)
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
