"""What an owner may change about the rules, with the defaults and where each value comes from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final, cast

STACK_CONFIG_KEYS: Final = ("seoul-platform:stack",)
"""Stack configuration keys that hold an object with ``environment``."""

RELAXED_ENVIRONMENTS: Final = frozenset({"dev", "development", "test", "sandbox"})
"""Environments in which mandatory rules advise. Any other name, and an unknown one, is held to prod."""

LAMBDA_RUNTIMES: Final = {
    "python3.11": "2027-06-30",
    "python3.12": "2028-10-31",
    "python3.13": "2029-06-30",
    "python3.14": "2029-06-30",
    "nodejs22.x": "2027-04-30",
    "nodejs24.x": "2028-04-30",
    "java21": "2029-06-30",
    "java25": "2029-06-30",
    "provided.al2023": "2029-06-30",
}
"""Runtime to the day AWS deprecates it (Lambda developer guide, supported runtimes, taken 2026-05)."""

ENGINE_VERSIONS: Final = {
    "aurora-postgresql": {"14": "2027-02-28", "15": "2028-02-29", "16": "2029-02-28", "17": "2030-02-28"},
    "aurora-mysql": {"8.0": "2028-04-30"},
    "postgres": {"14": "2027-02-28", "15": "2028-02-29", "16": "2029-02-28", "17": "2030-02-28"},
    "mysql": {"8.0": "2026-07-31", "8.4": "2029-07-31"},
}
"""Engine to major version to the end of standard support (RDS and Aurora calendars, taken 2026-05)."""

EKS_VERSIONS: Final = {"1.33": "2026-07-29", "1.34": "2026-12-02", "1.35": "2027-03-27"}
"""Kubernetes version to the end of standard support (EKS release calendar, taken 2026-05)."""

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
    """A key of a rule's configuration: the PackConfig attribute, its JSON Schema, and how it is read."""

    attribute: str
    schema: dict[str, Any]
    read: Callable[[Any], Any]


def _strings(what: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": what}


SETTINGS: Final[dict[str, Setting]] = {
    "requiredTags": Setting("required_tags", _strings("tag keys each taggable resource carries"), tuple),
    "allowedRegions": Setting("allowed_regions", _strings("regions resources may live in"), tuple),
    "edgeRegion": Setting(
        "edge_region", {"type": "string", "description": "region of CloudFront's certificates and ACLs"}, str
    ),
    "lambdaRuntimes": Setting(
        "lambda_runtimes", {"type": "object", "description": "runtime to its deprecation date"}, dict
    ),
    "engineVersions": Setting(
        "engine_versions",
        {"type": "object", "description": "engine to major version to end of support"},
        dict,
    ),
    "eksVersions": Setting(
        "eks_versions", {"type": "object", "description": "version to the end of its standard support"}, dict
    ),
    "minimumLogRetentionDays": Setting("minimum_log_retention_days", {"type": "integer", "minimum": 1}, int),
    "minimumBackupDays": Setting("minimum_backup_days", {"type": "integer", "minimum": 1}, int),
    "customNamespaces": Setting(
        "custom_namespaces", _strings("metric namespaces that functions of the stack write themselves"), tuple
    ),
    "openRoutes": Setting(
        "open_routes", _strings("route path patterns that may be called without authorisation"), tuple
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
