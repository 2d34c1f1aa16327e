"""The move of SafeWork's host name from the old host to the API, and the zone it lives in."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.dns.cutover import DnsCutover, DnsCutoverArgs
from components.dns.cutover_plan import Committed, LegacyHost, Shifting, Stage
from components.dns.firewall import Firewall, FirewallArgs
from components.dns.zone import ZoneSettings, ZoneSettingsArgs
from components.edge.rest_api import RestApi
from components.security.kms_key import KmsKey
from settings import cutover as choices
from settings.safework import SafeWorkSettings
from systems.scope import Scope


def build_cutover(
    scope: Scope,
    settings: SafeWorkSettings,
    *,
    api: RestApi,
    key: KmsKey,
    gate_alarm_names: Sequence[pulumi.Input[str]],
) -> DnsCutover:
    zone = settings.domain.zone
    if zone.manage_settings:
        ZoneSettings(f"{scope.name}-zone", ZoneSettingsArgs(zone_id=zone.zone_id), scope.opts)
        Firewall(f"{scope.name}-firewall", FirewallArgs(zone_id=zone.zone_id, plan=zone.plan), scope.opts)
    wanted = settings.cutover
    return DnsCutover(
        f"{scope.name}-cutover",
        DnsCutoverArgs(
            account_id=zone.account_id,
            zone_id=zone.zone_id,
            hostname=settings.domain.hostname,
            origin_hostname=settings.domain.api_hostname,
            origin_address=api.target_domain_name,
            stage=_stage(settings),
            kms_key_arn=key.key_arn,
            gate_alarm_names=gate_alarm_names,
            affinity_seconds=wanted.affinity_seconds if isinstance(wanted, choices.Shifting) else None,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def request_metric(api: RestApi) -> dict[str, Any]:
    """The metric that counts the requests which reached the new side."""
    return {
        "namespace": "AWS/ApiGateway",
        "name": "Count",
        "dimensions": {"ApiName": api.api_name, "Stage": api.stage_name},
    }


def cutover_rules(settings: SafeWorkSettings) -> dict[str, int | None]:
    """What the tool wants to see, and for how long, before the next stage. Empty once committed."""
    match settings.cutover:
        case choices.Shifting() as wanted:
            return {
                "bakeMinutes": wanted.bake_minutes,
                "minimumRequests": wanted.minimum_requests,
                "migrationEvidenceHours": wanted.migration_evidence_hours,
            }
        case choices.Committed():
            return {}


def _stage(settings: SafeWorkSettings) -> Stage:
    match settings.cutover:
        case choices.Shifting(percent=percent, legacy=legacy):
            host = LegacyHost(
                address=legacy.address,
                hostname=legacy.hostname,
                break_glass_hostname=legacy.break_glass_hostname,
            )
            return Shifting(percent=percent, legacy=host)
        case choices.Committed():
            return Committed()
