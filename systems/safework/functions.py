"""SafeWork's five functions: one Flask blueprint each, one package and one layer for all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.compute.lambda_function import LambdaFunction, LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.lambda_layer import LambdaLayer, LambdaLayerArgs
from components.compute.package import build_layer, build_package
from components.data.elasticache_serverless import PORTS as CACHE_PORTS
from components.delivery.codedeploy_rollout import AllAtOnce, Canary, Linear, Rollout
from components.network.security_group import connect
from components.network.vpc import Vpc
from components.security.grants import read_secret
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from components.security.managed_secret import ManagedSecret
from settings import rollout as choices
from settings.safework import Function, SafeWorkSettings
from systems.safework.data import Data
from systems.safework.network import open_way_to_aws
from systems.scope import Scope

SOURCES = Path("functions/safework")
PLACEHOLDER_APP = SOURCES / "placeholder" / "app"
BUILD_DIRECTORY = Path("build")

USES_DATA = frozenset({"auth", "survey", "admin", "health"})
"""Blueprints that read or write data; the rest get no way to it."""

DESCRIPTIONS: Mapping[str, str] = {
    "auth": "Login and logout",
    "survey": "Surveys and their API",
    "admin": "Administration",
    "static": "Static files and documents",
    "health": "Health check and front page",
}


@dataclass(frozen=True, kw_only=True)
class Functions:
    """The functions by blueprint."""

    by_name: Mapping[str, LambdaFunction]
    settings: Mapping[str, Function]


def build_functions(
    scope: Scope, settings: SafeWorkSettings, *, vpc: Vpc, key: KmsKey, data: Data, session_key: ManagedSecret
) -> Functions:
    code = _build_code(scope, settings)
    wanted = settings.functions.by_name()
    functions = {
        name: LambdaFunction(
            f"{scope.name}-{name}",
            LambdaFunctionArgs(
                code=code,
                description=f"SafeWork: {DESCRIPTIONS[name]}",
                memory_mb=function.memory_mb,
                timeout_seconds=function.timeout_seconds,
                provisioned_concurrency=function.provisioned_concurrency,
                kms_key_arn=key.key_arn,
                log_retention_days=settings.log_retention_days,
                environment={
                    "ROUTES": json.dumps(function.routes),
                    **(_data_environment(data, session_key) if name in USES_DATA else {}),
                },
                statements=_data_statements(data, session_key) if name in USES_DATA else (),
                vpc=VpcPlacement(vpc_id=vpc.vpc_id, subnet_ids=vpc.private_subnet_ids),
                rollout=_rollout(settings),
            ),
            scope.opts,
        )
        for name, function in wanted.items()
    }
    for name in sorted(USES_DATA):
        _open_ways(settings, functions[name], f"{scope.name}-{name}", vpc, data)
    return Functions(by_name=functions, settings=wanted)


def _build_code(scope: Scope, settings: SafeWorkSettings) -> ZipCode:
    runtime = settings.app.runtime
    app = Path(settings.app.directory) if settings.app.directory else PLACEHOLDER_APP
    layer = LambdaLayer(
        f"{scope.name}-shared",
        LambdaLayerArgs(
            path=build_layer(
                Path(settings.app.requirements),
                BUILD_DIRECTORY,
                name=f"{scope.name}-shared",
                runtime=runtime,
                modules={"wsgi_adapter.py": SOURCES / "wsgi_adapter.py"},
            ),
            description="Flask, the API Gateway adapter and the route guard",
            runtimes=[runtime],
        ),
        scope.opts,
    )
    return ZipCode(
        path=build_package(
            {"handler.py": SOURCES / "handler.py", "app": app}, BUILD_DIRECTORY, name=scope.name
        ),
        handler="handler.handler",
        runtime=runtime,
        layers=[layer.layer_arn],
    )


def _data_environment(data: Data, session_key: ManagedSecret) -> dict[str, pulumi.Input[str]]:
    return {**data.environment, "SESSION_KEY_SECRET_ARN": session_key.secret_arn}


def _data_statements(data: Data, session_key: ManagedSecret) -> tuple[Statement, ...]:
    return (*data.statements, read_secret(session_key.secret_arn))


def _open_ways(
    settings: SafeWorkSettings,
    function: LambdaFunction,
    name: str,
    vpc: Vpc,
    data: Data,
) -> None:
    """Let a function reach the stores and the AWS services it calls, and nothing else."""
    group = function.security_group
    group.allow_to(data.cache, CACHE_PORTS, "to the cache")
    data.cache.allow_from(name, function)
    if data.proxy:
        connect(group, data.proxy.security_group, data.proxy.port, client_name=name, server_name="the proxy")
    open_way_to_aws(group, settings, vpc)


def _rollout(settings: SafeWorkSettings) -> Rollout:
    match settings.rollout:
        case choices.Canary(percent=percent, interval_minutes=minutes):
            return Canary(percent=percent, interval_minutes=minutes)
        case choices.Linear(percent=percent, interval_minutes=minutes):
            return Linear(percent=percent, interval_minutes=minutes)
        case choices.AllAtOnce():
            return AllAtOnce()
