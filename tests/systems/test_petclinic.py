"""The figures of PetClinic's plan, with their corrections, read from what the program registers."""

import base64
import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ops.bluegreen import target as bluegreen
from ops.drill import target as drill
from ops.errors import OpsError
from policies.evaluation import evaluate
from policies.rule import all_rules
from policies.settings import PackConfig
from policies.waivers import load
from settings.parsing import SettingsError, parse_config
from settings.petclinic import PetClinicSettings
from tests.contracts import rules
from tests.harness import Deployment, Record, run_program, stack_config, with_system
from tests.policies.recorded import records

KEY = "petclinic"
SEOUL, TOKYO, GLOBAL = "ap-northeast-2", "ap-northeast-1", "us-east-1"
EKS = {"platform": "eks", "pods": {"imageDigest": f"sha256:{'a' * 64}", "deployerRole": "deployer"}}
SWITCHES = {"serverless": True, "events": True}
WAYS = {
    "ec2": {},
    "ec2 serverless": {"serverless": True},
    "ec2 events": {"events": True},
    "ec2 both": SWITCHES,
    "eks": EKS,
    "eks both": {**EKS, **SWITCHES},
}
GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROOT = Path(__file__).parents[2]


@functools.cache
def variant(stack: str, way: str = "ec2") -> Deployment:
    return run_program(with_system(stack, KEY, **WAYS[way]), stack=stack)


def errors_of(stack: str, **over: Any) -> str:
    config = stack_config(stack)
    base = config["seoul-platform:systems"][KEY]
    config["seoul-platform:systems"] = {KEY: {**base, **over}}
    with pytest.raises(SettingsError) as raised:
        parse_config(config)
    return str(raised.value)


def settings(stack: str) -> PetClinicSettings:
    found = parse_config(with_system(stack, KEY)).systems[KEY]
    assert isinstance(found, PetClinicSettings)
    return found


def exports(stack: str = "prod", way: str = "ec2") -> dict[str, Any]:
    return dict(variant(stack, way).outputs[KEY])


def one(token: str, name: str, stack: str = "prod", way: str = "ec2") -> Record:
    return variant(stack, way).one(token, name)


# The edge


def test_pages_are_cached_by_exactly_the_listed_keys() -> None:
    policy = one("aws:cloudfront/cachePolicy:CachePolicy", "petclinic-pages-cache")
    assert (policy["minTtl"], policy["defaultTtl"], policy["maxTtl"]) == (1, 86_400, 31_536_000)
    key = policy["parametersInCacheKeyAndForwardedToOrigin"]
    assert (key["enableAcceptEncodingGzip"], key["enableAcceptEncodingBrotli"]) == (True, True)
    assert key["queryStringsConfig"]["queryStrings"]["items"] == ["id", "category"]
    assert key["headersConfig"]["headers"]["items"] == ["CloudFront-Viewer-Country"]
    assert key["cookiesConfig"]["cookies"]["items"] == ["SESSION"]


def test_what_is_cached_depends_on_nothing_that_is_no_key() -> None:
    policy = one("aws:cloudfront/originRequestPolicy:OriginRequestPolicy", "petclinic-pages-origin")
    assert policy["headersConfig"]["headers"]["items"] == ["Host"]
    assert policy["cookiesConfig"]["cookieBehavior"] == "none"
    assert policy["queryStringsConfig"]["queryStringBehavior"] == "none"


def test_cookies_are_pruned_at_the_viewer_by_a_cloudfront_function() -> None:
    deployment = variant("prod")
    function = deployment.one("aws:cloudfront/function:Function")
    distribution = deployment.one("aws:cloudfront/distribution:Distribution")
    behaviours = [distribution["defaultCacheBehavior"], *distribution["orderedCacheBehaviors"]]
    for each in behaviours:
        (association,) = each["functionAssociations"]
        assert association["eventType"] == "viewer-request"
        assert ":function/petclinic-cookies-function" in association["functionArn"]
        assert not each.get("lambdaFunctionAssociations")
    assert "const ESSENTIAL = 'SESSION';" in function["code"]
    assert function["runtime"] == "cloudfront-js-2.0"


