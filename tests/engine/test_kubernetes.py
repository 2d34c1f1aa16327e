"""Objects of a cluster on the real engine: planned, deployed, deployed again, changed, deleted."""

import json

import pytest

from tests.engine.conftest import REPOSITORY, Project

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("cli")]

IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/ingestor@sha256:" + "a" * 64

CLUSTER = f"""
    from components.compute.container_image import ContainerImage
    from components.compute.eks_cluster import EksCluster
    from components.compute.eks_plan import AutoMode, ManagedNodes
    from components.kubernetes.application import Application, ApplicationArgs, Scaling
    from components.kubernetes.namespace import Namespace, NamespaceArgs
    from components.kubernetes.pod import PodArgs, Resources
    from components.kubernetes.scheduled_job import ScheduledJob, ScheduledJobArgs
    from tests.contracts.examples_clusters import cluster_args

    def space(name, compute):
        args = cluster_args(compute, deletion_protection=False)
        return Namespace(f"{{name}}-space", NamespaceArgs(cluster=EksCluster(name, args), name=name))

    resources = Resources(cpu_request="100m", cpu_limit="500m", memory_request="128Mi", memory_limit="256Mi")
    image = ContainerImage.parse("{IMAGE}")
"""

JOB = (
    CLUSTER
    + """
    job = ScheduledJob("ingestor", ScheduledJobArgs(
        namespace=space("jobs", ManagedNodes(instance_types=["m6i.large"], min_nodes=2, max_nodes=3)),
        job_name="{name}",
        schedule="{schedule}",
        pod=PodArgs(image=image, resources=resources, environment={{"EXECUTION_MODE": "cronjob"}}),
        deadline_seconds=240,
    ))
    pulumi.export("uid", job.cron_job.metadata.apply(lambda made: made.uid))
"""
)

APPLICATION = (
    CLUSTER
    + """
    Application("app", ApplicationArgs(
        namespace=space("web", AutoMode()),
        app_name="app",
        pod=PodArgs(image=image, resources=resources, ports={"http": 8080}),
        replicas=3,
        liveness_path="/actuator/health/liveness",
        readiness_path="/actuator/health/readiness",
        target_group_arn="arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/app/1",
        scaling=Scaling(min_pods=2, max_pods=10, cpu_percent=50),
    ))
"""
)

RAW = """
    import pulumi_kubernetes as k

    provider = k.Provider("cluster", kubeconfig="{{}}")
    k.core.v1.ConfigMap("settings", data={data}, opts=pulumi.ResourceOptions(provider=provider))
"""


def state(project: Project) -> str:
    return (project.state / "simulated/.pulumi/stacks/sample/dev.json").read_text()


def test_a_cluster_with_a_cron_job_lives_and_settles(project: Project) -> None:
    project.program(JOB.format(name="ingestor", schedule="*/5 * * * *"))
    assert "kubernetes:batch/v1:CronJob" in project.passes("preview", "--no-policy")
    assert " unchanged" in project.passes("cycle", "--no-policy")


def test_an_application_with_its_load_balancer_binding_lives_and_settles(project: Project) -> None:
    project.program(APPLICATION)
    assert "TargetGroupBinding" in project.passes("preview", "--no-policy")
    project.passes("cycle", "--no-policy")


@pytest.mark.slow
def test_a_schedule_is_updated_and_a_name_replaces(project: Project) -> None:
    project.program(JOB.format(name="ingestor", schedule="*/5 * * * *"))
    project.passes("up", "--no-policy")
    project.program(JOB.format(name="ingestor", schedule="*/10 * * * *"))
    said = project.passes("preview", "--no-policy")
    assert "1 to update" in said
    assert "to replace" not in said
    project.program(JOB.format(name="collector", schedule="*/5 * * * *"))
    said = project.passes("preview", "--no-policy")
    assert "to replace" in said


def test_no_credential_of_a_cluster_is_in_the_state(project: Project) -> None:
    project.program(JOB.format(name="ingestor", schedule="*/5 * * * *"))
    project.passes("up", "--no-policy")
    document = json.loads(state(project))
    (provider,) = [
        each
        for each in document["checkpoint"]["latest"]["resources"]
        if each["type"] == "pulumi:providers:kubernetes"
    ]
    config = json.loads(provider["inputs"]["kubeconfig"])
    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["args"][:4] == ["eks", "get-token", "--cluster-name", "jobs"]


@pytest.mark.slow
def test_an_object_without_a_name_gets_one_and_keeps_it(project: Project) -> None:
    project.program(RAW.format(data='{"a": "1"}'))
    project.passes("up")
    assert '"pulumi.com/autonamed":"true"' in state(project)
    said = project.passes("cycle")
    assert "3 unchanged" in said


def test_a_preview_refuses_what_the_kubernetes_sdk_does_not_know(project: Project) -> None:
    project.program("""
        class Raw(pulumi.CustomResource):
            pass

        Raw("kubernetes:batch/v1:CronJob", "it", {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "spec": {
                "schedule": "* * * * *",
                "concurrencyPolicy": "forbid",
                "jobTemplate": {"spec": {"template": {"spec": {
                    "containers": [{"image": "a", "priviledged": True}],
                }}}},
            },
        })
    """)
    said = project.fails("preview")
    assert "spec.jobTemplate.spec.template.spec.containers[0].priviledged: no such property" in said
    assert "spec.jobTemplate.spec.template.spec.containers[0].name: required" in said
    assert "spec.concurrencyPolicy" in said


def test_a_provider_property_that_does_not_exist_is_refused(project: Project) -> None:
    project.program("""
        class Raw(pulumi.ProviderResource):
            pass

        Raw("kubernetes", "it", {"kubeConfig": "{}"})
    """)
    assert "kubeConfig: the provider kubernetes has no such property" in project.fails("preview")


def test_the_pack_sees_the_provider_and_its_credential(project: Project) -> None:
    (project.folder / "policies").symlink_to(REPOSITORY / "policies")
    project.program("""
        import pulumi_kubernetes as k

        config = '{"users": [{"name": "a", "user": {"token": "t"}}]}'
        k.Provider("cluster", kubeconfig=config)
    """)
    said = project.fails("preview")
    assert "kubernetes-no-credential" in said
    assert "kubeconfig: users hold token" in said
