"""The guard's findings as a reviewer reads them: one line for what goes together."""

from datetime import date

from ops.guard.judge import judge
from ops.guard.preview import Preview, State, Step
from ops.review.losses import stops

STACK = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"
KEEP = "urn:pulumi:dev::p::platform:data:PrivateBucket"


def deleted(type_: str, urn: str, parent: str, *, retained: bool = False) -> Step:
    old = State(
        type=type_,
        custom=type_.startswith("aws:"),
        parent=parent,
        protect=False,
        retain_on_delete=retained,
        inputs={},
    )
    return Step(operation="delete", urn=urn, old=old, new=None, replacing=())


def bucket(name: str, *, with_component: bool = True, retained: bool = False) -> list[Step]:
    component = f"{KEEP}::{name}"
    parts = {
        "aws:s3/bucket:Bucket": f"{name}-bucket",
        "aws:s3/bucketVersioning:BucketVersioning": f"{name}-versioning",
    }
    steps = [
        deleted(type_, f"{KEEP}${type_}::{part}", component, retained=retained)
        for type_, part in parts.items()
    ]
    return [*steps, deleted("platform:data:PrivateBucket", component, STACK)] if with_component else steps


def lines(*steps: Step) -> list[str]:
    preview = Preview(steps=steps, errors=())
    return [stop.line for stop in stops(judge([preview], [], date(2026, 11, 1)), [preview])]


def test_a_component_that_goes_is_one_line_that_begins_with_the_worst() -> None:
    [line] = lines(*bucket("pictures"))
    assert line.startswith("pictures goes, which deletes aws:s3/bucket:Bucket pictures-bucket (data store), ")
    assert "BucketVersioning pictures-versioning" in line
    assert "every object is lost" in line


def test_what_goes_out_of_components_that_stay_is_a_line_each() -> None:
    assert len(lines(*bucket("pictures", with_component=False))) == 2
    assert len(lines(*bucket("pictures"), *bucket("letters"))) == 2


def test_what_stays_in_aws_is_forgotten() -> None:
    [line] = lines(*bucket("pictures", retained=True))
    assert "which forgets " in line
