"""What was planned: resources and outputs of a stack, from its state or a file of ``pulumi stack export``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from pulumi import automation

from offline.cli import CliError, ensure_cli
from offline.engine_workspace import FoundCommand, QuietWorkspace
from ops.errors import OpsError

REPOSITORY = Path(__file__).parents[1]
SYSTEM_TYPE = "platform:system:"
SECRET_KEY = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the engine's mark of an encrypted value
EXPORT = "make it with `pulumi stack export --stack STACK --file FILE`"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the last update left it in the state."""

    urn: str
    type: str
    id: str
    parent: str
    system: str
    """Logical name of the system that it belongs to; empty outside of any."""
    inputs: Mapping[str, Any]
    """What the program asked for."""
    outputs: Mapping[str, Any]
    """What the cloud answered."""
    ignored: Sequence[str]
    """Properties that something else owns at run time (``ignoreChanges``)."""
    dependencies: Sequence[str] = ()
    """URNs of what it was made after."""
    protected: bool = False
    """The engine refuses to delete it."""
    retained: bool = False
    """Deleting it from the stack leaves it in the cloud."""

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.split("::", 3)[3]

    @property
    def region(self) -> str | None:
        """The region that its ARN or its ``region`` names; None for a global one."""
        named = self.outputs.get("region")
        if isinstance(named, str) and named:
            return named
        arn = str(self.outputs.get("arn") or "").split(":")
        return arn[3] or None if len(arn) > 4 else None

    def get(self, key: str) -> Any:
        """The cloud's answer for a property, or what was asked for where it gave none; None where secret."""
        value = self.outputs.get(key)
        value = self.inputs.get(key) if value is None else value
        return None if isinstance(value, Mapping) and SECRET_KEY in value else cast("Any", value)

    def planned(self, key: str) -> Any:
        """What the program asked for; None where something else owns the property at run time."""
        return None if key in self.ignored else self.inputs.get(key)


@dataclass(frozen=True, kw_only=True)
class State:
    """A stack's resources, in the order of the state, and its outputs."""

    stack: str
    resources: Sequence[Resource]
    outputs: Mapping[str, Any]
    interrupted: Sequence[str] = field(default=())
    """Operations that an update began and never reported back on, as `creating URN`."""

    @cached_property
    def systems(self) -> list[str]:
        """The systems that the stack holds."""
        return sorted(each.name for each in self.resources if each.type.startswith(SYSTEM_TYPE))

    def of_type(self, resource_type: str) -> Iterator[Resource]:
        """Every resource of a type."""
        return (each for each in self.resources if each.type == resource_type)

    def only(self, systems: Sequence[str]) -> "State":
        """The part that belongs to some systems; all of it where none is named.

        Raises OpsError for a system that the stack does not hold.
        """
        if not systems:
            return self
        unknown = sorted(set(systems) - set(self.systems))
        if unknown:
            raise OpsError(
                f"--system: got {', '.join(unknown)}; stack {self.stack} holds "
                f"{', '.join(self.systems) or 'no system'}"
            )
        keys = {camel(system) for system in systems}
        return State(
            stack=self.stack,
            resources=[each for each in self.resources if each.system in systems],
            outputs={key: value for key, value in self.outputs.items() if key in keys},
            interrupted=self.interrupted,
        )


def camel(system: str) -> str:
    """A system's key in the stack's outputs: work-redesign is workRedesign there."""
    first, *rest = system.split("-")
    return first + "".join(part.title() for part in rest)


def from_file(file: Path) -> State:
    """The state in a file of ``pulumi stack export``. Raises OpsError."""
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OpsError(f"{file}: {error.strerror}", fix=EXPORT) from error
    except ValueError as error:
        raise OpsError(f"{file}: not JSON: {error}", fix=EXPORT) from error
    return parse(document, str(file))


def from_stack(stack: str, project: Path = REPOSITORY) -> State:
    """The state of a stack in the backend that is logged in to. Secrets stay encrypted. Raises OpsError."""
    try:
        workspace = QuietWorkspace(work_dir=str(project), pulumi_command=FoundCommand(ensure_cli()))
        exported = automation.Stack.select(stack, workspace).export_stack()
    except CliError as error:
        raise OpsError(str(error), fix="install the Pulumi CLI, or give a file with --state-file") from error
    except automation.CommandError as error:
        said = [line for line in str(error).splitlines() if "error:" in line]
        raise OpsError(
            f"stack {stack} cannot be read: {' '.join(said) or error}",
            fix="`pulumi login` to its backend and `pulumi stack ls`, or give a file with --state-file",
        ) from error
    return parse({"deployment": exported.deployment}, f"stack {stack}")


def parse(document: Any, source: str) -> State:
    """The state in an exported document. Raises OpsError for anything else."""
    try:
        deployment = cast("Mapping[str, Any]", document["deployment"])
        raw = [
            each
            for each in cast("Sequence[Mapping[str, Any]]", deployment.get("resources") or ())
            if not each.get("delete") and not each.get("external")
        ]
        owners = _systems(raw)
        resources = [_resource(each, owners[each["urn"]]) for each in raw]
        pending = cast("Sequence[Mapping[str, Any]]", deployment.get("pending_operations") or ())
        interrupted = [f"{each['type']} {each['resource']['urn']}" for each in pending]
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise OpsError(f"{source}: not an exported state: {error!r}", fix=EXPORT) from error
    roots = [each for each in resources if each.type == "pulumi:pulumi:Stack"]
    if not roots:
        raise OpsError(f"{source}: nothing is deployed in it", fix="`pulumi up` first")
    return State(
        stack=roots[0].urn.split("::")[0].removeprefix("urn:pulumi:"),
        resources=resources,
        outputs=roots[0].outputs,
        interrupted=interrupted,
    )


def _systems(raw: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """URN to the name of the system around it; parents come first in a state."""
    owners: dict[str, str] = {}
    for each in raw:
        urn = str(each["urn"])
        own = urn.split("::", 3)[3] if str(each["type"]).startswith(SYSTEM_TYPE) else ""
        owners[urn] = own or owners.get(str(each.get("parent") or ""), "")
    return owners


def _dependencies(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """What it waits for, by ``depends_on`` or by a property."""
    by_property = cast("Mapping[str, Sequence[str] | None]", raw.get("propertyDependencies") or {})
    found = [*(raw.get("dependencies") or ()), *(urn for urns in by_property.values() for urn in urns or ())]
    return tuple(dict.fromkeys(found))


def _resource(raw: Mapping[str, Any], system: str) -> Resource:
    return Resource(
        urn=str(raw["urn"]),
        type=str(raw["type"]),
        id=str(raw.get("id") or ""),
        parent=str(raw.get("parent") or ""),
        system=system,
        inputs=raw.get("inputs") or {},
        outputs=raw.get("outputs") or {},
        ignored=tuple(raw.get("ignoreChanges") or ()),
        dependencies=_dependencies(raw),
        protected=bool(raw.get("protect")),
        retained=bool(raw.get("retainOnDelete")),
    )
