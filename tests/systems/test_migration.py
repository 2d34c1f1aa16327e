"""Moving the old databases of SafeWork and Sesami: off as shipped, whole where a stack asks for it."""

import functools
import json
from collections.abc import Mapping
from typing import Any

import pytest

from policies.evaluation import Outcome, evaluate
from policies.exempt import EXEMPT
from policies.matrix import covered
from policies.report import text
from policies.rule import all_rules
from policies.settings import PackConfig
from policies.tokens import canonical
from policies.waivers import load
from settings.parsing import SettingsError, parse_config
from tests.harness import Deployment, Record, program, run_program, stack_config
from tests.policies.recorded import records
from tests.systems.sesami import arn, grants

CONFIG = "aws:dms/replicationConfig:ReplicationConfig"
SYSTEMS = {"safework": "safework", "sesami": "sesami"}
over_systems = pytest.mark.parametrize("system", SYSTEMS)

SOURCE = {"cidr": "221.153.20.249/32", "database": "app"}
TASK = {"kind": "task", "source": SOURCE, "imageDigest": f"sha256:{'c' * 64}"}
DMS = {**TASK, "kind": "dms", "sourceTls": {"kind": "require"}}


def config(system: str, migration: Mapping[str, Any], stack: str = "prod") -> dict[str, Any]:
    found = stack_config(stack)
    settings = {**found["seoul-platform:systems"][system], "migration": dict(migration)}
    found["seoul-platform:systems"] = {system: settings}
    return found


@functools.cache
def planned(system: str, migration: str) -> Deployment:
    return run_program(config(system, json.loads(migration)), stack="prod")


def moved(system: str, migration: Mapping[str, Any]) -> Deployment:
    return planned(system, json.dumps(migration))


def exported(deployment: Deployment, system: str) -> dict[str, Any]:
    return deployment.outputs[system]["migration"]


def rules_out_of(deployment: Deployment, group: str) -> dict[str, Record]:
    return {
        record["description"]: record
        for record in deployment.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if record["securityGroupId"] == group
    }


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_nothing_moves_as_shipped(stack: str) -> None:
    deployment = program(stack)
    assert not [record for record in deployment.resources if record.type.startswith("aws:dms/")]
    assert all("migration" not in deployment.outputs[system] for system in SYSTEMS)


@over_systems
def test_the_task_reads_exactly_its_two_secrets(system: str) -> None:
    deployment = moved(system, TASK)
    assert not deployment.of_type(CONFIG)
    definition = deployment.one(
        "aws:ecs/taskDefinition:TaskDefinition", f"{system}-migration-task-definition"
    )
    secrets = {
        end: arn(deployment.one("aws:secretsmanager/secret:Secret", f"{system}-migration-{end}-secret"))
        for end in ("source", "target")
    }
    assert exported(deployment, system)["secrets"] == secrets
    given = set(grants(deployment, definition["taskRoleArn"]))
    assert {resource for action, resource in given if action.startswith("secretsmanager:")} == set(
        secrets.values()
    )
    assert {action for action, _ in given} == {
        "kms:Decrypt",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
    }
    (container,) = json.loads(definition["containerDefinitions"])
    assert container["image"].endswith(f"@sha256:{'c' * 64}")
    assert container["readonlyRootFilesystem"] is True
    assert container["logConfiguration"]["logDriver"] == "awslogs"


@over_systems
def test_the_task_reaches_the_old_database_the_new_one_and_https_alone(system: str) -> None:
    deployment = moved(system, TASK)
    group = exported(deployment, system)["run"]["securityGroup"]
    ways = rules_out_of(deployment, group)
    assert ways["to the old database"]["cidrIpv4"] == "221.153.20.249/32"
    assert {rule["fromPort"] for rule in ways.values()} == {443, 5432}
    database = ways["to the database"]["referencedSecurityGroupId"]
    doors = [
        record
        for record in deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if record["securityGroupId"] == database and record.get("referencedSecurityGroupId") == group
    ]
    assert [door["fromPort"] for door in doors] == [5432]


