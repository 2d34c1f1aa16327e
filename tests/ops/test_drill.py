"""The drill against moto's server, in two regions. What moto lacks is replaced, and said."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from ops.__main__ import main
from ops.aws import Clients
from ops.drill.cloud import Cloud, Seen, look
from ops.drill.steps import Drill
from ops.drill.target import parse
from ops.errors import Exit, OpsError

FIRST, SECOND = "ap-northeast-2", "ap-northeast-1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


def group(region: str, name: str, size: int) -> str:
    """An Auto Scaling group behind a target group; returns the latter's ARN."""
    ec2, elb = boto3.client("ec2", region_name=region), boto3.client("elbv2", region_name=region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone=zone)["Subnet"]
    arn = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance")[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    image = "ami-12c6146b"  # one of those that the local server has
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image})
    boto3.client("autoscaling", region_name=region).create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=size,
        MaxSize=4,
        DesiredCapacity=size,
        LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
        VPCZoneIdentifier=made["SubnetId"],
        TargetGroupARNs=[arn],
    )
    return arn


@pytest.fixture
def exported(server: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", FIRST)
    httpx.post(f"{server}/moto-api/reset", timeout=60).raise_for_status()
    group(FIRST, "clinic-blue", 2)
    arn = group(SECOND, "clinic", 1)
    source = boto3.client("rds", region_name=FIRST).create_db_instance(
        DBInstanceIdentifier="clinic", DBInstanceClass="db.t4g.micro", Engine="mysql", AllocatedStorage=20
    )["DBInstance"]["DBInstanceArn"]
    boto3.client("rds", region_name=SECOND).create_db_instance_read_replica(
        DBInstanceIdentifier="clinic-copy", SourceDBInstanceIdentifier=source, SourceRegion=FIRST
    )
    check = boto3.client("route53").create_health_check(
        CallerReference="1",
        HealthCheckConfig={
            "Type": "HTTPS",
            "FullyQualifiedDomainName": "first.example",
            "RequestInterval": 30,
            "FailureThreshold": 3,
        },
    )["HealthCheck"]["Id"]
    return {
        "bluegreen": {"autoScalingGroups": {"blue": "clinic-blue"}},
        "recovery": {
            "times": {"region": {"rtoMinutes": 28.5, "rpoMinutes": 1}, "zone": {"rtoMinutes": None}},
            "database": {
                "identifier": "clinic",
                "subnetGroup": "clinic-subnets",
                "securityGroupId": "sg-1",
                "kmsKeyArn": "arn:key-1",
                "multiAz": True,
            },
            "buckets": {"pictures": "clinic-pictures-1"},
            "dns": {
                "zoneId": "Z1",
                "hostname": "clinic.example",
                "primaryHostname": "first.example",
                "intervalSeconds": 30,
                "failures": 3,
                "healthCheckId": check,
            },
            "secondRegion": {
                "region": SECOND,
                "hostname": "second.invalid",
                "replicaIdentifier": "clinic-copy",
                "replicaArn": f"arn:aws:rds:{SECOND}:1:db:clinic-copy",
                "buckets": {"pictures": "clinic-pictures-2"},
                "autoScalingGroup": "clinic",
                "capacity": {"min": 2, "max": 4, "desired": 2},
                "targetGroupArn": arn,
            },
        },
    }


@pytest.fixture
def file(exported: dict[str, Any], tmp_path: Path) -> Path:
    root = "urn:pulumi:prod::seoul-platform::pulumi:pulumi:Stack::s"
    resources = [{"urn": root, "type": "pulumi:pulumi:Stack", "outputs": {"petclinic": exported}}]
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"deployment": {"resources": resources}}))
    return path


