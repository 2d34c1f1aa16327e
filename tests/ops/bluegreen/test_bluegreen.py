"""Releases on two groups against moto's server. Time is faked; alarms, rules, groups and journal are moto's.

The door is a function that does what the load balancer would: it reads the listener's rules from moto and
answers a request with a header accordingly. The journal has the keys that PetClinic's program plans.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from ops.__main__ import main
from ops.aws import Clients
from ops.bluegreen.pair import Pair
from ops.bluegreen.smoke import HEADER
from ops.bluegreen.target import FINISHED, Target, parse, plan_of
from ops.errors import Exit, OpsError
from ops.rollout.dynamodb import open_table
from ops.rollout.lease import DynamoLock
from ops.rollout.screen import Screen
from tests.harness import system as one_system

REGION = "ap-northeast-2"
IMAGE = "ami-12c6146b"
"""One of those that the local server has."""
TABLE = "aws:dynamodb/table:Table"
LIMITS = {"min": 2, "max": 4, "desired": 2}


class KilledError(BaseException):
    """The process is gone."""


class Clock:
    """Real time of day, so that AWS's clock agrees; a stopwatch that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.watch = 0.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self.watch

    def sleep(self, seconds: float) -> None:
        self.watch += seconds
        for each in [each for each in self.due if each[0] <= self.watch]:
            self.due.remove(each)
            each[1]()


