"""The checks against moto's server, and against real HTTPS. Where moto lacks an operation, that one call is
answered by a hook of the SDK; everything else of the client goes to the server."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from ops.__main__ import main
from ops.aws import Clients
from ops.errors import OpsError
from ops.state import State, from_file, parse
from ops.verify.checks_status import READY
from ops.verify.result import Result, Verdict
from ops.verify.rounds import CHECKS, kind_of, run
from tests.harness import program

REGION = "ap-northeast-2"
PENDING, OK, FAILED = Verdict.PENDING, Verdict.OK, Verdict.FAILED


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def clients(server: str, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Clients of the server, emptied; all of it set through the environment, as a person would."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    httpx.post(f"{server}/moto-api/reset", timeout=60).raise_for_status()
    return Clients()


def stack(*resources: dict[str, Any], outputs: dict[str, Any] | None = None, **deployment: Any) -> State:
    """A state as the engine exports it, with one system around the given resources."""
    root = "urn:pulumi:dev::seoul-platform::pulumi:pulumi:Stack::seoul-platform-dev"
    system = "urn:pulumi:dev::seoul-platform::platform:system:Shop::shop"
    raw: list[dict[str, Any]] = [
        {"urn": root, "type": "pulumi:pulumi:Stack", "outputs": outputs or {}},
        {"urn": system, "type": "platform:system:Shop", "parent": root},
    ]
    for each in resources:
        urn = f"{system.rpartition('::')[0]}${each['type']}::{each['name']}"
        raw.append({"urn": urn, "custom": True, "parent": system, **each})
    return parse({"deployment": {"resources": raw, **deployment}}, "test")


def look(state: State, clients: Clients, wait: float = 0, **more: Any) -> list[Result]:
    return list(run(state, clients, wait=wait, every=1, https=False, **more).results)


def only(results: list[Result]) -> Result:
    assert len(results) == 1, results
    return results[0]


def lines(results: list[Result]) -> dict[str, tuple[Verdict, str]]:
    return {each.expected: (each.verdict, each.found) for each in results}


def hooked(clients: Clients, service: str, operation: str, *answers: dict[str, Any]) -> None:
    """Answer one operation that moto does not have; the last answer repeats."""
    left = list(answers)

    def answer(**_: Any) -> tuple[Any, dict[str, Any]]:
        class Reply:
            status_code = 200

        return Reply(), left.pop(0) if len(left) > 1 else left[0]

    client = clients(service, REGION)
    name = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-call.{name}.{operation}", answer)


# ECS


@pytest.fixture
def service(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    del clients
    monkeypatch.setenv("MOTO_ECS_SERVICE_RUNNING", "2")
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName="c")
    for _ in range(2):
        ecs.register_task_definition(
            family="web", containerDefinitions=[{"name": "a", "image": "i", "memory": 64}]
        )
    made = ecs.create_service(cluster="c", serviceName="web", taskDefinition="web:2", desiredCount=2)[
        "service"
    ]
    return {
        "type": "aws:ecs/service:Service",
        "name": "shop-web-service",
        "id": made["serviceArn"],
        "inputs": {"taskDefinition": made["taskDefinition"], "desiredCount": 2},
        "outputs": {"cluster": made["clusterArn"], "name": "web"},
    }


def test_a_service_that_runs_as_planned(clients: Clients, service: dict[str, Any]) -> None:
    results = look(stack(service), clients)
    assert {each.verdict for each in results} == {OK}
    assert {each.expected for each in results} == {"deployment of web:2 COMPLETED", "2 tasks running"}
    assert {(each.system, each.kind, each.name) for each in results} == {
        ("shop", "ecs service", "shop-web-service")
    }


def test_a_rollback_of_the_circuit_breaker_is_found(clients: Clients, service: dict[str, Any]) -> None:
    """The provider saw the service settle; the task definition that settled is the old one."""
    service["inputs"]["taskDefinition"] = service["inputs"]["taskDefinition"].replace("web:2", "web:3")
    verdict, found = lines(look(stack(service), clients, wait=60))["task definition web:3"]
    assert verdict == FAILED
    assert found.startswith("web:2: the planned one was rolled back or not started")


def test_a_task_definition_that_somebody_else_owns_is_not_compared(
    clients: Clients, service: dict[str, Any]
) -> None:
    service["inputs"]["taskDefinition"] = service["inputs"]["taskDefinition"].replace("web:2", "web:1")
    state = stack({**service, "ignoreChanges": ["taskDefinition", "desiredCount"]})
    assert {each.verdict for each in look(state, clients)} == {OK}


def test_a_deployment_under_way_and_one_that_failed(clients: Clients, service: dict[str, Any]) -> None:
    """moto's deployments are complete or in progress from the start; the states between come from a hook."""
    planned = service["inputs"]["taskDefinition"]

    def described(*states: str) -> dict[str, Any]:
        return {
            "services": [
                {
                    "serviceName": "web",
                    "status": "ACTIVE",
                    "desiredCount": 2,
                    "runningCount": 2,
                    "pendingCount": 0,
                    "events": [{"message": "(service web) was unable to place a task"}],
                    "deployments": [
                        {
                            "status": "ACTIVE" if index else "PRIMARY",
                            "taskDefinition": planned,
                            "rolloutState": state,
                        }
                        for index, state in enumerate(states)
                    ],
                }
            ]
        }

    hooked(clients, "ecs", "DescribeServices", described("IN_PROGRESS", "COMPLETED"), described("FAILED"))
    expected = "deployment of web:2 COMPLETED"
    verdict, found = lines(look(stack(service), clients))[expected]
    assert verdict == PENDING
    assert "1 older still there. (service web) was unable to place a task" in found
    verdict, found = lines(look(stack(service), clients))[expected]
    assert verdict == FAILED


