"""Objects in a cluster: namespace, scheduled job, application."""

from collections.abc import Callable
from typing import Any

import pytest

from components.compute.eks_cluster import EksCluster
from components.compute.eks_plan import AutoMode, Compute, FargatePods, ManagedNodes
from components.kubernetes.application import Application, ApplicationArgs, Scaling
from components.kubernetes.namespace import Namespace, NamespaceArgs, Peer
from components.kubernetes.pod import PodArgs, Resources, SecretKey
from components.kubernetes.scheduled_job import ScheduledJob, ScheduledJobArgs
from components.security.grants import put_metrics
from tests.contracts.examples_clusters import cluster_args
from tests.contracts.examples_compute import image
from tests.harness import Deployment, deploy

NODES = ManagedNodes(instance_types=["m6i.large"], min_nodes=2, max_nodes=4)
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
CRON_JOB = "kubernetes:batch/v1:CronJob"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RESOURCES = Resources(cpu_request="500m", cpu_limit="1", memory_request="512Mi", memory_limit="1Gi")
GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/web/1"


def space(compute: Compute = NODES, **changes: Any) -> Namespace:
    cluster = EksCluster("shop", cluster_args(compute))
    return Namespace("shop-space", NamespaceArgs(**{"cluster": cluster, "name": "shop", **changes}))


def pod(**changes: Any) -> PodArgs:
    return PodArgs(**{"image": image(), "resources": RESOURCES, **changes})


def job_args(compute: Compute = NODES, **changes: Any) -> ScheduledJobArgs:
    given: dict[str, Any] = {
        "namespace": space(compute),
        "job_name": "ingestor",
        "schedule": "*/5 * * * *",
        "pod": pod(environment={"EXECUTION_MODE": "cronjob"}),
        "deadline_seconds": 240,
        "statements": [put_metrics("CurrencyService")],
    }
    return ScheduledJobArgs(**{**given, **changes})


def job(compute: Compute = NODES, **changes: Any) -> Deployment:
    return deploy(lambda: ScheduledJob("shop-ingestor", job_args(compute, **changes)))


def application_args(compute: Compute | None = None, **changes: Any) -> ApplicationArgs:
    given: dict[str, Any] = {
        "namespace": space(compute or AutoMode()),
        "app_name": "web",
        "pod": pod(ports={"http": 8080}),
        "replicas": 3,
        "liveness_path": "/actuator/health/liveness",
        "readiness_path": "/actuator/health/readiness",
        "target_group_arn": GROUP,
        "scaling": Scaling(min_pods=2, max_pods=10, cpu_percent=50),
    }
    return ApplicationArgs(**{**given, **changes})


def application(**changes: Any) -> Deployment:
    return deploy(lambda: Application("shop-web", application_args(**changes)))


def container(deployment: Deployment, token: str) -> dict[str, Any]:
    spec = deployment.one(token)["spec"]
    spec = spec["jobTemplate"]["spec"] if token == CRON_JOB else spec
    (only,) = spec["template"]["spec"]["containers"]
    return only


def refused(build: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        deploy(build)


def test_a_namespace_refuses_pods_that_ask_for_too_much() -> None:
    labels = deploy(space).one("kubernetes:core/v1:Namespace")["metadata"]["labels"]
    assert labels == {
        f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "enforce", "warn")
    }


def test_in_auto_mode_a_pod_is_ready_once_its_load_balancer_says_so() -> None:
    labels = deploy(lambda: space(AutoMode())).one("kubernetes:core/v1:Namespace")["metadata"]["labels"]
    assert labels["eks.amazonaws.com/pod-readiness-gate-inject"] == "enabled"


