"""The settings of a whole Cloudflare zone."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_cloudflare import ZoneSetting

# Setting names: https://developers.cloudflare.com/api/resources/zones/subresources/settings/
STRICT_TLS: Final[dict[str, str]] = {
    "always_use_https": "on",
    "automatic_https_rewrites": "on",
    "min_tls_version": "1.2",
    "ssl": "strict",
    "tls_1_3": "on",
}


@dataclass(frozen=True, kw_only=True)
class ZoneSettingsArgs:
    zone_id: pulumi.Input[str]


class ZoneSettings(pulumi.ComponentResource):
    """Strict TLS to origins, TLS 1.2 or later from clients, HTTPS always.

    They hold for every name in the zone, and a zone has them once: exactly one stack may build this. Deleting
    it leaves the values as they are. Left out: HSTS, which browsers remember and which would bind names that
    this program does not serve.
    """

    def __init__(self, name: str, args: ZoneSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:dns:ZoneSettings", name, None, opts)
        for setting, value in STRICT_TLS.items():
            self._build_setting(name, args, setting, value)
        self.register_outputs({"settings": STRICT_TLS})

    def _build_setting(self, name: str, args: ZoneSettingsArgs, setting: str, value: str) -> ZoneSetting:
        return ZoneSetting(
            f"{name}-{setting.replace('_', '-')}",
            zone_id=args.zone_id,
            setting_id=setting,
            value=value,
            opts=pulumi.ResourceOptions(parent=self),
        )
