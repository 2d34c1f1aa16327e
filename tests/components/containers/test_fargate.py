"""Cluster, service, one-off task and image repository."""

import json
from typing import Any

import pytest

from components.compute.container_definition import HealthCheck
from components.compute.container_image import ContainerImage
from components.compute.ecs_cluster import EcsCluster, EcsClusterArgs
from components.compute.fargate_service import FargateService
from components.compute.fargate_service_args import FargateServiceArgs
from components.compute.fargate_service_plan import Autoscaled, BlueGreen, FixedCount, Rolling
from components.compute.fargate_task import FargateTask, FargateTaskArgs
from components.compute.fargate_task_definition import SecretReference, TaskArgs
from components.delivery.ecr_repository import EcrRepository, EcrRepositoryArgs
from components.edge.bucket import LogBucket, LogBucketArgs
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import BehindCdn, LoadBalancerArgs
from components.edge.load_balancer_plan import Target, TargetHealthCheck
from components.network.security_group import CidrPeer, Rule
from components.security.grants import send_messages
from components.security.key_policy import key_policy_statements
from tests.harness import Deployment, Record, deploy

ACCOUNT, REGION = "111122223333", "ap-northeast-2"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app-AbCdEf"
OTHER_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/2"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/app"
URL = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app"
DIGEST = "sha256:" + "0" * 64
DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
POLICY = "aws:iam/rolePolicy:RolePolicy"
OUT = Rule(description="HTTPS to endpoints", peer=CidrPeer("10.0.0.0/16"), port=443)


def task(**changes: Any) -> TaskArgs:
    fields: dict[str, Any] = {
        "account_id": ACCOUNT,
        "region": REGION,
        "image": ContainerImage(repository_url=URL, digest=DIGEST, repository_arn=REPOSITORY),
        "user": "1000:1000",
        "cpu_units": 2048,
        "memory_mb": 4096,
        "kms_key_arn": KEY,
        "log_retention_days": 30,
        "port": 4000,
        "environment": {"NODE_ENV": "production"},
        "secrets": {
            "DATABASE_URL": SecretReference(arn=SECRET, json_key="url"),
            "ANTHROPIC_API_KEY": SecretReference(arn=f"{SECRET}2", kms_key_arn=OTHER_KEY),
        },
        "statements": [send_messages(QUEUE)],
        "health_check": HealthCheck(command=["CMD", "/health"]),
    }
    return TaskArgs(**{**fields, **changes})


def cluster() -> EcsCluster:
    return EcsCluster("tasks", EcsClusterArgs(kms_key_arn=KEY))


def door(*, blue_green: bool = False) -> LoadBalancer:
    logs = LogBucket("logs", LogBucketArgs(account_id=ACCOUNT, retention_days=30, load_balancer_logs=True))
    return LoadBalancer(
        "door",
        LoadBalancerArgs(
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-c"],
            certificate_arn=f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1",
            log_bucket=logs,
            exposure=BehindCdn("pl-22a6434b"),
            targets={
                "api": Target(
                    port=4000, health_check=TargetHealthCheck(path="/health"), blue_green=blue_green
                )
            },
        ),
    )


def service(
    *, args: TaskArgs | None = None, behind: bool = True, blue_green: bool = False, **fields: Any
) -> Deployment:
    def build() -> FargateService:
        given: dict[str, Any] = {
            "cluster": cluster(),
            "task": args or task(),
            "vpc_id": "vpc-1",
            "subnet_ids": ["subnet-a", "subnet-c"],
            "capacity": Autoscaled(min_tasks=2, max_tasks=6),
            "target": door(blue_green=blue_green).target("api") if behind else None,
            "egress": [OUT],
        }
        return FargateService("app", FargateServiceArgs(**{**given, **fields}))

    return deploy(build)


def containers(result: Deployment) -> dict[str, Any]:
    found = json.loads(result.one(DEFINITION)["containerDefinitions"])
    return {each["name"]: each for each in found}


def statements(record: Record) -> list[dict[str, Any]]:
    return json.loads(record["policy"])["Statement"]


