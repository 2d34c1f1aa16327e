"""What a blue/green release needs of the stack: a journal, and names for everything it moves."""

from typing import Any

from components.compute.blue_green_pair import COLOURS, BlueGreenPair
from components.data.dynamodb_table import DynamoDbTable, DynamoDbTableArgs, KeyAttribute
from components.edge.load_balancer import LoadBalancer
from components.observability.alarms import Alarms
from components.security.kms_key import KmsKey
from settings.petclinic import PetClinicSettings
from systems.petclinic.edge import WEB
from systems.petclinic.watching import TARGETS
from systems.scope import Scope


def build_journal(scope: Scope, settings: PetClinicSettings, key: KmsKey) -> DynamoDbTable:
    """Every move of a release, and the lock that lets one operator make it. The keys are
    those of ``ops.rollout``."""
    return DynamoDbTable(
        f"{scope.name}-release-journal",
        DynamoDbTableArgs(
            partition_key=KeyAttribute(name="subject"),
            sort_key=KeyAttribute(name="sequence", type="N"),
            kms_key_arn=key.key_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def release_exports(
    settings: PetClinicSettings,
    *,
    pair: BlueGreenPair,
    load_balancer: LoadBalancer,
    gates: Alarms,
    journal: DynamoDbTable,
) -> dict[str, Any]:
    """All that ``ops bluegreen`` moves or watches, by its name."""
    hosts = settings.hosts
    return {
        "listenerArn": load_balancer.listener_arn,
        "listenerRuleArn": load_balancer.listener_rules[WEB].arn,
        "targetGroupArns": {colour: load_balancer.target_group_arns[TARGETS[colour]] for colour in COLOURS},
        "autoScalingGroups": dict(pair.group_names),
        "capacity": {
            "min": hosts.min_instances,
            "max": hosts.max_instances,
            "desired": hosts.min_instances,
        },
        "releases": {colour: getattr(hosts.releases, colour) for colour in COLOURS},
        "errorRateAlarms": {colour: gates.names[f"{colour}-errors"] for colour in COLOURS},
        "errorRatePercent": settings.release.error_percent,
        "watchMinutes": settings.release.watch_minutes,
        "smokeTestUrl": f"https://{settings.domain.primary_hostname}/health",
        "journalTable": journal.table_name,
    }
