"""Sesami as its tests plan it: by itself, with the defaults of each environment."""

import functools
import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

from tests.harness import Deployment, Record, run_program, stack_config

SETTINGS: Mapping[str, Any] = {
    "domain": {
        "zoneId": "Z0123456789SESAMI",
        "zone": "sesami.jclee.me",
        "hostname": "app.sesami.jclee.me",
        "apiHostname": "api.sesami.jclee.me",
    },
    "api": {"imageDigest": f"sha256:{'a' * 64}"},
    "worker": {"imageDigest": f"sha256:{'b' * 64}"},
}


@functools.cache
def planned(stack: str, text: str = "{}") -> Deployment:
    """``text`` is JSON that is put over the settings, key by key, so that the answer can be kept."""
    config = stack_config(stack)
    settings: dict[str, Any] = json.loads(json.dumps(SETTINGS))
    for key, value in json.loads(text).items():
        settings[key] = {**settings.get(key, {}), **value} if isinstance(value, dict) else value
    config["seoul-platform:systems"] = {"sesami": settings}
    return run_program(config, stack=stack)


def statements(document: str) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", json.loads(document)["Statement"])


def grants(deployment: Deployment, role_arn: str) -> Iterator[tuple[str, str]]:
    """Every action and resource that the role's own policies allow."""
    role = next(
        record
        for record in deployment.of_type("aws:iam/role:Role")
        if (record.outputs or {}).get("arn") == role_arn
    )
    assert not [
        each
        for each in deployment.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if each["role"] == role.id
    ], "a policy besides its own"
    for policy in deployment.of_type("aws:iam/rolePolicy:RolePolicy"):
        if policy["role"] != role.id:
            continue
        for statement in statements(policy["policy"]):
            assert statement["Effect"] == "Allow"
            yield from ((action, each) for action in statement["Action"] for each in statement["Resource"])


def allowed(deployment: Deployment, role_arn: str, action: str, resource: str) -> bool:
    return any(
        action == given and fnmatchcase(resource, pattern) for given, pattern in grants(deployment, role_arn)
    )


def trusts(deployment: Deployment, role_arn: str) -> dict[str, Any]:
    """The one statement by which the role can be assumed."""
    role = next(
        record
        for record in deployment.of_type("aws:iam/role:Role")
        if (record.outputs or {}).get("arn") == role_arn
    )
    (statement,) = statements(role["assumeRolePolicy"])
    return statement


def arn(record: Record) -> str:
    return str((record.outputs or {})["arn"])
