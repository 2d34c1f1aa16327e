"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.compute.lambda_args import LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.compute.lambda_layer import LambdaLayer, LambdaLayerArgs
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


EXAMPLES: dict[str, Any] = {"LambdaFunction": function, "LambdaLayer": _layer}
