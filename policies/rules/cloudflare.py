"""Cloudflare zones, load balancers and rulesets."""

from policies.checks import off, on, one_of, present
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import CF_LOAD_BALANCER, CF_MONITOR, CF_POOL, CF_RECORD, CF_RULESET, CF_ZONE_SETTING

_DEMANDED = {
    "ssl": ("strict",),
    "min_tls_version": ("1.2", "1.3"),
    "always_use_https": ("on",),
}
_ADDRESS_RECORDS = frozenset({"A", "AAAA"})


def _setting(r: Resource, setting: str) -> Found:
    if r.text("settingId") != setting:
        return None
    return one_of(r, "value", _DEMANDED[setting])


@rule(
    id="cloudflare-strict-tls",
    title="Cloudflare checks the origin's certificate",
    severity="high",
    enforcement="M",
    types=(CF_ZONE_SETTING,),
    why="In the other modes anyone between Cloudflare and the origin may pose as the origin.",
    fix="Set zone setting ssl to strict.",
)
def cloudflare_strict_tls(r: Resource) -> Found:
    return _setting(r, "ssl")


@rule(
    id="cloudflare-minimum-tls",
    title="Cloudflare accepts TLS 1.2 or later",
    severity="high",
    enforcement="M",
    types=(CF_ZONE_SETTING,),
    why="Older protocol versions have known attacks.",
    fix="Set zone setting min_tls_version to 1.2.",
)
def cloudflare_minimum_tls(r: Resource) -> Found:
    return _setting(r, "min_tls_version")


@rule(
    id="cloudflare-https-always",
    title="Cloudflare sends visitors to HTTPS",
    severity="medium",
    enforcement="M",
    types=(CF_ZONE_SETTING,),
    why="The first request would otherwise travel in the clear.",
    fix="Set zone setting always_use_https to on.",
)
def cloudflare_https_always(r: Resource) -> Found:
    return _setting(r, "always_use_https")


@rule(
    id="cloudflare-proxied",
    title="Addresses stand behind Cloudflare's proxy",
    severity="medium",
    enforcement="M",
    types=(CF_LOAD_BALANCER, CF_RECORD),
    why="An unproxied name tells everyone the origin's address, and goes around the firewall.",
    fix="Set proxied true.",
)
def cloudflare_proxied(r: Resource) -> Found:
    if r.type == CF_RECORD and r.text("type") not in _ADDRESS_RECORDS:
        return None
    return on(r, "proxied")


@rule(
    id="cloudflare-pool-monitored",
    title="Each pool has a health monitor",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(CF_POOL,),
    why="Health that is unknown is no health: traffic goes on to a dead origin.",
    fix="Set monitor.",
)
def cloudflare_pool_monitored(r: Resource) -> Found:
    return present(r, "monitor", "monitorGroup")


@rule(
    id="cloudflare-fallback",
    title="A load balancer has a fallback pool",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(CF_LOAD_BALANCER,),
    why="When every pool is down this one is still tried.",
    fix="Set fallbackPool.",
)
def cloudflare_fallback(r: Resource) -> Found:
    return present(r, "fallbackPool")


@rule(
    id="cloudflare-monitor-checks-certificate",
    title="Health checks use HTTPS and check the certificate",
    severity="medium",
    enforcement="M",
    types=(CF_MONITOR,),
    why="A check that forgives what visitors' requests do not calls a broken origin healthy.",
    fix="Set type https and leave allowInsecure false.",
)
def cloudflare_monitor_checks_certificate(r: Resource) -> Found:
    return [one_of(r, "type", {"https"}, default="http"), off(r, "allowInsecure")]


@rule(
    id="cloudflare-ruleset-enabled",
    title="A ruleset has rules, and they are on",
    severity="medium",
    enforcement="M",
    types=(CF_RULESET,),
    why="A rule that is off looks like protection in the code.",
    fix="Add rules; leave enabled true.",
)
def cloudflare_ruleset_enabled(r: Resource) -> Found:
    yield present(r, "rules")
    for rule_block in r.blocks("rules"):
        yield on(rule_block, "enabled", default=True)