def writes() -> dict[str, Any]:
    """What a drill may change, as it is now."""
    scaling = {
        region: [
            (each["AutoScalingGroupName"], each["DesiredCapacity"])
            for each in boto3.client("autoscaling", region_name=region).describe_auto_scaling_groups()[
                "AutoScalingGroups"
            ]
        ]
        for region in (FIRST, SECOND)
    }
    copy = boto3.client("rds", region_name=SECOND).describe_db_instances(DBInstanceIdentifier="clinic-copy")
    return {"scaling": scaling, "source": copy["DBInstances"][0].get("ReadReplicaSourceDBInstanceIdentifier")}


def test_a_rehearsal_prints_real_names_and_changes_nothing(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = writes()
    assert before["source"]
    assert main(["drill", "--state-file", str(file)]) == 1, "no lag is measured, and the name does not answer"
    said = capsys.readouterr().out
    assert "computed for region: RTO 28.5 min, RPO 1 min" in said
    assert "computed for zone: RTO none" in said
    assert "no figure for 10 minutes" in said
    assert f"promote-read-replica --region {SECOND} --db-instance-identifier clinic-copy" in said
    order = [
        "stop clinic-blue in ap-northeast-2",
        "promote clinic-copy",
        "grow clinic to 2",
        "second.invalid answers",
        "hold clinic.example in ap-northeast-1",
        "give clinic-copy a standby",
    ]
    places = [said.index(f"{number}. {each}") for number, each in enumerate(order, 1)]
    assert places == sorted(places)
    assert "Route 53 leads there by itself 90 s after first.example stops answering" in said
    assert "clinic-before-return" in said
    assert (
        f"--source-db-instance-identifier arn:aws:rds:{SECOND}:1:db:clinic-copy "
        "--db-instance-identifier clinic-return --kms-key-id arn:key-1 "
        "--db-subnet-group-name clinic-subnets --vpc-security-group-ids sg-1"
    ) in said
    assert "aws s3 sync s3://clinic-pictures-2 s3://clinic-pictures-1" in said
    assert "python -m ops guard --stack prod" in said
    assert not re.findall(r"\b(?:ACCOUNT|STACK|GROUP|[A-Z]+-[A-Z-]+)\b", said), (
        "a name is left to be filled in"
    )
    assert writes() == before


def test_a_rehearsal_without_looking_needs_no_account(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert main(["drill", "--state-file", str(file), "--no-check", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [each["title"].split()[0] for each in answer["failover"]][:3] == ["stop", "promote", "grow"]
    assert "ok" not in answer["conditions"][0]


def test_lag_is_read(exported: dict[str, Any]) -> None:
    target = parse({"p": exported}, key="p", stack="prod")
    cloud = Cloud(target, Clients(FIRST), first_region=FIRST, groups=[])
    for minutes, lag, ok in ((3, 3.0, True), (2, 300.0, False)):
        boto3.client("cloudwatch", region_name=SECOND).put_metric_data(
            Namespace="AWS/RDS",
            MetricData=[
                {
                    "MetricName": "ReplicaLag",
                    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "clinic-copy"}],
                    "Value": lag,
                    "Timestamp": datetime.now(UTC) - timedelta(minutes=minutes),
                }
            ],
        )
        assert look(cloud.lag) == Seen(ok=ok, value=f"{lag:.0f} s")


def test_a_failover_is_done_in_order_and_goes_on_where_it_stopped(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """moto keeps a promoted replica as one, and nothing answers for the name: these reads are replaced."""
    promoted: list[str] = []
    served = {"ok": False}
    real = Cloud.promote

    def promote(self: Cloud) -> None:
        real(self)
        promoted.append("now")

    monkeypatch.setattr(Cloud, "promote", promote)
    monkeypatch.setattr(
        Cloud, "promoted", lambda _: Seen(ok=bool(promoted), value="alone" if promoted else "replica")
    )
    monkeypatch.setattr(
        Cloud, "answers", lambda _: Seen(ok=served["ok"], value="200" if served["ok"] else "503")
    )
    journal = tmp_path / "drill.jsonl"
    given = [
        "drill",
        "--state-file",
        str(file),
        "--execute",
        "--yes",
        "--journal",
        str(journal),
        "--wait",
        "0s",
    ]
    assert main(given) == Exit.INCOMPLETE
    assert "second.invalid answers: not done after 0 s: 503" in capsys.readouterr().err
    state = writes()["scaling"]
    assert state == {FIRST: [("clinic-blue", 0)], SECOND: [("clinic", 2)]}
    served["ok"] = True
    assert main(given) == 0
    assert promoted == ["now"], "once"
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(each["event"], each["step"].split()[0]) for each in events] == [
        ("begun", "stop"),
        ("done", "stop"),
        ("begun", "promote"),
        ("done", "promote"),
        ("begun", "grow"),
        ("done", "grow"),
        ("begun", "second.invalid"),
        ("not done in time", "second.invalid"),
        ("done already", "stop"),
        ("done already", "promote"),
        ("done already", "grow"),
        ("done already", "second.invalid"),
        ("begun", "hold"),
        ("done", "hold"),
        ("begun", "give"),
        ("done", "give"),
    ]
    check = boto3.client("route53").list_health_checks()["HealthChecks"][0]["HealthCheckConfig"]
    assert (check["Disabled"], check["Inverted"]) == (True, True), (
        "Seoul's answer does not bring the name back"
    )
    copy = boto3.client("rds", region_name=SECOND).describe_db_instances(DBInstanceIdentifier="clinic-copy")
    assert copy["DBInstances"][0]["MultiAZ"] is True
    assert "the way back" in capsys.readouterr().err


def test_a_region_that_is_gone_is_left_alone(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for read in ("promoted", "grown", "answers", "held", "spread"):
        monkeypatch.setattr(Cloud, read, lambda _: Seen(ok=True, value="yes"))
    given = ["drill", "--state-file", str(file), "--execute", "--yes", "--region-gone"]
    assert main([*given, "--journal", str(tmp_path / "j")]) == 0
    assert writes()["scaling"][FIRST] == [("clinic-blue", 2)]
    assert main([*given, "--journal", str(tmp_path / "none" / "j")]) == 1, "no record, no step"


def test_a_name_that_is_held_is_a_fault_of_the_standing_conditions(exported: dict[str, Any]) -> None:
    target = parse({"p": exported}, key="p", stack="prod")
    cloud = Cloud(target, Clients(FIRST), first_region=FIRST, groups=[])
    assert cloud.health_check() == Seen(ok=True, value="asks as planned")
    assert cloud.held() == Seen(ok=False, value="follows the check")
    cloud.hold()
    assert cloud.health_check() == Seen(ok=False, value="inverted, disabled")
    assert cloud.held() == Seen(ok=True, value="held")


def test_pods_are_stopped_by_a_person(
    exported: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pods = {"cluster": "clinic-prod", "namespace": "clinic", "deployment": "web"}
    outputs = {"petclinic": {"eks": pods, "recovery": exported["recovery"]}}
    root = "urn:pulumi:prod::seoul-platform::pulumi:pulumi:Stack::s"
    file = tmp_path / "state.json"
    resources = [{"urn": root, "type": "pulumi:pulumi:Stack", "outputs": outputs}]
    file.write_text(json.dumps({"deployment": {"resources": resources}}))
    assert main(["drill", "--state-file", str(file), "--no-check", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["failover"][0]
    assert first["command"].splitlines() == [
        f"aws eks update-kubeconfig --region {FIRST} --name clinic-prod",
        "kubectl --namespace clinic scale deployment/web --replicas 0",
    ]


def test_a_stack_without_a_second_region_is_refused(exported: dict[str, Any]) -> None:
    alone = {"p": {"recovery": {**exported["recovery"], "secondRegion": None}}}
    target = parse(alone, key="p", stack="dev")
    with pytest.raises(OpsError, match="no second region") as raised:
        Drill(target, Clients(FIRST), stack="dev", first_region=FIRST, groups=[])
    assert raised.value.exit_code is Exit.REFUSED
    with pytest.raises(OpsError, match="stack dev exports no recovery of bank"):
        parse(alone, key="bank", stack="dev")
