"""The values a cloud would give back, made up in one place.

The simulated providers and the test mocks both read this table, so a test and an offline deployment see the
same ARNs. Everything is a function of the resource's URN and its immutable inputs: two runs agree, and a
replacement gets a new identity as it would in the cloud.

Adding a type is one entry in a ``computed_*`` module: output name to a template (``{region}``, ``{account}``,
``{name}``, ``{hex17}``, ``{uuid}``, any input as ``{in_<property>}``, any output resolved before it), or to a
function of ``Facts`` where a template is not enough. ``id`` comes first.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from offline import kubernetes_objects, schema
from offline import provider_wire as wire
from offline.provider_wire import Wire

DEFAULT_REGION = "ap-northeast-2"
DEFAULT_ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Context:
    """Where a resource is created. ``previous`` are its outputs before an update."""

    urn: str = ""
    region: str = DEFAULT_REGION
    account_id: str = DEFAULT_ACCOUNT
    previous: Mapping[str, Wire] = field(default_factory=dict[str, Wire])


class Facts(Mapping[str, str]):
    """What a template can name. Outputs become available as they are resolved, in the order of the table."""

    def __init__(self, token: str, name: str, inputs: Mapping[str, Wire], context: Context) -> None:
        self.token = token
        self.logical_name = name
        self.inputs: Mapping[str, Any] = {key: wire.plain(value) for key, value in inputs.items()}
        self.context = context
        self.outputs: dict[str, Any] = {}
        region = self.inputs.get("region")
        self.region: str = region if isinstance(region, str) and region != wire.UNKNOWN else context.region
        self._seed = _seed(token, name, self.inputs, context)

    def digest(self, purpose: str = "") -> str:
        return hashlib.sha256(f"{self._seed}|{purpose}".encode()).hexdigest()

    def text(self, name: str, default: str = "") -> str:
        value = self.inputs.get(name)
        return str(value) if value is not None else default

    def items_of(self, name: str) -> list[Any]:
        value = self.inputs.get(name)
        return cast("list[Any]", value) if isinstance(value, list) else []

    def object_of(self, name: str) -> dict[str, Any]:
        value = self.inputs.get(name)
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

    def __getitem__(self, key: str) -> str:
        if key.startswith("in_"):
            return self.text(key[3:])
        if key in self.outputs:
            return str(self.outputs[key])
        if key == "name":
            return physical_name(self)
        return self._generated(key)

    def _generated(self, key: str) -> str:
        text = self.digest()
        if key[:3].lower() == "hex" and key[3:].isdigit():
            digits = text[: int(key[3:])]
            return digits.upper() if key.startswith("HEX") else digits
        return {
            "uuid": f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}",
            "region": self.region,
            "account": self.context.account_id,
            "logical": self.logical_name,
        }[key]

    def __iter__(self):
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)

    def render(self, template: str) -> str:
        return template.format_map(_Lookup(self))


class _Lookup(dict[str, str]):
    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, key: str) -> str:
        return self._facts[key]


Cell: TypeAlias = "str | bool | int | list[Any] | dict[str, Any] | Callable[[Facts], Any]"
Entry: TypeAlias = Mapping[str, Cell]


def _seed(token: str, name: str, inputs: Mapping[str, Wire], context: Context) -> str:
    found = {path: schema.at(inputs, path) for path in sorted(schema.immutable(token))}
    fixed = {path: value for path, value in found.items() if value is not None}
    return f"{context.urn or f'{token}::{name}'}|{wire.canonical(fixed)}"


def physical_name(facts: Facts) -> str:
    """The name the service knows: the program's own, or the automatic one."""
    from offline import computed_names  # noqa: PLC0415 - the tables import this module's types

    rule = computed_names.rule(facts.token)
    given = facts.inputs.get(rule.property) if rule else None
    if isinstance(given, str) and given != wire.UNKNOWN:
        return given
    return computed_names.automatic(facts.token, facts.logical_name, facts.digest("name"))


@functools.cache
def tables() -> Mapping[str, Entry]:
    """Every entry, from all ``computed_*`` modules."""
    from offline import (  # noqa: PLC0415 - the tables import this module's types
        computed_aws_clusters,
        computed_aws_compute,
        computed_aws_data,
        computed_aws_edge,
        computed_aws_migration,
        computed_aws_network,
        computed_aws_operations,
        computed_aws_streams,
        computed_cloudflare,
    )

    modules = (
        computed_aws_network,
        computed_aws_compute,
        computed_aws_clusters,
        computed_aws_clusters,
        computed_aws_data,
        computed_aws_edge,
        computed_aws_migration,
        computed_aws_operations,
        computed_aws_streams,
        computed_cloudflare,
    )
    return {token: entry for module in modules for token, entry in module.TABLE.items()}