def test_nobody_speaks_unless_a_policy_says_so() -> None:
    deployment = deploy(
        lambda: space(
            ways_out={"database": Peer(cidr_blocks=["10.0.64.0/20"], ports=[3306])},
            ways_in={"alb": Peer(cidr_blocks=["10.0.0.0/20"], ports=[8080], pods={"a": "b"})},
        )
    )
    specs = {each["metadata"]["name"]: each["spec"] for each in deployment.of_type(POLICY)}
    assert set(specs) == {"deny-all", "out-dns", "out-pod-identity", "out-database", "in-alb"}
    assert specs["deny-all"] == {"podSelector": {}, "policyTypes": ["Egress", "Ingress"]}
    assert specs["out-database"]["egress"] == [
        {
            "to": [{"ipBlock": {"cidr": "10.0.64.0/20"}}],
            "ports": [{"port": 3306, "protocol": "TCP"}],
        }
    ]
    assert specs["in-alb"]["podSelector"] == {"matchLabels": {"a": "b"}}
    assert specs["out-dns"]["egress"][0]["to"][0] == {"ipBlock": {"cidr": "172.20.0.10/32"}}
    assert all(each["metadata"]["namespace"] == "shop" for each in deployment.of_type(POLICY))


def test_fargate_has_no_pod_identity_agent_to_reach() -> None:
    deployment = deploy(lambda: space(FargatePods(namespaces=["shop"])))
    assert "out-pod-identity" not in {each["metadata"]["name"] for each in deployment.of_type(POLICY)}


@pytest.mark.parametrize("name", ["Shop", "a_b", "", "a" * 64])
def test_a_namespace_needs_a_name_that_dns_takes(name: str) -> None:
    refused(lambda: space(name=name), "name: got")


def test_a_way_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="everything would be open"):
        Peer(cidr_blocks=[], ports=[443])


def test_a_run_ends_and_never_meets_the_next() -> None:
    spec = job().one(CRON_JOB)["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("*/5 * * * *", "Etc/UTC")
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["startingDeadlineSeconds"] == 120
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 3)
    run = spec["jobTemplate"]["spec"]
    assert (run["activeDeadlineSeconds"], run["backoffLimit"], run["ttlSecondsAfterFinished"]) == (
        240,
        1,
        3600,
    )
    assert run["template"]["spec"]["restartPolicy"] == "Never"


@pytest.mark.parametrize("token", [CRON_JOB, DEPLOYMENT])
def test_a_container_has_as_little_as_it_needs(token: str) -> None:
    deployment = job() if token == CRON_JOB else application()
    only = container(deployment, token)
    assert only["image"].endswith("@sha256:" + "a" * 64)
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
    assert only["resources"] == {
        "requests": {"cpu": "500m", "memory": "512Mi"},
        "limits": {"cpu": "1", "memory": "1Gi"},
    }
    assert only["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108


def test_a_pod_has_no_token_and_a_role_by_its_own_account() -> None:
    deployment = job()
    spec = deployment.one(CRON_JOB)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert spec["serviceAccountName"] == "ingestor"
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["securityContext"]["runAsUser"] == 10001
    account = deployment.one("kubernetes:core/v1:ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    association = deployment.one("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert association["serviceAccount"] == "ingestor"
    assert association.urn in account.dependencies


def test_on_fargate_the_account_names_the_role() -> None:
    account = job(FargatePods(namespaces=["shop"])).one("kubernetes:core/v1:ServiceAccount")
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].startswith("arn:aws:iam::")


def test_environment_is_sorted_and_secrets_are_referred_to() -> None:
    deployment = job(
        pod=pod(
            environment={"Z": "1", "DATABASE_SECRET_ARN": "arn:s"},
            secrets={"BOK_API_KEY": SecretKey(secret_name="bok", key="key")},
        )
    )
    assert container(deployment, CRON_JOB)["env"] == [
        {"name": "BOK_API_KEY", "valueFrom": {"secretKeyRef": {"name": "bok", "key": "key"}}},
        {"name": "DATABASE_SECRET_ARN", "value": "arn:s"},
        {"name": "Z", "value": "1"},
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"environment": {"DB_PASSWORD": "x"}}, "environment.DB_PASSWORD: a secret"),
        ({"user": 0}, "user: got 0"),
        ({"ports": {"http": 80}}, "ports.http: got 80"),
        ({"writable_limit": "1"}, "writable_limit: got '1'"),
        (
            {"environment": {"A": "1"}, "secrets": {"A": SecretKey(secret_name="s", key="k")}},
            "got A in both",
        ),
    ],
)
def test_a_pod_that_would_not_be_safe_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pod(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"cpu_request": "0.5"},
        {"memory_limit": "1GB"},
        {"cpu_request": "2"},
        {"memory_request": "2Gi"},
    ],
)
def test_resources_are_written_as_kubernetes_writes_them(changes: dict[str, str]) -> None:
    given = {"cpu_request": "500m", "cpu_limit": "1", "memory_request": "512Mi", "memory_limit": "1Gi"}
    with pytest.raises(ValueError, match=next(iter(changes))):
        Resources(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schedule": "rate(5 minutes)"}, "schedule: got"),
        ({"job_name": "a" * 53}, "job_name: got"),
        ({"starting_deadline_seconds": 5}, "starting_deadline_seconds: got 5"),
        ({"deadline_seconds": 0}, "deadline_seconds: got 0"),
    ],
)
def test_a_job_that_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    refused(lambda: job_args(**changes), said)


