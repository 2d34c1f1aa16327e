"""The figures of Work Redesign's plan, with their corrections, read from what the program registers."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from settings.parsing import SettingsError, parse_config
from tests.harness import Deployment, Record, run_program, stack_config

STACKS = ("dev", "prod")
ROOT = Path(__file__).parents[2]
KEY = "workRedesign"

SERVICES = {
    "frontend": (2048, 4096, 2, 4, 3000),
    "backend": (2048, 4096, 2, 6, 4000),
}
"""CPU units, memory in MB, fewest and most tasks in prod, port."""


@functools.cache
def variant(stack: str, text: str = "{}") -> Deployment:
    """The stack with this system alone and some of its settings replaced; ``text`` is JSON."""
    config = stack_config(stack)
    systems = config["seoul-platform:systems"]
    config["seoul-platform:systems"] = {KEY: merged(systems[KEY], json.loads(text))}
    return run_program(config, stack=stack)


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return result


def errors_of(stack: str, over: dict[str, Any]) -> str:
    config = stack_config(stack)
    systems = config["seoul-platform:systems"]
    config["seoul-platform:systems"] = {KEY: merged(systems[KEY], over)}
    with pytest.raises(SettingsError) as raised:
        parse_config(config)
    return str(raised.value)


def named(deployment: Deployment, token: str, part: str) -> Record:
    (found,) = [record for record in deployment.of_type(token) if part in record.name]
    return found


def task(deployment: Deployment, name: str) -> Record:
    return deployment.one("aws:ecs/taskDefinition:TaskDefinition", f"work-redesign-{name}-task-definition")


def containers(deployment: Deployment, name: str) -> dict[str, dict[str, Any]]:
    definitions = json.loads(task(deployment, name)["containerDefinitions"])
    return {each["name"]: each for each in definitions}


def alarms(deployment: Deployment, group: str = "alarms") -> dict[str, Record]:
    prefix = f"work-redesign-{group}-"
    return {
        record.name.removeprefix(prefix): record
        for record in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if record.name.startswith(prefix)
    }


@pytest.mark.parametrize("name", SERVICES)
def test_sizes_in_prod(name: str) -> None:
    cpu, memory, fewest, most, port = SERVICES[name]
    deployment = variant("prod")
    definition = task(deployment, f"{name}-service")
    assert (definition["cpu"], definition["memory"]) == (str(cpu), str(memory))
    target = named(deployment, "aws:appautoscaling/target:Target", name)
    assert (target["minCapacity"], target["maxCapacity"]) == (fewest, most)
    (mapping,) = containers(deployment, f"{name}-service")["app"]["portMappings"]
    assert mapping["containerPort"] == port


@pytest.mark.parametrize("name", SERVICES)
def test_services_scale_on_cpu_and_memory_with_the_cooldowns(name: str) -> None:
    policies = {
        record["targetTrackingScalingPolicyConfiguration"]["predefinedMetricSpecification"][
            "predefinedMetricType"
        ]: record["targetTrackingScalingPolicyConfiguration"]
        for record in variant("prod").of_type("aws:appautoscaling/policy:Policy")
        if name in record.name
    }
    assert set(policies) == {"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"}
    assert policies["ECSServiceAverageCPUUtilization"]["targetValue"] == 70
    for policy in policies.values():
        assert policy["scaleInCooldown"] == 300
        assert policy["scaleOutCooldown"] == 60


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("name", SERVICES)
def test_each_container_is_closed_and_watched(stack: str, name: str) -> None:
    deployment = variant(stack)
    for container in containers(deployment, f"{name}-service").values():
        assert container["readonlyRootFilesystem"] is True
        assert container["logConfiguration"]["logDriver"] == "awslogs"
        assert container["user"].split(":")[0] != "0"
        assert "@sha256:" in container["image"]
    check = containers(deployment, f"{name}-service")["app"]["healthCheck"]
    assert (check["interval"], check["timeout"], check["retries"], check["startPeriod"]) == (30, 5, 3, 60)


@pytest.mark.parametrize("stack", STACKS)
def test_backend_answers_health_on_4000(stack: str) -> None:
    deployment = variant(stack)
    command = " ".join(containers(deployment, "backend-service")["app"]["healthCheck"]["command"])
    assert "http://127.0.0.1:4000/health" in command
    groups = [
        record
        for record in deployment.of_type("aws:lb/targetGroup:TargetGroup")
        if record.name.startswith("work-redesign-lb-back")
    ]
    assert len(groups) == 2
    for group in groups:
        assert group["port"] == 4000
        assert group["healthCheck"]["path"] == "/health"
        assert (group["healthCheck"]["interval"], group["healthCheck"]["timeout"]) == (30, 5)
        assert group["stickiness"]["enabled"] is True
        assert group["stickiness"]["cookieDuration"] == 86_400


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("name", SERVICES)
def test_services_are_blue_green_with_circuit_breaker_and_alarms(stack: str, name: str) -> None:
    service = named(variant(stack), "aws:ecs/service:Service", name)
    assert service["deploymentConfiguration"]["strategy"] == "BLUE_GREEN"
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert service["alarms"]["rollback"] is True
    assert len(service["alarms"]["alarmNames"]) == 4
    assert service["networkConfiguration"]["assignPublicIp"] is False


@pytest.mark.parametrize("stack", STACKS)
def test_cluster_has_container_insights(stack: str) -> None:
    (setting,) = variant(stack).one("aws:ecs/cluster:Cluster")["settings"]
    assert setting["name"] == "containerInsights"
    assert setting["value"] in ("enabled", "enhanced")


@pytest.mark.parametrize("stack", STACKS)
def test_secrets_are_references(stack: str) -> None:
    deployment = variant(stack)
    backend = containers(deployment, "backend-service")["app"]
    secrets = {each["name"]: each["valueFrom"] for each in backend["secrets"]}
    assert set(secrets) == {"ANTHROPIC_API_KEY", "DATABASE_URL"}
    assert all(value.startswith("arn:aws:secretsmanager:") for value in secrets.values())
    migration = containers(deployment, "migration")["app"]
    assert [each["name"] for each in migration["secrets"]] == ["DATABASE_URL"]
    assert migration["command"] == ["npm", "run", "migrate"]
    assert migration["image"] == backend["image"]
    assert not deployment.of_type("aws:secretsmanager/secretVersion:SecretVersion")


@pytest.mark.parametrize("stack", STACKS)
def test_secrets_that_aws_can_make_rotate_by_themselves(stack: str) -> None:
    deployment = variant(stack)
    rotations = {
        record["secretId"]: record["rotationRules"]["automaticallyAfterDays"]
        for record in deployment.of_type("aws:secretsmanager/secretRotation:SecretRotation")
    }
    secrets = {
        record.name.removeprefix("work-redesign-"): record.id
        for record in deployment.of_type("aws:secretsmanager/secret:Secret")
    }
    by_owners = {"anthropic-key-secret", *({"chat-webhook-secret"} if stack == "prod" else ())}
    rotated = {name for name, secret in secrets.items() if secret in rotations}
    assert set(secrets) - rotated == by_owners
    assert sorted(rotations.values()) == [1, 30]


@pytest.mark.parametrize("stack", STACKS)
def test_backend_and_stores_stand_in_private_subnets_with_acls(stack: str) -> None:
    deployment = variant(stack)
    tiers = {
        tier: {
            record.id for record in deployment.of_type("aws:ec2/subnet:Subnet") if f"-{tier}-" in record.name
        }
        for tier in ("public", "private", "database")
    }
    acls = deployment.of_type("aws:ec2/networkAcl:NetworkAcl")
    assert {frozenset(acl["subnetIds"]) for acl in acls} == {frozenset(each) for each in tiers.values()}
    for service in deployment.of_type("aws:ecs/service:Service"):
        assert set(service["networkConfiguration"]["subnets"]) == tiers["private"]
    group = deployment.one("aws:rds/subnetGroup:SubnetGroup")
    assert set(group["subnetIds"]) == tiers["database"]
    cache = deployment.one("aws:elasticache/subnetGroup:SubnetGroup")
    assert set(cache["subnetIds"]) == tiers["database"]


@pytest.mark.parametrize("stack", STACKS)
def test_backend_traces_through_a_collector(stack: str) -> None:
    found = containers(variant(stack), "backend-service")
    assert set(found) == {"app", "collector"}
    assert "awsxray" in json.dumps(found["collector"])
    assert "collector" not in containers(variant(stack), "frontend-service")


def test_database_in_prod() -> None:
    deployment = variant("prod")
    instances = {record.name: record for record in deployment.of_type("aws:rds/instance:Instance")}
    assert set(instances) == {"work-redesign-database-primary", "work-redesign-database-replica-1"}
    primary = instances["work-redesign-database-primary"]
    assert primary["engine"] == "postgres"
    assert primary["instanceClass"] == "db.t3.large"
    assert (primary["allocatedStorage"], primary["maxAllocatedStorage"]) == (100, 500)
    assert primary["storageType"] == "gp3"
    assert primary["multiAz"] is True
    assert primary["storageEncrypted"] is True
    assert primary["kmsKeyId"]
    assert primary["backupRetentionPeriod"] == 7
    assert primary["backupWindow"] == "03:00-04:00"
    assert primary["maintenanceWindow"] == "mon:04:00-mon:05:00"
    assert primary["deletionProtection"] is True
    assert primary["publiclyAccessible"] is False
    assert primary["performanceInsightsEnabled"] is True
    assert "password" not in primary.inputs
    parameters = deployment.one("aws:rds/parameterGroup:ParameterGroup")["parameters"]
    assert ("rds.force_ssl", "1") in {(each["name"], each["value"]) for each in parameters}


def test_redis_in_prod() -> None:
    group = variant("prod").one("aws:elasticache/replicationGroup:ReplicationGroup")
    assert group["engine"] == "redis"
    assert group["nodeType"] == "cache.t3.medium"
    assert (group["numNodeGroups"], group["replicasPerNodeGroup"]) == (2, 1)
    assert group["clusterMode"] == "enabled"
    assert group["atRestEncryptionEnabled"] is True
    assert group["transitEncryptionEnabled"] is True
    assert group["automaticFailoverEnabled"] is True


@pytest.mark.parametrize("stack", STACKS)
def test_dev_has_the_same_shape_smaller(stack: str) -> None:
    deployment = variant(stack)
    assert len(deployment.of_type("aws:ecs/service:Service")) == 2
    group = deployment.one("aws:elasticache/replicationGroup:ReplicationGroup")
    assert (group["numNodeGroups"], group["replicasPerNodeGroup"]) == (2, 1)
    if stack == "dev":
        assert group["nodeType"] == "cache.t4g.micro"
        assert task(deployment, "frontend-service")["cpu"] == "256"


@pytest.mark.parametrize("stack", STACKS)
def test_uploads_keep_old_versions_then_archive_then_delete_them(stack: str) -> None:
    deployment = variant(stack)
    lifecycle = named(
        deployment, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "uploads"
    )
    (rule,) = lifecycle["rules"]
    (transition,) = rule["noncurrentVersionTransitions"]
    assert (transition["noncurrentDays"], transition["storageClass"]) == (30, "GLACIER")
    assert rule["noncurrentVersionExpiration"]["noncurrentDays"] == 90
    versioning = named(deployment, "aws:s3/bucketVersioning:BucketVersioning", "uploads")
    assert versioning["versioningConfiguration"]["status"] == "Enabled"


@pytest.mark.parametrize("stack", STACKS)
def test_firewall_is_cloudfronts_and_blocks_by_rate(stack: str) -> None:
    deployment = variant(stack)
    acl = deployment.one("aws:wafv2/webAcl:WebAcl")
    assert (acl["scope"], acl["region"]) == ("CLOUDFRONT", "us-east-1")
    (rate,) = [rule for rule in acl["rules"] if "rateBasedStatement" in rule["statement"]]
    statement = rate["statement"]["rateBasedStatement"]
    assert (statement["limit"], statement["evaluationWindowSec"], statement["aggregateKeyType"]) == (
        2000,
        300,
        "IP",
    )
    assert "block" in rate["action"]
    assert "overrideAction" not in rate
    groups = {
        rule["statement"]["managedRuleGroupStatement"]["name"]
        for rule in acl["rules"]
        if "managedRuleGroupStatement" in rule["statement"]
    }
    assert groups == {
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    }
    assert deployment.one("aws:cloudfront/distribution:Distribution")["webAclId"] == acl.outputs["arn"]


@pytest.mark.parametrize("stack", STACKS)
def test_load_balancer_has_no_side_door(stack: str) -> None:
    deployment = variant(stack)
    balancer = deployment.one("aws:lb/loadBalancer:LoadBalancer")
    assert balancer["internal"] is True
    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["desyncMitigationMode"] == "defensive"
    assert balancer["accessLogs"]["enabled"] is True
    group = named(deployment, "aws:ec2/securityGroup:SecurityGroup", "work-redesign-lb-sg")
    openings = [
        record
        for record in deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if record["securityGroupId"] == group.id
    ]
    assert [(each["prefixListId"], each["fromPort"], each["toPort"]) for each in openings] == [
        ("pl-22a6434b", 443, 443)
    ]
    origin = deployment.one("aws:cloudfront/vpcOrigin:VpcOrigin")["vpcOriginEndpointConfig"]
    assert origin["originProtocolPolicy"] == "https-only"
    listeners = {
        record["port"]: record["defaultActions"][0]["type"]
        for record in deployment.of_type("aws:lb/listener:Listener")
    }
    assert listeners == {443: "fixed-response", 80: "redirect"}


@pytest.mark.parametrize(
    ("stack", "hostname"), [("dev", "workshop-dev.work.jclee.me"), ("prod", "workshop.work.jclee.me")]
)
def test_the_name_leads_to_cloudfront(stack: str, hostname: str) -> None:
    deployment = variant(stack)
    records = {
        record["type"]: record
        for record in deployment.of_type("aws:route53/record:Record")
        if record["name"] == hostname
    }
    assert set(records) == {"A", "AAAA"}
    distribution = deployment.one("aws:cloudfront/distribution:Distribution")
    assert distribution["aliases"] == [hostname]
    for record in records.values():
        assert record["aliases"][0]["name"] == distribution.outputs["domainName"]
    regions = {record.get("region") for record in deployment.of_type("aws:acm/certificate:Certificate")}
    assert regions == {None, "us-east-1"}


def test_backend_paths_go_before_the_frontends() -> None:
    rules = {
        record.name.removeprefix("work-redesign-lb-"): record
        for record in variant("prod").of_type("aws:lb/listenerRule:ListenerRule")
    }
    assert rules["back"]["conditions"][0]["pathPattern"]["values"] == ["/api/*", "/socket.io/*", "/health"]
    assert rules["back"]["priority"] < rules["front"]["priority"]


def test_endpoints_of_the_plan() -> None:
    services = {
        record["serviceName"].split("ap-northeast-2.")[1]
        for record in variant("prod").of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    }
    assert {"s3", "ecr.api", "ecr.dkr", "secretsmanager", "logs"} <= services


def test_alarms_of_the_plan() -> None:
    found = alarms(variant("prod"))
    for service in SERVICES:
        cpu = found[f"{service}-cpu"]
        assert cpu["threshold"] == 80
        assert (cpu["evaluationPeriods"], cpu["period"]) == (2, 60)
        assert (cpu["namespace"], cpu["metricName"]) == ("AWS/ECS", "CPUUtilization")
        assert found[f"{service}-memory"]["threshold"] == 80
    connections = found["database-connections"]
    assert (connections["threshold"], connections["evaluationPeriods"], connections["period"]) == (80, 2, 60)
    for key, metric in (
        ("alb-target-5xx", "HTTPCode_Target_5XX_Count"),
        ("alb-elb-5xx", "HTTPCode_ELB_5XX_Count"),
    ):
        alarm = found[key]
        assert (alarm["namespace"], alarm["metricName"]) == ("AWS/ApplicationELB", metric)
        assert (alarm["threshold"], alarm["evaluationPeriods"], alarm["period"]) == (10, 2, 300)
    latency = found["alb-latency"]
    assert (latency["namespace"], latency["metricName"]) == ("AWS/ApplicationELB", "TargetResponseTime")
    assert (latency["extendedStatistic"], latency["threshold"]) == ("p95", 1)
    assert {"database-storage", "database-memory", "replicas-replica-1-lag", "queue-age"} <= set(found)
    assert {"queue-dead-letters", "cache-memory", "logs-errors"} <= set(found)
    assert all(alarm["alarmActions"] for alarm in found.values())


@pytest.mark.parametrize("stack", STACKS)
def test_no_alarm_reads_a_metric_that_does_not_exist(stack: str) -> None:
    for alarm in variant(stack).of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        text = json.dumps(dict(alarm.inputs), default=str)
        if '"AWS/ECS"' in text:
            assert "TargetResponseTime" not in text
        assert '"5XXError"' not in text


@pytest.mark.parametrize("stack", STACKS)
def test_an_error_line_becomes_an_alarm(stack: str) -> None:
    deployment = variant(stack)
    (transformation,) = [
        record["metricTransformation"]
        for record in deployment.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")
        if "backend-error-lines" in record.name
    ]
    alarm = alarms(deployment)["logs-errors"]
    assert (alarm["namespace"], alarm["metricName"]) == (transformation["namespace"], transformation["name"])


def test_three_severities_reach_three_kinds_of_people() -> None:
    deployment = variant("prod")
    topics = {
        record.outputs["arn"]: record.name.rsplit("-", 1)[-1]
        for record in deployment.of_type("aws:sns/topic:Topic")
        if record.name.startswith("work-redesign")
    }
    reached: dict[str, set[str]] = {}
    for record in deployment.of_type("aws:sns/topicSubscription:TopicSubscription"):
        if record["topic"] in topics:
            reached.setdefault(topics[record["topic"]], set()).add(record["protocol"])
    assert "https" in reached["critical"]
    assert "lambda" in reached["warning"]
    assert reached["info"] == {"email"}
    by_severity = {
        key: {topics[arn] for arn in alarm["alarmActions"]} for key, alarm in alarms(deployment).items()
    }
    assert by_severity["alb-target-5xx"] == {"critical", "warning"}
    assert by_severity["frontend-cpu"] == {"warning"}


def test_slack_serves_in_place_of_the_webhook() -> None:
    slack = {"chat": {"kind": "slack", "teamId": "T0123456789", "channelId": "C0123456789"}}
    deployment = variant("prod", json.dumps(slack))
    channel = deployment.one("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert channel["slackChannelId"] == "C0123456789"
    assert len(channel["snsTopicArns"]) == 1
    assert not [record for record in deployment if "chat-relay" in record.name]


@pytest.mark.parametrize("stack", STACKS)
def test_dashboard_has_the_graphs_of_the_plan(stack: str) -> None:
    dashboard = variant(stack).one("aws:cloudwatch/dashboard:Dashboard")
    widgets = json.loads(dashboard["dashboardBody"])["widgets"]
    text = json.dumps(widgets)
    for name in (
        "ActiveSessions",
        "SessionsCreated",
        "ActiveUsers",
        "AnthropicAPICalls",
        "AnthropicAPILatency",
    ):
        assert f'["WorkRedesign", "{name}"' in text
    for name in ("DatabaseConnections", "CacheHitRate", "TargetResponseTime"):
        assert name in text
    (latency,) = [each for each in widgets if "latency, seconds" in each["properties"].get("title", "")]
    stats = {row[-1].get("stat") for row in latency["properties"]["metrics"]} - {None}
    assert stats == {"p50", "p95", "p99"}


@pytest.mark.parametrize("stack", STACKS)
def test_queries_are_saved(stack: str) -> None:
    names = {
        record["name"].split("/")[1]
        for record in variant(stack).of_type("aws:cloudwatch/queryDefinition:QueryDefinition")
    }
    assert {"errors", "socket-disconnects", "slow-statements", "failed-analyses"} <= names


@pytest.mark.parametrize("stack", STACKS)
def test_analyses_wait_in_a_queue(stack: str) -> None:
    deployment = variant(stack)
    queue = deployment.one("aws:sqs/queue:Queue", "work-redesign-ai-queue")
    consumer = deployment.one("aws:lambda/function:Function", "work-redesign-ai-consumer-function")
    assert queue["visibilityTimeoutSeconds"] >= 6 * consumer["timeout"]
    assert json.loads(queue["redrivePolicy"])["maxReceiveCount"] == 3
    mapping = deployment.one("aws:lambda/eventSourceMapping:EventSourceMapping")
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]


def test_backups_and_their_drill() -> None:
    deployment = variant("prod")
    (rule,) = deployment.one("aws:backup/plan:Plan")["rules"]
    assert rule["lifecycle"]["deleteAfter"] == 35
    drill = deployment.one("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    assert drill["scheduleExpression"] == "cron(0 20 1 * ? *)"
    kinds = {
        record["protectedResourceType"]
        for record in deployment.of_type("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    }
    assert kinds == {"RDS", "S3"}


def test_copies_go_to_another_region() -> None:
    copies = {"recovery": {"copies": {"kind": "copies", "region": "ap-northeast-1"}}}
    deployment = variant("prod", json.dumps(copies))
    vaults = {record.get("region") for record in deployment.of_type("aws:backup/vault:Vault")}
    assert vaults == {None, "ap-northeast-1"}
    (rule,) = deployment.one("aws:backup/plan:Plan")["rules"]
    assert rule["copyActions"]


def test_targets_that_cannot_be_met_name_the_setting() -> None:
    text = errors_of("prod", {"database": {"maxAllocatedStorageGb": 2_000}})
    assert "workRedesign.database.maxAllocatedStorageGb: got 2000" in text
    assert "rtoMinutes" in text
    assert "rpoMinutes" in errors_of("prod", {"recovery": {"rpoMinutes": 2}})


def test_targets_are_an_hour_and_a_quarter() -> None:
    config = stack_config("prod")
    recovery = parse_config(config).systems[KEY].recovery  # pyright: ignore[reportAttributeAccessIssue]
    assert (recovery.rto_minutes, recovery.rpo_minutes) == (60, 15)


def test_idle_stands_at_the_floor_without_a_replica() -> None:
    deployment = variant("prod", json.dumps({"profile": "idle"}))
    for target in deployment.of_type("aws:appautoscaling/target:Target"):
        assert (target["minCapacity"], target["maxCapacity"]) == (1, 1)
    assert len(deployment.of_type("aws:rds/instance:Instance")) == 1
    assert len(deployment.of_type("aws:ec2/natGateway:NatGateway")) == 1
    assert deployment.one("aws:rds/instance:Instance")["multiAz"] is True
    assert deployment.one("aws:budgets/budget:Budget")["limitAmount"] == "400.00"


def test_budget_of_a_running_workshop() -> None:
    assert variant("prod").one("aws:budgets/budget:Budget")["limitAmount"] == "1170.00"


def test_data_stays_the_same_store_between_the_profiles() -> None:
    def identities(text: str) -> set[str]:
        tokens = ("aws:elasticache/replicationGroup:ReplicationGroup", "aws:s3/bucket:Bucket")
        deployment = variant("prod", text)
        stores = {record.urn for token in tokens for record in deployment.of_type(token)}
        return stores | {deployment.one("aws:rds/instance:Instance", "work-redesign-database-primary").urn}

    assert identities("{}") == identities(json.dumps({"profile": "idle"}))


def test_hours_scale_the_services_down_and_up() -> None:
    schedule = {"schedule": {"kind": "hours", "opens": "08:30", "closes": "19:00", "days": ["FRI", "MON"]}}
    deployment = variant("prod", json.dumps(schedule))
    actions = {
        record.name.removeprefix("work-redesign-hours-"): record
        for record in deployment.of_type("aws:appautoscaling/scheduledAction:ScheduledAction")
    }
    assert set(actions) == {"frontend-open", "frontend-close", "backend-open", "backend-close"}
    opening, closing = actions["backend-open"], actions["backend-close"]
    assert opening["schedule"] == "cron(30 8 ? * MON,FRI *)"
    assert closing["schedule"] == "cron(0 19 ? * MON,FRI *)"
    assert opening["timezone"] == "Asia/Seoul"
    assert opening["scalableTargetAction"] == {"minCapacity": 2, "maxCapacity": 6}
    assert closing["scalableTargetAction"] == {"minCapacity": 1, "maxCapacity": 1}


def test_idle_has_no_hours() -> None:
    text = errors_of("prod", {"profile": "idle", "schedule": {"kind": "hours"}})
    assert "workRedesign.schedule.kind" in text


def test_images_are_digests() -> None:
    text = errors_of("prod", {"frontend": {"imageDigest": "latest"}})
    assert "workRedesign.frontend.imageDigest" in text
    assert "sha256" in text


@pytest.mark.parametrize("stack", STACKS)
def test_repositories_scan_and_never_move_a_tag(stack: str) -> None:
    repositories = variant(stack).of_type("aws:ecr/repository:Repository")
    assert len(repositories) == 2
    for repository in repositories:
        assert repository["imageTagMutability"] == "IMMUTABLE"
        assert repository["imageScanningConfiguration"]["scanOnPush"] is True


def test_the_account_baseline_is_built_by_one_stack() -> None:
    trails = {stack: variant(stack).of_type("aws:cloudtrail/trail:Trail") for stack in STACKS}
    assert {stack: len(found) for stack, found in trails.items()} == {"dev": 0, "prod": 1}
    (trail,) = trails["prod"]
    assert trail["isMultiRegionTrail"] is True
    assert trail["enableLogFileValidation"] is True
    assert trail["kmsKeyId"]
    deployment = variant("prod")
    for token in (
        "aws:guardduty/detector:Detector",
        "aws:securityhub/account:Account",
        "aws:cfg/recorder:Recorder",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    ):
        assert len(deployment.of_type(token)) == 1, token
    assert len(deployment.of_type("aws:securityhub/standardsSubscription:StandardsSubscription")) == 2
    assert len(deployment.of_type("aws:cfg/rule:Rule")) == 20


_IMPORT_ALONE = """
import json, sys
from tests.harness import run_program, stack_config
config = stack_config("dev")
config["seoul-platform:systems"] = {"workRedesign": config["seoul-platform:systems"]["workRedesign"]}
run_program(config)
others = ("systems.safework", "settings.safework", "systems.sesami", "settings.sesami", "pulumi_cloudflare")
print([module for module in sys.modules if module.startswith(others)])
"""


def test_one_system_imports_nothing_of_another() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALONE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.strip() == "[]"