def resource_id(token: str, name: str, inputs: Mapping[str, Wire], context: Context) -> str:
    """The provider's id of the resource, as ``pulumi import`` would take it."""
    if kubernetes_objects.is_object(token):
        return kubernetes_objects.identifier(token, {**inputs, **computed(token, name, inputs, context)})
    return _resolve(token, name, inputs, context)[0]


def computed(token: str, name: str, inputs: Mapping[str, Wire], context: Context) -> dict[str, Wire]:
    """Outputs that the cloud would fill in, and given objects in which it fills in something."""
    if kubernetes_objects.is_object(token):
        facts = Facts(token, name, inputs, context)
        named = kubernetes_objects.with_name(token, name, inputs, context.previous, facts.digest("name"))
        return kubernetes_objects.outputs(token, named, context.previous, facts.digest())
    outputs = _resolve(token, name, inputs, context)[1]
    completed = completed_objects(token)
    return {key: value for key, value in outputs.items() if inputs.get(key) is None or key in completed}


def completed_objects(token: str) -> Mapping[str, frozenset[str]]:
    """Object inputs that come back with more in them, and what more."""
    return _COMPLETED.get(token, {})


_COMPLETED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "aws:eks/cluster:Cluster": {"vpcConfig": frozenset({"clusterSecurityGroupId", "vpcId"})},
}


def volatile(token: str) -> frozenset[str]:
    """Outputs that a change to the resource renews, such as the number of a published version."""
    return _VOLATILE.get(token, frozenset())


_VOLATILE: Mapping[str, frozenset[str]] = {
    "aws:lambda/function:Function": frozenset({"version", "qualifiedArn", "qualifiedInvokeArn"}),
    "aws:ec2/launchTemplate:LaunchTemplate": frozenset({"latestVersion"}),
    "aws:msk/configuration:Configuration": frozenset({"latestRevision"}),
    "aws:batch/jobDefinition:JobDefinition": frozenset({"arn", "revision"}),
}


def next_version(output: str) -> Callable[[Facts], int]:
    """A number that starts at 1 and counts updates."""

    def version(facts: Facts) -> int:
        return int(facts.context.previous.get(output) or 0) + 1

    return version


def _resolve(
    token: str, name: str, inputs: Mapping[str, Wire], context: Context
) -> tuple[str, dict[str, Wire]]:
    facts = Facts(token, name, inputs, context)
    declared = schema.schema(token)
    outputs = facts.outputs
    entry = tables().get(token, {})
    identifier = _cell(entry["id"], facts) if "id" in entry else _fallback_id(facts)
    outputs["id"] = identifier
    for key, cell in entry.items():
        if key != "id":
            outputs[key] = _cell(cell, facts)
    outputs.pop("id")
    for key, value in _common(facts, str(identifier)).items():
        if key in declared.outputs and key not in outputs:
            outputs[key] = value
    return str(identifier), outputs


def _cell(cell: Cell, facts: Facts) -> Any:
    if isinstance(cell, str):
        return facts.render(cell)
    return cell(facts) if callable(cell) else cell


def _common(facts: Facts, identifier: str) -> dict[str, Wire]:
    """Outputs that every resource of a package has in the same form."""
    from offline import computed_names  # noqa: PLC0415 - the tables import this module's types

    if not facts.token.startswith("aws:"):
        return {"createdOn": "2026-01-01T00:00:00Z", "modifiedOn": "2026-01-01T00:00:00Z"}
    common: dict[str, Wire] = {
        "region": facts.region,
        "tagsAll": facts.inputs.get("tags") or {},
        "ownerId": facts.context.account_id,
        "arn": _fallback_arn(facts, identifier),
    }
    rule = computed_names.rule(facts.token)
    if rule and rule.generated:
        common[rule.property] = facts["name"]
    return common


def _fallback_id(facts: Facts) -> str:
    if not facts.token.startswith("aws:"):
        return facts.digest()[:32]
    return facts["name"]


def _fallback_arn(facts: Facts, identifier: str) -> str:
    module, kind = facts.token.split(":")[1].split("/")
    service = {"lb": "elasticloadbalancing", "cloudwatch": "cloudwatch", "vpc": "ec2", "msk": "kafka"}.get(
        module, module
    )
    return f"arn:aws:{service}:{facts.region}:{facts.context.account_id}:{kind.lower()}/{identifier}"