def test_a_service_scaled_to_nothing_and_one_that_is_gone(clients: Clients, service: dict[str, Any]) -> None:
    boto3.client("ecs").update_service(cluster="c", service="web", desiredCount=0)
    verdict, found = lines(look(stack(dict(service)), clients))["2 tasks"]
    assert (verdict, found) == (FAILED, "0: somebody scaled it to nothing")
    boto3.client("ecs").delete_service(cluster="c", service="web", force=True)
    assert only(look(stack(service), clients)).verdict == FAILED


@pytest.mark.parametrize(
    ("status", "verdict"), [("SUCCESSFUL", OK), ("IN_PROGRESS", PENDING), ("ROLLBACK_SUCCESSFUL", FAILED)]
)
def test_a_service_that_ecs_shifts(
    clients: Clients, service: dict[str, Any], status: str, verdict: Verdict
) -> None:
    """moto has neither the strategy in its answer nor service deployments."""
    planned = service["inputs"]["taskDefinition"]
    shifted = {
        "serviceName": "web",
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "deploymentConfiguration": {"strategy": "BLUE_GREEN"},
    }
    hooked(clients, "ecs", "DescribeServices", {"services": [shifted]})
    deployments = [{"status": status, "statusReason": "alarm", "targetServiceRevisionArn": "r"}]
    hooked(clients, "ecs", "ListServiceDeployments", {"serviceDeployments": deployments})
    hooked(
        clients,
        "ecs",
        "DescribeServiceRevisions",
        {"serviceRevisions": [{"taskDefinition": planned.replace("web:2", "web:1")}]},
    )
    found = lines(look(stack(service), clients))
    assert found["last deployment SUCCESSFUL"][0] == verdict
    if verdict == OK:
        assert found["task definition web:2"] == (FAILED, "web:1")


# Lambda


@pytest.fixture
def function(clients: Clients) -> list[dict[str, Any]]:
    del clients
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("handler.py", "def handler(event, context): ...")
    client = boto3.client("lambda")
    common: dict[str, Any] = {"FunctionName": "pay", "Publish": True}
    made = client.create_function(
        **common,
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Code={"ZipFile": package.getvalue()},
    )
    with zipfile.ZipFile(package, "a") as archive:
        archive.writestr("more.py", "")
    made = client.update_function_code(**common, ZipFile=package.getvalue())
    client.create_alias(FunctionName="pay", Name="live", FunctionVersion="2")
    return [
        {
            "type": "aws:lambda/function:Function",
            "name": "shop-pay-function",
            "id": "pay",
            "inputs": {"publish": True},
            "outputs": {"name": "pay", "version": made["Version"], "codeSha256": made["CodeSha256"]},
        },
        {
            "type": "aws:lambda/alias:Alias",
            "name": "shop-pay-alias",
            "inputs": {"functionName": "pay", "functionVersion": "1", "name": "live"},
            "ignoreChanges": ["functionVersion", "routingConfig"],
        },
    ]


