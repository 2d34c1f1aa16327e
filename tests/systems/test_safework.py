"""The figures of SafeWork's plan, with their corrections, read from what the program registers."""

import functools
import json
from typing import Any

import pytest

from ops.cutover.target import Target
from tests.harness import Deployment, Record, run_program, system, with_system

FUNCTIONS = {
    "auth": (512, 30, 2, ["/auth/*", "/login", "/logout"]),
    "survey": (1024, 60, 5, ["/survey/*", "/api/safework/*"]),
    "admin": (512, 30, 0, ["/admin/*"]),
    "static": (256, 10, 0, ["/static/*", "/documents/*"]),
    "health": (128, 5, 1, ["/health", "/"]),
}
"""Blueprint: memory in MB, timeout in seconds, provisioned concurrency in prod, routes."""

LEGACY_ADDRESS = "221.153.20.249"
STACKS = ("dev", "prod")


@functools.cache
def variant(stack: str, text: str) -> Deployment:
    """The stack with some settings of SafeWork replaced; ``text`` is JSON so that the answer can be kept."""
    return run_program(with_system(stack, "safework", **json.loads(text)), stack=stack)


def program(stack: str) -> Deployment:
    return system(stack, "safework")


def function(deployment: Deployment, name: str) -> Record:
    return deployment.one("aws:lambda/function:Function", f"safework-{name}-function")


def all_types(deployment: Deployment, fragment: str) -> list[Record]:
    return [record for record in deployment if fragment in record.type]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_sizes(stack: str, name: str) -> None:
    memory, timeout, _, routes = FUNCTIONS[name]
    record = function(program(stack), name)
    assert record["memorySize"] == memory
    assert record["timeout"] == timeout
    assert record["architectures"] == ["arm64"]
    assert tuple(int(part) for part in record["runtime"].removeprefix("python").split(".")) >= (3, 11)
    assert record["tracingConfig"] == {"mode": "Active"}
    assert record["kmsKeyArn"]
    assert len(record["vpcConfig"]["subnetIds"]) >= 2
    assert json.loads(record["environment"]["variables"]["ROUTES"]) == routes


def test_provisioned_concurrency_sits_on_the_live_alias_in_prod() -> None:
    configs = {
        record.name: record
        for record in program("prod").of_type(
            "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
        )
    }
    wanted = {name: count for name, (_, _, count, _) in FUNCTIONS.items() if count}
    assert {
        name.removeprefix("safework-").removesuffix("-provisioned"): record["provisionedConcurrentExecutions"]
        for name, record in configs.items()
    } == wanted
    assert {record["qualifier"] for record in configs.values()} == {"live"}


def test_shared_modules_travel_as_one_layer() -> None:
    deployment = program("prod")
    layer = deployment.one("aws:lambda/layerVersion:LayerVersion")
    carried = {tuple(function(deployment, name)["layers"]) for name in FUNCTIONS}
    assert len(carried) == 1
    (arn,) = carried.pop()
    assert f":layer:{layer['layerName']}:" in arn


