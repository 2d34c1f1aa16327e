"""Computed outputs: Cloudflare."""

from collections.abc import Mapping

from offline.computed import Entry

TABLE: Mapping[str, Entry] = {
    "cloudflare:index/zone:Zone": {
        "id": "{hex32}",
        "nameServers": ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
        "status": "active",
        "paused": False,
        "type": "full",
    },
    "cloudflare:index/dnsRecord:DnsRecord": {
        "id": "{hex32}",
        "proxiable": True,
        "meta": "{{}}",
    },
    "cloudflare:index/zoneSetting:ZoneSetting": {"id": "{in_settingId}", "editable": True},
    "cloudflare:index/loadBalancer:LoadBalancer": {"id": "{hex32}", "zoneName": ""},
    "cloudflare:index/loadBalancerPool:LoadBalancerPool": {"id": "{hex32}", "networks": ["cloudflare"]},
    "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor": {"id": "{hex32}"},
    "cloudflare:index/ruleset:Ruleset": {
        "id": "{hex32}",
        "version": "1",
        "lastUpdated": "2026-01-01T00:00:00Z",
    },
    "cloudflare:index/list:List": {"id": "{hex32}", "numItems": 0, "numReferencingFilters": 0},
}
