"""Every IAM document of every system, read by a linter: no finding without a reason."""

import functools
import json
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from tests.harness import Deployment, program
from tests.policies.graphs import deployment as recorded
from tests.systems.iam_findings import ACCEPTED

STACKS = ("dev", "prod")


class Finding(NamedTuple):
    issue: str
    type: str
    name: str
    detail: str


@functools.cache
def linter() -> ModuleType:
    """It reads the whole list of AWS actions for every action that it meets: each is looked up once here."""
    with warnings.catch_warnings():
        # It still asks setuptools for its own version.
        warnings.simplefilter("ignore")
        import parliament  # noqa: PLC0415
        from parliament import policy, statement  # noqa: PLC0415
        from parliament.community_auditors import sensitive_access  # noqa: PLC0415

    for module in (policy, statement, sensitive_access):
        module.expand_action = functools.cache(module.expand_action)  # pyright: ignore
    statement.get_privilege_info = functools.cache(statement.get_privilege_info)
    return parliament


def documents_in(value: object) -> Iterator[str]:
    """The texts of documents at any depth of a property, whether given as text or as an object."""
    if isinstance(value, str):
        if '"Statement"' in value and isinstance(body := json.loads(value), dict) and "Statement" in body:
            yield value
    elif isinstance(value, dict):
        if "Statement" in value:
            yield json.dumps(value)
        else:
            yield from (found for item in value.values() for found in documents_in(item))
    elif isinstance(value, list):
        yield from (found for item in value for found in documents_in(item))


def documents(deployment: Deployment) -> Iterator[tuple[str, str, str]]:
    """Type, name and text of each; found by their form, so that a new type needs no mention here."""
    for record in deployment:
        for text in documents_in(record.inputs) if record.custom else ():
            yield record.type, record.name, text


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
    # As shipped, and with the choices that a stack can make and none ships with.
    plans = [recorded(stack, kind) for stack in STACKS for kind in ("shipped", "turned")]
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
