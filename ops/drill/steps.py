"""The steps of a failover and of the way back, with the names of what they touch.

Each step that can be executed says by a read whether it is done already, so that a drill that was killed goes
on where it was, and so that nothing is done twice. The first region may be gone: no step needs it, except the
one that fences it, which may be left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ops.aws import Clients
from ops.drill.cloud import Cloud, Seen
from ops.drill.target import Capacity, Target


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

    def __init__(
        self,
        target: Target,
        clients: Clients,
        *,
        stack: str,
        first_region: str,
        groups: Sequence[str],
        stop: str = "stop everything that writes to the database",
    ) -> None:
        """``groups``: Auto Scaling groups of the first region that write to the database. ``stop``: what a
        person does where there are none."""
        self.target = target
        self._cloud = Cloud(target, clients, first_region=first_region, groups=groups)
        self._stack = stack
        self._first = first_region
        self._groups = groups
        self._stop = stop
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
            Check(
                title="replica's lag",
                needed=f"at most {self.target.lag_seconds:.0f} s",
                look=cloud.lag,
            ),
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
        second, cloud = self._second, self._cloud
        steps = [
            Step(
                title=f"stop {', '.join(self._groups) or 'what writes'} in {self._first}",
                why="two databases that both take writes cannot be merged; not for a region that is gone",
                command="\n".join(_resize(self._first, each, None) for each in self._groups) or self._stop,
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
                command=_resize(second.region, second.auto_scaling_group, second.capacity),
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
        return [*steps, *self._afterwards()]

    def _afterwards(self) -> list[Step]:
        """Once the second region serves."""
        second, dns, cloud = self._second, self.target.dns, self._cloud
        steps: list[Step] = []
        if dns.health_check_id:
            seen = dns.interval_seconds * dns.failures
            steps.append(
                Step(
                    title=f"hold {dns.hostname} in {second.region}",
                    why=f"Route 53 leads there by itself {seen} s after {dns.primary_hostname} stops "
                    "answering, and back when it answers again, with the old database",
                    command=f"aws route53 update-health-check --health-check-id {dns.health_check_id} "
                    "--disabled --inverted",
                    done=cloud.held,
                    do=cloud.hold,
                )
            )
        if self.target.database.multi_az:
            steps.append(
                Step(
                    title=f"give {second.replica_identifier} a standby",
                    why="it has none as a replica; made after the name has moved, since it takes a while",
                    command=f"aws rds modify-db-instance --region {second.region} "
                    f"--db-instance-identifier {second.replica_identifier} --multi-az --apply-immediately",
                    done=cloud.spread,
                    do=cloud.spread_out,
                )
            )
        return steps

    def way_back(self) -> list[Step]:
        """By hand and in calm: the promoted database has the data now, and the old one is behind it."""
        second, dns, first = self._second, self.target.dns, self._first
        old = self.target.database
        steps = [
            *self._database_back(),
            *self._buckets_back(),
            Step(
                title=f"give the copy the name {old.identifier}, and import it into the stack",
                why="the program then agrees with what is there; read the preview before the update",
                command="\n".join(
                    (
                        _rename(first, old.identifier, f"{old.identifier}-old"),
                        _rename(first, f"{old.identifier}-return", old.identifier),
                        f"pulumi refresh --stack {self._stack} && python -m ops guard --stack {self._stack}",
                    )
                ),
            ),
            Step(
                title=f"start the hosts of {first}: the colour with the traffic in `ops bluegreen status`",
                why=f"https://{dns.primary_hostname}/health answers then, and people are still elsewhere",
                command="\n".join(_resize(first, each, second.capacity) for each in self._groups)
                or "start what was stopped",
            ),
        ]
        if dns.health_check_id:
            steps.append(
                Step(
                    title=f"let {dns.hostname} go",
                    why="Route 53 asks again, and leads back to the first region",
                    command=f"aws route53 update-health-check --health-check-id {dns.health_check_id} "
                    "--no-disabled --no-inverted",
                )
            )
        steps.append(
            Step(
                title="make the second region's replica and warm group anew",
                why="the promoted one is no replica any more",
                command=f"pulumi up --refresh --stack {self._stack}",
            )
        )
        return steps

    def _database_back(self) -> list[Step]:
        second, first, old = self._second, self._first, self.target.database
        return [
            Step(
                title=f"keep {old.identifier} apart",
                why="it holds what was written and not copied: compare it before it is let go",
                command=f"aws rds create-db-snapshot --region {first} "
                f"--db-instance-identifier {old.identifier} "
                f"--db-snapshot-identifier {old.identifier}-before-return",
            ),
            Step(
                title=f"copy {second.replica_identifier} to {first}",
                why="a replica in the first region, from the database that serves",
                command=f"aws rds create-db-instance-read-replica --region {first} "
                f"--source-region {second.region} --source-db-instance-identifier {second.replica_arn} "
                f"--db-instance-identifier {old.identifier}-return --kms-key-id {old.kms_key_arn} "
                f"--db-subnet-group-name {old.subnet_group} "
                f"--vpc-security-group-ids {old.security_group_id}",
            ),
            Step(
                title="announce a pause, stop the second region's hosts, wait for lag 0, promote the copy",
                why="the same order as there, the other way round",
                command=f"{_resize(second.region, second.auto_scaling_group, None)}\n"
                f"aws rds promote-read-replica --region {first} "
                f"--db-instance-identifier {old.identifier}-return",
            ),
        ]

    def _buckets_back(self) -> list[Step]:
        """What was written to the second region's buckets meanwhile: replication goes one way."""
        pairs = [(key, self.target.buckets.get(key), name) for key, name in self._second.buckets.items()]
        return [
            Step(
                title=f"copy what is new in the {key} of {self._second.region}",
                why="replication goes one way",
                command=f"aws s3 sync s3://{theirs} s3://{ours} "
                f"--source-region {self._second.region} --region {self._first}",
            )
            for key, ours, theirs in pairs
            if ours
        ]


def _resize(region: str, group: str, capacity: Capacity | None) -> str:
    """None: no host at all."""
    least, most, desired = (capacity.least, capacity.most, capacity.desired) if capacity else (0, 0, 0)
    return (
        f"aws autoscaling update-auto-scaling-group --region {region} --auto-scaling-group-name {group} "
        f"--min-size {least} --max-size {most} --desired-capacity {desired}"
    )


def _rename(region: str, name: str, new: str) -> str:
    return (
        f"aws rds modify-db-instance --region {region} --db-instance-identifier {name} "
        f"--new-db-instance-identifier {new} --apply-immediately"
    )