class World:
    """A pair of groups behind a rule, as the program makes it: blue serves, green is empty."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.elb, self.scaling = boto3.client("elbv2"), boto3.client("autoscaling")
        self.ec2, self.cloudwatch = boto3.client("ec2"), boto3.client("cloudwatch")
        self.answer = 200
        self.header_arrives = True
        self.said: list[str] = []
        self.target = self._target()
        self.alarm("green", "OK")
        self.alarm("blue", "OK")
        planned = one_system("dev", "petclinic").one(TABLE, "petclinic-release-journal-table")
        keys = {"HASH": planned["hashKey"], "RANGE": planned["rangeKey"]}
        boto3.client("dynamodb").create_table(
            TableName="journal",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for kind, name in keys.items()],
            AttributeDefinitions=[
                {"AttributeName": each["name"], "AttributeType": each["type"]}
                for each in planned["attributes"]
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def _target(self) -> Target:
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            self.ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{each}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )["Subnet"]["SubnetId"]
            for each, zone in enumerate("ac")
        ]
        balancer = self.elb.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        arns = {
            colour: self.elb.create_target_group(
                Name=colour, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="instance"
            )["TargetGroups"][0]["TargetGroupArn"]
            for colour in ("blue", "green")
        }
        listener = self.elb.create_listener(
            LoadBalancerArn=balancer,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )["Listeners"][0]["ListenerArn"]
        shares = [
            {"TargetGroupArn": arns["blue"], "Weight": 1},
            {"TargetGroupArn": arns["green"], "Weight": 0},
        ]
        rule = self.elb.create_rule(
            ListenerArn=listener,
            Priority=500,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}],
        )["Rules"][0]["RuleArn"]
        self.templates: dict[str, str] = {}
        for colour, size in (("blue", 3), ("green", 0)):
            data = {"ImageId": IMAGE, "InstanceType": "t3.micro"}
            made = self.ec2.create_launch_template(LaunchTemplateName=colour, LaunchTemplateData=data)
            self.templates[colour] = made["LaunchTemplate"]["LaunchTemplateId"]
            self.scaling.create_auto_scaling_group(
                AutoScalingGroupName=f"web-{colour}",
                MinSize=2 if size else 0,
                MaxSize=4 if size else 0,
                DesiredCapacity=size,
                LaunchTemplate={"LaunchTemplateId": self.templates[colour], "Version": "1"},
                VPCZoneIdentifier=",".join(subnets),
                TargetGroupARNs=[arns[colour]],
            )
        exported = {
            "listenerArn": listener,
            "listenerRuleArn": rule,
            "targetGroupArns": arns,
            "autoScalingGroups": {"blue": "web-blue", "green": "web-green"},
            "capacity": LIMITS,
            "releases": {"blue": "1.0", "green": "1.1"},
            "errorRateAlarms": {"blue": "blue-errors", "green": "green-errors"},
            "errorRatePercent": 1,
            "watchMinutes": 10,
            "smokeTestUrl": "https://first.example/health",
            "journalTable": "journal",
        }
        self.exported = {"shop": {"bluegreen": exported}}
        return parse(self.exported, key="shop", stack="dev")

    def new_version(self, colour: str) -> None:
        """What an update of the stack with another release does."""
        identity = self.templates[colour]
        self.ec2.create_launch_template_version(
            LaunchTemplateId=identity, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
        )
        self.scaling.update_auto_scaling_group(
            AutoScalingGroupName=f"web-{colour}",
            LaunchTemplate={"LaunchTemplateId": identity, "Version": "2"},
        )

    def alarm(self, colour: str, state: str) -> None:
        name = f"{colour}-errors"
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            MetricName="m",
            Namespace="n",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")

    def door(self, value: str) -> tuple[int, str]:
        """What the load balancer answers to a request whose header has this value."""
        rules = self.elb.describe_rules(ListenerArn=self.target.listener_arn)["Rules"]
        for rule in sorted(rules, key=lambda each: float(each["Priority"].replace("default", "inf"))):
            for condition in rule["Conditions"]:
                header = condition.get("HttpHeaderConfig")
                if header and self.header_arrives and header["HttpHeaderName"] == HEADER:
                    assert header["Values"] == [value]
                    [action] = rule["Actions"]
                    if action["Type"] == "fixed-response":
                        return 200, action["FixedResponseConfig"]["MessageBody"]
                    assert action["TargetGroupArn"] == self.target.target_group_arns["green"]
                    return self.answer, "from the new hosts"
        return 200, "from the old hosts"

    def pair(self, **more: Any) -> Pair:
        def say(text: str, *, level: str = "info") -> None:
            del level
            self.said.append(text)

        table = open_table("journal", region=REGION)
        given = {"operator": "kim", "say": say, "ask": self.door, "poll": 60.0, **more}
        return Pair(self.target, Clients(REGION), table, self.clock, **given)

    def screen(self) -> Screen:
        return Screen(plan_of("blue"), title="test", quiet=True)

    def size(self, colour: str) -> int:
        name = f"web-{colour}"
        return self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][
            0
        ]["DesiredCapacity"]

    def smoke_rules(self) -> int:
        rules = self.elb.describe_rules(ListenerArn=self.target.listener_arn)["Rules"]
        return sum("HttpHeaderConfig" in each for rule in rules for each in rule["Conditions"])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def world(server: str, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    httpx.post(f"{server}/moto-api/reset", timeout=60).raise_for_status()
    return World()


def test_a_release_from_one_colour_to_the_other_and_the_next_one_back(world: World) -> None:
    pair = world.pair()
    assert pair.status().serving == "blue"
    assert pair.status().advice == "deploy fills green"
    deployed = pair.deploy(wait=60)
    assert deployed.exit_code is Exit.OK
    assert world.size("green") == 3, "as many as serve now"
    assert pair.shares() == {"blue": 1}, "no traffic is moved by a deployment"
    assert world.smoke_rules() == 0
    assert pair.status().advice == "promote, or rollback"

    promoted = pair.promote(world.screen(), reason="1.1", keep=False)
    assert promoted.exit_code is Exit.OK
    assert pair.shares() == {"green": 1}
    assert world.clock.watch >= 600, "watched for its ten minutes"
    assert (world.size("blue"), world.size("green")) == (0, 3)
    release = pair.releases.newest()
    assert release
    assert (release.number, release.over, release.operator) == (1, "promoted", "kim")
    with pytest.raises(OpsError, match="release 1 is over: promoted"):
        pair.promote(world.screen(), reason="", keep=False)
    assert pair.plan_deploy() == ("blue", 3)


def test_at_no_moment_of_a_release_is_traffic_sent_where_no_host_answers(world: World) -> None:
    """Looked at after each call that changes anything: the plan's 0 s of downtime."""
    looks: list[str] = []
    pair = world.pair()

    def look(**_: Any) -> None:
        shares = pair.shares()
        assert sum(shares.values()) == 1
        for colour, share in shares.items():
            hosts = pair.groups.read(colour)  # type: ignore[arg-type]
            assert share == 0 or (hosts.healthy >= 3 and hosts.in_service >= 3), f"{colour}: {hosts}"
        looks.append("+".join(sorted(shares)))

    for service, calls in {
        "elbv2": ("CreateRule", "ModifyRule", "DeleteRule"),
        "autoscaling": ("UpdateAutoScalingGroup",),
    }.items():
        client = pair._clients(service)
        model = client.meta.service_model.service_id.hyphenize()
        for call in calls:
            client.meta.events.register(f"after-call.{model}.{call}", look)
    assert pair.deploy(wait=60).exit_code is Exit.OK
    assert pair.promote(world.screen(), reason="1.1", keep=False).exit_code is Exit.OK
    assert looks[0] == "blue"
    assert looks[-1] == "green"
    assert len(looks) >= 6, "each change was looked at"