def test_the_cluster_watches_closely_and_encrypts() -> None:
    result = deploy(cluster)
    found = result.one("aws:ecs/cluster:Cluster")
    assert found["settings"] == [{"name": "containerInsights", "value": "enhanced"}]
    configuration = found["configuration"]
    assert configuration["managedStorageConfiguration"] == {
        "fargateEphemeralStorageKmsKeyId": KEY,
        "kmsKeyId": KEY,
    }
    assert configuration["executeCommandConfiguration"] == {"kmsKeyId": KEY, "logging": "NONE"}
    group = result.one("aws:cloudwatch/logGroup:LogGroup")
    assert group["name"].startswith("/aws/ecs/containerinsights/tasks-cluster")
    assert group["name"].endswith("/performance")
    assert (group["retentionInDays"], group["kmsKeyId"]) == (30, KEY)


def test_fargate_may_use_a_key_for_disks_of_this_account_alone() -> None:
    (_, statement) = key_policy_statements(account_id=ACCOUNT, region=REGION, services=["fargate"])
    body = statement.document()
    assert body["Action"] == ["kms:CreateGrant", "kms:GenerateDataKeyWithoutPlaintext"]
    assert body["Principal"] == {"Service": ["fargate.amazonaws.com"]}
    assert body["Condition"] == {
        "StringEquals": {"kms:EncryptionContext:aws:ecs:clusterAccount": ACCOUNT},
        "ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]},
    }


def test_the_task_definition() -> None:
    result = service()
    found = result.one(DEFINITION)
    assert (found["cpu"], found["memory"], found["networkMode"]) == ("2048", "4096", "awsvpc")
    assert found["requiresCompatibilities"] == ["FARGATE"]
    assert found["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert found["volumes"] == [{"name": "tmp"}]
    assert found["skipDestroy"] is True
    assert "pidMode" not in found.inputs
    (container,) = containers(result).values()
    assert container["image"] == f"{URL}@{DIGEST}"
    assert (container["user"], container["readonlyRootFilesystem"]) == ("1000:1000", True)
    assert container["mountPoints"][0]["containerPath"] == "/tmp"  # noqa: S108
    assert container["environment"] == [{"name": "NODE_ENV", "value": "production"}]
    assert container["secrets"] == [
        {"name": "ANTHROPIC_API_KEY", "valueFrom": f"{SECRET}2"},
        {"name": "DATABASE_URL", "valueFrom": f"{SECRET}:url::"},
    ]
    group = result.one("aws:cloudwatch/logGroup:LogGroup", "app-task")
    assert (group["retentionInDays"], group["kmsKeyId"]) == (30, KEY)


def test_the_execution_role_starts_this_task_and_no_other() -> None:
    result = service()
    found = statements(result.one(POLICY, "app-task-execution-policy"))
    by_action = {tuple(each["Action"]): each for each in found}
    assert by_action["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"][
        "Resource"
    ] == [REPOSITORY]
    assert by_action["ecr:GetAuthorizationToken",]["Resource"] == ["*"]
    assert by_action["secretsmanager:GetSecretValue",]["Resource"] == [f"{SECRET}2", SECRET]
    decrypt = by_action["kms:Decrypt",]
    assert decrypt["Resource"] == [KEY, OTHER_KEY]
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    }
    (log,) = by_action["logs:CreateLogStream", "logs:PutLogEvents"]["Resource"]
    assert ":log-group:app-task-" in log
    assert len(found) == 5


def test_the_task_role_has_what_was_given_and_trusts_this_account() -> None:
    result = service()
    (only,) = statements(result.one(POLICY, "app-task-role-policy"))
    assert only["Resource"] == [QUEUE]
    trust = json.loads(result.one("aws:iam/role:Role", "app-task-role-role")["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"},
    }


