"""The roles through which a stack's account is reached: `aws:assumeRoles`, as the AWS provider reads it."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from settings.messages import got, unknown

ROLES_KEY = "aws:assumeRoles"

_UNHELD = f"aws:allowedAccountIds: missing; required with {ROLES_KEY}: the account that they lead to; add it"
_ALLOWED = ("roleArn", "externalId", "sessionName", "duration")
_ROLE = re.compile(r"arn:aws:iam::([0-9]{12}):role/[\w+=,.@/-]+")
_SESSION = re.compile(r"[\w+=,.@-]{2,64}")
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_EXTERNAL = re.compile(r"[\w+=,.@:/-]{2,1224}")

ROLES_SCHEMA: Mapping[str, object] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "roleArn": {"type": "string", "pattern": f"^{_ROLE.pattern}$"},
            "sessionName": {"type": "string", "pattern": f"^{_SESSION.pattern}$"},
            "externalId": {"type": "string", "pattern": f"^{_EXTERNAL.pattern}$"},
            "duration": {"type": "string"},
        },
        "required": ["roleArn", "sessionName"],
        "additionalProperties": False,
    },
}


def role_errors(account: object, roles: object, *, held: bool = True) -> list[str]:
    """What is wrong with the chain of roles; the last one must be of the stack's account.

    ``held``: whether the stack says which accounts are allowed. With roles it must, or nobody would notice
    where they lead. The session name is required: CloudTrail of that account shows it as who deployed.
    """
    if roles is None:
        return []
    if not isinstance(roles, list) or not roles:
        return [
            f"{ROLES_KEY}: got {got(cast('object', roles))}; a list of roles, each with roleArn; write it so"
        ]
    chain = cast("list[object]", roles)
    errors = [] if held else [_UNHELD]
    errors += [error for index, role in enumerate(chain) for error in _role(f"{ROLES_KEY}[{index}]", role)]
    if errors or not isinstance(account, str):
        return errors
    last = cast("Mapping[str, str]", chain[-1])["roleArn"]
    found = _ROLE.fullmatch(last)
    if found is not None and found[1] != account:
        return [
            f"{ROLES_KEY}: got {got(last)}; a role of stack.accountId ({got(account)}) last; make them agree"
        ]
    return []


def _role(key: str, role: object) -> Iterator[str]:
    if not isinstance(role, Mapping):
        yield f"{key}: got {got(role)}; a mapping with roleArn and sessionName; write it so"
        return
    given = cast("Mapping[str, object]", role)
    yield from (f"{key}.{each}: {unknown(each, list(_ALLOWED))}" for each in given if each not in _ALLOWED)
    for name, pattern, allowed in (
        ("roleArn", _ROLE, "the ARN of a role, such as arn:aws:iam::111122223333:role/deploy"),
        ("sessionName", _SESSION, "2 to 64 letters, digits and +=,.@-, such as seoul-platform"),
    ):
        value = given.get(name)
        if value is None:
            yield f"{key}.{name}: missing; {allowed}; add it"
        elif not isinstance(value, str) or pattern.fullmatch(value) is None:
            yield f"{key}.{name}: got {got(value)}; {allowed}; correct it"
    external = given.get("externalId")
    if external is not None and (not isinstance(external, str) or _EXTERNAL.fullmatch(external) is None):
        yield f"{key}.externalId: got {got(external)}; 2 to 1224 letters, digits and +=,.@:/-; correct it"