def test_an_alias_at_the_published_version(clients: Clients, function: list[dict[str, Any]]) -> None:
    found = lines(look(stack(*function), clients))
    assert found["version 2, no share elsewhere"] == (OK, "version 2")
    assert found["Active, last update Successful"] == (OK, "Active, last update Successful")


def test_an_alias_left_behind_and_one_that_is_shifting(
    clients: Clients, function: list[dict[str, Any]]
) -> None:
    client = boto3.client("lambda")
    client.update_alias(FunctionName="pay", Name="live", FunctionVersion="1")
    state = stack(*function)
    assert lines(look(state, clients))["version 2, no share elsewhere"] == (FAILED, "version 1")
    routing = {"AdditionalVersionWeights": {"2": 0.1}}
    client.update_alias(FunctionName="pay", Name="live", FunctionVersion="1", RoutingConfig=routing)
    found = lines(look(state, clients))["version 2, no share elsewhere"]
    assert found[0] == PENDING
    assert found[1].startswith("version 1 with 10% to version 2; not settled after 0 s")


def test_code_that_somebody_changed(clients: Clients, function: list[dict[str, Any]]) -> None:
    function[0]["outputs"]["codeSha256"] = "another"
    assert lines(look(stack(function[0]), clients))["code another"][0] == FAILED


def test_a_function_whose_update_failed(clients: Clients, function: list[dict[str, Any]]) -> None:
    """moto's functions are always Active and Successful."""
    answer = {"State": "Active", "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no permission"}
    waiting = {"State": "Pending", "LastUpdateStatus": "InProgress"}
    code = {"CodeSha256": function[0]["outputs"]["codeSha256"]}
    hooked(clients, "lambda", "GetFunctionConfiguration", {**waiting, **code}, {**answer, **code})
    assert only(look(stack(dict(function[0])), clients)).verdict == PENDING
    failed = only(look(stack(function[0]), clients))
    assert failed.verdict == FAILED
    assert failed.found == "Active, last update Failed. no permission"


@pytest.mark.parametrize(("status", "verdict"), [("READY", OK), ("IN_PROGRESS", PENDING), ("FAILED", FAILED)])
def test_instances_kept_warm(clients: Clients, status: str, verdict: Verdict) -> None:
    """moto has no provisioned concurrency."""
    answer = {"Status": status, "RequestedProvisionedConcurrentExecutions": 2, "StatusReason": "quota"}
    hooked(clients, "lambda", "GetProvisionedConcurrencyConfig", answer)
    token = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
    warm = {"type": token, "name": "w", "inputs": {"functionName": "pay", "qualifier": "live"}}
    assert only(look(stack(warm), clients)).verdict == verdict


def test_an_event_source_that_was_switched_off(clients: Clients, function: list[dict[str, Any]]) -> None:
    del function
    url = boto3.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    client = boto3.client("lambda")
    made = client.create_event_source_mapping(EventSourceArn=arn["QueueArn"], FunctionName="pay")
    token = "aws:lambda/eventSourceMapping:EventSourceMapping"
    mapping = {"type": token, "name": "m", "id": made["UUID"], "inputs": {"functionName": "pay"}}
    assert only(look(stack(dict(mapping)), clients)).verdict == OK
    client.update_event_source_mapping(UUID=made["UUID"], Enabled=False)
    result = only(look(stack(mapping), clients))
    assert (result.verdict, result.found) == (FAILED, "Disabled")
    assert "--enabled" in result.fix


# Traffic


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("Succeeded", OK), ("InProgress", PENDING), ("Failed", FAILED), ("Stopped", FAILED)],
)
def test_the_last_deployment_of_codedeploy(clients: Clients, status: str, verdict: Verdict) -> None:
    """moto's deployment groups do not remember their deployments."""
    group = {"lastAttemptedDeployment": {"deploymentId": "d-1", "status": status}}
    hooked(clients, "codedeploy", "GetDeploymentGroup", {"deploymentGroupInfo": group})
    inputs = {"appName": "app", "deploymentGroupName": "g"}
    info = {"errorInformation": {"message": "an alarm went off"}}
    hooked(clients, "codedeploy", "GetDeployment", {"deploymentInfo": info})
    resource = {"type": "aws:codedeploy/deploymentGroup:DeploymentGroup", "name": "g", "inputs": inputs}
    result = only(look(stack(resource), clients))
    assert result.verdict == verdict
    if verdict == FAILED:
        assert result.found == f"d-1 {status}. an alarm went off"


