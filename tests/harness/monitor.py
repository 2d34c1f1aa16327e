"""Stands in for the engine: records registrations, checks them, and answers with computed values."""

from collections.abc import Mapping
from typing import Any, NoReturn

from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2

from offline import computed, computed_names, schema
from offline import provider_service as service
from offline import provider_wire as wire
from offline.provider_wire import Wire
from tests.harness.record import Options, Record, plain, secret_paths

_STACK = "pulumi:pulumi:Stack"


class RecordingMonitor(MockMonitor):
    """Failures are collected, so that one run shows all of them; ``deploy`` raises them at the end."""

    def __init__(self, *, project: str, stack: str, preview: bool, context: computed.Context) -> None:
        super().__init__(_NoMocks())
        self.failures: list[str] = []
        self.stack_outputs: dict[str, Wire] = {}
        self._project = project
        self._stack = stack
        self._preview = preview
        self._context = context
        self._records: dict[str, Record] = {}
        self._registered: dict[str, Mapping[str, Wire]] = {}

    def records(self) -> tuple[Record, ...]:
        """As a tree: the order of registration differs from run to run where nothing depends on it."""
        complete = [self._with_outputs(record) for record in self._records.values()]
        return tuple(sorted(complete, key=self._place))

    def _place(self, record: Record) -> tuple[tuple[str, str], ...]:
        parent = self._records.get(record.parent or "")
        return (*(self._place(parent) if parent else ()), (record.type, record.name))

    def _with_outputs(self, record: Record) -> Record:
        if record.custom or record.urn not in self._registered:
            return record
        return Record(**{**vars(record), "outputs": plain(dict(self._registered[record.urn]))})

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine does: all ancestors' types, the stack left out."""
        parent_type = parent.split("::")[2] if parent else _STACK
        qualified = type_ if parent_type == _STACK else f"{parent_type}${type_}"
        return f"urn:pulumi:{self._stack}::{self._project}::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if urn in self._records:
            self.failures.append(f"{request.type} {request.name}: registered twice under the same parent")
        inputs = {key: value for key, value in wire.from_struct(request.object).items() if value is not None}
        identifier, outputs = self._create(request, urn, inputs)
        self._records[urn] = _record(request, urn, inputs, identifier, outputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=identifier, object=wire.to_struct(outputs))

    def _create(self, request: Any, urn: str, inputs: dict[str, Wire]) -> tuple[str, dict[str, Wire]]:
        if not request.custom:
            return "", {}
        if request.type.startswith("pulumi:"):
            return request.name, dict(inputs)
        context = computed.Context(urn=urn, region=self._context.region, account_id=self._context.account_id)
        try:
            found = [str(failure) for failure in schema.check(request.type, inputs)]
            rule = computed_names.rule(request.type)
            if rule and rule.property not in inputs and f"{rule.property}Prefix" not in inputs:
                found += [problem] if (problem := computed_names.too_long(request.type, request.name)) else []
        except schema.UnknownTypeError as error:
            found = [str(error)]
        self.failures += [f"{request.type} {request.name}: {reason}" for reason in found]
        if found:
            return request.name, dict(inputs)
        if self._preview:
            return "", service.planned(request.type, inputs)
        outputs = computed.computed(request.type, request.name, inputs, context)
        identifier = computed.resource_id(request.type, request.name, inputs, context)
        return request.importId or identifier, {**inputs, **outputs}

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        outputs = wire.from_struct(request.outputs)
        if request.urn.split("::")[2] == _STACK:
            self.stack_outputs = outputs
        else:
            self._registered[request.urn] = outputs
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> NoReturn:  # noqa: N802
        self._refuse(request.tok)

    def Call(self, request: Any) -> NoReturn:  # noqa: N802
        self._refuse(request.tok)

    def ReadResource(self, request: Any) -> NoReturn:  # noqa: N802
        self._refuse(f"{request.type} {request.name}")

    def _refuse(self, what: str) -> NoReturn:
        message = (
            f"{what}: looks something up in the cloud; the program makes no lookups: take it as a setting"
        )
        self.failures.append(message)
        raise RuntimeError(message)


class _NoMocks(Mocks):
    def call(self, args: Any) -> NoReturn:  # noqa: ARG002
        raise AssertionError("the monitor answers for itself")

    def new_resource(self, args: MockResourceArgs) -> NoReturn:  # noqa: ARG002
        raise AssertionError("the monitor answers for itself")


def _record(
    request: Any, urn: str, inputs: dict[str, Wire], identifier: str, outputs: dict[str, Wire]
) -> Record:
    parent_type = request.parent.split("::")[2] if request.parent else _STACK
    return Record(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=None if parent_type == _STACK else request.parent,
        inputs=plain(inputs),
        secret_inputs=frozenset(secret_paths(inputs)),
        outputs=plain(outputs) if request.custom else None,
        id=identifier,
        options=_options(request),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            key: tuple(sorted(request.propertyDependencies[key].urns))
            for key in sorted(request.propertyDependencies)
        },
    )


def _options(request: Any) -> Options:
    before = request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None
    return Options(
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=before,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=(*request.aliasURNs, *(_alias(alias) for alias in request.aliases)),
        import_id=request.importId,
        deleted_with=request.deletedWith,
        provider=request.provider,
        version=request.version,
        create_timeout=request.customTimeouts.create,
        update_timeout=request.customTimeouts.update,
        delete_timeout=request.customTimeouts.delete,
    )


def _alias(alias: Any) -> str:
    if alias.urn:
        return str(alias.urn)
    spec = alias.spec
    parts = (("name", spec.name), ("type", spec.type), ("parent", spec.parentUrn))
    return " ".join(f"{key}={value}" for key, value in parts if value)
