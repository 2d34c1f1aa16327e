"""The verbs on a pair: fill and prove the idle colour, hand over, take back. Each may be repeated."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ops.aws import Clients
from ops.bluegreen.gates import HostsGate
from ops.bluegreen.groups import Groups, Hosts
from ops.bluegreen.releases import Release, Releases
from ops.bluegreen.smoke import Ask, Smoke, ask_url
from ops.bluegreen.target import COLOURS, FINISHED, Colour, Target, other, plan_of
from ops.bluegreen.traffic import RuleDeployment, RuleTraffic
from ops.bluegreen.view import View, advice
from ops.cutover.gates import AlarmsGate, ClockGate, PoolsGate
from ops.errors import Exit, OpsError
from ops.rollout.cloudwatch import CloudWatchAlarms
from ops.rollout.diverting import Say
from ops.rollout.dynamodb import DynamoJournal
from ops.rollout.lease import DynamoLock
from ops.rollout.moving import Outcome
from ops.rollout.plan import normal
from ops.rollout.ports import Clock
from ops.rollout.record import Record, fold
from ops.rollout.runner import Intent, Rollout
from ops.rollout.screen import Screen
from ops.rollout.seen import SeenTraffic
from ops.rollout.watching import Limits, Ports

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

LOOK_SECONDS = 10.0


class Pair:
    """One pair, and who works on it."""

    def __init__(
        self,
        target: Target,
        clients: Clients,
        table: "Table",
        clock: Clock,
        *,
        operator: str,
        say: Say,
        ask: Ask | None = None,
        poll: float = LOOK_SECONDS,
    ) -> None:
        self.target = target
        self.groups = Groups(clients, target)
        self.releases = Releases(table, target.subject)
        self._clients = clients
        self._table = table
        self._clock = clock
        self._operator = operator
        self._say = say
        self._smoke = Smoke(clients, target, clock, ask or ask_url(target.smoke_test_url))
        self._poll = poll

    def shares(self) -> dict[str, float]:
        """The live share of each colour."""
        return normal(RuleTraffic(self._clients, self.target, self.groups, old="blue").read().shares)

    def serving(self) -> Colour:
        """The colour with all the traffic. Raises OpsError where none has."""
        shares = self.shares()
        for colour in COLOURS:
            if shares == {colour: 1.0}:
                return colour
        said = ", ".join(f"{side} {share:.0%}" for side, share in shares.items()) or "nowhere"
        raise OpsError(f"the traffic is not on one colour: {said}", fix="rollback", exit_code=Exit.REFUSED)

    def status(self) -> View:
        """Reads everything and changes nothing."""
        shares = self.shares()
        serving: Colour | None = next((each for each in COLOURS if shares == {each: 1.0}), None)
        hosts: dict[Colour, Hosts] = {each: self.groups.read(each) for each in COLOURS}
        release = self.releases.newest()
        record = self._record(release) if release else Record()
        return View(
            serving=serving,
            shares=shares,
            hosts=hosts,
            release=release,
            record=record,
            advice=advice(release, record, serving, hosts),
        )

    def plan_deploy(self) -> tuple[Colour, int]:
        """What ``deploy`` would do: which colour it would fill, and with how many hosts. Raises OpsError."""
        release = self.releases.newest()
        open_ = release if release and not release.over else None
        old = open_.old if open_ else self.serving()
        if open_ and self._record(open_).stage == open_.new:
            raise OpsError(
                f"release {open_.number} has the traffic on {open_.new}",
                fix="promote finishes it, rollback takes it back",
                exit_code=Exit.REFUSED,
            )
        return other(old), max(self.groups.read(old).desired, self.target.capacity.least)

    def deploy(self, *, wait: float) -> Outcome:
        """Fill the idle colour with as many hosts as serve now, wait until all are healthy, and ask them.

        Hosts that do not come up, or do not answer, are let go again (ROLLED_BACK). No traffic is moved.
        """
        lock = self._lock(self.releases.subject)
        lock.acquire("a deployment")
        try:
            new, desired = self.plan_deploy()
            release = self._begin(new)
            return self._deploy(release, desired, wait=wait, renew=lock.renew)
        finally:
            lock.release()

    def _begin(self, new: Colour) -> Release:
        newest, hosts = self.releases.newest(), self.groups.read(new)
        if newest and not newest.over:
            self._say(f"release {newest.number} goes on with {newest.new}")
            return newest
        release = Release(
            number=newest.number + 1 if newest else 1,
            old=other(new),
            template=hosts.template,
            time=self._clock.now(),
            operator=self._operator,
        )
        self.releases.begin(release)
        self._say(f"release {release.number}: {new}, launch template version {hosts.template}")
        return release

    def _deploy(self, release: Release, desired: int, *, wait: float, renew: Callable[[], None]) -> Outcome:
        new, capacity = release.new, self.target.capacity
        deadline = self._clock.monotonic() + wait
        share = self.shares().get(new, 0)
        if self.groups.read(new).stale:
            self._say(f"{new} has hosts of another launch template version: they go first")
            self.groups.empty(new, share=share)
            problem = self._until(new, lambda hosts: hosts.empty or not hosts.in_service, deadline, renew)
            if problem:
                return self._give_up(release, f"old hosts of {new} do not go: {problem}")
        self.groups.fill(new, capacity.model_copy(update={"desired": min(desired, capacity.most)}))
        self._say(f"{new}: {desired} hosts asked for")
        problem = self._until(new, lambda hosts: hosts.ready, deadline, renew)
        if problem:
            return self._give_up(release, f"{new} did not get healthy: {problem}")
        try:
            self._say(self._smoke.test(new), level="good")
        except OpsError as error:
            return self._give_up(release, error.message)
        renew()
        self.releases.prove(release, template=self.groups.read(new).template)
        return Outcome(
            exit_code=Exit.OK,
            stage=release.old,
            message=f"release {release.number}: {new} is proven; promote gives it the traffic",
        )

    def _until(
        self, colour: Colour, good: Callable[[Hosts], bool], deadline: float, renew: Callable[[], None]
    ) -> str:
        """Empty once it is so; else what was seen last."""
        last = ""
        while True:
            renew()
            hosts = self.groups.read(colour)
            if good(hosts):
                return ""
            if str(hosts) != last:
                last = str(hosts)
                self._say(f"{colour}: {last}")
            if self._clock.monotonic() >= deadline:
                return last
            self._clock.sleep(self._poll)

    def _give_up(self, release: Release, problem: str) -> Outcome:
        self._say(problem, level="bad")
        self.groups.empty(release.new, share=self.shares().get(release.new, 0))
        self.releases.end(release, f"taken back before promotion: {problem}")
        return Outcome(
            exit_code=Exit.ROLLED_BACK,
            stage=release.old,
            message=f"release {release.number}: {problem}; {release.new} is emptied, no traffic was moved",
        )

    def open_release(self) -> Release:
        """The release under way. Raises OpsError where there is none."""
        release = self.releases.newest()
        if release is None or release.over:
            ended = f"release {release.number} is over: {release.over}" if release else "no release was begun"
            raise OpsError(ended, fix="deploy", exit_code=Exit.REFUSED)
        return release

    def intent(self, screen: Screen) -> Intent:
        """What ``promote`` would do, with its gates."""
        release = self._proven()
        return self._rollout(release, screen).intent(release.new)

    def promote(self, screen: Screen, *, reason: str, keep: bool) -> Outcome:
        """Give the new colour the traffic, watch it, and let the old hosts go unless ``keep``.

        Any trouble within the watch brings the traffic back (ROLLED_BACK); the hosts stay for a look.
        """
        release = self._proven()
        rollout = self._rollout(release, screen)
        record = rollout.record()
        if record.stage != FINISHED:
            if record.move or record.stage != release.new:
                outcome = rollout.forward(reason=reason)
            else:
                outcome = (
                    Outcome(exit_code=Exit.OK, stage=release.new, message="")
                    if record.baked
                    else rollout.watch()
                )
            if outcome.exit_code is not Exit.OK:
                return outcome
            if keep and rollout.record().stage == release.new:
                message = f"{release.new} serves; {release.old} is kept: promote again lets it go"
                return Outcome(exit_code=Exit.OK, stage=release.new, message=message)
            if rollout.record().stage != FINISHED:
                rollout.forward(FINISHED, reason="watched; the old hosts go", watch=False)
        self.groups.empty(release.old, share=self.shares().get(release.old, 0))
        self.releases.end(release, "promoted")
        message = f"release {release.number}: {release.new} serves, {release.old} is emptied"
        return Outcome(exit_code=Exit.OK, stage=release.new, message=message)

    def rollback(self, screen: Screen, *, reason: str, keep: bool, force: bool) -> Outcome:
        """All the traffic to the old colour, at once; then the new hosts go unless ``keep``."""
        release = self.open_release()
        rollout = self._rollout(release, screen)
        if rollout.record().stage == FINISHED:
            raise OpsError(
                f"release {release.number} is finished: {release.old} has no hosts",
                fix=f"promote lets it end; then deploy fills {release.old} with the release before",
                exit_code=Exit.REFUSED,
            )
        outcome = rollout.back(release.old, reason=reason, force=force)
        if not keep:
            self.groups.empty(release.new, share=self.shares().get(release.new, 0))
            self.releases.end(release, f"rolled back: {reason}")
        return outcome

    def _proven(self) -> Release:
        release = self.open_release()
        if not release.proven:
            raise OpsError(
                f"release {release.number}: {release.new} is not proven", fix="deploy", exit_code=Exit.REFUSED
            )
        return release

    def _lock(self, subject: str) -> DynamoLock:
        return DynamoLock(self._table, subject, self._clock, operator=self._operator)

    def _record(self, release: Release) -> Record:
        subject = self.releases.moves_of(release)
        journal = DynamoJournal(self._table, subject, self._lock(subject), self._clock)
        return fold(plan_of(release.old), journal.entries())

    def _rollout(self, release: Release, screen: Screen) -> Rollout:
        plan, subject = plan_of(release.old), self.releases.moves_of(release)
        lock = self._lock(subject)
        rule = RuleTraffic(self._clients, self.target, self.groups, old=release.old)
        traffic = SeenTraffic(rule)
        alarms = CloudWatchAlarms(self._clients("cloudwatch"), [self.target.error_rate_alarms[release.new]])
        ports = Ports(
            clock=self._clock,
            lock=lock,
            journal=DynamoJournal(self._table, subject, lock, self._clock),
            traffic=traffic,
            alarms=alarms,
            deployment=RuleDeployment(rule, plan),
            gates=[
                ClockGate(server_time=lock.server_time, clock=self._clock),
                PoolsGate(traffic=traffic, sides=list(COLOURS)),
                AlarmsGate(alarms=alarms),
                HostsGate(groups=self.groups, release=release),
            ],
            screen=screen,
        )
        limits = Limits(bake=self.target.watch_minutes * 60, poll=self._poll)
        return Rollout(plan, ports, limits, operator=self._operator)
