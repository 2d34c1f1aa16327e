"""What a drill reads of both regions, and the few things that it changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from ops.aws import Clients, code
from ops.drill.target import Target
from ops.errors import OpsError

GLOBAL_REGION = "us-east-1"
_LAG_MINUTES = 10


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a read found."""

    ok: bool
    value: str


class Cloud:
    """One system in both regions. A read says what it found; what is changed may be changed again."""

    def __init__(self, target: Target, clients: Clients, *, first_region: str, groups: Sequence[str]) -> None:
        self.target = target
        self._clients = clients
        self._first = first_region
        self._groups = groups
        self._second = target.second

    def _instance(self) -> dict[str, Any]:
        rds = self._clients("rds", self._second.region)
        answer = rds.describe_db_instances(DBInstanceIdentifier=self._second.replica_identifier)
        return cast("dict[str, Any]", answer["DBInstances"][0])

    def replica(self) -> Seen:
        """Whether the replica still copies."""
        found = self._instance()
        source, status = found.get("ReadReplicaSourceDBInstanceIdentifier"), str(found["DBInstanceStatus"])
        said = (
            f"{status}, copies {str(source).rpartition(':')[2]}"
            if source
            else f"{status}, no replica any more"
        )
        return Seen(ok=status == "available" and bool(source), value=said)

    def lag(self) -> Seen:
        """By the newest figure."""
        now = datetime.now(UTC)
        answer = self._clients("cloudwatch", self._second.region).get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName="ReplicaLag",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": self._second.replica_identifier}],
            StartTime=now - timedelta(minutes=_LAG_MINUTES),
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )
        points = cast("list[dict[str, Any]]", answer["Datapoints"])
        if not points:
            return Seen(ok=False, value=f"no figure for {_LAG_MINUTES} minutes")
        lag = max(points, key=lambda point: point["Timestamp"])["Maximum"]
        return Seen(ok=0 <= lag <= self.target.lag_seconds, value=f"{lag:.0f} s")

    def healthy(self) -> Seen:
        """Hosts of the second region, by its load balancer."""
        elb = self._clients("elbv2", self._second.region)
        answer = elb.describe_target_health(TargetGroupArn=self._second.target_group_arn)
        states = [each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]]
        healthy = states.count("healthy")
        return Seen(ok=healthy > 0, value=f"{healthy} healthy")

    def answers(self) -> Seen:
        """A real request to the second region's own name."""
        try:
            status = httpx.get(f"https://{self._second.hostname}/health", timeout=10).status_code
        except httpx.HTTPError as error:
            return Seen(ok=False, value=f"{type(error).__name__}: {error}")
        return Seen(ok=status == 200, value=str(status))

    def _config(self) -> dict[str, Any]:
        answer = self._clients("route53", GLOBAL_REGION).get_health_check(
            HealthCheckId=self.target.dns.health_check_id
        )
        return cast("dict[str, Any]", answer["HealthCheck"]["HealthCheckConfig"])

    def health_check(self) -> Seen:
        """Whether somebody turned Route 53's check round or off."""
        config = self._config()
        wrong = [word for word in ("Inverted", "Disabled") if config.get(word)]
        return Seen(ok=not wrong, value=", ".join(wrong).lower() or "asks as planned")

    def fenced(self) -> Seen:
        """Whether nothing of the first region writes any more."""
        scaling = self._clients("autoscaling", self._first)
        answer = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=list(self._groups))
        found = answer["AutoScalingGroups"]
        left = {str(each["AutoScalingGroupName"]): len(each["Instances"]) for each in found}
        wanted = sum(int(each["MaxSize"]) for each in found)
        said = ", ".join(f"{name} {count} hosts" for name, count in left.items()) or "no group"
        return Seen(ok=not any(left.values()) and not wanted, value=said)

    def fence(self) -> None:
        """Let all hosts of the first region go."""
        for each in self._groups:
            self._clients("autoscaling", self._first).update_auto_scaling_group(
                AutoScalingGroupName=each, MinSize=0, MaxSize=0, DesiredCapacity=0
            )

    def promoted(self) -> Seen:
        """Whether the replica is a database of its own, and up."""
        found = self._instance()
        source, status = found.get("ReadReplicaSourceDBInstanceIdentifier"), str(found["DBInstanceStatus"])
        said = f"{status}, still a replica" if source else f"{status}, a database of its own"
        return Seen(ok=not source and status == "available", value=said)

    def promote(self) -> None:
        """Begin it, once."""
        found = self._instance()
        if found.get("ReadReplicaSourceDBInstanceIdentifier") and found["DBInstanceStatus"] == "available":
            self._clients("rds", self._second.region).promote_read_replica(
                DBInstanceIdentifier=self._second.replica_identifier
            )

    def grown(self) -> Seen:
        """Whether as many hosts as serve are healthy in the second region."""
        second = self._second
        scaling = self._clients("autoscaling", second.region)
        found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[second.auto_scaling_group])
        if not found["AutoScalingGroups"]:
            return Seen(ok=False, value=f"no group {second.auto_scaling_group}")
        desired = int(found["AutoScalingGroups"][0]["DesiredCapacity"])
        health = self.healthy()
        count = int(health.value.split()[0])
        enough = desired >= second.capacity.desired and count >= second.capacity.desired
        return Seen(ok=enough, value=f"{health.value}, {desired} wanted")

    def grow(self) -> None:
        """Ask for them."""
        second = self._second
        self._clients("autoscaling", second.region).update_auto_scaling_group(
            AutoScalingGroupName=second.auto_scaling_group,
            MinSize=second.capacity.least,
            MaxSize=second.capacity.most,
            DesiredCapacity=second.capacity.desired,
        )

    def spread(self) -> Seen:
        """Whether the promoted database has a standby, or is getting one."""
        found = self._instance()
        coming = cast("dict[str, Any]", found.get("PendingModifiedValues") or {}).get("MultiAZ")
        said = "in two zones" if found.get("MultiAZ") else "being spread" if coming else "in one zone"
        return Seen(ok=bool(found.get("MultiAZ") or coming), value=said)

    def spread_out(self) -> None:
        """Ask for a standby."""
        self._clients("rds", self._second.region).modify_db_instance(
            DBInstanceIdentifier=self._second.replica_identifier, MultiAZ=True, ApplyImmediately=True
        )

    def held(self) -> Seen:
        """Whether Route 53 takes the first region for dead whatever it answers."""
        config = self._config()
        held = bool(config.get("Disabled") and config.get("Inverted"))
        return Seen(ok=held, value="held" if held else "follows the check")

    def hold(self) -> None:
        """A check that is off counts as healthy, and inverted as unhealthy: one call sets both."""
        self._clients("route53", GLOBAL_REGION).update_health_check(
            HealthCheckId=self.target.dns.health_check_id, Disabled=True, Inverted=True
        )


def look(read: Callable[[], Seen]) -> Seen:
    """A read whose failure is an answer too."""
    try:
        return read()
    except ClientError as error:
        return Seen(ok=False, value=f"{code(error)}: {error}")
    except (BotoCoreError, OpsError) as error:
        return Seen(ok=False, value=str(error))