def test_new_versions_shift_as_a_canary_with_alarm_rollback() -> None:
    deployment = program("prod")
    groups = deployment.of_type("aws:codedeploy/deploymentGroup:DeploymentGroup")
    assert len(groups) == len(FUNCTIONS)
    for group in groups:
        assert group["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["alarmConfiguration"]["enabled"]
        assert len(group["alarmConfiguration"]["alarms"]) == 3
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["autoRollbackConfiguration"]["events"]
    for alias in deployment.of_type("aws:lambda/alias:Alias"):
        if "rotation" not in alias.name:
            assert set(alias.options.ignore_changes) == {"functionVersion", "routingConfig"}


@pytest.mark.parametrize("stack", STACKS)
def test_api_is_regional_and_reached_by_its_own_name_alone(stack: str) -> None:
    deployment = program(stack)
    api = deployment.one("aws:apigateway/restApi:RestApi")
    assert api["endpointConfiguration"]["types"] == "REGIONAL"
    assert api["disableExecuteApiEndpoint"] is True
    domain = deployment.one("aws:apigateway/domainName:DomainName")
    assert domain["securityPolicy"] == "TLS_1_2"
    assert domain["domainName"] == (
        "api-safework2.jclee.me" if stack == "prod" else "api-safework2-dev.jclee.me"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_api_throttles_logs_and_gives_up_after_29_seconds(stack: str) -> None:
    deployment = program(stack)
    settings = deployment.one("aws:apigateway/methodSettings:MethodSettings")["settings"]
    assert settings["throttlingBurstLimit"] == 2000
    assert settings["throttlingRateLimit"] == 1000
    assert settings["loggingLevel"] != "OFF"
    stage = deployment.one("aws:apigateway/stage:Stage")
    assert stage["accessLogSettings"]["destinationArn"]
    assert stage["xrayTracingEnabled"] is True
    integrations = [
        record
        for record in deployment.of_type("aws:apigateway/integration:Integration")
        if record["type"] == "AWS_PROXY"
    ]
    assert {record["timeoutMilliseconds"] for record in integrations} == {29_000}


def test_every_route_of_the_plan_reaches_its_function() -> None:
    deployment = program("prod")
    any_methods = {
        record.name.removeprefix("safework-api-any-")
        for record in deployment.of_type("aws:apigateway/method:Method")
        if record["httpMethod"] == "ANY"
    }
    wanted = {route for _, _, _, routes in FUNCTIONS.values() for route in routes}
    assert wanted <= any_methods


@pytest.mark.parametrize("stack", STACKS)
def test_only_cloudflare_reaches_the_api(stack: str) -> None:
    deployment = program(stack)
    policy = json.loads(deployment.one("aws:apigateway/restApiPolicy:RestApiPolicy")["policy"])
    deny = next(each for each in policy["Statement"] if each["Effect"] == "Deny")
    ranges = deny["Condition"]["NotIpAddress"]["aws:SourceIp"]
    assert "173.245.48.0/20" in ranges
    assert "2400:cb00::/32" in ranges
    assert "0.0.0.0/0" not in ranges


def test_two_doors_have_two_locks() -> None:
    deployment = program("prod")
    regional = deployment.one("aws:wafv2/webAcl:WebAcl", "safework-api-firewall-acl")
    groups = {
        rule["statement"]["managedRuleGroupStatement"]["name"]
        for rule in regional["rules"]
        if "managedRuleGroupStatement" in rule["statement"]
    }
    assert groups == {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}
    rates = [rule for rule in regional["rules"] if "rateBasedStatement" in rule["statement"]]
    assert len(rates) == 1
    assert "block" in rates[0]["action"]
    assert deployment.one("aws:wafv2/webAclAssociation:WebAclAssociation")["resourceArn"].endswith(
        "/stages/live"
    )
    assert deployment.one("cloudflare:index/ruleset:Ruleset")["phase"] == "http_request_firewall_managed"


def test_certificate_is_validated_through_cloudflare_records_of_the_same_program() -> None:
    deployment = program("prod")
    certificate = deployment.one("aws:acm/certificate:Certificate")
    assert certificate["domainName"] == "*.jclee.me"
    assert certificate["validationMethod"] == "DNS"
    validation = deployment.one("aws:acm/certificateValidation:CertificateValidation")
    records = [
        record
        for record in deployment.of_type("cloudflare:index/dnsRecord:DnsRecord")
        if record.urn in validation.dependencies
    ]
    assert len(records) == 1


def test_zone_is_strict() -> None:
    settings = {
        record["settingId"]: record["value"]
        for record in program("prod").of_type("cloudflare:index/zoneSetting:ZoneSetting")
    }
    assert settings["ssl"] == "strict"
    assert settings["min_tls_version"] == "1.2"
    assert settings["always_use_https"] == "on"


@pytest.mark.parametrize(
    ("percent", "legacy", "new"), [(0, 1.0, 0.0), (25, 0.3, 0.1), (50, 0.1, 0.1), (100, 0.0, 1.0)]
)
def test_cutover_stages(percent: int, legacy: float, new: float) -> None:
    cutover = {
        "kind": "shifting",
        "percent": percent,
        "legacy": {"breakGlassHostname": "safework-legacy.jclee.me"},
    }
    deployment = variant("prod", json.dumps({"cutover": cutover}))
    balancer = deployment.one("cloudflare:index/loadBalancer:LoadBalancer")
    pools = {
        record.name: record
        for record in deployment.of_type("cloudflare:index/loadBalancerPool:LoadBalancerPool")
    }
    old, now = pools["safework-cutover-legacy"], pools["safework-cutover-new"]
    assert balancer["name"] == "safework2.jclee.me"
    assert balancer["steeringPolicy"] == "random"
    assert balancer["randomSteering"]["poolWeights"] == {old.id: legacy, now.id: new}
    assert balancer["fallbackPool"] == old.id
    assert old["origins"][0]["address"] == LEGACY_ADDRESS
    assert now["origins"][0]["header"]["hosts"] == ["api-safework2.jclee.me"]
    break_glass = deployment.one("cloudflare:index/dnsRecord:DnsRecord", "safework-cutover-break-glass")
    assert break_glass["content"] == LEGACY_ADDRESS


def test_commit_takes_the_old_host_out_of_the_plan() -> None:
    deployment = variant("prod", json.dumps({"cutover": {"kind": "committed"}}))
    assert LEGACY_ADDRESS not in json.dumps([dict(record.inputs) for record in deployment], default=str)
    assert deployment.one("cloudflare:index/loadBalancerPool:LoadBalancerPool").name == "safework-cutover-new"


def test_database_in_prod() -> None:
    deployment = program("prod")
    cluster = deployment.one("aws:rds/cluster:Cluster")
    assert cluster["engine"] == "aurora-postgresql"
    scaling = cluster["serverlessv2ScalingConfiguration"]
    assert (scaling["minCapacity"], scaling["maxCapacity"]) == (0.5, 4)
    assert cluster["enableHttpEndpoint"] is True
    assert cluster["backupRetentionPeriod"] == 7
    assert cluster["storageEncrypted"] is True
    assert cluster["deletionProtection"] is True
    assert cluster.options.protect
    assert cluster.options.retain_on_delete
    assert cluster["iamDatabaseAuthenticationEnabled"] is True
    assert cluster["performanceInsightsEnabled"] is True
    assert cluster["manageMasterUserPassword"] is True
    assert "masterPassword" not in cluster.inputs
    instances = {
        record.name: record for record in deployment.of_type("aws:rds/clusterInstance:ClusterInstance")
    }
    assert set(instances) == {"safework-database-writer", "safework-database-reader-1"}
    assert len({record["availabilityZone"] for record in instances.values()}) == 2
    parameters = deployment.one("aws:rds/clusterParameterGroup:ClusterParameterGroup")["parameters"]
    assert {"name": "rds.force_ssl", "value": "1"}.items() <= next(
        each for each in parameters if each["name"] == "rds.force_ssl"
    ).items()


def test_connections_are_pooled_over_tls_in_prod() -> None:
    proxy = program("prod").one("aws:rds/proxy:Proxy")
    assert proxy["requireTls"] is True
    assert proxy["engineFamily"] == "POSTGRESQL"


@pytest.mark.parametrize("stack", STACKS)
def test_cache_has_no_open_user(stack: str) -> None:
    deployment = program(stack)
    cache = deployment.one("aws:elasticache/serverlessCache:ServerlessCache")
    assert cache["engine"] == "valkey"
    assert cache["kmsKeyId"]
    assert cache["userGroupId"]
    users = deployment.of_type("aws:elasticache/user:User")
    assert [user["authenticationMode"]["type"] for user in users] == ["iam"]
    assert all(user["userName"] != "default" for user in users)


@pytest.mark.parametrize("stack", STACKS)
def test_static_files_are_read_by_cloudfront_alone(stack: str) -> None:
    deployment = program(stack)
    distribution = deployment.one("aws:cloudfront/distribution:Distribution")
    access = deployment.one("aws:cloudfront/originAccessControl:OriginAccessControl")
    assert [origin["originAccessControlId"] for origin in distribution["origins"]] == [access.id]
    policy = json.loads(
        deployment.one("aws:s3/bucketPolicy:BucketPolicy", "safework-site-files-policy")["policy"]
    )
    readers = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    assert [list(each["Principal"]) for each in readers] == [["Service"]] * len(readers)
    assert {str(each["Principal"]["Service"]).strip("[']") for each in readers} == {
        "cloudfront.amazonaws.com"
    }
    assert all("aws:SourceArn" in json.dumps(each["Condition"]) for each in readers)


@pytest.mark.parametrize(("stack", "days"), [("dev", 7), ("prod", 30)])
def test_log_groups_expire_and_are_encrypted(stack: str, days: int) -> None:
    groups = program(stack).of_type("aws:cloudwatch/logGroup:LogGroup")
    assert len(groups) > len(FUNCTIONS)
    for group in groups:
        assert group["retentionInDays"] == days
        assert group["kmsKeyId"]


def test_alarms_of_the_plan() -> None:
    deployment = program("prod")
    alarms = {
        record.name.removeprefix("safework-alarms-"): record
        for record in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    for name, (_, timeout, _, _) in FUNCTIONS.items():
        errors = alarms[f"{name}-errors"]
        assert errors["threshold"] == 5
        assert {query["metric"]["period"] for query in errors["metricQueries"] if "metric" in query} == {300}
        assert any("100" in query.get("expression", "") for query in errors["metricQueries"])
        assert alarms[f"{name}-duration"]["threshold"] == timeout * 1000 * 0.8
        assert f"{name}-throttles" in alarms
    assert {
        "api-4xx",
        "api-5xx",
        "database-connections",
        "database-capacity",
        "database-connection-failures",
    } <= set(alarms)
    assert alarms["database-connection-failures"]["threshold"] == 10
    assert any(name.startswith("proxy-borrow") for name in alarms)
    assert all(record["alarmActions"] for record in alarms.values())
    assert deployment.of_type("aws:cloudwatch/dashboard:Dashboard")


def test_the_cutover_reads_exactly_the_alarms_of_functions_api_and_database_as_its_gate() -> None:
    deployment = program("prod")
    exported: dict[str, Any] = deployment.outputs["safework"]
    by_id = {
        record.id: record.name.removeprefix("safework-alarms-")
        for record in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    gates = {by_id[name] for name in exported["cutover"]["gateAlarms"]}
    assert {f"{name}-{kind}" for name in FUNCTIONS for kind in ("errors", "duration", "throttles")} < gates
    assert {
        "api-4xx",
        "api-5xx",
        "database-connections",
        "database-connection-failures",
        "database-capacity",
    } < gates
    assert not any(gate.startswith("cache-") for gate in gates)
    assert exported["cutover"]["journalTable"]
    target = Target.model_validate(exported["cutover"])
    assert list(target.rollout_plan().names) == ["0", "25", "50", "100", "committed"]
    assert target.request_metric.name == "Count"
    assert set(target.request_metric.dimensions) == {"ApiName", "Stage"}
    assert (target.bake_minutes, target.minimum_requests, target.migration_evidence_hours) == (30, 500, 24)


def test_economy_leaves_out_what_costs_most() -> None:
    deployment = program("dev")
    for token in (
        "aws:ec2/natGateway:NatGateway",
        "aws:rds/proxy:Proxy",
        "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
    ):
        assert not deployment.of_type(token)
    scaling = deployment.one("aws:rds/cluster:Cluster")["serverlessv2ScalingConfiguration"]
    assert scaling["minCapacity"] == 0
    assert scaling["secondsUntilAutoPause"] >= 300
    assert len(deployment.of_type("aws:rds/clusterInstance:ClusterInstance")) == 1
    environment = function(deployment, "survey")["environment"]["variables"]
    assert environment["DATABASE_ACCESS"] == "data-api"
    gateways = [
        record
        for record in deployment.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if record["vpcEndpointType"] == "Gateway"
    ]
    interfaces = [
        record
        for record in deployment.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if record["vpcEndpointType"] == "Interface"
    ]
    assert gateways
    assert {record["serviceName"].rsplit(".", 1)[-1] for record in interfaces} == {
        "rds-data",
        "secretsmanager",
    }


@pytest.mark.parametrize(("stack", "profile"), [("dev", "standard"), ("prod", "economy")])
def test_each_stack_takes_the_other_profile(stack: str, profile: str) -> None:
    deployment = variant(stack, json.dumps({"profile": profile}))
    assert bool(deployment.of_type("aws:rds/proxy:Proxy")) is (profile == "standard")
    assert bool(all_types(deployment, "natGateway")) is (profile == "standard")


def test_functions_without_data_have_no_way_to_it() -> None:
    deployment = program("prod")
    static_group = deployment.one("aws:ec2/securityGroup:SecurityGroup", "safework-static-sg-group").id
    openings = [
        record
        for token in (
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        )
        for record in deployment.of_type(token)
        if static_group in (record.get("referencedSecurityGroupId"), record["securityGroupId"])
    ]
    assert openings == []


def test_no_name_of_a_secret_value_is_an_input() -> None:
    for stack in STACKS:
        assert not program(stack).of_type("aws:secretsmanager/secretVersion:SecretVersion")


def test_the_budget_is_the_owners_estimate() -> None:
    assert program("prod").one("aws:budgets/budget:Budget")["limitAmount"] == "65.00"
