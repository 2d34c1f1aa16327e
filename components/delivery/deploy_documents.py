"""Policies of a size that IAM takes, and what a pipeline needs of Pulumi's own store. No Pulumi."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.security.iam import POLICY_VERSION, Statement

MAX_POLICY_CHARACTERS = 6_144
"""IAM counts the characters of a managed policy without white space."""

MAX_POLICIES = 10
"""Managed policies of a role; AWS raises it to 20 on request."""


@dataclass(frozen=True, kw_only=True)
class StateStore:
    """The bucket that Pulumi keeps the state in, and the KMS key of the stack's secrets, if they have one."""

    bucket: str
    key_arn: str | None = None


def state_statements(store: StateStore, *, writes: bool) -> Iterator[Statement]:
    """A preview of Pulumi's own backend takes no lock, so it writes nothing."""
    objects = f"arn:aws:s3:::{store.bucket}/.pulumi/*"
    writing = ["s3:DeleteObject", "s3:PutObject"] if writes else []
    yield Statement(sid="State", actions=["s3:GetObject", *writing], resources=[objects])
    yield Statement(sid="StateList", actions=["s3:ListBucket"], resources=[f"arn:aws:s3:::{store.bucket}"])
    if store.key_arn:
        encrypting = ["kms:Encrypt", "kms:GenerateDataKey"] if writes else []
        yield Statement(sid="StateKey", actions=["kms:Decrypt", *encrypting], resources=[store.key_arn])


def documents(statements: Sequence[Statement]) -> list[str]:
    """The statements as few policies that fit IAM's limit: the longest first, each where there is room.

    Raises ValueError for a statement that alone is too long.
    """
    found: list[list[Statement]] = []
    for statement in sorted(statements, key=lambda each: -len(_text([each]))):
        if len(_text([statement])) > MAX_POLICY_CHARACTERS:
            raise ValueError(
                f"{statement.sid}: got {len(_text([statement]))} characters; a managed policy holds "
                f"{MAX_POLICY_CHARACTERS}: give the stack fewer systems"
            )
        fitting = (group for group in found if len(_text([*group, statement])) <= MAX_POLICY_CHARACTERS)
        group = next(fitting, None)
        if group is None:
            found.append([statement])
        else:
            group.append(statement)
    return [_text(group) for group in found]


def _text(statements: Sequence[Statement]) -> str:
    document = {"Version": POLICY_VERSION, "Statement": [each.document() for each in statements]}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
