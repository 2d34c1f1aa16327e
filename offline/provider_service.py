"""The ResourceProvider service of one simulated package."""

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeAlias, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from offline import (
    computed,
    computed_names,
    kubernetes_objects,
    provider_diff,
    provider_drift,
    schema,
    service_locks,
)
from offline import provider_wire as wire
from offline.provider_wire import Wire

_Context: TypeAlias = grpc.ServicerContext

_NEEDS_FINAL_SNAPSHOT = ("aws:rds/cluster:Cluster", "aws:rds/instance:Instance")
_METADATA = frozenset({"tags", "tagsAll"})
_ENGINE_CONFIG = frozenset({"version", "pluginDownloadURL", "__internal"})
"""What the engine itself puts among the configuration of a provider."""


class Refusal(Exception):  # noqa: N818 - the cloud said no; nothing is wrong here
    """The service would not do this."""


class SimulatedProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine from the installed SDK's schema and the table of computed values.

    One instance serves every provider resource of its package, and requests do not say which one they are
    for. So the region and account of the default provider count for all, and a resource elsewhere says so in
    its own ``region`` input.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._region = computed.DEFAULT_REGION
        self._account = computed.DEFAULT_ACCOUNT

    def Handshake(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        return plugin_pb2.PluginInfo(version=sdk_version(self.package))

    def GetSchema(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        text = json.dumps({"name": self.package, "version": sdk_version(self.package)})
        return provider_pb2.GetSchemaResponse(schema=text)

    def CheckConfig(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        known = schema.provider_properties(self.package) | _ENGINE_CONFIG
        failures = [
            provider_pb2.CheckFailure(reason=f"{name}: the provider {self.package} has no such property")
            for name in request.news.fields
            if name not in known
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        variables = cast("Mapping[str, str]", request.variables)
        if not request.name or request.name.startswith("default"):
            self._region = variables.get(f"{self.package}:config:region") or self._region
            accounts = json.loads(variables.get(f"{self.package}:config:allowedAccountIds") or "[]")
            self._account = str(accounts[0]) if accounts else self._account
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        token, name = identity(request)
        inputs = _without_nothing(wire.from_struct(request.news))
        try:
            failures = schema.check(token, inputs)
        except schema.UnknownTypeError as error:
            failures = [schema.Failure("", str(error))]
        else:
            failures += self._name(request, token, name, inputs)
        return provider_pb2.CheckResponse(
            inputs=wire.to_struct(inputs),
            failures=[
                # With a property the engine adds its value, which for a nested path is "<nil>".
                provider_pb2.CheckFailure(reason=str(failure))
                for failure in failures
            ],
        )

    def _name(self, request: Any, token: str, name: str, inputs: dict[str, Wire]) -> list[schema.Failure]:
        """Fills in the automatic name, keeping the one a resource has."""
        if kubernetes_objects.is_object(token):
            digest = computed.Facts(token, name, inputs, self.context(request)).digest("name")
            before = kubernetes_objects.problems(token, inputs)
            inputs |= kubernetes_objects.with_name(
                token, name, inputs, wire.from_struct(request.olds), digest
            )
            after = kubernetes_objects.problems(token, inputs)
            return [schema.Failure(*problem) for problem in after if problem not in before]
        rule = computed_names.rule(token)
        if not rule or not rule.generated or rule.property in inputs or f"{rule.property}Prefix" in inputs:
            return []
        before = request.olds.fields.get(rule.property)
        if before is not None and before.string_value:
            inputs[rule.property] = before.string_value
            return []
        problem = computed_names.too_long(token, name)
        facts = computed.Facts(token, name, inputs, self.context(request))
        inputs[rule.property] = computed.physical_name(facts)
        return [schema.Failure(rule.property, problem)] if problem else []

    def Diff(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        token, _ = identity(request)
        old = wire.from_struct(request.old_inputs if request.HasField("old_inputs") else request.olds)
        new = wire.from_struct(request.news)
        found = provider_diff.changes(
            old,
            new,
            immutable=schema.immutable(token),
            ignored=list(request.ignoreChanges),
        )
        response = provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=sorted({provider_diff.top_level(change.path) for change in found}),
            replaces=sorted({provider_diff.top_level(change.path) for change in found if change.replaces}),
            hasDetailedDiff=True,
        )
        if kubernetes_objects.is_object(token) and response.replaces:
            response.deleteBeforeReplace = kubernetes_objects.replaced_in_place(old, new)
        for change in found:
            kind = f"{change.kind}_REPLACE" if change.replaces else change.kind
            response.detailedDiff[change.path].kind = provider_pb2.PropertyDiff.Kind.Value(kind)
            response.detailedDiff[change.path].inputDiff = True
        return response

    def Create(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        token, name = identity(request)
        inputs = wire.from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=wire.to_struct(planned(token, inputs)))
        where = self.context(request)
        outputs = {**inputs, **computed.computed(token, name, inputs, where)}
        identifier = computed.resource_id(token, name, inputs, where)
        return provider_pb2.CreateResponse(id=identifier, properties=wire.to_struct(outputs))

    def Update(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        token, name = identity(request)
        inputs, previous = wire.from_struct(request.news), wire.from_struct(request.olds)
        renewed = self._renewed(token, request, inputs)
        outputs = {**inputs, **computed.computed(token, name, inputs, self.context(request, previous))}
        for key in computed.volatile(token):
            if key in renewed:
                outputs[key] = wire.UNKNOWN if request.preview else outputs[key]
            elif key in previous:
                outputs[key] = previous[key]
        return provider_pb2.UpdateResponse(properties=wire.to_struct(outputs))

    def _renewed(self, token: str, request: Any, inputs: dict[str, Wire]) -> frozenset[str]:
        """Tags describe a resource and make no new version of it."""
        found = provider_diff.changes(wire.from_struct(request.old_inputs), inputs)
        if all(provider_diff.top_level(change.path) in _METADATA for change in found):
            return frozenset()
        return computed.volatile(token)

    def Read(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        token, name = identity(request)
        found = provider_drift.changed(name)
        if found is None:
            return provider_pb2.ReadResponse()
        if not found:
            return provider_pb2.ReadResponse(
                id=request.id, properties=request.properties, inputs=request.inputs
            )
        declared = schema.schema(token).inputs
        outputs = wire.from_struct(request.properties) | found
        inputs = wire.from_struct(request.inputs) | {k: v for k, v in found.items() if k in declared}
        return provider_pb2.ReadResponse(
            id=request.id, properties=wire.to_struct(outputs), inputs=wire.to_struct(inputs)
        )

    def Delete(self, request: Any, context: _Context) -> Any:  # noqa: N802
        token, name = identity(request)
        state = wire.plain(wire.from_struct(request.properties))
        try:
            refuse_deletion(token, name, state)
        except Refusal as refusal:
            refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(refusal))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: _Context) -> Any:  # noqa: N802
        refuse(
            context,
            grpc.StatusCode.INVALID_ARGUMENT,
            f"{request.tok}: got a lookup in the cloud; the program makes none: give the value as a setting",
        )

    def Cancel(self, request: Any, context: _Context) -> Any:  # noqa: ARG002, N802
        return empty_pb2.Empty()

    def context(self, request: Any, previous: Mapping[str, Wire] | None = None) -> computed.Context:
        return computed.Context(
            urn=request.urn, region=self._region, account_id=self._account, previous=previous or {}
        )


def planned(token: str, inputs: Mapping[str, Wire]) -> dict[str, Wire]:
    """Outputs in a preview of a creation: the inputs, and everything the cloud fills in as unknown."""
    if kubernetes_objects.is_object(token):
        return kubernetes_objects.planned(inputs)
    declared = schema.schema(token)
    outputs = dict(inputs)
    entry = computed.tables().get(token, {})
    for key in declared.computed | (set(entry) & declared.outputs):
        if outputs.get(key) is None:
            outputs[key] = wire.UNKNOWN
    for key, added in computed.completed_objects(token).items():
        if isinstance(given := wire.unwrap(outputs.get(key)), dict):
            outputs[key] = {**dict.fromkeys(added, wire.UNKNOWN), **cast("dict[str, Wire]", given)}
    return outputs


def refuse_deletion(token: str, name: str, state: Mapping[str, Wire]) -> None:
    """Raises Refusal where AWS would: deletion protection, or a database without its last snapshot."""
    for lock in service_locks.LOCKS:
        if state.get(lock) is True:
            raise Refusal(f"{name}: {lock} is on; deploy with it off first, then delete")
    snapshot = state.get("skipFinalSnapshot") or state.get("finalSnapshotIdentifier")
    if token in _NEEDS_FINAL_SNAPSHOT and not snapshot:
        raise Refusal(f"{name}: finalSnapshotIdentifier is required unless skipFinalSnapshot is true")


def sdk_version(package: str) -> str:
    """Version of the installed SDK, which names the provider version it goes with."""
    spec = importlib.util.find_spec(f"pulumi_{package}")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"pulumi_{package} is not installed: add pulumi-{package} to the project")
    plugin = Path(spec.origin).with_name("pulumi-plugin.json")
    return str(json.loads(plugin.read_text(encoding="utf-8"))["version"])


def identity(request: Any) -> tuple[str, str]:
    """Type token and logical name, from the request or from its URN."""
    urn_type, _, urn_name = str(request.urn).split("::", 2)[2].partition("::")
    return request.type or urn_type.rsplit("$", 1)[-1], request.name or urn_name


def _without_nothing(inputs: dict[str, Wire]) -> dict[str, Wire]:
    return {key: value for key, value in inputs.items() if value is not None and not key.startswith("__")}


def refuse(context: _Context, code: grpc.StatusCode, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort always raises")
