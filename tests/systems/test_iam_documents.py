"""Every IAM document of every system, read by a linter: no finding without a reason."""

import functools
import json
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from tests.harness import Deployment, program, stack_config
from tests.systems.iam_findings import ACCEPTED
from tests.systems.sesami import planned
from tests.systems.test_migration import DMS, moved

STACKS = ("dev", "prod")


class Finding(NamedTuple):
    issue: str
    type: str
    name: str
    detail: str


def linter() -> ModuleType:
    with warnings.catch_warnings():
        # It still asks setuptools for its own version.
        warnings.simplefilter("ignore")
        import parliament  # noqa: PLC0415

    return parliament


def is_document(value: object) -> bool:
    if not isinstance(value, str) or '"Statement"' not in value:
        return False
    body = json.loads(value)
    return isinstance(body, dict) and "Statement" in body


def documents(deployment: Deployment) -> Iterator[tuple[str, str, str]]:
    """Type, name and text of each; found by their form, so that a new type needs no mention here."""
    for record in deployment:
        for value in record.inputs.values():
            if record.custom and is_document(value):
                yield record.type, record.name, str(value)


@functools.cache
def lint(text: str) -> tuple[tuple[str, str], ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analyzed: Any = linter().analyze_policy_string(
            text, ignore_private_auditors=True, include_community_auditors=True
        )
    return tuple((str(each.issue), _detail(each)) for each in analyzed.findings)


def _detail(finding: Any) -> str:
    actions = finding.location.get("actions") if isinstance(finding.location, dict) else None
    return f"{finding.detail} {sorted(actions)}".strip() if actions else str(finding.detail)


@functools.cache
def findings() -> tuple[Finding, ...]:
    plans = [program(stack) for stack in STACKS]
    plans += [
        planned(stack) for stack in STACKS if "sesami" not in stack_config(stack)["seoul-platform:systems"]
    ]
    # What a stack can ask for and none ships with.
    plans += [moved(system, DMS) for system in ("safework", "sesami")]
    found = {
        Finding(issue, resource_type, name, detail)
        for plan in plans
        for resource_type, name, text in documents(plan)
        for issue, detail in lint(text)
    }
    return tuple(sorted(found))


@pytest.mark.parametrize("stack", STACKS)
def test_documents_are_found(stack: str) -> None:
    kinds = {resource_type for resource_type, _, _ in documents(program(stack))}
    assert {
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/key:Key",
        "aws:s3/bucketPolicy:BucketPolicy",
    } <= kinds


def test_no_finding_without_a_reason() -> None:
    unexplained = [finding for finding in findings() if not any(each.covers(*finding) for each in ACCEPTED)]
    assert unexplained == []


def test_no_reason_without_a_finding() -> None:
    idle = [each for each in ACCEPTED if not any(each.covers(*finding) for finding in findings())]
    assert idle == []


def test_the_linter_bites() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessages", "Resource": "*"}],
        }
    )
    assert [issue for issue, _ in lint(text)] == ["UNKNOWN_ACTION"]