def test_without_secrets_and_repository_it_only_logs() -> None:
    result = service(args=task(secrets={}, image=ContainerImage(repository_url="public/x", digest=DIGEST)))
    (only,) = statements(result.one(POLICY, "app-task-execution-policy"))
    assert only["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_tracing_runs_beside_the_application() -> None:
    sidecar = ContainerImage(repository_url="public.ecr.aws/adot", digest=DIGEST)
    result = service(args=task(tracing_collector=sidecar))
    found = containers(result)
    assert found["collector"]["image"] == f"public.ecr.aws/adot@{DIGEST}"
    assert found["app"]["dependsOn"] == [{"containerName": "collector", "condition": "START"}]
    assert {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://127.0.0.1:4317"} in found["app"][
        "environment"
    ]
    actions = [
        action for each in statements(result.one(POLICY, "app-task-role-policy")) for action in each["Action"]
    ]
    assert "xray:PutTraceSegments" in actions


def test_a_rolling_service_takes_back_what_fails() -> None:
    result = service(deployment=Rolling(alarm_names=["errors"]))
    found = result.one(SERVICE)
    assert found["deploymentController"] == {"type": "ECS"}
    assert found["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert found["deploymentConfiguration"] == {"strategy": "ROLLING"}
    assert (found["deploymentMinimumHealthyPercent"], found["deploymentMaximumPercent"]) == (100, 200)
    assert found["alarms"] == {"alarmNames": ["errors"], "enable": True, "rollback": True}
    assert found["healthCheckGracePeriodSeconds"] == 60
    assert result.one("aws:lb/listenerRule:ListenerRule").urn in found.dependencies


def test_the_service_is_private_tagged_and_closed() -> None:
    found = service().one(SERVICE)
    assert found["networkConfiguration"]["assignPublicIp"] is False
    assert found["networkConfiguration"]["subnets"] == ["subnet-a", "subnet-c"]
    assert (found["launchType"], found["platformVersion"]) == ("FARGATE", "LATEST")
    assert (found["propagateTags"], found["enableEcsManagedTags"]) == ("SERVICE", True)
    assert found["enableExecuteCommand"] is False
    assert found["waitForSteadyState"] is False
    assert "alarms" not in found.inputs
    assert service(wait_for_steady_state=True).one(SERVICE)["waitForSteadyState"] is True


def test_only_the_load_balancer_comes_in_on_one_port() -> None:
    result = service()
    rule = result.one(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "app-sg-in-from-load-balancer"
    )
    group = result.one("aws:ec2/securityGroup:SecurityGroup", "door-sg-group")
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == (group.id, 4000, 4000)
    out = result.one("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "door-sg-out-to-app")
    assert (
        out["referencedSecurityGroupId"]
        == result.one("aws:ec2/securityGroup:SecurityGroup", "app-sg-group").id
    )


def test_scaling_follows_cpu_and_memory() -> None:
    result = service()
    found = result.one(SERVICE)
    assert found["desiredCount"] == 2
    assert found.options.ignore_changes == ("desiredCount",)
    target = result.one("aws:appautoscaling/target:Target")
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 6)
    assert target["scalableDimension"] == "ecs:service:DesiredCount"
    assert target["resourceId"].startswith("service/tasks-cluster-")
    assert result.value(result.result.scalable_resource_id) == target["resourceId"]
    for role, percent, metric in (
        ("cpu", 70, "ECSServiceAverageCPUUtilization"),
        ("memory", 75, "ECSServiceAverageMemoryUtilization"),
    ):
        policy = result.one("aws:appautoscaling/policy:Policy", f"app-{role}")
        tracking = policy["targetTrackingScalingPolicyConfiguration"]
        assert policy["policyType"] == "TargetTrackingScaling"
        assert tracking["targetValue"] == percent
        assert tracking["predefinedMetricSpecification"] == {"predefinedMetricType": metric}
        assert (tracking["scaleInCooldown"], tracking["scaleOutCooldown"]) == (300, 60)


def test_a_fixed_count_is_the_programs_own() -> None:
    result = service(capacity=FixedCount(tasks=3), behind=False)
    found = result.one(SERVICE)
    assert (found["desiredCount"], found.options.ignore_changes) == (3, ())
    assert result.of_type("aws:appautoscaling/target:Target") == ()
    assert result.result.scalable_target is None
    assert "loadBalancers" not in found.inputs
    assert result.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == ()


def test_blue_green_is_shifted_by_ecs() -> None:
    result = service(blue_green=True, deployment=BlueGreen(alarm_names=["errors"], bake_time_minutes=10))
    found = result.one(SERVICE)
    assert found["deploymentConfiguration"] == {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10"}
    assert found["alarms"] == {"alarmNames": ["errors"], "enable": True, "rollback": True}
    assert found["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    (attached,) = found["loadBalancers"]
    blue = result.one("aws:lb/targetGroup:TargetGroup", "door-api")
    green = result.one("aws:lb/targetGroup:TargetGroup", "door-api-b")
    rule = result.one("aws:lb/listenerRule:ListenerRule")
    role = result.one("aws:iam/role:Role", "app-shift-role")
    assert attached["targetGroupArn"] == blue.id
    advanced = attached["advancedConfiguration"]
    assert advanced["alternateTargetGroupArn"] == green.id
    assert advanced["productionListenerRule"] == rule.id
    assert advanced["roleArn"].endswith(role.id)
    policy = result.one(POLICY, "app-shift-policy")
    assert policy.urn in found.dependencies
    by_action = {tuple(each["Action"]): each["Resource"] for each in statements(policy)}
    assert by_action["elasticloadbalancing:ModifyRule",] == [rule.id]
    assert by_action["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"] == [
        blue.id,
        green.id,
    ]


def test_a_one_off_task_says_how_to_run_it() -> None:
    def build() -> FargateTask:
        args = FargateTaskArgs(
            cluster=cluster(),
            task=task(port=None, command=["npm", "run", "migrate"]),
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-c"],
            egress=[OUT],
        )
        return FargateTask("migrate", args)

    result = deploy(build)
    run = {key: result.value(value) for key, value in result.result.run.items()}
    assert run["subnets"] == ["subnet-a", "subnet-c"]
    assert (run["container"], run["platformVersion"]) == ("app", "LATEST")
    assert run["securityGroup"] == result.one("aws:ec2/securityGroup:SecurityGroup").id
    assert run["taskDefinition"].startswith("arn:aws:ecs:")
    assert run["cluster"].startswith("arn:aws:ecs:")
    assert containers(result)["app"]["command"] == ["npm", "run", "migrate"]
    assert result.of_type(SERVICE) == ()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: task(cpu_units=2048, memory_mb=2048), "Use 4096"),
        (lambda: task(user="root"), "must not run as root"),
        (lambda: task(port=80), "port: got 80; 1024 to 65535"),
        (lambda: task(environment={"API_KEY": "x"}), "give them in secrets"),
        (lambda: service(args=task(port=None)), "port: got none"),
        (lambda: service(deployment=BlueGreen(alarm_names=["a"])), "blue_green=True"),
        (lambda: service(behind=False, deployment=BlueGreen(alarm_names=["a"])), "blue_green=True"),
    ],
)
def test_what_is_refused(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("protected", [True, False])
def test_a_repository_scans_and_never_moves_a_tag(*, protected: bool) -> None:
    def build() -> EcrRepository:
        return EcrRepository("app", EcrRepositoryArgs(kms_key_arn=KEY, deletion_protection=protected))

    result = deploy(build)
    found = result.one("aws:ecr/repository:Repository")
    assert found["imageTagMutability"] == "IMMUTABLE"
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}
    assert found["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": KEY}]
    assert found["forceDelete"] is False
    assert found.options.protect is protected
    assert found.options.retain_on_delete is protected
    assert result.of_type("aws:ecr/repositoryPolicy:RepositoryPolicy") == ()
    rules = json.loads(result.one("aws:ecr/lifecyclePolicy:LifecyclePolicy")["policy"])["rules"]
    assert [rule["selection"]["countNumber"] for rule in rules] == [7, 20]
    image = result.result.image(DIGEST)
    assert result.value(image.uri).endswith(f"@{DIGEST}")
    with pytest.raises(ValueError, match="image digest: got 'latest'"):
        result.result.image("latest")
