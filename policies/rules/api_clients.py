"""Clients of REST APIs: their keys, and how much they may ask."""

from policies.checks import absent
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import API_KEY, API_USAGE_PLAN


@rule(
    id="usage-plan-limited",
    title="A usage plan has a rate and a quota",
    severity="medium",
    enforcement="M",
    types=(API_USAGE_PLAN,),
    why="A key that may ask without end is a way to use up everyone's share.",
    fix="Set throttleSettings with burstLimit and rateLimit, and quotaSettings with a limit.",
)
def usage_plan_limited(r: Resource) -> Found:
    for path in ("throttleSettings.rateLimit", "throttleSettings.burstLimit", "quotaSettings.limit"):
        if (r.number(path) or 0) <= 0:
            yield f"{path} is {r.get(path) or 'absent'}; above 0"


@rule(
    id="api-key-not-written",
    title="API Gateway makes the values of its keys",
    severity="high",
    enforcement="M",
    types=(API_KEY,),
    why="A value in the program is in its history, and was seldom made at random.",
    fix="Leave value out.",
)
def api_key_not_written(r: Resource) -> Found:
    return absent(r, "value")
