"""Currency Travel's ingestor, either way, and what changes with the choice between the two."""

import functools
import json
from typing import Any

import pytest

from tests.contracts.rules import STATEFUL
from tests.harness import Deployment, Record, run_program, with_system

SYSTEM = "currencyTravel"
CRON_JOB = "kubernetes:batch/v1:CronJob"


@functools.cache
def built(kind: str, stack: str = "prod") -> Deployment:
    return run_program(with_system(stack, SYSTEM, ingestor=kind), stack=stack)


def document(result: Deployment, name: str) -> list[dict[str, Any]]:
    return json.loads(result.one("aws:iam/rolePolicy:RolePolicy", name)["policy"])["Statement"]


def by_urn(result: Deployment) -> dict[str, Record]:
    return {each.urn: each for each in result}


class TestCluster:
    def test_the_control_plane(self) -> None:
        cluster = built("eks").one("aws:eks/cluster:Cluster", "currency-travel-kubernetes-cluster")
        assert cluster["version"] == "1.35"
        assert cluster["vpcConfig"]["endpointPrivateAccess"] is True
        assert cluster["vpcConfig"]["endpointPublicAccess"] is False
        assert cluster["accessConfig"]["authenticationMode"] == "API"
        assert cluster["encryptionConfig"]["resources"] == ["secrets"]
        assert {"api", "audit", "authenticator"} <= set(cluster["enabledClusterLogTypes"])

    def test_nodes(self) -> None:
        group = built("eks").one("aws:eks/nodeGroup:NodeGroup", "currency-travel-kubernetes-workers-group")
        assert group["instanceTypes"] == ["t4g.medium"]
        assert (group["scalingConfig"]["minSize"], group["scalingConfig"]["maxSize"]) == (2, 3)
        assert group["amiType"] == "AL2023_ARM_64_STANDARD"

    def test_who_deploys(self) -> None:
        (entry,) = built("eks").of_type("aws:eks/accessEntry:AccessEntry")
        assert entry["principalArn"] == "arn:aws:iam::444455556666:role/platform-deployer"

    def test_locks(self) -> None:
        """EKS's own: nothing is kept in it, so the engine may plan without it."""
        cluster = built("eks").one("aws:eks/cluster:Cluster", "currency-travel-kubernetes-cluster")
        assert (cluster["deletionProtection"], cluster.options.protect) == (True, False)


class TestCronJob:
    def spec(self) -> dict[str, Any]:
        return dict(built("eks").one(CRON_JOB)["spec"])

    def pod(self) -> dict[str, Any]:
        return dict(self.spec()["jobTemplate"]["spec"]["template"]["spec"])

    def test_every_five_minutes_and_never_twice(self) -> None:
        spec = self.spec()
        assert (spec["schedule"], spec["concurrencyPolicy"]) == ("*/5 * * * *", "Forbid")
        assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 240

    def test_image_and_limits(self) -> None:
        (container,) = self.pod()["containers"]
        repository = built("eks").one("aws:ecr/repository:Repository", "currency-travel-ingestor-images")
        environment = {each["name"]: each["value"] for each in container["env"]}
        assert container["image"].startswith(f"{repository.outputs['repositoryUrl']}@sha256:")
        assert environment["EXECUTION_MODE"] == "cronjob"
        assert container["resources"]["limits"] == {"cpu": "250m", "memory": "512Mi"}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert self.pod()["securityContext"]["runAsUser"] == 1000

    def test_the_ways_out(self) -> None:
        policies = built("eks").of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        out = {each["metadata"]["name"]: each["spec"].get("egress") for each in policies}
        ports = {
            name: [port["port"] for rule in rules for port in rule["ports"]]
            for name, rules in out.items()
            if rules
        }
        assert ports["out-kafka"] == [9098]
        assert ports["out-https"] == [443]
        assert out["deny-all"] is None

    def test_the_nodes_reach_the_brokers(self) -> None:
        names = {
            each.name
            for each in built("eks").of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        }
        assert "currency-travel-kafka-access-in-from-the-nodes" in names

    def test_a_failed_run_is_an_alarm(self) -> None:
        alarm = built("eks").one(
            "aws:cloudwatch/metricAlarm:MetricAlarm", "currency-travel-alarms-ingestor-job-failed-job"
        )
        assert alarm["dimensions"]["PodName"] == "data-ingestor"
        assert alarm["dimensions"]["Namespace"] == "currency-travel"


class TestChoice:
    def test_what_is_planned(self) -> None:
        defaults = {stack: run_program(with_system(stack, SYSTEM), stack=stack) for stack in ("dev", "prod")}
        kinds = {stack: result.outputs[SYSTEM]["ingestor"]["kind"] for stack, result in defaults.items()}
        assert kinds == {"dev": "scheduled_task", "prod": "eks"}

    def test_both_may_do_the_same(self) -> None:
        task = document(built("scheduled_task"), "currency-travel-ingestor-task-run-task-role-policy")
        pod = document(built("eks"), "currency-travel-ingestor-job-identity-pod-policy")
        assert task == pod

    def test_both_are_told_the_same(self) -> None:
        definition = built("scheduled_task").one(
            "aws:ecs/taskDefinition:TaskDefinition", "currency-travel-ingestor-task-run-task-definition"
        )
        (task,) = json.loads(definition["containerDefinitions"])
        template = built("eks").one(CRON_JOB)["spec"]["jobTemplate"]["spec"]["template"]
        (pod,) = template["spec"]["containers"]
        assert sorted(task["environment"], key=lambda each: each["name"]) == pod["env"]
        assert task["image"] == pod["image"]

    @pytest.mark.parametrize("stack", ["dev", "prod"])
    def test_no_store_notices(self, stack: str) -> None:
        before, after = by_urn(built("eks", stack)), by_urn(built("scheduled_task", stack))
        kept = {urn for urn, each in before.items() if each.type in STATEFUL}
        assert kept == {urn for urn, each in after.items() if each.type in STATEFUL}
        assert [urn for urn in sorted(kept) if before[urn] != after[urn]] == []

    @pytest.mark.parametrize("stack", ["dev", "prod"])
    def test_exactly_what_runs_it_changes(self, stack: str) -> None:
        before, after = by_urn(built("eks", stack)), by_urn(built("scheduled_task", stack))
        gone = {before[urn].name for urn in set(before) - set(after)}
        come = {after[urn].name for urn in set(after) - set(before)}
        other = {
            before[urn].name for urn in set(before) & set(after) if before[urn].inputs != after[urn].inputs
        }
        assert {prefix(name) for name in gone} == {
            "currency-travel-kubernetes",
            "currency-travel-ingestor-space",
            "currency-travel-ingestor-job",
            "currency-travel-alarms-ingestor",
            "currency-travel-kafka-access-in-from-the-nodes",
        }
        assert {prefix(name) for name in come} == {
            "currency-travel-cluster",
            "currency-travel-ingestor-task",
            "currency-travel-ingestor-notices",
            "currency-travel-alarms-ingestor",
            "currency-travel-kafka-access-in-from-the-ingestor",
        }
        assert other == {"currency-travel-overview-dashboard"}


def prefix(name: str) -> str:
    """The component that a resource belongs to."""
    known = (
        "currency-travel-kubernetes",
        "currency-travel-cluster",
        "currency-travel-ingestor-space",
        "currency-travel-ingestor-job",
        "currency-travel-ingestor-task",
        "currency-travel-ingestor-notices",
        "currency-travel-alarms-ingestor",
    )
    return next((each for each in known if name == each or name.startswith(f"{each}-")), name)