def test_a_deployment_group_without_deployments(clients: Clients) -> None:
    deploy = boto3.client("codedeploy")
    deploy.create_application(applicationName="app", computePlatform="Lambda")
    role = "arn:aws:iam::123456789012:role/r"
    deploy.create_deployment_group(applicationName="app", deploymentGroupName="g", serviceRoleArn=role)
    inputs = {"appName": "app", "deploymentGroupName": "g"}
    resource = {"type": "aws:codedeploy/deploymentGroup:DeploymentGroup", "name": "g", "inputs": inputs}
    assert only(look(stack(resource), clients)).verdict == OK


class Traffic:
    """A load balancer whose listener sends to two groups by weight."""

    def __init__(self) -> None:
        ec2, self.elb = boto3.client("ec2"), boto3.client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for number, zone in enumerate("ac")
        ]
        balancer = self.elb.create_load_balancer(Name="lb", Subnets=self.subnets)["LoadBalancers"][0]
        self.groups = [
            self.elb.create_target_group(
                Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance"
            )["TargetGroups"][0]["TargetGroupArn"]
            for name in ("blue", "green")
        ]
        self.listener = self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=self.action(1, 0),
        )["Listeners"][0]["ListenerArn"]
        image = "ami-12c6146b"  # one of those that the local server has
        self.instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        self.image = image

    def action(self, *weights: int) -> list[Any]:
        shares = [
            {"TargetGroupArn": arn, "Weight": weight}
            for arn, weight in zip(self.groups, weights, strict=True)
        ]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}]

    def resource(self, index: int) -> dict[str, Any]:
        arn = self.groups[index]
        return {
            "type": "aws:lb/targetGroup:TargetGroup",
            "name": f"g{index}",
            "id": arn,
            "outputs": {"arn": arn},
        }


def test_target_groups_with_and_without_targets_and_traffic(clients: Clients) -> None:
    traffic = Traffic()
    empty = only(look(stack(traffic.resource(0)), clients))
    assert empty.verdict == PENDING
    assert "0 healthy, and a listener sends traffic here" in empty.found
    assert only(look(stack(traffic.resource(1)), clients)).verdict == OK
    traffic.elb.register_targets(TargetGroupArn=traffic.groups[0], Targets=[{"Id": traffic.instance}])
    full = only(look(stack(traffic.resource(0)), clients))
    assert (full.verdict, full.found) == (OK, "1 healthy")
    traffic.elb.modify_listener(ListenerArn=traffic.listener, DefaultActions=traffic.action(0, 1))
    assert only(look(stack(traffic.resource(1)), clients)).verdict == PENDING


def test_a_target_that_does_not_answer(clients: Clients) -> None:
    """moto calls every running target healthy."""
    health = [
        {"Target": {"Id": "i-1"}, "TargetHealth": {"State": "healthy"}},
        {"Target": {"Id": "i-2"}, "TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout"}},
        {"Target": {"Id": "i-3"}, "TargetHealth": {"State": "draining"}},
    ]
    hooked(clients, "elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": health})
    resource = {"type": "aws:lb/targetGroup:TargetGroup", "name": "g", "id": "arn"}
    result = only(look(stack(resource), clients))
    assert result.verdict == PENDING
    assert result.found.startswith("1 healthy, 1 unhealthy, 1 draining (Target.Timeout)")


@pytest.fixture
def group(clients: Clients) -> dict[str, Any]:
    traffic = Traffic()
    ec2 = boto3.client("ec2")
    data = {"ImageId": traffic.image, "InstanceType": "t3.micro"}
    template = ec2.create_launch_template(LaunchTemplateName="t", LaunchTemplateData=data)["LaunchTemplate"]
    identity = template["LaunchTemplateId"]
    boto3.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=2,
        MaxSize=4,
        DesiredCapacity=2,
        LaunchTemplate={"LaunchTemplateId": identity, "Version": "$Latest"},
        VPCZoneIdentifier=",".join(traffic.subnets),
    )
    hooked(clients, "autoscaling", "DescribeInstanceRefreshes", {"InstanceRefreshes": []})
    return {
        "type": "aws:autoscaling/group:Group",
        "name": "shop-web",
        "id": "web",
        "inputs": {"minSize": 2},
        "template": identity,
    }