def test_an_alarm_within_the_watch_brings_the_traffic_back(world: World) -> None:
    pair = world.pair()
    pair.deploy(wait=60)
    begun = world.clock.watch
    world.clock.due.append((begun + 200, lambda: world.alarm("green", "ALARM")))
    outcome = pair.promote(world.screen(), reason="1.1", keep=False)
    assert outcome.exit_code is Exit.ROLLED_BACK
    assert "alarm green-errors" in outcome.message
    assert pair.shares() == {"blue": 1}
    assert world.clock.watch - begun <= 260, "traffic is back within a minute of the alarm"
    assert world.size("green") == 3, "the hosts stay for a look"
    assert pair.status().advice == "promote, or rollback"
    assert (
        pair.rollback(world.screen(), reason="1.1 is bad", keep=False, force=False).exit_code
        is Exit.ROLLED_BACK
    )
    assert world.size("green") == 0
    newest = pair.releases.newest()
    assert newest
    assert newest.over == "rolled back: 1.1 is bad"


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA"])
def test_an_alarm_that_is_not_ok_stops_the_promotion(world: World, state: str) -> None:
    pair = world.pair()
    pair.deploy(wait=60)
    world.alarm("green", state)
    with pytest.raises(OpsError, match=f"green-errors {state}") as raised:
        pair.promote(world.screen(), reason="", keep=False)
    assert raised.value.exit_code is Exit.REFUSED
    assert pair.shares() == {"blue": 1}


def test_an_alarm_without_data_in_the_watch_is_not_ok(world: World) -> None:
    pair = world.pair()
    pair.deploy(wait=60)
    world.clock.due.append((world.clock.watch + 100, lambda: world.alarm("green", "INSUFFICIENT_DATA")))
    outcome = pair.promote(world.screen(), reason="", keep=False)
    assert outcome.exit_code is Exit.ROLLED_BACK
    assert "not seen for" in outcome.message
    assert pair.shares() == {"blue": 1}


def test_new_hosts_that_fail_the_smoke_test_are_let_go(world: World) -> None:
    world.answer = 500
    pair = world.pair()
    outcome = pair.deploy(wait=60)
    assert outcome.exit_code is Exit.ROLLED_BACK
    assert "do not answer 200: status 500" in outcome.message
    assert (world.size("green"), world.smoke_rules()) == (0, 0)
    assert pair.shares() == {"blue": 1}
    world.answer = 200
    assert pair.deploy(wait=60).exit_code is Exit.OK
    newest = pair.releases.newest()
    assert newest
    assert newest.number == 2


def test_a_smoke_test_that_would_reach_the_old_hosts_proves_nothing(world: World) -> None:
    world.header_arrives = False
    outcome = world.pair().deploy(wait=60)
    assert outcome.exit_code is Exit.ROLLED_BACK
    assert f"header {HEADER}" in outcome.message
    assert "does not reach the load balancer" in outcome.message