def test_the_health_check_is_never_answered_from_a_cache() -> None:
    distribution = variant("prod").one("aws:cloudfront/distribution:Distribution")
    (path,) = [each for each in distribution["orderedCacheBehaviors"] if each["pathPattern"] == "/health"]
    assert path["cachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


# Hosts


@pytest.mark.parametrize("stack", ["dev", "prod"])
@pytest.mark.parametrize("way", ["ec2", "eks"])
def test_nobody_sticks_to_a_host(stack: str, way: str) -> None:
    for group in variant(stack, way).of_type("aws:lb/targetGroup:TargetGroup"):
        assert group["stickiness"]["enabled"] is False
    for rule in variant(stack, way).of_type("aws:lb/listenerRule:ListenerRule"):
        forward = rule["actions"][0].get("forward")
        assert forward is None or forward["stickiness"]["enabled"] is False


def test_both_scalings_aim_at_half_of_the_processor_and_one_starts_ten_minutes_early() -> None:
    for policy in variant("prod").of_type("aws:autoscaling/policy:Policy"):
        if policy["policyType"] == "PredictiveScaling":
            config = policy["predictiveScalingConfiguration"]
            assert (config["mode"], config["schedulingBufferTime"]) == ("ForecastAndScale", "600")
            assert config["metricSpecification"]["targetValue"] == 50
        else:
            config = policy["targetTrackingConfiguration"]
            assert config["targetValue"] == 50
            # Three points of ten seconds: decided in half a minute.
            assert config["customizedMetricSpecification"]["period"] * 3 < 60


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_each_group_has_both_scalings(stack: str) -> None:
    deployment = variant(stack)
    for group in deployment.of_type(GROUP):
        kinds = {
            policy["policyType"]
            for policy in deployment.of_type("aws:autoscaling/policy:Policy")
            if policy["autoscalingGroupName"] == group["name"]
        }
        assert kinds == {"PredictiveScaling", "TargetTrackingScaling"}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_hosts_are_closed_encrypted_and_judged_by_the_load_balancer(stack: str) -> None:
    deployment = variant(stack)
    for template in deployment.of_type(TEMPLATE):
        assert template["metadataOptions"]["httpTokens"] == "required"
        assert template["networkInterfaces"][0]["associatePublicIpAddress"] == "false"
        disk = template["blockDeviceMappings"][0]["ebs"]
        assert disk["encrypted"] == "true"
        assert disk["kmsKeyId"].startswith(f"arn:aws:kms:{template['region']}:")
        assert template["monitoring"]["enabled"] is True
        assert template["iamInstanceProfile"]["arn"]
        assert template["imageId"].startswith("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-")
    for group in deployment.of_type(GROUP):
        assert group["healthCheckType"] == "ELB"
        assert group["instanceRefresh"]["strategy"] == "Rolling"
        assert len(group["vpcZoneIdentifiers"]) >= 2


def script(name: str) -> str:
    return base64.b64decode(one(TEMPLATE, f"{name}-template")["userData"]).decode()


def test_a_host_runs_the_release_of_its_group_on_jdk_17() -> None:
    config = with_system("prod", KEY)
    config["seoul-platform:systems"][KEY]["hosts"]["releases"] = {"blue": "1.0", "green": "2.0"}
    deployment = run_program(config, stack="prod")
    for colour, release in (("blue", "1.0"), ("green", "2.0"), ("second", "1.0")):
        name = "petclinic-second-hosts" if colour == "second" else f"petclinic-hosts-{colour}"
        text = base64.b64decode(deployment.one(TEMPLATE, f"{name}-template")["userData"]).decode()
        assert "java-17-amazon-corretto-headless" in text
        assert re.search(rf"s3://petclinic-[a-z0-9-]+/releases/{release}/ ", text)


def test_sessions_are_in_redis_over_tls_for_half_an_hour() -> None:
    group = one("aws:elasticache/replicationGroup:ReplicationGroup", "petclinic-sessions-group")
    assert (group["transitEncryptionEnabled"], group["transitEncryptionMode"]) == (True, "required")
    assert group["automaticFailoverEnabled"] is True
    text = script("petclinic-hosts-blue")
    assert 'SPRING_SESSION_TIMEOUT="1800s"' in text
    assert 'SPRING_DATA_REDIS_SSL_ENABLED="true"' in text


def test_no_secret_is_in_user_data() -> None:
    text = script("petclinic-hosts-blue")
    assert "secretsManagerSecretId=petclinic/db/credentials" in text
    assert "PASSWORD" not in text.upper()


def test_traces_go_to_x_ray() -> None:
    text = script("petclinic-hosts-blue")
    assert 'OTEL_PROPAGATORS="xray"' in text
    document = one("aws:iam/rolePolicy:RolePolicy", "petclinic-hosts-blue-role-policy")["policy"]
    assert "xray:PutTraceSegments" in document


# Data


def test_mysql_has_two_replicas_whose_endpoints_are_apart() -> None:
    primary = one("aws:rds/instance:Instance", "petclinic-database-primary")
    assert (primary["engine"], primary["engineVersion"], primary["multiAz"]) == ("mysql", "8.4", True)
    reads = exports()["database"]["readEndpoints"]
    assert sorted(reads) == ["replica-1", "replica-2"]
    assert len({*reads.values(), exports()["database"]["endpoint"]}) == 3
    text = script("petclinic-hosts-blue")
    assert all(host in text for host in reads.values())


def test_the_credentials_have_their_name_and_a_copy_in_the_second_region() -> None:
    secret = one("aws:secretsmanager/secret:Secret", "petclinic-database-master-secret")
    assert secret["name"] == "petclinic/db/credentials"
    (copy,) = secret["replicas"]
    assert copy["region"] == TOKYO
    assert copy["kmsKeyId"].startswith(f"arn:aws:kms:{TOKYO}:")


def test_buckets_have_keys_of_ours() -> None:
    deployment = variant("prod")
    for side in deployment.of_type(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ):
        if not side.name.startswith("petclinic"):
            continue
        default = side["rules"][0]["applyServerSideEncryptionByDefault"]
        # Access logs are delivered under S3's own key alone.
        assert default["sseAlgorithm"] == ("AES256" if "-logs-" in side.name else "aws:kms")


# Blue/green


def test_the_listener_has_both_groups_and_its_weights_are_owned_at_run_time() -> None:
    rule = one("aws:lb/listenerRule:ListenerRule", "petclinic-lb-web")
    weights = [each["weight"] for each in rule["actions"][0]["forward"]["targetGroups"]]
    assert weights == [100, 0]
    assert "actions" in rule.options.ignore_changes


def test_an_error_rate_above_one_percent_takes_a_release_back() -> None:
    for colour in ("blue", "green"):
        alarm = one("aws:cloudwatch/metricAlarm:MetricAlarm", f"petclinic-release-alarms-{colour}-errors")
        assert (alarm["threshold"], alarm["comparisonOperator"]) == (1, "GreaterThanThreshold")
        group = one(GROUP, f"petclinic-hosts-{colour}-group")
        (watched,) = group["instanceRefresh"]["preferences"]["alarmSpecification"]["alarms"]
        assert watched == exports()["bluegreen"]["errorRateAlarms"][colour]


def test_what_a_release_moves_is_exported() -> None:
    found = exports()["bluegreen"]
    assert found["autoScalingGroups"] == {"blue": "petclinic-prod-blue", "green": "petclinic-prod-green"}
    assert found["watchMinutes"] == 10
    assert found["errorRatePercent"] == 1
    assert found["capacity"] == {"min": 2, "max": 10, "desired": 2}
    assert len(set(found["targetGroupArns"].values())) == 2
    assert ":listener/" in found["listenerArn"]
    assert found["journalTable"]


def test_the_tools_can_use_what_is_exported() -> None:
    outputs = variant("prod").outputs
    pair = bluegreen.parse(outputs, key=KEY, stack="prod")
    assert pair.auto_scaling_groups == exports()["bluegreen"]["autoScalingGroups"]
    assert pair.smoke_test_url == "https://seoul.petclinic.jclee.me/health"
    second = drill.parse(outputs, key=KEY, stack="prod").second
    assert second.region == TOKYO
    assert second.capacity.desired == 2
    with pytest.raises(OpsError, match="no second region"):
        _ = drill.parse(variant("dev").outputs, key=KEY, stack="dev").second


def test_the_two_groups_stand_behind_their_own_target_groups() -> None:
    found = exports()["bluegreen"]["targetGroupArns"]
    for colour, arn in found.items():
        assert one(GROUP, f"petclinic-hosts-{colour}-group")["targetGroupArns"] == [arn]


# The second region


def regional(deployment: Deployment, region: str) -> list[Record]:
    """What the second (or first) region's tier holds."""
    name = "petclinic-second" if region == TOKYO else "petclinic"
    tier = deployment.one("platform:recovery:RegionTier", name)
    return [each for each in deployment if tier.urn in {above.urn for above in deployment.ancestors(each)}]


@pytest.mark.parametrize("way", WAYS)
def test_every_resource_has_the_explicit_provider_of_its_region(way: str) -> None:
    deployment = variant("prod", way)
    for region, key in ((SEOUL, "first"), (TOKYO, "second")):
        mine = [each for each in regional(deployment, region) if each.type.startswith("aws:")]
        assert mine
        for each in mine:
            assert f"petclinic-{key}-provider" in each.options.provider, each.name
            # The vault that backups are copied to is a part of the plan that copies them.
            copies = TOKYO if each.name == "petclinic-backup-copies-vault" else None
            assert each.get("region") in (None, region, GLOBAL, copies), each.name


@pytest.mark.parametrize("way", ["ec2", "eks both"])
def test_no_resource_leaves_its_region_to_a_default(way: str) -> None:
    """A resource without a region of its own belongs to a service that has none."""
    without = {
        each.type.split("/", maxsplit=1)[0]
        for each in regional(variant("prod", way), SEOUL)
        if each.type.startswith("aws:") and each.get("region") is None
    }
    assert without <= {"aws:budgets", "aws:cloudfront", "aws:iam", "aws:route53", "aws:cloudwatch"}
    loose = [
        each.name
        for each in regional(variant("prod", way), SEOUL)
        if each.type.startswith("aws:cloudwatch/") and each.get("region") is None
    ]
    assert all(name.endswith("-dashboard") for name in loose)


def test_the_regions_are_what_the_settings_say() -> None:
    providers = {
        each.name: each["region"]
        for each in variant("prod")
        if each.type == "pulumi:providers:aws" and each.name.startswith("petclinic")
    }
    assert providers == {"petclinic-first-provider": SEOUL, "petclinic-second-provider": TOKYO}


@pytest.mark.parametrize("way", WAYS)
def test_the_second_region_waits_for_nothing_of_the_first_but_its_data(way: str) -> None:
    """The copy of the database has a source; nothing else there depends on the first region."""
    deployment = variant("prod", way)
    first = {
        each.urn
        for each in regional(deployment, SEOUL)
        if each.get("region") == SEOUL or (each.type.startswith("aws:rds/") and each.custom)
    }
    crossing = {
        each.name: sorted(deployment.urns[urn].name for urn in set(each.dependencies) & first)
        for each in regional(deployment, TOKYO)
        if set(each.dependencies) & first
    }
    assert set(crossing) == {"petclinic-second-database-replica"}


def test_the_second_region_does_not_name_the_first_at_run_time() -> None:
    """Scripts, policies and settings there hold no address and no ARN of the first region."""
    for each in regional(variant("prod"), TOKYO):
        if each.name in ("petclinic-second-database-replica",):
            continue
        text = json.dumps(each.inputs, default=str)
        if each.type == TEMPLATE:
            text += base64.b64decode(each["userData"]).decode()
        assert SEOUL not in text, each.name


def test_the_database_has_a_copy_that_can_be_promoted() -> None:
    replica = one("aws:rds/instance:Instance", "petclinic-second-database-replica")
    assert replica["region"] == TOKYO
    assert replica["replicateSourceDb"].startswith(f"arn:aws:rds:{SEOUL}:")
    assert replica["backupRetentionPeriod"] >= 7
    assert exports()["recovery"]["secondRegion"]["replicaIdentifier"] == replica["identifier"]


def test_buckets_are_copied() -> None:
    for key in ("artifacts", "pictures"):
        config = one(
            "aws:s3/bucketReplicationConfig:BucketReplicationConfig", f"petclinic-{key}-replication-rules"
        )
        assert config["rules"][0]["destination"]["bucket"].endswith(
            exports()["recovery"]["secondRegion"]["buckets"][key]
        )


def test_the_health_check_asks_every_thirty_seconds_and_three_failures_count() -> None:
    check = variant("prod").one("aws:route53/healthCheck:HealthCheck")
    assert (check["type"], check["resourcePath"]) == ("HTTPS", "/health")
    assert (check["requestInterval"], check["failureThreshold"]) == (30, 3)
    assert check["fqdn"] == "seoul.petclinic.jclee.me"


def test_the_name_fails_over_by_a_pair_of_alias_records() -> None:
    pair = {
        each["failoverRoutingPolicies"][0]["type"]: each
        for each in variant("prod").of_type("aws:route53/record:Record")
        if each.get("failoverRoutingPolicies")
    }
    assert set(pair) == {"PRIMARY", "SECONDARY"}
    assert {each["name"] for each in pair.values()} == {"www.petclinic.jclee.me"}
    assert pair["PRIMARY"]["healthCheckId"] == exports()["recovery"]["dns"]["healthCheckId"]
    assert pair["PRIMARY"]["aliases"][0]["name"].endswith(".cloudfront.net")
    assert TOKYO in pair["SECONDARY"]["aliases"][0]["name"]


def test_a_name_in_a_pair_has_no_ipv6_that_would_stay_behind() -> None:
    kinds = {
        each["type"]
        for each in variant("prod").of_type("aws:route53/record:Record")
        if each["name"] == "www.petclinic.jclee.me"
    }
    assert kinds == {"A"}


def test_both_regions_have_certificates_and_firewalls() -> None:
    deployment = variant("prod")
    regions = {each["region"] for each in deployment.of_type("aws:acm/certificate:Certificate")}
    assert regions == {SEOUL, TOKYO, GLOBAL}
    scopes = {each["region"]: each["scope"] for each in deployment.of_type("aws:wafv2/webAcl:WebAcl")}
    assert scopes == {GLOBAL: "CLOUDFRONT", TOKYO: "REGIONAL"}


def test_recovery_times_are_computed_and_meet_what_is_declared() -> None:
    times = exports()["recovery"]["times"]
    # A failover to the standby, of which nothing is lost.
    assert times["zone"] == {"rtoMinutes": 2, "rpoMinutes": 0}
    # 20 to start, 500 GB at 20 a minute, 10 for people; logs every five minutes.
    assert times["damage"] == {"rtoMinutes": 55, "rpoMinutes": 5}
    # 90 s until the health check has seen it, 10 to promote, 10 for people; a minute of lag at most.
    assert times["region"] == {"rtoMinutes": 21.5, "rpoMinutes": 1}
    wanted = settings("prod").recovery
    assert wanted.region is not None
    assert times["region"]["rtoMinutes"] <= wanted.region.rto_minutes
    assert times["region"]["rpoMinutes"] <= wanted.region.rpo_minutes


def test_backups_are_copied_to_the_second_region() -> None:
    plan = variant("prod").one("aws:backup/plan:Plan")
    (action,) = plan["rules"][0]["copyActions"]
    assert f":{TOKYO}:" in action["destinationVaultArn"]


def test_dev_has_one_region_and_a_name_that_does_not_fail_over() -> None:
    deployment = variant("dev")
    assert {each.get("region") for each in deployment if each.custom} <= {None, SEOUL, GLOBAL}
    assert deployment.of_type("aws:route53/healthCheck:HealthCheck") == ()
    assert exports("dev")["recovery"]["secondRegion"] is None


# EKS


def test_pods_have_the_planned_size_probes_and_scaling() -> None:
    deployment = variant("prod", "eks")
    spec = deployment.one("kubernetes:apps/v1:Deployment")["spec"]
    assert spec["replicas"] == 3
    (container,) = spec["template"]["spec"]["containers"]
    assert container["resources"]["requests"]["memory"] == "512Mi"
    assert container["resources"]["requests"]["cpu"] == "500m"
    assert container["resources"]["limits"]["memory"] == "1024Mi"
    assert container["resources"]["limits"]["cpu"] == "1000m"
    for probe in ("livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] == "/actuator/health"
    scaler = deployment.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    assert scaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 50


def test_pods_are_behind_the_same_load_balancer() -> None:
    deployment = variant("prod", "eks")
    binding = next(each for each in deployment if each.type.endswith(":TargetGroupBinding"))
    group = deployment.one("aws:lb/targetGroup:TargetGroup", "petclinic-lb-web")
    assert binding["spec"]["targetGroupARN"] == group.outputs["arn"]  # type: ignore[index]
    assert group["targetType"] == "ip"
    assert group["tags"]["eks:eks-cluster-name"] == "petclinic-prod"


def test_a_stack_on_eks_has_no_pair_of_groups_in_the_first_region() -> None:
    groups = {each["name"] for each in variant("prod", "eks").of_type(GROUP)}
    assert groups == {"petclinic-second-prod"}


# Functions


def test_three_paths_go_to_three_functions() -> None:
    deployment = variant("prod", "ec2 serverless")
    handlers = {each["handler"] for each in deployment.of_type("aws:lambda/function:Function")}
    assert {"products.handler", "orders.handler", "customers.handler"} <= handlers
    parts = {each["pathPart"] for each in deployment.of_type("aws:apigateway/resource:Resource")}
    assert {"api", "products", "orders", "customers"} <= parts
    for method in deployment.of_type("aws:apigateway/method:Method"):
        assert method["authorization"] == "AWS_IAM" or method["httpMethod"] == "OPTIONS"


def test_a_function_of_the_api_sees_the_items_of_its_kind_alone() -> None:
    for kind in ("products", "orders", "customers"):
        document = json.loads(
            one(
                "aws:iam/rolePolicy:RolePolicy",
                f"petclinic-api-{kind}-role-policy",
                way="ec2 both",
            )["policy"]
        )
        (table,) = [each for each in document["Statement"] if "dynamodb:Query" in each["Action"]]
        assert table["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [kind]}}
        tells = any("events:PutEvents" in each["Action"] for each in document["Statement"])
        assert tells == (kind == "orders")


def test_an_order_tells_three_functions_each_with_its_own_dead_letter_queue() -> None:
    deployment = variant("prod", "ec2 events")
    targets = [
        each
        for each in deployment.of_type("aws:cloudwatch/eventTarget:EventTarget")
        if each.get("eventBusName")
    ]
    assert len(targets) == 3
    assert len({each["deadLetterConfig"]["arn"] for each in targets}) == 3
    patterns = {
        each["eventPattern"]
        for each in deployment.of_type("aws:cloudwatch/eventRule:EventRule")
        if each.get("eventBusName")
    }
    assert [json.loads(each)["detail-type"] for each in patterns] == [["OrderCreated"]]
    assert sorted(exports(way="ec2 events")["events"]["deadLetters"]) == [
        "analytics",
        "inventory",
        "notification",
    ]


def test_functions_are_traced() -> None:
    for each in variant("prod", "ec2 both").of_type("aws:lambda/function:Function"):
        assert each["tracingConfig"] == {"mode": "Active"}


def test_switches_that_are_off_leave_nothing_behind() -> None:
    types = variant("prod").types()
    assert not any(each.startswith("aws:apigateway/") for each in types)
    assert "aws:cloudwatch/eventBus:EventBus" not in types


# All ways


@pytest.mark.parametrize("stack", ["dev", "prod"])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_content_with_the_policies_and_the_contract(stack: str, way: str) -> None:
    deployment = variant(stack, way)
    waivers = [each for each in load(rules=[rule.id for rule in all_rules()]) if KEY in each.urn]
    found = evaluate(list(records(deployment)), PackConfig(environment=stack), waivers=waivers)
    failed = [
        (verdict.rule, verdict.urn.rsplit("::", maxsplit=1)[-1], verdict.messages)
        for verdict in found.failed
        if "waiver" not in verdict.rule
    ]
    assert failed == []
    assert rules.orphans(deployment) == []
    assert rules.misnamed(deployment) == []
    assert rules.unencrypted(deployment) == []
    assert rules.plaintext_secrets(deployment) == []


@pytest.mark.parametrize("way", ["eks both", "ec2 both"])
def test_each_alarm_of_every_way_is_in_the_runbook(way: str) -> None:
    """The shipped stacks are looked at by the tests of docs; these are what the switches add."""
    page = (ROOT / "docs/runbooks/petclinic.md").read_text(encoding="utf-8")
    for alarm in variant("prod", way).of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        found = re.search(r"petclinic\.md#([a-z-]+)$", alarm["alarmDescription"])
        assert found, alarm.name
        section = re.search(
            rf"^## {found[1]}$(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE | re.IGNORECASE
        )
        assert section, found[1]
        rows = re.findall(r"^\| `([\w*-]+)` \|", section[1], flags=re.MULTILINE)
        key = alarm.name.partition("-alarms-")[2]
        assert any(key == row or (row.startswith("*") and key.endswith(row[1:])) for row in rows), key


# Settings


@pytest.mark.parametrize(
    ("over", "key"),
    [
        ({"platform": "eks"}, "petclinic.pods.imageDigest"),
        ({"platform": "vm"}, "petclinic.platform"),
        ({"secondRegion": {"kind": "warm", "region": SEOUL}}, "petclinic.secondRegion.region"),
        ({"secondRegion": {"kind": "warm", "vpcCidr": "10.50.0.0/16"}}, "petclinic.secondRegion.vpcCidr"),
        ({"edge": {"caching": {"uncachedPaths": ["/api/*"]}}}, "petclinic.edge.caching.uncachedPaths"),
        ({"edge": {"caching": {"minSeconds": 90_000}}}, "petclinic.edge.caching.defaultSeconds"),
        ({"database": {"multiAz": False}}, "petclinic.database.multiAz"),
        ({"database": {"engineVersion": "8.0"}}, "petclinic.database.engineVersion"),
        ({"failover": {"failures": 11}}, "petclinic.failover.failures"),
        ({"recovery": {"region": {"rtoMinutes": 5, "rpoMinutes": 5}}}, "petclinic.database.cover"),
        ({"pods": {"replicas": 20}}, "petclinic.pods.replicas"),
    ],
)
def test_settings_that_break_a_rule_name_their_key(over: dict[str, Any], key: str) -> None:
    assert key in errors_of("prod", **over)


@pytest.mark.parametrize(
    ("hosts", "key"),
    [
        ({"minInstances": 5, "maxInstances": 2}, "petclinic.hosts.minInstances"),
        ({"instanceTypes": ["m7g.large", "m7i.large"]}, "petclinic.hosts.instanceTypes"),
        ({"warmPool": {"kind": "stopped"}}, "petclinic.hosts.warmPool.kind"),
        (
            {"image": {"kind": "pinned", "id": "ami-0123456789abcdef0"}},
            "petclinic.hosts.image.secondRegionId",
        ),
        ({"releases": {"blue": "1 0", "green": "1"}}, "petclinic.hosts.releases.blue"),
    ],
)
def test_settings_of_hosts_that_break_a_rule_name_their_key(hosts: dict[str, Any], key: str) -> None:
    given = {"releases": {"blue": "1", "green": "1"}, **hosts}
    assert key in errors_of("prod", hosts=given)


def test_a_pinned_image_is_another_in_the_second_region() -> None:
    config = with_system("prod", KEY)
    config["seoul-platform:systems"][KEY]["hosts"]["image"] = {
        "kind": "pinned",
        "id": "ami-0aaaaaaaaaaaaaaaa",
        "secondRegionId": "ami-0bbbbbbbbbbbbbbbb",
    }
    deployment = run_program(config, stack="prod")
    images = {each["region"]: each["imageId"] for each in deployment.of_type(TEMPLATE)}
    assert images == {SEOUL: "ami-0aaaaaaaaaaaaaaaa", TOKYO: "ami-0bbbbbbbbbbbbbbbb"}


def test_a_warm_pool_can_be_chosen() -> None:
    config = with_system("prod", KEY)
    hosts = config["seoul-platform:systems"][KEY]["hosts"]
    hosts |= {"warmPool": {"kind": "stopped", "hosts": 2}, "instanceTypes": ["m7g.large"]}
    for group in run_program(config, stack="prod").of_type(GROUP):
        assert group["warmPool"]["minSize"] == 2