def test_a_group_whose_instances_serve(clients: Clients, group: dict[str, Any]) -> None:
    found = lines(look(stack(group), clients))
    assert found["2 instances InService and Healthy"] == (OK, "2")
    assert found["launch template version 1 everywhere"] == (OK, "1")
    assert found["instance refresh Successful, if any"] == (OK, "none yet")


def test_instances_of_an_older_template(clients: Clients, group: dict[str, Any]) -> None:
    boto3.client("ec2").create_launch_template_version(
        LaunchTemplateId=group["template"], SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    verdict, found = lines(look(stack(group), clients))["launch template version 2 everywhere"]
    assert verdict == FAILED
    assert found.startswith("2 on another version: i-")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("Successful", OK), ("InProgress", PENDING), ("RollbackSuccessful", FAILED), ("Cancelled", FAILED)],
)
def test_an_instance_refresh(clients: Clients, group: dict[str, Any], status: str, verdict: Verdict) -> None:
    """moto has no instance refreshes."""
    refresh = {"Status": status, "StatusReason": "an alarm", "PercentageComplete": 50}
    hooked(clients, "autoscaling", "DescribeInstanceRefreshes", {"InstanceRefreshes": [refresh]})
    fresh = Clients()
    hooked(fresh, "autoscaling", "DescribeInstanceRefreshes", {"InstanceRefreshes": [refresh]})
    result = lines(look(stack(group), fresh))["instance refresh Successful"]
    assert result[0] == verdict
    assert result[1].startswith(f"{status} (50 percent). an alarm")


def test_a_group_that_is_too_small(clients: Clients, group: dict[str, Any]) -> None:
    boto3.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName="web", MinSize=1)
    assert lines(look(stack(dict(group)), clients))["at least 2 instances"][0] == FAILED
    boto3.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    gone = only(look(stack(group), clients))
    assert (gone.verdict, gone.found) == (FAILED, "no such group")


# Services that say of themselves whether they are ready


def test_batch_environments_and_queues(clients: Clients) -> None:
    role = boto3.client("iam").create_role(RoleName="b", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    batch = boto3.client("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName="fleet", type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    queue = batch.create_job_queue(
        jobQueueName="jobs",
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
    )["jobQueueArn"]
    resources = [
        {
            "type": "aws:batch/computeEnvironment:ComputeEnvironment",
            "name": "fleet",
            "outputs": {"arn": environment},
            "inputs": {"state": "ENABLED"},
        },
        {
            "type": "aws:batch/jobQueue:JobQueue",
            "name": "jobs",
            "outputs": {"arn": queue},
            "inputs": {"state": "ENABLED"},
        },
    ]
    state = stack(*resources)
    results = look(state, clients)
    assert [(each.expected, each.verdict) for each in results] == [("VALID", OK), ("state ENABLED", OK)] * 2
    batch.update_compute_environment(computeEnvironment="fleet", state="DISABLED")
    changed = [each for each in look(state, clients) if each.verdict == FAILED]
    assert [(each.expected, each.found) for each in changed] == [("state ENABLED", "state DISABLED")]


def test_an_invalid_environment_says_why(clients: Clients) -> None:
    """moto's environments are always VALID."""
    answer = {"status": "INVALID", "statusReason": "CLIENT_ERROR - no such role", "state": "ENABLED"}
    hooked(clients, "batch", "DescribeComputeEnvironments", {"computeEnvironments": [answer]})
    token = "aws:batch/computeEnvironment:ComputeEnvironment"
    result = only(look(stack({"type": token, "name": "f", "outputs": {"arn": "a"}}), clients))
    assert (result.verdict, result.found) == (FAILED, "INVALID. CLIENT_ERROR - no such role")


def test_clusters_and_databases(clients: Clients) -> None:
    role = "arn:aws:iam::123456789012:role/r"
    boto3.client("eks").create_cluster(
        name="k", version="1.33", roleArn=role, resourcesVpcConfig={"subnetIds": []}
    )
    boto3.client("rds").create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20
    )
    cluster = {
        "type": "aws:eks/cluster:Cluster",
        "name": "k",
        "outputs": {"name": "k"},
        "inputs": {"version": "1.34"},
    }
    database = {
        "type": "aws:rds/instance:Instance",
        "name": "db",
        "outputs": {"identifier": "db"},
        "inputs": {"instanceClass": "db.t4g.micro"},
    }
    found = lines(look(stack(cluster, database), clients))
    assert found["ACTIVE"] == (OK, "ACTIVE")
    assert found["version 1.34"] == (FAILED, "version 1.33")
    assert found["available"] == (OK, "available")
    assert found["instanceClass db.t4g.micro"][0] == OK
    missing = {"type": "aws:rds/instance:Instance", "name": "x", "outputs": {"identifier": "none"}}
    gone = only(look(stack(missing), clients))
    assert gone.verdict == FAILED
    assert gone.found.startswith("not there")


