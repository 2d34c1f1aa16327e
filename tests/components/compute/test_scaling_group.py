"""Hosts: what they are started from, how they scale, and a pair of groups that takes turns."""

import base64
import subprocess
from typing import Any

import pytest

from components.compute.java_service_plan import JavaService, agent_config, user_data
from components.compute.scaling_group import ScalingGroup
from components.compute.scaling_group_plan import (
    SCALE_OUT_SECONDS,
    AmiId,
    Capacity,
    ScalingTarget,
    StoppedPool,
    forecast_queries,
)
from tests.contracts.examples_hosts import PAIR, group_args, pair, pair_args
from tests.harness import Deployment, Record, deploy

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:autoscaling/group:Group"
POLICY = "aws:autoscaling/policy:Policy"


def built(**changes: Any) -> Deployment:
    return deploy(lambda: ScalingGroup("hosts", group_args(**changes)))


def policy(deployment: Deployment, kind: str) -> dict[str, Any]:
    (found,) = [each for each in deployment.of_type(POLICY) if each["policyType"] == kind]
    return dict(found.inputs)


def group(deployment: Deployment) -> Record:
    return deployment.one(GROUP)


def test_a_host_has_no_public_address_and_no_key_pair() -> None:
    template = built().one(TEMPLATE)
    (interface,) = template["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert template.get("keyName") is None


def test_metadata_needs_a_session_and_stays_on_the_host() -> None:
    options = built().one(TEMPLATE)["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)


def test_disks_are_encrypted_with_the_given_key() -> None:
    (disk,) = built().one(TEMPLATE)["blockDeviceMappings"]
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeType"]) == ("true", "gp3")
    assert disk["ebs"]["kmsKeyId"] == group_args().kms_key_arn


def test_the_image_follows_its_parameter_and_then_nothing_rolls_back_by_itself() -> None:
    deployment = built()
    assert deployment.one(TEMPLATE)["imageId"].startswith("resolve:ssm:/aws/service/")
    assert group(deployment)["instanceRefresh"]["preferences"]["autoRollback"] is False


def test_a_pinned_image_can_roll_back() -> None:
    deployment = built(ami=AmiId("ami-0123456789abcdef0"), refresh_alarm_names=["errors"])
    preferences = group(deployment)["instanceRefresh"]["preferences"]
    assert preferences["autoRollback"] is True
    assert preferences["alarmSpecification"]["alarms"] == ["errors"]


def test_hosts_are_healthy_when_the_load_balancer_says_so() -> None:
    assert group(built())["healthCheckType"] == "ELB"


def test_a_refresh_starts_new_hosts_before_it_ends_old_ones() -> None:
    preferences = group(built())["instanceRefresh"]["preferences"]
    assert (preferences["minHealthyPercentage"], preferences["maxHealthyPercentage"]) == (100, 200)


def test_one_type_is_plain_and_several_are_mixed_in_their_order() -> None:
    assert group(built()).get("mixedInstancesPolicy") is None
    mixed = group(built(instance_types=["m7g.large", "m6g.large"]))
    overrides = mixed["mixedInstancesPolicy"]["launchTemplate"]["overrides"]
    assert [each["instanceType"] for each in overrides] == ["m7g.large", "m6g.large"]
    assert mixed.get("launchTemplate") is None


def test_a_warm_pool_is_a_choice() -> None:
    assert group(built()).get("warmPool") is None
    pool = group(built(warm_pool=StoppedPool(hosts=2)))["warmPool"]
    assert (pool["poolState"], pool["minSize"]) == ("Stopped", 2)


def test_scaling_out_is_decided_in_less_than_a_minute() -> None:
    metric = policy(built(), "TargetTrackingScaling")["targetTrackingConfiguration"][
        "customizedMetricSpecification"
    ]
    assert metric["period"] == 10
    assert SCALE_OUT_SECONDS < 60
    assert metric["metricDimensions"] == [{"name": "AutoScalingGroupName", "value": "example"}]


def test_the_forecast_scales_beside_target_tracking_at_the_same_target() -> None:
    deployment = built()
    forecast = policy(deployment, "PredictiveScaling")["predictiveScalingConfiguration"]
    assert (forecast["mode"], forecast["schedulingBufferTime"]) == ("ForecastAndScale", "600")
    assert forecast["metricSpecification"]["targetValue"] == 50
    tracked = policy(deployment, "TargetTrackingScaling")["targetTrackingConfiguration"]["targetValue"]
    assert tracked == 50


def test_a_pair_forecasts_from_the_load_of_both() -> None:
    deployment = deploy(lambda: pair("hosts", None))
    for each in deployment.of_type(POLICY):
        if each["policyType"] != "PredictiveScaling":
            continue
        load = each["predictiveScalingConfiguration"]["metricSpecification"][
            "customizedLoadMetricSpecification"
        ]["metricDataQueries"]
        named = {
            query["metricStat"]["metric"]["dimensions"][0]["value"] for query in load if "metricStat" in query
        }
        assert named == set(PAIR)


def test_each_forecast_query_is_used_and_one_is_returned() -> None:
    for queries in forecast_queries(PAIR).values():
        assert [each.returned for each in queries].count(True) == 1
        text = " ".join(each.expression or "" for each in queries)
        assert all(each.id in text for each in queries if not each.returned)


def test_counts_of_a_pair_belong_to_the_release() -> None:
    deployment = deploy(lambda: pair("hosts", None))
    for each in deployment.of_type(GROUP):
        assert set(each.options.ignore_changes) == {"desiredCapacity", "maxSize", "minSize"}
    green = next(each for each in deployment.of_type(GROUP) if each["name"] == "example-green")
    assert (green["minSize"], green["maxSize"], green["desiredCapacity"]) == (0, 0, 0)


def test_counts_of_a_single_group_are_half_the_owners() -> None:
    assert group(built()).options.ignore_changes == ("desiredCapacity",)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"capacity_owned_at_run_time": False}, "capacity_owned_at_run_time"),
        ({"capacity": Capacity(least=0, most=5, desired=0)}, "capacity"),
        ({"scaling": ScalingTarget(metric_namespace="x")}, "twin_group_names"),
    ],
)
def test_a_pair_that_would_not_work_is_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        pair_args(**changes)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids"),
        ({"instance_types": []}, "instance_types"),
        ({"instance_types": ["a", "a"]}, "instance_types"),
        ({"target_group_arns": []}, "target_group_arns"),
        ({"volume_gb": 1}, "volume_gb"),
        ({"group_name": "a:b"}, "group_name"),
        ({"warm_pool": StoppedPool(hosts=1), "instance_types": ["m7g.large", "m6g.large"]}, "warm_pool"),
    ],
)
def test_arguments_that_aws_rejects_are_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        group_args(**changes)


