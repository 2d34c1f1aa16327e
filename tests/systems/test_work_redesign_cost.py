"""What Work Redesign costs in a month of standing by, reckoned from what the program registers.

On-demand prices of ap-northeast-2 in USD, from the AWS Price List and pricing pages of October 2026, without
tax, free tiers and discounts.
"""

import json
from collections.abc import Iterator

from tests.harness import Deployment
from tests.systems.test_work_redesign import variant

HOURS = 730

INSTANCE = {"db.t3.small": 0.057, "db.t3.large": 0.226}
"""https://aws.amazon.com/rds/postgresql/pricing/: an hour in one zone; a standby costs as much again."""

NODE = {"cache.t4g.micro": 0.024, "cache.t3.medium": 0.099}
"""https://aws.amazon.com/elasticache/pricing/"""

VCPU, GB = 0.03725, 0.00409
"""https://aws.amazon.com/fargate/pricing/: Linux on ARM."""

STORAGE_GB = 0.131
NAT, ADDRESS, BALANCER, CAPACITY_UNIT, INTERFACE = 0.059, 0.005, 0.0225, 0.008, 0.013
KEY, SECRET, ALARM, DASHBOARD, ACL, RULE = 1.0, 0.4, 0.1, 3.0, 5.0, 1.0

USAGE = 25.0
"""Allowed for what a quiet month writes and moves: 10 GB of logs, 20 GB through NAT, 50 GB of backups, the
metrics of Container Insights."""


def items(deployment: Deployment) -> Iterator[tuple[str, float]]:
    for instance in deployment.of_type("aws:rds/instance:Instance"):
        copies = 2 if instance.get("multiAz") else 1
        yield "database", copies * INSTANCE[instance["instanceClass"]] * HOURS
        yield "database's storage", copies * 100 * STORAGE_GB
    for group in deployment.of_type("aws:elasticache/replicationGroup:ReplicationGroup"):
        nodes = group["numNodeGroups"] * (group["replicasPerNodeGroup"] + 1)
        yield "cache", nodes * NODE[group["nodeType"]] * HOURS
    for target in deployment.of_type("aws:appautoscaling/target:Target"):
        service = "frontend" if "frontend" in target.name else "backend"
        task = deployment.one(
            "aws:ecs/taskDefinition:TaskDefinition", f"work-redesign-{service}-service-task-definition"
        )
        hourly = int(task["cpu"]) / 1_024 * VCPU + int(task["memory"]) / 1_024 * GB
        yield service, target["minCapacity"] * hourly * HOURS
    gateways = len(deployment.of_type("aws:ec2/natGateway:NatGateway"))
    yield "NAT", gateways * (NAT + ADDRESS) * HOURS
    for endpoint in deployment.of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        if endpoint.get("vpcEndpointType") == "Interface":
            yield "endpoints", len(endpoint["subnetIds"]) * INTERFACE * HOURS
    yield "load balancer", (BALANCER + CAPACITY_UNIT) * HOURS
    yield "keys", len(deployment.of_type("aws:kms/key:Key")) * KEY
    yield "secrets", len(deployment.of_type("aws:secretsmanager/secret:Secret")) * SECRET
    for alarm in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        metrics = [query for query in alarm.get("metricQueries") or [{"metric": {}}] if "metric" in query]
        yield "alarms", len(metrics) * ALARM
    yield "dashboards", len(deployment.of_type("aws:cloudwatch/dashboard:Dashboard")) * DASHBOARD
    for acl in deployment.of_type("aws:wafv2/webAcl:WebAcl"):
        yield "firewall", ACL + len(acl["rules"]) * RULE
    yield "usage", USAGE


def monthly(deployment: Deployment) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, usd in items(deployment):
        found[name] = found.get(name, 0) + usd
    return {name: round(usd, 2) for name, usd in found.items()}


def test_standing_by_costs_300_to_400_dollars_a_month() -> None:
    costs = monthly(variant("prod", json.dumps({"profile": "idle"})))
    assert 300 <= sum(costs.values()) <= 400, costs
    # As docs/architecture/work-redesign.md has them.
    assert (costs["database"], costs["cache"], costs["NAT"]) == (83.22, 70.08, 46.72)


def test_standing_by_saves_two_thirds() -> None:
    idle = sum(monthly(variant("prod", json.dumps({"profile": "idle"}))).values())
    assert idle < sum(monthly(variant("prod")).values()) / 3
