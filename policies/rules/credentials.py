"""Credentials in plain sight, wherever they stand."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, cast

from policies.model import Resource
from policies.rule import ANY, Found, rule
from policies.secrets import assigned, exposed
from policies.tokens import CODEBUILD, INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE

_CREDENTIAL = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}\b|\bglpat-[\w-]{20}\b"
    r"|\bxox[abprs]-[\w-]{10,}\b|\bsk_live_\w{20,}\b|\bAIza[\w-]{35}\b|\bsk-ant-[\w-]{20,}\b"
)
"""Forms that their issuers document for secret scanners."""

_HOLDERS = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:iam/serverCertificate:ServerCertificate",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:ssm/parameter:Parameter",
        "cloudflare:index/originCaCertificate:OriginCaCertificate",
    }
)
"""Types whose purpose is to take one, from a secret of the program."""

_LONGEST = 65_536


@rule(
    id="credential-not-in-properties",
    title="No property holds a credential",
    severity="critical",
    enforcement="M",
    types=(ANY,),
    why="It stands in the code or the state, and in every description of the resource.",
    fix="Put it into Secrets Manager and pass the ARN; revoke the one that was shown.",
)
def credential_not_in_properties(r: Resource) -> Found:
    if r.type in _HOLDERS:
        return None
    return [f"{path} holds what looks like a credential" for path in _found(r.data, "")]


def _found(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, str):
        if 16 <= len(value) <= _LONGEST and _CREDENTIAL.search(value):
            yield at
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _found(item, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _found(item, f"{at}.{index}")


@rule(
    id="ec2-no-secret-in-user-data",
    title="No secret stands in a host's user data",
    severity="critical",
    enforcement="M",
    types=(INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE),
    why="Everything on the host can read it, and whoever may describe the instance.",
    fix="Let the host read Secrets Manager with its role.",
)
def ec2_no_secret_in_user_data(r: Resource) -> Found:
    for path in ("userData", "userDataBase64"):
        text = _decoded(r.text(path))
        if _CREDENTIAL.search(text) or assigned(text):
            yield f"{path} sets what looks like a secret"


def _decoded(text: str) -> str:
    """User data as the host sees it: cloud-init takes base64, and gzip in base64."""
    try:
        data = base64.b64decode(text, validate=True) if text else b""
    except (binascii.Error, ValueError):
        return text
    if data.startswith(b"\x1f\x8b"):
        try:
            # Bounded: a small text can unpack to more than the memory holds.
            data = zlib.decompressobj(wbits=31).decompress(data, _LONGEST)
        except zlib.error:
            return ""
    return data.decode("utf-8", "replace")


@rule(
    id="codebuild-no-secret-in-environment",
    title="No secret stands in a build's environment",
    fsbp=("CodeBuild.2",),
    severity="critical",
    enforcement="M",
    types=(CODEBUILD,),
    why="Whoever may describe the project reads it, and builds print it.",
    fix="Set the variable's type to SECRETS_MANAGER or PARAMETER_STORE.",
)
def codebuild_no_secret_in_environment(r: Resource) -> Found:
    for variable in r.blocks("environment.environmentVariables"):
        if variable.text("type", "PLAINTEXT") == "PLAINTEXT":
            name = variable.text("name")
            fault = exposed(name, variable.raw("value"))
            if fault or name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}:
                yield f"environment variable {name} {fault or 'holds a credential'}"
