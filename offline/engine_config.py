"""The stack's settings as one run sees them: a private copy, so that the committed file is never written.

The engine writes an encryption salt into the configuration it is given, and a run may need settings of its
own (an endpoint, a changed value). Both go into the copy. Secrets in the stack file are encrypted for the
real stack and are not decrypted here: a placeholder takes the place of each.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

Node = dict[str, object]

PLACEHOLDER = "offline-placeholder"
ENCRYPTION_KEYS = ("encryptionsalt", "encryptedkey", "secretsprovider", "environment")
"""How and where the real stack keeps secrets: none of it is reachable, or wanted, without an account."""


class ConfigError(Exception):
    """A stack file or a `--set` that cannot be used; the text says which and why."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a run changes in its copy of the settings."""

    assignments: Sequence[str] = ()
    """`path=value`, as `systems.safework.profile=economy`; the value is YAML."""
    add: Mapping[str, object] = field(default_factory=dict[str, object])
    """Whole keys set by the way the providers are reached, such as `aws:endpoints`."""
    drop: Sequence[str] = ()
    """Keys taken out for the same reason, such as `aws:allowedAccountIds`."""


@dataclass(frozen=True)
class Prepared:
    """A private configuration file, and the paths in it whose secret is still to be set."""

    file: Path
    secrets: Mapping[str, str]


def stack_names(project: Path) -> list[str]:
    """The stacks that have a settings file in this folder, in alphabetical order."""
    return sorted(file.name[len("Pulumi.") : -len(".yaml")] for file in project.glob("Pulumi.?*.yaml"))


def project_name(project: Path) -> str:
    """The name in `Pulumi.yaml`."""
    name = _load(project / "Pulumi.yaml").get("name")
    if not isinstance(name, str):
        raise ConfigError(f"{project / 'Pulumi.yaml'}: `name` is missing")
    return name


def prepare(source: Path, target: Path, project: str, changes: Changes) -> Prepared:
    """Write the copy of `source` that a run uses to `target`."""
    document = _load(source)
    for key in ENCRYPTION_KEYS:
        document.pop(key, None)
    config: object = document.get("config") or {}
    if not isinstance(config, dict):
        raise ConfigError(f"{source}: `config` is {type(config).__name__}; it must be a mapping")
    settings = cast("Node", config)
    for assignment in changes.assignments:
        assign(settings, project, assignment)
    for key in changes.drop:
        settings.pop(key, None)
    settings.update(copy.deepcopy(dict(changes.add)))
    secrets = dict.fromkeys(_take_secrets(settings, ""), PLACEHOLDER)
    document["config"] = settings
    target.write_text(yaml.safe_dump(document, sort_keys=False))
    return Prepared(target, secrets)


def assign(settings: Node, project: str, assignment: str) -> None:
    """Apply one `path=value`. The first part of the path takes the project's namespace unless it has one."""
    path, equals, value = assignment.partition("=")
    parts = path.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(f"--set {assignment}: write it as path.to.key=value")
    if ":" not in parts[0]:
        parts[0] = f"{project}:{parts[0]}"
    node = settings
    for part in parts[:-1]:
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            raise ConfigError(f"--set {assignment}: `{part}` holds a value, so nothing can be set under it")
        node = cast("Node", child)
    try:
        node[parts[-1]] = cast("object", yaml.safe_load(value))
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {assignment}: the value is not YAML: {error}") from error


def _take_secrets(node: Node, prefix: str) -> Iterator[str]:
    """Remove every `secure:` value under a mapping and yield the engine's path of each."""
    for key, value in list(node.items()):
        path = f"{prefix}.{key}" if prefix else key
        if not isinstance(value, dict):
            continue
        child = cast("Node", value)
        if set(child) == {"secure"}:
            del node[key]
            yield path
        else:
            yield from _take_secrets(child, path)


def _load(file: Path) -> Node:
    try:
        loaded: object = yaml.safe_load(file.read_text()) or {}
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{file} is not YAML: {error}") from error
    if not isinstance(loaded, dict):
        raise ConfigError(f"{file} must hold a mapping")
    return cast("Node", loaded)
