"""The steps of a failover and of the way back, with the names of what they touch.

Each step that can be executed says by a read whether it is done already, so that a drill that was killed goes
on where it was, and so that nothing is done twice. The first region may be gone: no step needs it, except the
one that fences it, which may be left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ops.aws import Clients
from ops.drill.cloud import Cloud, Seen
from ops.drill.target import Target


@dataclass(frozen=True, kw_only=True)
class Step:
    """``do`` is None where a person does it: ``command`` is what they run."""

    title: str
    why: str
    command: str
    done: Callable[[], Seen] | None = None
    do: Callable[[], None] | None = None
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Check:
    """What must be so before a failover can work, looked at without changing anything."""

    title: str
    needed: str
    look: Callable[[], Seen]


class Drill:
    """One system's failover to its second region."""

    def __init__(self, target: Target, clients: Clients, *, first_region: str, groups: Sequence[str]) -> None:
        """``groups``: Auto Scaling groups of the first region that write to the database."""
        self.target = target
        self._cloud = Cloud(target, clients, first_region=first_region, groups=groups)
        self._first = first_region
        self._groups = groups
        self._second = target.second

    def checks(self) -> list[Check]:
        """The standing conditions."""
        second, dns, cloud = self._second, self.target.dns, self._cloud
        found = [
            Check(
                title=f"replica {second.replica_identifier} in {second.region}",
                needed="available, copying",
                look=cloud.replica,
            ),
            Check(title="replica's lag", needed="under 60 s", look=cloud.lag),
            Check(
                title=f"hosts of {second.auto_scaling_group}",
                needed="at least one healthy",
                look=cloud.healthy,
            ),
            Check(title=f"https://{second.hostname}/health", needed="200", look=cloud.answers),
        ]
        if dns.health_check_id:
            title = f"health check {dns.health_check_id} of {dns.primary_hostname}"
            found.append(Check(title=title, needed="not inverted, not disabled", look=cloud.health_check))
        return found

    def failover(self) -> list[Step]:
        """In this order: no two databases take writes, and no name leads to hosts that cannot serve."""
        second, dns, cloud = self._second, self.target.dns, self._cloud
        steps = [
            Step(
                title=f"stop the hosts of {', '.join(self._groups) or 'the first region'} in {self._first}",
                why="two databases that both take writes cannot be merged; not for a region that is gone",
                command="stop everything that writes to the database"
                if not self._groups
                else "\n".join(
                    f"aws autoscaling update-auto-scaling-group --region {self._first} "
                    f"--auto-scaling-group-name {each} --min-size 0 --max-size 0 --desired-capacity 0"
                    for each in self._groups
                ),
                # Without groups of ours (pods, say) a person stops what writes.
                done=cloud.fenced if self._groups else None,
                do=cloud.fence if self._groups else None,
                optional=True,
            ),
            Step(
                title=f"promote {second.replica_identifier} in {second.region}",
                why="it becomes a database of its own; what it has not copied by now is lost (the RPO)",
                command=f"aws rds promote-read-replica --region {second.region} "
                f"--db-instance-identifier {second.replica_identifier}",
                done=cloud.promoted,
                do=cloud.promote,
            ),
            Step(
                title=f"grow {second.auto_scaling_group} to {second.capacity.desired}",
                why="the warm group is smaller than the load that comes",
                command=f"aws autoscaling update-auto-scaling-group --region {second.region} "
                f"--auto-scaling-group-name {second.auto_scaling_group} --min-size {second.capacity.least} "
                f"--max-size {second.capacity.most} --desired-capacity {second.capacity.desired}",
                done=cloud.grown,
                do=cloud.grow,
            ),
            Step(
                title=f"{second.hostname} answers",
                why="names must not lead to hosts that cannot serve",
                command=f"curl --fail https://{second.hostname}/health",
                done=cloud.answers,
            ),
        ]
        if dns.health_check_id:
            seen = dns.interval_seconds * dns.failures
            steps.append(
                Step(
                    title=f"{dns.hostname} leads to {second.region}",
                    why=f"Route 53 does so by itself, {seen} s after {dns.primary_hostname} stops answering",
                    command=f"aws route53 get-health-check-status --health-check-id {dns.health_check_id}",
                    done=cloud.moved,
                )
            )
        return steps

    def way_back(self) -> list[Step]:
        """By hand and in calm: the promoted database has the data now, and the old one is behind it."""
        second, dns, old = self._second, self.target.dns, self.target.database.identifier
        first, arn = self._first, f"arn:aws:rds:{second.region}:ACCOUNT:db:{second.replica_identifier}"
        steps = [
            Step(
                title=f"keep {old} apart",
                why="it holds what was written and not copied: compare it before it is let go",
                command=f"aws rds create-db-snapshot --region {first} --db-instance-identifier {old} "
                f"--db-snapshot-identifier {old}-before-return",
            ),
            Step(
                title=f"copy {second.replica_identifier} to {first}",
                why="a replica in the first region, from the database that serves",
                command=f"aws rds create-db-instance-read-replica --region {first} "
                f"--source-region {second.region} --db-instance-identifier {old}-return "
                f"--source-db-instance-identifier {arn} "
                "--kms-key-id KEY-OF-THE-FIRST-REGION --db-subnet-group-name SUBNET-GROUP",
            ),
            Step(
                title="announce a pause, stop the second region's hosts, wait for lag 0, promote the copy",
                why="the same order as there, the other way round",
                command=f"aws rds promote-read-replica --region {first} "
                f"--db-instance-identifier {old}-return",
            ),
            Step(
                title=f"give the copy the name {old}, and import it into the stack",
                why="the program then agrees with what is there; read the preview before the update",
                command="pulumi refresh && python -m ops guard --stack STACK",
            ),
        ]
        steps.append(
            Step(
                title=f"start the hosts of {first}: the colour with the traffic in `ops bluegreen status`",
                why=f"{dns.hostname} leads there again as soon as {dns.primary_hostname} answers: not before "
                "the database is back",
                command=f"aws autoscaling update-auto-scaling-group --region {first} "
                f"--auto-scaling-group-name {' or '.join(self._groups) or 'GROUP'} "
                f"--min-size {second.capacity.least} --max-size {second.capacity.most} "
                f"--desired-capacity {second.capacity.desired}",
            )
        )
        steps.append(
            Step(
                title="make the second region's replica and warm group anew",
                why="the promoted one is no replica any more",
                command="pulumi up --refresh",
            )
        )
        return steps
