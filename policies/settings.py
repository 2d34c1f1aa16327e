"""What an owner may change about the rules, with the defaults and where each value comes from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from policies.schema import strings, table
from policies.support import EKS_VERSIONS, ENGINE_VERSIONS, LAMBDA_RUNTIMES

STACK_CONFIG_KEYS: Final = ("seoul-platform:stack",)
"""Stack configuration keys that hold an object with ``environment``."""

RELAXED_ENVIRONMENTS: Final = frozenset({"dev", "development", "test", "sandbox"})
"""Environments in which mandatory rules advise. Any other name, and an unknown one, is held to prod."""

OPEN_ROUTES: Final = (
    "/",
    "/health",
    "/login",
    "/logout",
    "/auth*",
    "/survey*",
    "/api/safework*",
    "/admin*",
    "/static*",
    "/documents*",
)
"""Routes without an authoriser at the gateway: SafeWork's application holds its own sessions and logins."""


def today() -> date:
    """The day in UTC, on which expiry dates are judged."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, kw_only=True)
class PackConfig:
    """One set of settings for the whole pack; ``with_settings`` lays one rule's configuration over it."""

    environment: str = "prod"
    required_tags: tuple[str, ...] = (
        "system",
        "environment",
        "component",
        "owner",
        "cost-center",
        "managed-by",
        "repository",
    )
    allowed_regions: tuple[str, ...] = ("ap-northeast-1", "ap-northeast-2")
    edge_region: str = "us-east-1"
    lambda_runtimes: Mapping[str, str] = field(default_factory=lambda: dict(LAMBDA_RUNTIMES))
    engine_versions: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: dict(ENGINE_VERSIONS))
    eks_versions: Mapping[str, str] = field(default_factory=lambda: dict(EKS_VERSIONS))
    minimum_log_retention_days: int = 7
    minimum_backup_days: int = 7
    custom_namespaces: tuple[str, ...] = ()
    open_routes: tuple[str, ...] = OPEN_ROUTES
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])
    trusted_accounts: tuple[str, ...] = ()
    recovery_objectives: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    packs: frozenset[str] = frozenset()
    """Packs and frameworks whose rules apply; all of them where none is named."""
    levels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Rule id to mandatory, advisory, disabled or remediate, over what the rule says itself."""
    today: date = field(default_factory=today)

    @property
    def relaxed(self) -> bool:
        """Mandatory rules advise here, and the rules that hold in production alone do not apply."""
        return self.environment.lower() in RELAXED_ENVIRONMENTS

    def with_settings(self, values: Mapping[str, Any]) -> "PackConfig":
        """Overlay of one rule's pack configuration; keys are those of :data:`SETTINGS`."""
        known = {
            SETTINGS[key].attribute: SETTINGS[key].read(v) for key, v in values.items() if key in SETTINGS
        }
        return replace(self, **known) if known else self


@dataclass(frozen=True)
class Setting:
    """A key of the configuration: the PackConfig attribute, its JSON Schema, and how it is read."""

    attribute: str
    schema: dict[str, Any]
    read: Callable[[Any], Any]


_DAY: Final = {"type": "string", "format": "date", "description": "a day such as 2027-01-31"}
_MINUTES: Final = {"type": "number", "minimum": 0, "description": "minutes"}

SETTINGS: Final[dict[str, Setting]] = {
    "requiredTags": Setting("required_tags", strings("tag keys each taggable resource carries"), tuple),
    "defaultTags": Setting(
        "default_tags",
        table({"type": "string"}, "tags that the remediation of tags-required puts where they are missing"),
        dict,
    ),
    "allowedRegions": Setting("allowed_regions", strings("regions resources may live in"), tuple),
    "edgeRegion": Setting(
        "edge_region", {"type": "string", "description": "region of CloudFront's certificates and ACLs"}, str
    ),
    "lambdaRuntimes": Setting("lambda_runtimes", table(_DAY, "runtime to its deprecation date"), dict),
    "engineVersions": Setting(
        "engine_versions", table(table(_DAY, "versions"), "engine to major version to end of support"), dict
    ),
    "eksVersions": Setting("eks_versions", table(_DAY, "version to the end of its standard support"), dict),
    "minimumLogRetentionDays": Setting("minimum_log_retention_days", {"type": "integer", "minimum": 1}, int),
    "minimumBackupDays": Setting("minimum_backup_days", {"type": "integer", "minimum": 1}, int),
    "customNamespaces": Setting(
        "custom_namespaces", strings("metric namespaces that functions of the stack write themselves"), tuple
    ),
    "openRoutes": Setting(
        "open_routes", strings("route path patterns that may be called without authorisation"), tuple
    ),
    "trustedAccounts": Setting(
        "trusted_accounts", strings("account ids that resource policies and roles may name"), tuple
    ),
    "recoveryObjectives": Setting(
        "recovery_objectives",
        table(
            {
                "type": "object",
                "properties": {"rtoMinutes": _MINUTES, "rpoMinutes": _MINUTES},
                "description": "rtoMinutes and rpoMinutes",
            },
            "value of the system tag to how long it may be away and how much it may lose",
        ),
        dict,
    ),
}


def environment_from(stack_config: Mapping[str, str]) -> str | None:
    """The environment named in a stack's configuration, or None for a stack that does not say."""
    for key in STACK_CONFIG_KEYS:
        try:
            parsed: Any = json.loads(stack_config.get(key, "null"))
        except ValueError:
            continue
        if isinstance(parsed, dict):
            environment = cast("dict[str, Any]", parsed).get("environment")
            if isinstance(environment, str) and environment:
                return environment
    return None
