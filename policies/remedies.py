"""What the pack may set right by itself, where an owner has switched it on.

A remedy is safe: it changes in place (no replacement, no data lost, no client shut out that speaks
TLS 1.2), needs no other resource, and what it sets is what the rule's own advice says. Whatever could stop
something that runs (public addresses, network rules, policies, passwords, log retention, image tags) is left
to a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from policies.model import Resource


@dataclass(frozen=True)
class Remedy:
    """``sets`` says which property paths get which values; ``does`` says it to people."""

    does: str
    sets: Callable[[Resource], Mapping[str, Any]]


def _always(**values: Any) -> Remedy:
    paths = {key.replace("__", "."): value for key, value in values.items()}
    does = "sets " + ", ".join(f"`{path}` to `{_shown(value)}`" for path, value in paths.items())
    return Remedy(does, lambda _: paths)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tags(resource: Resource) -> Mapping[str, Any]:
    tags, defaults = resource.mapping("tags"), resource.config.default_tags
    missing = [key for key in resource.config.required_tags if tags.get(key) in (None, "")]
    return {"tags": {**tags, **{key: defaults[key] for key in missing if key in defaults}}}


def _backup_days(resource: Resource) -> Mapping[str, Any]:
    return {"backupRetentionPeriod": resource.config.minimum_backup_days}


def _origin_tls(resource: Resource) -> Mapping[str, Any]:
    """The protocols alone: an origin that answers HTTP only would go dark."""
    path = "vpcOriginEndpointConfig.originSslProtocols.items"
    if resource.has(path):
        return {path: ["TLSv1.2"]}
    return {
        f"origins.{index}.customOriginConfig.originSslProtocols": ["TLSv1.2"]
        for index, origin in enumerate(resource.blocks("origins"))
        if origin.has("customOriginConfig")
    }


def _viewer_tls(resource: Resource) -> Mapping[str, Any]:
    ordered = enumerate(resource.blocks("orderedCacheBehaviors"))
    behaviours = ["defaultCacheBehavior", *(f"orderedCacheBehaviors.{index}" for index, _ in ordered)]
    paths = [f"{behaviour}.viewerProtocolPolicy" for behaviour in behaviours]
    return {path: "redirect-to-https" for path in paths if resource.raw(path) == "allow-all"}


def _metrics(resource: Resource) -> Mapping[str, Any]:
    path = "visibilityConfig.cloudwatchMetricsEnabled"
    rules = [f"rules.{index}.{path}" for index, _ in enumerate(resource.blocks("rules"))]
    return dict.fromkeys([path, *rules], True)


def _insights(resource: Resource) -> Mapping[str, Any]:
    others = [s for s in resource.elements("settings") if not _is_insights(s)]
    return {"settings": [*others, {"name": "containerInsights", "value": "enabled"}]}


def _is_insights(setting: Any) -> bool:
    return isinstance(setting, Mapping) and cast("Any", setting).get("name") == "containerInsights"


def _cloudflare(setting: str, value: str) -> Remedy:
    return Remedy(
        f"sets `value` of the zone setting `{setting}` to `{value}`",
        lambda r: {"value": value} if r.raw("settingId") == setting else {},
    )


REMEDIES: Final[dict[str, Remedy]] = {
    "apigateway-tls": _always(securityPolicy="TLS_1_2"),
    "apigateway-traced": _always(xrayTracingEnabled=True),
    "backup-vault-kept": _always(forceDestroy=False),
    "cloudflare-https-always": _cloudflare("always_use_https", "on"),
    "cloudflare-minimum-tls": _cloudflare("min_tls_version", "1.2"),
    "cloudfront-origin-tls": Remedy("sets `originSslProtocols` of server origins to `TLSv1.2`", _origin_tls),
    "cloudfront-tls-policy": _always(viewerCertificate__minimumProtocolVersion="TLSv1.2_2021"),
    "cloudfront-viewer-tls": Remedy("sets `viewerProtocolPolicy` to `redirect-to-https`", _viewer_tls),
    "cloudtrail-all-regions": _always(
        isMultiRegionTrail=True, enableLogging=True, includeGlobalServiceEvents=True
    ),
    "cloudtrail-validated": _always(enableLogFileValidation=True),
    "dynamodb-deletion-protection": _always(deletionProtectionEnabled=True),
    "dynamodb-point-in-time": _always(pointInTimeRecovery__enabled=True),
    "ebs-encrypted-by-default": _always(enabled=True),
    "ecs-circuit-breaker": _always(
        deploymentCircuitBreaker__enable=True, deploymentCircuitBreaker__rollback=True
    ),
    "ecs-insights": Remedy("switches `containerInsights` on in `settings`", _insights),
    "elasticache-minor-upgrades": _always(autoMinorVersionUpgrade=True),
    "elasticache-snapshots": _always(snapshotRetentionLimit=1),
    "elb-deletion-protection": _always(enableDeletionProtection=True),
    "elb-desync-mitigated": _always(desyncMitigationMode="defensive"),
    "elb-drops-invalid-headers": _always(dropInvalidHeaderFields=True),
    "elb-tls-policy": _always(sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"),
    "guardduty-enabled": _always(enable=True),
    "kms-key-deletion-window": _always(deletionWindowInDays=30),
    "kms-key-rotated": _always(enableKeyRotation=True),
    "rds-backups": Remedy("sets `backupRetentionPeriod` to `minimumBackupDays`", _backup_days),
    "rds-cluster-deletion-protection": _always(deletionProtection=True),
    "rds-instance-deletion-protection": _always(deletionProtection=True),
    "rds-minor-upgrades": _always(autoMinorVersionUpgrade=True),
    "rds-proxy-tls": _always(requireTls=True),
    "rds-tags-to-snapshots": _always(copyTagsToSnapshot=True),
    "s3-no-force-destroy": _always(forceDestroy=False),
    "sqs-encrypted": _always(sqsManagedSseEnabled=True),
    "tags-required": Remedy("adds the missing tags for which `defaultTags` has a value", _tags),
    "vpc-dns-enabled": _always(enableDnsSupport=True, enableDnsHostnames=True),
    "waf-metrics": Remedy("sets `cloudwatchMetricsEnabled` of the ACL and its rules", _metrics),
}
"""Rule id to remedy. Rules that follow references have none: the engine remedies one resource at a time."""


def mended(properties: Any, path: str, value: Any) -> Any:
    """A copy with the value at a dotted path. A block that an SDK writes as a list of one stays a list.

    An unknown on the way (a text where an object should be) is left as it is.
    """
    step, _, rest = path.partition(".")
    if isinstance(properties, list):
        items = list(cast("list[Any]", properties))
        if step.isdigit() and int(step) < len(items):
            items[int(step)] = mended(items[int(step)], rest, value) if rest else value
        elif len(items) == 1:
            items = [mended(items[0], path, value)]
        return items
    if properties is not None and not isinstance(properties, Mapping):
        return properties
    found = cast("Mapping[str, Any]", properties or {})
    return {**found, step: mended(found.get(step), rest, value) if rest else value}