def test_every_row_of_the_table_names_a_real_operation() -> None:
    for resource_type, how in READY.items():
        client = boto3.client(how.service, region_name=REGION)
        operation = client.meta.method_to_api_mapping[how.operation]
        shape = client.meta.service_model.operation_model(operation).output_shape
        for path in (how.status, *how.equal.values(), *([how.reason] if how.reason else ())):
            assert _in_shape(shape, path), f"{resource_type}: {path} is not in the answer of {operation}"
        resource = stack({"type": resource_type, "name": "x", "id": "i"}).resources[-1]
        known = client.meta.service_model.operation_model(operation).input_shape.members
        assert set(how.arguments(resource)) <= set(known), resource_type


def _in_shape(shape: Any, path: str) -> bool:
    for part in path.split("."):
        if part.isdigit():
            if shape.type_name != "list":
                return False
            shape = shape.member
        elif part in getattr(shape, "members", {}):
            shape = shape.members[part]
        else:
            return False
    return True


@pytest.mark.parametrize("shipped", ["dev", "prod"])
def test_every_kind_of_compute_of_the_shipped_stacks_has_a_check(shipped: str) -> None:
    """What runs something, or moves traffic to it, in a stack as shipped: a new service is not forgotten."""
    running = {"autoscaling", "batch", "codedeploy", "ecs", "eks", "lambda", "msk", "pipes", "rds"}
    quiet = {
        "aws:ecs/cluster:Cluster",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:autoscaling/policy:Policy",
        "aws:codedeploy/application:Application",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:msk/configuration:Configuration",
        "aws:msk/topic:Topic",
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        "aws:lambda/invocation:Invocation",
        "aws:lambda/layerVersion:LayerVersion",
        "aws:lambda/permission:Permission",
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/proxy:Proxy",
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "aws:rds/proxyEndpoint:ProxyEndpoint",
        "aws:rds/proxyTarget:ProxyTarget",
        "aws:rds/subnetGroup:SubnetGroup",
    }
    types = {each.type for each in program(shipped) if each.custom and each.type.startswith("aws:")}
    unchecked = (
        {each for each in types if each.split(":")[1].partition("/")[0] in running} - set(CHECKS) - quiet
    )
    assert unchecked == set(), "add a check in ops/verify, or list the type here as one that does not run"


# Waiting


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def queue_states(clients: Clients, *states: str) -> State:
    answers = [{"jobQueues": [{"status": state}]} for state in states]
    hooked(clients, "batch", "DescribeJobQueues", *answers)
    return stack({"type": "aws:batch/jobQueue:JobQueue", "name": "jobs", "outputs": {"arn": "a"}})


def test_it_waits_until_settled_and_looks_once_more(clients: Clients) -> None:
    clock = Clock()
    state = queue_states(clients, "CREATING", "UPDATING", "VALID", "VALID")
    answer = run(state, clients, wait=600, every=10, https=False, clock=clock, sleep=clock.sleep)
    assert answer.ok
    assert answer.seconds == 20


def test_what_turns_bad_while_others_settle_is_seen(clients: Clients) -> None:
    clock = Clock()
    state = queue_states(clients, "CREATING", "VALID", "INVALID")
    answer = run(state, clients, wait=600, every=10, https=False, clock=clock, sleep=clock.sleep)
    assert [each.found for each in answer.results] == ["INVALID"]


