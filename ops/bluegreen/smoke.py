"""A request that reaches the new group while everybody else reaches the old one.

A rule of its own, for a header with a random value, stands before the others for as long as the test takes.
First it answers by itself with another random value: when that comes back, the header is known to reach the
load balancer through whatever is in front of it. Only then it forwards to the new group, so a 200 proves
something about the new group and not about the old one.
"""

import secrets
from collections.abc import Callable
from typing import Any, cast

import httpx

from ops.aws import Clients
from ops.bluegreen.target import Colour, Target
from ops.errors import OpsError
from ops.rollout.dynamodb import call
from ops.rollout.ports import Clock

HEADER = "X-Release-Smoke"
SETTLE_SECONDS = 60.0
"""A changed rule is live on every node of a load balancer within some seconds."""
ANSWERS = 3
"""Answers in a row that must be good."""
_PAUSE_SECONDS = 2.0
_TIMEOUT_SECONDS = 10.0

Ask = Callable[[str], tuple[int, str]]
"""Status and text of an answer to a request with the header's value."""


def ask_url(url: str) -> Ask:
    """Real requests. Raises OpsError where no answer comes."""

    def ask(value: str) -> tuple[int, str]:
        headers = {HEADER: value, "Cache-Control": "no-cache"}
        try:
            reply = httpx.get(url, headers=headers, timeout=_TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            raise OpsError(f"smoke test of {url}: {type(error).__name__}: {error}") from error
        return reply.status_code, reply.text

    return ask


class Smoke:
    """The test of one colour."""

    def __init__(self, clients: Clients, target: Target, clock: Clock, ask: Ask) -> None:
        self._clients = clients
        self._target = target
        self._clock = clock
        self._ask = ask

    def test(self, colour: Colour) -> str:
        """What was seen. Raises OpsError for anything but good answers; the rule is gone afterwards."""
        self.sweep()
        value, proof = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        elb = self._clients("elbv2")
        priority = self._free_priority()
        try:
            answer = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": proof}
            made = call(
                lambda: elb.create_rule(
                    ListenerArn=self._target.listener_arn,
                    Priority=priority,
                    Conditions=[
                        {
                            "Field": "http-header",
                            "HttpHeaderConfig": {"HttpHeaderName": HEADER, "Values": [value]},
                        }
                    ],
                    Actions=[{"Type": "fixed-response", "FixedResponseConfig": answer}],
                )
            )
            self._until_proven(value, proof)
            arn = str(made["Rules"][0]["RuleArn"])
            group = self._target.target_group_arns[colour]
            call(lambda: elb.modify_rule(RuleArn=arn, Actions=[{"Type": "forward", "TargetGroupArn": group}]))
            return self._until_good(value, proof)
        finally:
            self.sweep()

    def sweep(self) -> None:
        """Remove every rule of this test, also one that a killed run left."""
        elb = self._clients("elbv2")
        for rule in self._rules():
            if any(_is_ours(each) for each in cast("list[dict[str, Any]]", rule.get("Conditions") or [])):
                call(lambda rule=rule: elb.delete_rule(RuleArn=rule["RuleArn"]))

    def _rules(self) -> list[dict[str, Any]]:
        elb, arn = self._clients("elbv2"), self._target.listener_arn
        return cast("list[dict[str, Any]]", call(lambda: elb.describe_rules(ListenerArn=arn))["Rules"])

    def _free_priority(self) -> int:
        rules = self._rules()
        taken = {int(each["Priority"]) for each in rules if each["Priority"] != "default"}
        ours = [int(each["Priority"]) for each in rules if each["RuleArn"] == self._target.listener_rule_arn]
        limit = min([*ours, *taken], default=1)
        if limit <= 1:
            raise OpsError(
                "the listener has no priority free before its first rule",
                fix="give that rule a priority above 1",
            )
        return limit - 1

    def _until_proven(self, value: str, proof: str) -> None:
        seen = self._poll(value, lambda status, text: status == 200 and text == proof, times=1)
        if seen:
            raise OpsError(
                f"header {HEADER} to {self._target.smoke_test_url} does not reach the load balancer: {seen}",
                fix="the path must not be cached, and the CDN must pass viewers' headers on",
            )

    def _until_good(self, value: str, proof: str) -> str:
        seen = self._poll(value, lambda status, text: status == 200 and text != proof, times=ANSWERS)
        if seen:
            raise OpsError(
                f"the new hosts do not answer 200: {seen}", fix="read their logs; traffic was not moved"
            )
        return f"{ANSWERS} answers 200 from the new hosts"

    def _poll(self, value: str, good: Callable[[int, str], bool], *, times: int) -> str:
        """Empty once so many answers in a row were good; else what was seen last."""
        deadline = self._clock.monotonic() + SETTLE_SECONDS
        row, seen = 0, ""
        while True:
            try:
                status, text = self._ask(value)
            except OpsError as error:
                row, seen = 0, error.message
            else:
                row = row + 1 if good(status, text) else 0
                seen = f"status {status}"
            if row == times:
                return ""
            if self._clock.monotonic() >= deadline:
                return seen
            self._clock.sleep(_PAUSE_SECONDS)


def _is_ours(condition: dict[str, Any]) -> bool:
    config = cast("dict[str, Any]", condition.get("HttpHeaderConfig") or {})
    return condition.get("Field") == "http-header" and config.get("HttpHeaderName") == HEADER
