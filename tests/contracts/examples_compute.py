"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.compute.batch_worker import BatchWorker
from components.compute.batch_worker_args import BatchWorkerArgs, FairShare, Fifo, Scheduling
from components.compute.container_image import ContainerImage
from components.compute.lambda_args import LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.compute.lambda_layer import LambdaLayer, LambdaLayerArgs
from tests.contracts import examples_clusters as clusters
from tests.contracts import examples_containers as containers
from tests.contracts import given

Options = pulumi.ResourceOptions | None


def function_args() -> LambdaFunctionArgs:
    return LambdaFunctionArgs(
        code=ZipCode(path=given.package(), handler="handler.handler", runtime="python3.12"),
        description="Example",
        memory_mb=128,
        timeout_seconds=5,
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
        environment={"TABLE": "table"},
        vpc=VpcPlacement(vpc_id=given.VPC_ID, subnet_ids=given.SUBNET_IDS),
        provisioned_concurrency=1,
    )


def function(name: str, opts: Options) -> LambdaFunction:
    return LambdaFunction(name, function_args(), opts)


def _layer(name: str, opts: Options) -> LambdaLayer:
    args = LambdaLayerArgs(path=given.package(), description="Example", runtimes=["python3.12"])
    return LambdaLayer(name, args, opts)


def image() -> ContainerImage:
    return ContainerImage(
        repository_url=f"{given.ACCOUNT}.dkr.ecr.{given.REGION}.amazonaws.com/example",
        repository_arn=f"arn:aws:ecr:{given.REGION}:{given.ACCOUNT}:repository/example",
        digest=f"sha256:{'a' * 64}",
    )


def worker(name: str, opts: Options, scheduling: Scheduling | None = None) -> BatchWorker:
    args = BatchWorkerArgs(
        region=given.REGION,
        account_id=given.ACCOUNT,
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        image=image(),
        vcpus=4,
        memory_mb=7_168,
        timeout_seconds=3_600,
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
        scheduling=scheduling or FairShare(),
        instance_types=["c5.xlarge"],
        max_vcpus=16,
    )
    return BatchWorker(name, args, opts)


def worker_in_order(name: str, opts: Options) -> BatchWorker:
    """One that EventBridge can submit to."""
    return worker(name, opts, Fifo())


def _scaling_group(name: str, opts: Options) -> Any:
    from tests.contracts import examples_hosts as hosts  # noqa: PLC0415 - which takes its function from here

    return hosts.scaling_group(name, opts)


def _pair(name: str, opts: Options) -> Any:
    from tests.contracts import examples_hosts as hosts  # noqa: PLC0415 - which takes its function from here

    return hosts.pair(name, opts)


EXAMPLES: dict[str, Any] = {
    "BlueGreenPair": _pair,
    "ScalingGroup": _scaling_group,
    "EcsCluster": containers.cluster,
    "EksAddons": clusters.addons,
    "EksCluster": clusters.cluster,
    "EksFargate": clusters.fargate,
    "EksNodes": clusters.nodes,
    "EksPodRole": clusters.pod_role,
    "FargateService": containers.service,
    "FargateTask": containers.one_off,
    "FargateTaskDefinition": containers.task_definition,
    "BatchWorker": worker,
    "LambdaFunction": function,
    "LambdaLayer": _layer,
}
