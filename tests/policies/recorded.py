"""Stacks recorded by the harness, as the rules take them."""

from policies.model import Record
from tests import harness


def records(deployment: harness.Deployment) -> list[Record]:
    """Every resource of a recorded run, and the stack itself, which the harness leaves out."""
    stack_name, project = next(iter(deployment)).urn.split("::")[:2]
    urn = f"{stack_name}::{project}::pulumi:pulumi:Stack::stack"
    stack = Record(type="pulumi:pulumi:Stack", urn=urn, name="stack", inputs={})
    return [stack, *(_record(recorded) for recorded in deployment)]


def _record(recorded: harness.Record) -> Record:
    identity = {"id": recorded.id} if recorded.id else {}
    return Record(
        type=recorded.type,
        urn=recorded.urn,
        name=recorded.name,
        inputs=recorded.inputs,
        outputs={**(recorded.outputs or {}), **identity},
        parent=recorded.parent,
        protect=recorded.options.protect,
        dependencies=recorded.dependencies,
        property_dependencies=recorded.property_dependencies,
    )
