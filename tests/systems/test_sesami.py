"""The figures of Sesami's plan, with their corrections, read from what the program registers."""

import json
import re
from typing import Any

import pulumi
import pytest

from tests.harness import Deployment, Record
from tests.systems.sesami import arn, planned

STACKS = ("dev", "prod")
over_stacks = pytest.mark.parametrize("stack", STACKS)
DAY_SECONDS = 86_400


def alarm(deployment: Deployment, key: str) -> Record:
    return deployment.one("aws:cloudwatch/metricAlarm:MetricAlarm", f"sesami-alarms-{key}")


def job(deployment: Deployment) -> dict[str, Any]:
    return json.loads(deployment.one("aws:batch/jobDefinition:JobDefinition")["containerProperties"])


@over_stacks
def test_api_on_fargate(stack: str) -> None:
    deployment = planned(stack)
    definition = deployment.one("aws:ecs/taskDefinition:TaskDefinition")
    assert (definition["cpu"], definition["memory"]) == ("512", "1024")
    (container,) = json.loads(definition["containerDefinitions"])
    assert [port["containerPort"] for port in container["portMappings"]] == [8000]
    environment = {each["name"]: each["value"] for each in container["environment"]}
    assert environment["TASK_SERVICE_IMPL"] == "AWS"
    assert environment["SQS_QUEUE_URL"].startswith("https://sqs.")
    assert {each["name"] for each in container["secrets"]} == {"DATABASE_URL", "JWT_SECRET_KEY"}
    assert "@sha256:" in container["image"]
    target = deployment.one("aws:appautoscaling/target:Target")
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 10)
    (policy,) = deployment.of_type("aws:appautoscaling/policy:Policy")
    tracking = policy["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 70
    assert (
        tracking["predefinedMetricSpecification"]["predefinedMetricType"] == "ECSServiceAverageCPUUtilization"
    )


@over_stacks
def test_load_balancer_speaks_https_to_cloudfront_alone(stack: str) -> None:
    deployment = planned(stack)
    balancer = deployment.one("aws:lb/loadBalancer:LoadBalancer")
    assert balancer["internal"] is True
    listener = deployment.one("aws:lb/listener:Listener", "sesami-lb-https")
    certificate = deployment.one("aws:acm/certificate:Certificate", "sesami-api-certificate-certificate")
    assert certificate["domainName"] == "api.sesami.jclee.me"
    assert listener["certificateArn"] == arn(certificate)
    origin = deployment.one("aws:cloudfront/vpcOrigin:VpcOrigin")
    assert origin["vpcOriginEndpointConfig"]["arn"] == arn(balancer)
    group = deployment.one("aws:ec2/securityGroup:SecurityGroup", "sesami-lb-sg-group")
    doors = [
        rule
        for rule in deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule["securityGroupId"] == group.id
    ]
    assert [(rule["fromPort"], rule["prefixListId"]) for rule in doors] == [(443, "pl-22a6434b")]


@over_stacks
def test_both_names_answer_behind_one_firewall(stack: str) -> None:
    deployment = planned(stack)
    acl = deployment.one("aws:wafv2/webAcl:WebAcl")
    distributions = deployment.of_type("aws:cloudfront/distribution:Distribution")
    assert {each["webAclId"] for each in distributions} == {arn(acl)}
    assert {tuple(each["aliases"]) for each in distributions} == {
        ("api.sesami.jclee.me",),
        ("app.sesami.jclee.me",),
    }
    records = deployment.of_type("aws:route53/record:Record")
    assert {each["name"] for each in records if each["type"] == "A"} == {
        "api.sesami.jclee.me",
        "app.sesami.jclee.me",
    }


@pytest.mark.parametrize(("stack", "instance"), [("dev", "db.t4g.micro"), ("prod", "db.r6g.large")])
def test_database(stack: str, instance: str) -> None:
    database = planned(stack).one("aws:rds/instance:Instance")
    assert database["engine"] == "postgres"
    assert int(database["engineVersion"].partition(".")[0]) >= 16
    assert database["instanceClass"] == instance
    assert (database["allocatedStorage"], database["storageType"]) == (20, "gp3")
    assert database["maxAllocatedStorage"] > 20
    assert database["multiAz"] is True
    assert database["backupRetentionPeriod"] == 7
    assert database["backupWindow"] == "03:00-04:00"
    assert database["maintenanceWindow"] == "mon:04:00-mon:05:00"
    assert database["manageMasterUserPassword"] is True
    assert database["storageEncrypted"] is True
    assert database["skipFinalSnapshot"] is (stack == "dev")
    assert database.options.protect is (stack == "prod")


@over_stacks
def test_queue(stack: str) -> None:
    deployment = planned(stack)
    queue = deployment.one("aws:sqs/queue:Queue", "sesami-analysis-jobs-queue")
    dead = deployment.one("aws:sqs/queue:Queue", "sesami-analysis-jobs-dead-letters")
    assert queue["visibilityTimeoutSeconds"] == 900
    assert queue["messageRetentionSeconds"] == dead["messageRetentionSeconds"] == 14 * DAY_SECONDS
    assert json.loads(queue["redrivePolicy"]) == {"deadLetterTargetArn": arn(dead), "maxReceiveCount": 3}
    # Twice as long once its quotes are escaped, and Batch takes 8192.
    assert queue["maxMessageSize"] == 4_096


@over_stacks
def test_pipe_makes_one_job_of_one_message(stack: str) -> None:
    pipe = planned(stack).one("aws:pipes/pipe:Pipe")
    assert pipe["sourceParameters"]["sqsQueueParameters"] == {"batchSize": 1}
    job_parameters = pipe["targetParameters"]["batchJobParameters"]
    assert job_parameters["jobName"] == "$.messageId"
    assert job_parameters["containerOverrides"]["environments"] == [
        {"name": "SQS_MESSAGE_BODY", "value": "$.body"}
    ]
    assert "includeExecutionDatas" not in pipe["logConfiguration"]
    assert pipe["logConfiguration"]["cloudwatchLogsLogDestination"]["logGroupArn"]


@over_stacks
def test_spot_fleet(stack: str) -> None:
    deployment = planned(stack)
    fleet = deployment.one("aws:batch/computeEnvironment:ComputeEnvironment")
    resources = fleet["computeResources"]
    assert fleet["type"] == "MANAGED"
    assert resources["type"] == "SPOT"
    assert resources["allocationStrategy"] == "SPOT_PRICE_CAPACITY_OPTIMIZED"
    types = resources["instanceTypes"]
    assert types[:3] == ["c5.xlarge", "c5.2xlarge", "c6i.xlarge"]
    # An instance of 8 GB cannot hold the planned job of 8 GB.
    assert types[3:] == ["m5.xlarge", "m6i.xlarge"]
    assert (resources["minVcpus"], resources["maxVcpus"]) == (0, 256)
    assert resources["bidPercentage"] == 100
    assert ":instance-profile/" in resources["instanceRole"]
    private = {
        record.id for record in deployment.of_type("aws:ec2/subnet:Subnet") if "-private-" in record.name
    }
    assert set(resources["subnets"]) == private
    template = deployment.one("aws:ec2/launchTemplate:LaunchTemplate")
    assert resources["launchTemplate"]["launchTemplateId"] == template.id
    assert template["metadataOptions"]["httpTokens"] == "required"
    (device,) = template["blockDeviceMappings"]
    assert device["ebs"]["encrypted"] == "true"
    assert device["ebs"]["kmsKeyId"]


@over_stacks
def test_worker_job(stack: str) -> None:
    deployment = planned(stack)
    definition = deployment.one("aws:batch/jobDefinition:JobDefinition")
    container = job(deployment)
    sizes = {each["type"]: each["value"] for each in container["resourceRequirements"]}
    assert sizes == {"VCPU": "4", "MEMORY": "8192"}
    assert "@sha256:" in container["image"]
    assert container["privileged"] is False
    assert container["readonlyRootFilesystem"] is True
    assert container["user"] == "1000:1000"
    assert [each["name"] for each in container["secrets"]] == ["DATABASE_URL"]
    assert definition["timeout"] == {"attemptDurationSeconds": 3_600}
    assert definition["retryStrategy"]["evaluateOnExits"] == [
        {"action": "retry", "onStatusReason": "Host EC2*"},
        {"action": "exit", "onReason": "*"},
    ]
    assert definition["retryStrategy"]["attempts"] == 5


@over_stacks
def test_images_never_change_and_are_scanned(stack: str) -> None:
    repositories = planned(stack).of_type("aws:ecr/repository:Repository")
    assert {record.name for record in repositories} == {"sesami-api-images", "sesami-worker-images"}
    for repository in repositories:
        assert repository["imageTagMutability"] == "IMMUTABLE"
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


@over_stacks
def test_site_keeps_hashed_files_for_a_year_and_pages_not_at_all(stack: str) -> None:
    deployment = planned(stack)
    distribution = deployment.one("aws:cloudfront/distribution:Distribution", "sesami-site-distribution")
    headers = {
        record.id: record["customHeadersConfig"]["items"][0]["value"]
        for record in deployment.of_type("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
        if record.get("customHeadersConfig")
    }
    edge = {
        record.id: record["defaultTtl"]
        for record in deployment.of_type("aws:cloudfront/cachePolicy:CachePolicy")
    }
    page = distribution["defaultCacheBehavior"]
    (hashed,) = distribution["orderedCacheBehaviors"]
    assert hashed["pathPattern"] == "/assets/*"
    assert headers[hashed["responseHeadersPolicyId"]] == "public, max-age=31536000, immutable"
    assert headers[page["responseHeadersPolicyId"]] == "no-cache"
    assert (edge[hashed["cachePolicyId"]], edge[page["cachePolicyId"]]) == (31_536_000, 0)
    assert distribution["customErrorResponses"] == [
        {"errorCode": 404, "errorCachingMinTtl": 0, "responseCode": 200, "responsePagePath": "/index.html"}
    ]
    assert distribution["aliases"] == ["app.sesami.jclee.me"]
    assert deployment.outputs["sesami"]["site"]["invalidate"] == ["/index.html"]


@over_stacks
def test_secrets_hold_what_the_env_file_held(stack: str) -> None:
    names = {record.name for record in planned(stack).of_type("aws:secretsmanager/secret:Secret")}
    assert names == {
        "sesami-database-address-secret",
        "sesami-encryption-keys-secret",
        "sesami-github-oauth-secret",
        "sesami-jwt-key-secret",
    }
    assert not planned(stack).of_type("aws:secretsmanager/secretVersion:SecretVersion")


@over_stacks
def test_new_secrets_reach_the_tasks(stack: str) -> None:
    rules = {
        record.name.removeprefix("sesami-").removesuffix("-changed-rule"): json.loads(record["eventPattern"])
        for record in planned(stack).of_type("aws:cloudwatch/eventRule:EventRule")
        if record.name.endswith("-changed-rule")
    }
    assert set(rules) == {"password", "address", "jwt-key"}
    assert all(rule["detail"]["eventName"] == ["RotationSucceeded"] for rule in rules.values())


def test_alarms_follow_from_the_capacity() -> None:
    deployment = planned("prod")
    # 256 vCPUs at 4 each; half of that where Spot has only c5.2xlarge, where 4 vCPUs idle.
    assert deployment.outputs["sesami"]["jobs"]["capacity"] == {
        "jobsAtOnce": 64,
        "jobsForCertain": 32,
        "jobsPerHour": 256,
        "fittingInstanceTypes": ["c5.2xlarge", "m5.xlarge", "m6i.xlarge"],
    }
    assert alarm(deployment, "jobs-arrivals")["threshold"] == 128
    assert alarm(deployment, "jobs-arrivals")["period"] == 3_600
    age = alarm(deployment, "jobs-queue-age")
    assert (age["metricName"], age["threshold"]) == ("ApproximateAgeOfOldestMessage", 15 * 60)
    smaller = planned("prod", json.dumps({"worker": {"memoryMb": 7_168}}))
    assert smaller.outputs["sesami"]["jobs"]["capacity"]["jobsForCertain"] == 64
    assert alarm(smaller, "jobs-arrivals")["threshold"] == 256


def test_a_drought_and_a_dead_letter_wake_somebody() -> None:
    deployment = planned("prod")
    rule = deployment.one("aws:cloudwatch/eventRule:EventRule", "sesami-failed-jobs-blocked")
    assert json.loads(rule["eventPattern"])["detail-type"] == ["Batch Job Queue Blocked"]
    assert alarm(deployment, "jobs-spot-drought")["dimensions"] == {"RuleName": rule.id}
    for key in ("jobs-spot-drought", "jobs-dead-letters", "jobs-failed-jobs", "jobs-queue-age"):
        assert len(alarm(deployment, key)["alarmActions"]) == 2, key
    assert len(alarm(deployment, "secrets-missed-changes")["alarmActions"]) == 2


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ({"worker": {"scratchMb": 8_192}}, "sesami.worker.scratchMb"),
        ({"worker": {"typicalMinutes": 61}}, "sesami.worker.typicalMinutes"),
        ({"worker": {"imageDigest": "latest"}}, "sesami.worker.imageDigest"),
        ({"database": {"multiAz": False}}, "sesami.database.multiAz"),
        ({"domain": {"apiHostname": "api.example.com"}}, "sesami.domain.apiHostname"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(text: dict[str, Any], key: str) -> None:
    with pytest.raises(pulumi.RunError, match=re.escape(key)):
        planned("prod", json.dumps(text))