@over_systems
def test_the_replication_has_what_status_asks_for(system: str) -> None:
    deployment = moved(system, DMS)
    replication = deployment.one(CONFIG)
    found = exported(deployment, system)
    assert found["replicationConfigArn"] == arn(replication)
    assert found["replicationLogGroup"] == f"dms-serverless-replication-{system}-prod"
    engines = {
        record["endpointType"]: record["engineName"]
        for record in deployment.of_type("aws:dms/endpoint:Endpoint")
    }
    own = {"safework": "aurora-postgresql", "sesami": "postgres"}[system]
    assert engines == {"source": "postgres", "target": own}
    roles = {record["name"] for record in deployment.of_type("aws:iam/role:Role") if record.get("name")}
    assert {"dms-vpc-role", "dms-cloudwatch-logs-role"} <= roles
    alarms = {
        record.name.removeprefix(f"{system}-replication-alarms-"): record
        for record in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if "-replication-alarms-" in record.name
    }
    assert set(alarms) == {"lag-source", "lag-target", "failed", "errors", "differences"}
    assert all(alarm["alarmActions"] for alarm in alarms.values())
    assert len(alarms["differences"]["alarmActions"]) == 2


@over_systems
@pytest.mark.parametrize("migration", [TASK, DMS], ids=lambda each: str(each["kind"]))
def test_the_policy_pack_is_content(system: str, migration: Mapping[str, Any]) -> None:
    rules = all_rules()
    waivers = load(rules=[rule.id for rule in rules])
    plain = evaluate(
        records(moved(system, {"kind": "none"})), PackConfig(environment="prod"), waivers=waivers
    )
    found = evaluate(records(moved(system, migration)), PackConfig(environment="prod"), waivers=waivers)
    before = {(verdict.rule, verdict.urn) for verdict in plain.failed}
    new = {verdict.rule for verdict in found.failed if (verdict.rule, verdict.urn) not in before}
    # Advice: the two users are gone after the move, so nothing rotates their passwords.
    assert new <= {"secret-rotated"}, text(found, rules)
    assert found.having(Outcome.NOT_EVALUATED) == []


@over_systems
def test_every_type_of_a_move_has_a_rule_or_a_reason(system: str) -> None:
    rules = all_rules()
    types = {canonical(record.type) for record in records(moved(system, DMS)) if ":dms/" in record.type}
    assert len(types) == 3
    assert {token for token in types if not covered(token, rules)} - set(EXEMPT) == set()


@pytest.mark.parametrize(
    ("system", "migration", "line"),
    [
        (
            "sesami",
            {**DMS, "minCapacity": 3},
            "sesami.migration.minCapacity: got 3; one of 1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384",
        ),
        (
            "sesami",
            {**DMS, "minCapacity": 16},
            "sesami.migration.minCapacity: got 16; at most maxCapacity (8)",
        ),
        (
            "sesami",
            {**DMS, "sourceTls": {"kind": "verifyFull", "authorityFile": "certs/none.pem"}},
            "sesami.migration.sourceTls.authorityFile: got 'certs/none.pem'; a file of this repository with "
            "a certificate as PEM",
        ),
        (
            "sesami",
            {**TASK, "maxCapacity": 8},
            "sesami.migration.maxCapacity: unknown key; allowed: imageDigest, kind, source; remove it",
        ),
        (
            "safework",
            {**TASK, "source": {**SOURCE, "cidr": "221.153.20.249/24"}},
            "safework.migration.source.cidr: got '221.153.20.249/24'; an IPv4 block without host bits, such "
            "as 10.20.0.0/16",
        ),
    ],
)
def test_message(system: str, migration: Mapping[str, Any], line: str) -> None:
    with pytest.raises(SettingsError) as raised:
        parse_config(config(system, migration))
    assert line in raised.value.errors


def test_without_nat_there_is_no_way_to_the_old_database() -> None:
    found = config("safework", DMS)
    found["seoul-platform:systems"]["safework"]["network"] = {
        "natGateways": "none",
        "interfaceEndpoints": ["secretsmanager", "kms", "logs", "rds-data"],
    }
    with pytest.raises(SettingsError) as raised:
        parse_config(found)
    assert (
        "safework.network.natGateways: got 'none'; single or perZone with migration.kind: dms: the old "
        "database is reached through it"
    ) in raised.value.errors