def test_a_release_never_has_less_than_is_asked_for() -> None:
    deployment = application().one(DEPLOYMENT)
    spec = deployment["spec"]
    assert spec["replicas"] == 3
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
    }
    assert deployment.options.ignore_changes == ("spec.replicas",)
    (spread,) = spec["template"]["spec"]["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["maxSkew"]) == ("topology.kubernetes.io/zone", 1)


def test_without_an_autoscaler_the_program_counts() -> None:
    deployment = application(scaling=None)
    assert deployment.one(DEPLOYMENT).options.ignore_changes == ()
    assert not deployment.of_type("kubernetes:autoscaling/v2:HorizontalPodAutoscaler")


def test_probes_ask_the_given_paths_and_wait_for_a_slow_start() -> None:
    only = container(application(start_seconds=123), DEPLOYMENT)
    assert only["livenessProbe"]["httpGet"]["path"] == "/actuator/health/liveness"
    assert only["readinessProbe"]["httpGet"]["path"] == "/actuator/health/readiness"
    start = only["startupProbe"]
    assert start["failureThreshold"] * start["periodSeconds"] == 125
    assert only["lifecycle"]["preStop"] == {"sleep": {"seconds": 15}}


def test_the_autoscaler_counts_from_two_to_ten_at_half_the_cpu() -> None:
    spec = application().one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 10)
    (metric,) = spec["metrics"]
    assert metric["resource"]["target"] == {"type": "Utilization", "averageUtilization": 50}
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}


def test_one_pod_leaves_at_a_time_when_nodes_are_replaced() -> None:
    spec = application().one("kubernetes:policy/v1:PodDisruptionBudget")["spec"]
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_pods_are_bound_to_a_target_group_of_this_program() -> None:
    deployment = application()
    binding = deployment.one("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding")
    assert binding["spec"] == {
        "serviceRef": {"name": "web", "port": 80},
        "targetGroupARN": GROUP,
        "targetType": "ip",
    }
    service = deployment.one("kubernetes:core/v1:Service")
    assert service["spec"]["type"] == "ClusterIP"
    assert not [each for each in deployment if each.type.endswith(":Ingress")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"replicas": 1, "scaling": None}, "replicas: got 1; 2 or more"),
        ({"replicas": 11}, "replicas: got 11; from min_pods"),
        ({"liveness_path": "health"}, "liveness_path: got 'health'"),
        ({"drain_seconds": 60}, "drain_seconds: got 60"),
        ({"app_name": "9lives"}, "app_name: got '9lives'"),
    ],
)
def test_an_application_that_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    refused(lambda: application_args(**changes), said)


def test_an_application_needs_one_port_and_something_that_binds_it() -> None:
    refused(lambda: application_args(pod=pod()), "pod.ports: got")
    refused(lambda: application_args(NODES), "give the cluster AutoMode")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scaling(min_pods=0, max_pods=1, cpu_percent=50),
        lambda: Scaling(min_pods=3, max_pods=2, cpu_percent=50),
        lambda: Scaling(min_pods=1, max_pods=2, cpu_percent=95),
        lambda: Scaling(min_pods=1, max_pods=2, cpu_percent=50, scale_in_seconds=4000),
    ],
)
def test_scaling_that_cannot_be_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="got"):
        make()