def test_hosts_that_do_not_get_healthy_are_let_go_at_the_deadline(world: World) -> None:
    """moto calls every running target healthy: the group's are taken out of the target group as they come."""
    arn = world.target.target_group_arns["green"]

    def out() -> None:
        health = world.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        if health:
            targets = [{"Id": each["Target"]["Id"]} for each in health]
            world.elb.deregister_targets(TargetGroupArn=arn, Targets=targets)

    pair = world.pair()
    fill = pair.groups.fill

    def filled(*given: Any) -> None:
        fill(*given)
        out()

    pair.groups.fill = filled  # type: ignore[method-assign]
    outcome = pair.deploy(wait=60)
    assert outcome.exit_code is Exit.ROLLED_BACK
    assert "green did not get healthy: 0 of 3 healthy, 3 in service" in outcome.message
    assert 60 <= world.clock.watch <= 80
    assert world.size("green") == 0


def test_hosts_of_an_older_template_go_first(world: World) -> None:
    """moto shows every host with its template's default version: that moves on as the old hosts go."""
    pair = world.pair()
    pair.deploy(wait=60)
    pair.rollback(world.screen(), reason="wait", keep=True, force=False)
    world.new_version("green")
    assert pair.groups.read("green").stale == 3
    empty = pair.groups.empty

    def emptied(colour: Any, *, share: float) -> None:
        empty(colour, share=share)
        assert world.size("green") == 0
        identity = world.templates["green"]
        world.ec2.modify_launch_template(LaunchTemplateId=identity, DefaultVersion="2")

    pair.groups.empty = emptied  # type: ignore[method-assign]
    assert pair.deploy(wait=60).exit_code is Exit.OK
    hosts = pair.groups.read("green")
    assert (hosts.template, hosts.stale, hosts.in_service) == ("2", 0, 3)


def test_a_template_that_changed_after_the_proof_is_refused(world: World) -> None:
    pair = world.pair()
    pair.deploy(wait=60)
    world.new_version("green")
    with pytest.raises(OpsError, match="hosts: version 2"):
        pair.promote(world.screen(), reason="", keep=False)


def test_promotion_needs_a_proof_and_keep_keeps_the_old_hosts_for_a_way_back(world: World) -> None:
    pair = world.pair()
    with pytest.raises(OpsError, match="no release was begun"):
        pair.promote(world.screen(), reason="", keep=True)
    pair.deploy(wait=60)
    kept = pair.promote(world.screen(), reason="", keep=True)
    assert kept.exit_code is Exit.OK
    assert (pair.shares(), world.size("blue")) == ({"green": 1}, 3)
    with pytest.raises(OpsError, match="release 1 has the traffic on green"):
        pair.deploy(wait=60)
    back = pair.rollback(world.screen(), reason="slow", keep=False, force=False)
    assert back.exit_code is Exit.ROLLED_BACK
    assert (pair.shares(), world.size("green")) == ({"blue": 1}, 0)


def test_a_group_with_traffic_is_never_emptied(world: World) -> None:
    with pytest.raises(OpsError, match="blue has 100% of the traffic and is not emptied"):
        world.pair().groups.empty("blue", share=world.pair().shares()["blue"])
    assert world.size("blue") == 3