@pytest.mark.parametrize("given", [(2, 1, 1), (1, 3, 0), (0, 1, 2), (-1, 1, 0)])
def test_capacity_is_in_order(given: tuple[int, int, int]) -> None:
    least, most, desired = given
    with pytest.raises(ValueError, match="capacity"):
        Capacity(least=least, most=most, desired=desired)


SERVICE = JavaService(
    name="shop",
    region="ap-northeast-2",
    artifact="s3://artifacts/releases/1.0",
    release="1.0",
    group_name="shop-blue",
    log_group="shop",
    metric_namespace="shop/hosts",
    environment={"SPRING_DATASOURCE_URL": "jdbc:mysql://db:3306/shop?a=b&c=d"},
)


def test_the_script_of_the_first_start_is_valid() -> None:
    done = subprocess.run(
        ["bash", "-n"], input=user_data(SERVICE), text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_script_fits_user_data() -> None:
    """16 KB before base64 (EC2)."""
    assert len(user_data(SERVICE).encode()) < 16_384


def test_the_agent_publishes_what_the_scaling_reads() -> None:
    metrics = agent_config(SERVICE)["metrics"]
    cpu = metrics["metrics_collected"]["cpu"]
    assert metrics["namespace"] == "shop/hosts"
    assert (cpu["measurement"], cpu["metrics_collection_interval"]) == (["cpu_usage_active"], 10)
    assert cpu["append_dimensions"] == {"AutoScalingGroupName": "shop-blue"}
    assert metrics["aggregation_dimensions"] == [["AutoScalingGroupName"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Shop"},
        {"artifact": "s3://a/b; rm -rf /"},
        {"environment": {"lower": "x"}},
        {"environment": {"A": "x\nEND\nrm -rf /"}},
        {"environment": {"A": "$(id)"}},
    ],
)
def test_what_would_leave_the_scripts_quotes_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each names its own field
        user_data(JavaService(**{**vars(SERVICE), **changes}))


def test_user_data_reaches_the_template_in_base64() -> None:
    template = built(user_data="#!/bin/bash\necho hello\n").one(TEMPLATE)
    assert base64.b64decode(template["userData"]).decode() == "#!/bin/bash\necho hello\n"
