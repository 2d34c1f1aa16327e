"""The weights of the listener's rule, as a rollout reads and writes them."""

from collections.abc import Mapping
from typing import Any, cast

from ops.aws import Clients, section
from ops.bluegreen.groups import Groups
from ops.bluegreen.target import COLOURS, Colour, Target
from ops.errors import OpsError
from ops.rollout.dynamodb import call
from ops.rollout.plan import Live, Plan, Shares, normal
from ops.rollout.ports import PortError, Side


class RuleTraffic:
    """One rule that forwards to both target groups by weight. ``old`` is where an emergency leads."""

    def __init__(self, clients: Clients, target: Target, groups: Groups, *, old: Colour) -> None:
        self._clients = clients
        self._target = target
        self._groups = groups
        self._old = old
        self._colours = {arn: colour for colour, arn in target.target_group_arns.items()}

    def read(self) -> Live:
        forward, arn = self._forward()
        groups = cast("list[dict[str, Any]]", forward.get("TargetGroups") or [])
        shares: dict[str, float] = {}
        for each in groups:
            name = str(each["TargetGroupArn"])
            shares[self._colours.get(name, f"target group {name}")] = float(each.get("Weight", 1))
        if not groups and arn:
            shares[self._colours.get(arn, f"target group {arn}")] = 1.0
        sticky = section(forward, "TargetGroupStickinessConfig")
        return Live(shares=shares, sticky=bool(sticky.get("Enabled")))

    def health(self) -> Mapping[str, Side]:
        return {colour: self._side(colour) for colour in COLOURS}

    def divert(self) -> None:
        self.write({self._old: 1})

    def target(self) -> Mapping[str, str]:
        arns = self._target.target_group_arns
        return {"ruleArn": self._target.listener_rule_arn, **{f"{each}Arn": arns[each] for each in COLOURS}}

    def write(self, shares: Shares) -> None:
        """Both groups stay in the rule: one that is in none is not checked for health. Raises PortError."""
        parts = normal(shares)
        groups = [
            {
                "TargetGroupArn": self._target.target_group_arns[each],
                "Weight": round(100 * parts.get(each, 0)),
            }
            for each in COLOURS
        ]
        forward = {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": False}}
        elb, arn = self._clients("elbv2"), self._target.listener_rule_arn
        actions = [{"Type": "forward", "ForwardConfig": forward}]
        call(lambda: elb.modify_rule(RuleArn=arn, Actions=actions))

    def _forward(self) -> tuple[dict[str, Any], str | None]:
        elb, arn = self._clients("elbv2"), self._target.listener_rule_arn
        rules = cast("list[dict[str, Any]]", call(lambda: elb.describe_rules(RuleArns=[arn]))["Rules"])
        forwards = [each for rule in rules for each in rule["Actions"] if each["Type"] == "forward"]
        if not forwards:
            raise PortError(f"rule {arn} forwards to nothing", fix="pulumi up --refresh")
        return section(forwards[0], "ForwardConfig"), forwards[0].get("TargetGroupArn")

    def _side(self, colour: Colour) -> Side:
        hosts = self._groups.read(colour)
        if hosts.targets == 0:
            return Side(healthy=False, detail="no host")
        return Side(healthy=hosts.healthy * 2 > hosts.targets, detail=str(hosts))


class RuleDeployment:
    """A stage is nothing but the rule's weights, which belong to run time: no config or state holds them."""

    def __init__(self, traffic: RuleTraffic, plan: Plan) -> None:
        self._traffic = traffic
        self._plan = plan
        self._wanted: str | None = None

    def configured(self) -> str:
        return self.deployed()

    def deployed(self) -> str:
        """The stage that the live weights are at. Raises OpsError where they are at none."""
        live = self._traffic.read()
        found = self._plan.matching(live)
        if found is None:
            shares = ", ".join(f"{side} {share:.0%}" for side, share in normal(live.shares).items()) or "none"
            raise OpsError(f"the rule's weights are no stage of a release: {shares}", fix="rollback")
        return self._wanted if self._wanted and self._same(found, self._wanted) else found

    def configure(self, stage: str) -> None:
        self._wanted = stage

    def check(self) -> None:
        """Nothing waits to be deployed."""

    def update(self, *, repair: bool) -> "Written":
        del repair
        stage = self._wanted or self.deployed()
        self._traffic.write(self._plan.shares[stage])
        return Written()

    def _same(self, one: str, another: str) -> bool:
        return normal(self._plan.shares[one]) == normal(self._plan.shares[another])


class Written:
    """A write that is over when it returns."""

    def wait(self, seconds: float) -> bool:
        del seconds
        return True

    def result(self) -> None:
        """The write raised what there was to raise."""