def test_the_deadline_and_a_failure_end_the_wait(clients: Clients) -> None:
    clock = Clock()
    state = queue_states(clients, "CREATING")
    answer = run(state, clients, wait=60, every=10, https=False, clock=clock, sleep=clock.sleep)
    assert not answer.ok
    assert answer.seconds <= 60
    assert [each.found for each in answer.results] == ["CREATING; not settled after 60 s"]
    clock = Clock()
    failed = queue_states(Clients(), "INVALID")
    fresh = Clients()
    hooked(fresh, "batch", "DescribeJobQueues", {"jobQueues": [{"status": "INVALID"}]})
    assert not run(failed, fresh, wait=600, every=10, https=False, clock=clock, sleep=clock.sleep).ok
    assert clock.now == 0


def test_throttling_is_waited_out_and_a_missing_permission_is_named(clients: Clients) -> None:
    state = stack({"type": "aws:batch/jobQueue:JobQueue", "name": "jobs", "outputs": {"arn": "a"}})
    for code, verdict in (("ThrottlingException", PENDING), ("AccessDeniedException", FAILED)):
        fresh = Clients()

        def refuse(code: str = code, **_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeJobQueues")

        fresh("batch", None).meta.events.register("before-call.batch.DescribeJobQueues", refuse)
        result = only(look(state, fresh))
        assert result.verdict == verdict
    assert "DescribeJobQueues" in result.fix
    del clients


def test_an_interrupted_update_is_a_failure(clients: Clients) -> None:
    urn = "urn:pulumi:dev::seoul-platform::aws:sqs/queue:Queue::shop-jobs"
    state = stack(pending_operations=[{"type": "creating", "resource": {"urn": urn}}])
    result = only(look(state, clients))
    assert (result.verdict, result.name) == (FAILED, "shop-jobs")
    assert result.found == f"interrupted while creating {urn}"


# The state


def test_the_state_knows_systems_regions_and_secrets(tmp_path: Path) -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
    state = stack(
        {"type": "aws:sqs/queue:Queue", "name": "q", "outputs": {"region": "ap-northeast-1", "url": secret}},
        {"type": "aws:sns/topic:Topic", "name": "t", "outputs": {"arn": "arn:aws:sns:us-east-1:1:t"}},
        {"type": "aws:sns/topic:Topic", "name": "old", "delete": True},
        outputs={"shop": {"url": "https://x"}, "other": {}},
    )
    assert state.systems == ["shop"]
    queue, topic = state.resources[-2:]
    assert (queue.region, topic.region, queue.get("url")) == ("ap-northeast-1", "us-east-1", None)
    assert set(state.only(["shop"]).outputs) == {"shop"}
    with pytest.raises(OpsError, match="--system: got bank; stack dev holds shop"):
        state.only(["bank"])
    for text, said in (
        ("no", "not JSON"),
        ("{}", "not an exported state"),
        ('{"deployment": {}}', "nothing"),
    ):
        file = tmp_path / "state.json"
        file.write_text(text)
        with pytest.raises(OpsError, match=said):
            from_file(file)


def test_kinds_are_words() -> None:
    assert kind_of("aws:batch/computeEnvironment:ComputeEnvironment") == "batch compute environment"
    assert kind_of("aws:lb/targetGroup:TargetGroup") == "lb target group"


def test_the_command_line(
    clients: Clients, service: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del clients
    file = tmp_path / "state.json"
    root = "urn:pulumi:dev::seoul-platform::pulumi:pulumi:Stack::s"
    urn = f"urn:pulumi:dev::seoul-platform::aws:ecs/service:Service::{service.pop('name')}"
    resources = [{"urn": root, "type": "pulumi:pulumi:Stack"}, {"urn": urn, "parent": root, **service}]
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    assert main(["verify", "--state-file", str(file), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert [each["verdict"] for each in answer["results"]] == ["ok", "ok"]
    service["inputs"]["taskDefinition"] = service["inputs"]["taskDefinition"].replace("web:2", "web:9")
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    assert main(["verify", "--state-file", str(file)]) == 1
    assert "verify: failed: stack dev: 1 ok, 1 failed" in capsys.readouterr().out
    assert main(["verify"]) == 2
    assert main(["verify", "--state-file", str(file), "--wait", "soon"]) == 2
    assert main(["verify", "--state-file", str(file), "--system", "shop"]) == 1
