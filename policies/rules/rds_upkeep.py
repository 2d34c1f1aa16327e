"""RDS and Aurora: what keeps a database in order over the years."""

from datetime import date

from policies.checks import at_least, on
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import DB, DB_CLUSTER, DB_CLUSTER_INSTANCE


@rule(
    id="rds-enhanced-monitoring",
    title="Databases have enhanced monitoring",
    pack="operations",
    fsbp=("RDS.6",),
    severity="low",
    enforcement="A",
    types=(DB, DB_CLUSTER_INSTANCE),
    prod_only=True,
    why="It shows the operating system by the second; CloudWatch shows the hypervisor by the minute.",
    fix="Set monitoringInterval (seconds) and monitoringRoleArn.",
)
def rds_enhanced_monitoring(r: Resource) -> Found:
    return at_least(r, "monitoringInterval", 1)


@rule(
    id="rds-minor-upgrades",
    title="Minor versions are taken by themselves",
    pack="operations",
    fsbp=("RDS.13", "RDS.35"),
    cis=("2.3.2",),
    severity="low",
    enforcement="A",
    types=(DB, DB_CLUSTER_INSTANCE),
    why="Security fixes come as minor versions.",
    fix="Leave autoMinorVersionUpgrade true.",
)
def rds_minor_upgrades(r: Resource) -> Found:
    return on(r, "autoMinorVersionUpgrade", default=True)


@rule(
    id="rds-tags-to-snapshots",
    title="Snapshots carry the database's tags",
    pack="operations",
    fsbp=("RDS.16", "RDS.17"),
    severity="low",
    enforcement="A",
    types=(DB, DB_CLUSTER),
    why="A snapshot without an owner is kept for ever or deleted by mistake.",
    fix="Set copyTagsToSnapshot.",
)
def rds_tags_to_snapshots(r: Resource) -> Found:
    return on(r, "copyTagsToSnapshot")


@rule(
    id="rds-version-supported",
    title="The engine version is in standard support",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(DB, DB_CLUSTER),
    settings=("engineVersions",),
    why="After it come charges for extended support, then forced upgrades.",
    fix="Move to a version in the table of the pack's settings.",
)
def rds_version_supported(r: Resource) -> Found:
    engine, version = r.text("engine"), r.text("engineVersion")
    supported = r.config.engine_versions.get(engine)
    if supported is None or not version:
        return None if supported is None else "engineVersion is absent"
    major = next((m for m in supported if version == m or version.startswith(f"{m}.")), None)
    if major is None:
        return f"{engine} {version} is not among {', '.join(supported)}"
    ended = r.config.today > date.fromisoformat(supported[major])
    return f"{engine} {major} left standard support on {supported[major]}" if ended else None