KILLED_AT = [
    "autoscaling.UpdateAutoScalingGroup",
    "elasticloadbalancingv2.CreateRule",
    "elasticloadbalancingv2.ModifyRule",
    "elasticloadbalancingv2.DeleteRule",
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", KILLED_AT)
def test_a_deployment_killed_at_any_write_is_finished_by_the_next(
    world: World, operation: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at(world, operation, after=after, monkeypatch=monkeypatch, verb=lambda pair: pair.deploy(wait=60))
    pair = world.pair()
    assert pair.deploy(wait=60).exit_code is Exit.OK
    assert world.smoke_rules() == 0
    assert pair.shares() == {"blue": 1}
    newest = pair.releases.newest()
    assert newest
    assert (newest.number, newest.proven) == (1, True)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "operation", ["elasticloadbalancingv2.ModifyRule", "autoscaling.UpdateAutoScalingGroup"]
)
def test_a_promotion_killed_at_any_write_is_finished_by_the_next(
    world: World, operation: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pair().deploy(wait=60)

    def promote(pair: Pair) -> None:
        pair.promote(world.screen(), reason="", keep=False)

    kill_at(world, operation, after=after, monkeypatch=monkeypatch, verb=promote)
    pair = world.pair()
    assert pair.promote(world.screen(), reason="", keep=False).exit_code is Exit.OK
    assert pair.shares() == {"green": 1}
    assert world.size("blue") == 0
    status = pair.status()
    assert status.record.stage == FINISHED
    assert status.release
    assert status.release.over == "promoted"


def kill_at(
    world: World,
    operation: str,
    *,
    after: bool,
    monkeypatch: pytest.MonkeyPatch,
    verb: Callable[[Pair], object],
) -> None:
    """Run a verb and kill it at the first call of an operation, before it is sent or after its answer."""
    service, _, name = operation.partition(".")
    pair = world.pair()
    client = pair._clients({"elasticloadbalancingv2": "elbv2"}.get(service, service))
    real, killed = client._make_api_call, []

    def call(called: str, given: Any) -> Any:
        if called == name and not killed:
            killed.append(called)
            if after:
                real(called, given)
            raise KilledError
        if killed:
            raise KilledError
        return real(called, given)

    with monkeypatch.context() as patched:
        patched.setattr(client, "_make_api_call", call)
        with pytest.raises(KilledError):
            verb(pair)
    assert killed


def test_two_operators_cannot_deploy_at_once(world: World) -> None:
    table = open_table("journal", region=REGION)
    held = DynamoLock(table, world.target.subject, world.clock, operator="lee")
    held.acquire("a deployment")
    beat = world.clock.sleep

    def alive(seconds: float) -> None:
        beat(seconds)
        held.renew()

    world.clock.sleep = alive  # type: ignore[method-assign]
    with pytest.raises(OpsError, match="lee is at work") as raised:
        world.pair().deploy(wait=60)
    assert raised.value.exit_code is Exit.REFUSED
    assert world.size("green") == 0


def test_an_export_that_is_not_there_or_not_whole(world: World) -> None:
    with pytest.raises(OpsError, match="stack dev exports no bluegreen of bank"):
        parse(world.exported, key="bank", stack="dev")
    broken = {
        "shop": {"bluegreen": {**world.exported["shop"]["bluegreen"], "errorRateAlarms": {"blue": "x"}}}
    }
    with pytest.raises(OpsError, match="errorRateAlarms: green is missing"):
        parse(broken, key="shop", stack="dev")


def test_the_command_line(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = "urn:pulumi:dev::seoul-platform::pulumi:pulumi:Stack::s"
    resources = [{"urn": root, "type": "pulumi:pulumi:Stack", "outputs": world.exported}]
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"deployment": {"resources": resources}}))
    given = ["--state-file", str(file), "--system", "shop", "--json"]
    assert main(["bluegreen", "status", *given]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["serving"], answer["hosts"]["blue"]["healthy"], answer["release"]) == ("blue", 3, None)
    assert answer["releases"] == {"blue": "1.0", "green": "1.1"}
    assert main(["bluegreen", "deploy", "--dry-run", *given]) == 0
    assert json.loads(capsys.readouterr().out) == {"colour": "green", "hosts": 3}
    assert world.size("green") == 0
    assert main(["bluegreen", "deploy", *given]) == Exit.REFUSED
    assert json.loads(capsys.readouterr().out)["fix"] == "--yes"
    assert main(["bluegreen", "promote", "--yes", *given]) == Exit.REFUSED
    assert "no release was begun" in json.loads(capsys.readouterr().out)["error"]
    world.pair().deploy(wait=60)
    assert main(["bluegreen", "promote", "--dry-run", *given]) == 0
    assert {each["gate"] for each in json.loads(capsys.readouterr().out)["gates"]} == {
        "clock",
        "pools",
        "alarms",
        "hosts",
    }
    assert main(["bluegreen", "rollback", "--yes", *given]) == Exit.ROLLED_BACK
    assert main(["bluegreen", "status", *given[:-1]]) == 0
    assert main(["bluegreen", "status"]) == 2
