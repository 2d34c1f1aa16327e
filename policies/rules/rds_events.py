"""RDS event subscriptions: what AWS tells about a database, and whether anyone hears it."""

from policies.checks import on
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import DB_EVENTS

_CRITICAL = {
    "db-cluster": {"maintenance", "failure"},
    "db-instance": {"maintenance", "configuration change", "failure"},
    "db-parameter-group": {"configuration change"},
    "db-security-group": {"configuration change", "failure"},
}
"""Source type to the categories that the controls RDS.19 to RDS.22 ask for."""


@rule(
    id="rds-events-complete",
    title="A subscription to database events leaves out no critical one",
    fsbp=("RDS.19", "RDS.20", "RDS.21", "RDS.22"),
    pack="operations",
    severity="low",
    enforcement="A",
    types=(DB_EVENTS,),
    why="Failures, maintenance and changed settings are announced there, and nowhere else in time.",
    fix="Name the critical categories of the source type in eventCategories, or leave it out for all.",
)
def rds_events_complete(r: Resource) -> Found:
    yield on(r, "enabled", default=True)
    wanted = _CRITICAL.get(r.text("sourceType"), set[str]())
    if r.has("eventCategories"):
        for category in sorted(wanted - set(r.strings("eventCategories"))):
            yield f"eventCategories lacks {category}"
