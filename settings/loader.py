"""The only place that reads Pulumi's configuration."""

import json
import os
import re
from collections.abc import Mapping
from typing import Any, cast

import pulumi

from settings.accounts import ROLES_KEY
from settings.parsing import (
    ACCOUNTS_KEY,
    NAMESPACE,
    REGION_KEY,
    STACK_KEY,
    SYSTEMS_KEY,
    SettingsError,
    parse,
    parse_config,
)
from settings.stack import StackSettings

__all__ = ["load", "parse", "provider_access"]

_ACCESS = (REGION_KEY, ACCOUNTS_KEY, ROLES_KEY)
"""Keys of the AWS provider that must agree with the stack's own."""

PROVIDER_KEYS = (
    "allowedAccountIds",
    "assumeRoles",
    "forbiddenAccountIds",
    "maxRetries",
    "profile",
    "retryMode",
    "s3UsePathStyle",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRequestingAccountId",
)
"""How the account is reached, whatever the region. Keys are left to the environment: they are no settings."""


def load() -> StackSettings:
    """The settings of the stack that runs. Raises pulumi.RunError with every error in them."""
    names = _names()
    config: dict[str, object] = {}
    errors: list[str] = []
    for full in sorted({*names, *_ACCESS, STACK_KEY, SYSTEMS_KEY}):
        namespace, _, key = full.partition(":")
        if namespace not in (NAMESPACE, "aws"):
            continue
        if full in _secret_keys() and full in (STACK_KEY, SYSTEMS_KEY):
            errors.append(
                f"{full}: holds a secret; settings hold none; let AWS make it, or read it where it is used"
            )
        raw = pulumi.Config(namespace).get(key)
        if raw is None or (namespace == "aws" and full not in _ACCESS):
            continue
        config[full] = raw if full == REGION_KEY else _object(raw)
    if errors:
        raise pulumi.RunError(str(SettingsError(errors)))
    try:
        return parse_config(config)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def provider_access() -> dict[str, Any]:
    """What an explicit AWS provider must be told: it takes nothing from the stack's ``aws:`` configuration,
    which reaches the default provider alone. What is nested keeps its keys: the SDK hands it on as it is."""
    config = pulumi.Config("aws")
    given = {key: raw for key in PROVIDER_KEYS if (raw := config.get(key)) is not None}
    return {_snake(key): _object(raw) for key, raw in given.items()}


def _snake(key: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower()


def _object(raw: str) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def _names() -> set[str]:
    """Every key that the engine handed over, so that a misspelt one is reported and not passed by."""
    given = cast("Mapping[str, Any]", json.loads(os.environ.get("PULUMI_CONFIG", "{}")))
    return {*given, *pulumi.runtime.config.CONFIG.get()}


def _secret_keys() -> set[str]:
    given = cast("list[str]", json.loads(os.environ.get("PULUMI_CONFIG_SECRET_KEYS", "[]")))
    return set(given) | {key for key in _names() if pulumi.runtime.is_config_secret(key)}
