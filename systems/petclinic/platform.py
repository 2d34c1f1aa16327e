"""Where the application runs in the first region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.compute.blue_green_pair import COLOURS
from components.edge.load_balancer import LoadBalancer
from components.messaging.alert_topics import AlertTopics
from components.network.vpc import Vpc
from components.observability.alarm_plan import Alarm
from components.security.kms_key import KmsKey
from settings.petclinic import PetClinicSettings
from systems.petclinic.data import Data
from systems.petclinic.hosts import Database, Given, build_pair
from systems.petclinic.release import build_journal, release_exports
from systems.petclinic.watching import build_gates, host_alarms
from systems.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The alarms of whatever runs the application, and what it exports."""

    alarms: Mapping[str, Alarm]
    exports: Mapping[str, Any] = field(default_factory=dict[str, Any])
    table_arns: Sequence[pulumi.Input[str]] = ()
    """To be backed up."""


def build_platform(
    scope: Scope,
    settings: PetClinicSettings,
    *,
    vpc: Vpc,
    key: KmsKey,
    topics: AlertTopics,
    data: Data,
    load_balancer: LoadBalancer,
) -> Platform:
    given = Given(
        scope=scope,
        settings=settings,
        vpc=vpc,
        key=key,
        database=Database(
            host=data.database.endpoint,
            read_hosts=data.database.replica_endpoints,
            port=data.database.port,
            security_group=data.database.security_group,
        ),
        sessions=data.sessions,
        buckets=data.buckets,
        secret_arn=data.database.master_secret_arn,
        load_balancer=load_balancer,
    )
    return _build_hosts(given, topics) if settings.platform == "ec2" else _build_pods(given)


def _build_hosts(given: Given, topics: AlertTopics) -> Platform:
    gates = build_gates(given.scope, given.settings, topics, given.load_balancer)
    pair = build_pair(given, {colour: [gates.names[f"{colour}-errors"]] for colour in COLOURS})
    journal = build_journal(given.scope, given.settings, given.key)
    return Platform(
        alarms=host_alarms(given.settings, pair.group_names),
        table_arns=[journal.table_arn],
        exports={
            "bluegreen": release_exports(
                given.settings,
                pair=pair,
                load_balancer=given.load_balancer,
                gates=gates,
                journal=journal,
            )
        },
    )


def _build_pods(given: Given) -> Platform:
    """A release is a rolling one: pods are replaced one by one, each ready at the load balancer first."""
    # Kubernetes's SDK is large; a stack on EC2 does not pay for it.
    from systems.petclinic.pods import build_pods  # noqa: PLC0415

    pods = build_pods(given)
    return Platform(alarms=pods.alarms, exports={"eks": pods.exports})
