"""Containers behind a load balancer: what the examples of several groups share."""

import pulumi

from components.compute.container_definition import HealthCheck
from components.compute.container_image import ContainerImage
from components.compute.ecs_cluster import EcsCluster, EcsClusterArgs
from components.compute.fargate_service import FargateService
from components.compute.fargate_service_args import FargateServiceArgs
from components.compute.fargate_service_plan import Autoscaled, BlueGreen
from components.compute.fargate_task import FargateTask, FargateTaskArgs
from components.compute.fargate_task_definition import FargateTaskDefinition, SecretReference, TaskArgs
from components.delivery.ecr_repository import EcrRepository, EcrRepositoryArgs
from components.edge.bucket import LogBucket, LogBucketArgs
from components.edge.cdn_domain import CustomDomain
from components.edge.cdn_load_balancer import CdnLoadBalancer, CdnLoadBalancerArgs
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import BehindCdn, LoadBalancerArgs
from components.edge.load_balancer_plan import Target, TargetHealthCheck
from components.network.security_group import CidrPeer, Rule
from tests.contracts import given

Options = pulumi.ResourceOptions | None

_OUT = Rule(description="HTTPS to endpoints", peer=CidrPeer("10.0.0.0/16"), port=443)


def log_bucket(name: str, opts: Options) -> LogBucket:
    args = LogBucketArgs(account_id=given.ACCOUNT, retention_days=30, load_balancer_logs=True)
    return LogBucket(name, args, opts)


def load_balancer(name: str, opts: Options) -> LoadBalancer:
    args = LoadBalancerArgs(
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        certificate_arn=given.CERTIFICATE_ARN,
        log_bucket=log_bucket("logs", None),
        exposure=BehindCdn("pl-22a6434b"),
        targets={
            "web": Target(port=3000, health_check=TargetHealthCheck(path="/")),
            "api": Target(
                port=4000,
                paths=["/api/*"],
                health_check=TargetHealthCheck(path="/health"),
                blue_green=True,
            ),
        },
    )
    return LoadBalancer(name, args, opts)


def cdn(name: str, opts: Options) -> CdnLoadBalancer:
    args = CdnLoadBalancerArgs(
        load_balancer=load_balancer("origin", None),
        domain=CustomDomain(
            aliases=["app.example.com"],
            certificate_arn=f"arn:aws:acm:us-east-1:{given.ACCOUNT}:certificate/1",
        ),
        log_bucket=log_bucket("cdn-logs", None),
        content_security_policy="default-src 'self'",
        web_acl_arn=f"arn:aws:wafv2:us-east-1:{given.ACCOUNT}:global/webacl/app/1",
    )
    return CdnLoadBalancer(name, args, opts)


def task_args() -> TaskArgs:
    return TaskArgs(
        account_id=given.ACCOUNT,
        region=given.REGION,
        image=repository("repository", None).image(given.DIGEST),
        user="1000:1000",
        cpu_units=512,
        memory_mb=1024,
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
        port=4000,
        environment={"NODE_ENV": "production"},
        secrets={"DATABASE_URL": SecretReference(arn=given.SECRET_ARN)},
        health_check=HealthCheck(command=["CMD", "/healthcheck"]),
        tracing_collector=ContainerImage(
            repository_url="public.ecr.aws/aws-observability/aws-otel-collector", digest=given.DIGEST
        ),
    )


def cluster(name: str, opts: Options) -> EcsCluster:
    return EcsCluster(name, EcsClusterArgs(kms_key_arn=given.KEY_ARN), opts)


def task_definition(name: str, opts: Options) -> FargateTaskDefinition:
    return FargateTaskDefinition(name, task_args(), opts)


def service(name: str, opts: Options) -> FargateService:
    args = FargateServiceArgs(
        cluster=cluster("cluster", None),
        task=task_args(),
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        capacity=Autoscaled(min_tasks=2, max_tasks=6),
        target=load_balancer("door", None).target("api"),
        deployment=BlueGreen(alarm_names=["errors"]),
        egress=[_OUT],
    )
    return FargateService(name, args, opts)


def one_off(name: str, opts: Options) -> FargateTask:
    args = FargateTaskArgs(
        cluster=cluster("cluster", None),
        task=task_args(),
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        egress=[_OUT],
    )
    return FargateTask(name, args, opts)


def repository(name: str, opts: Options) -> EcrRepository:
    return EcrRepository(name, EcrRepositoryArgs(kms_key_arn=given.KEY_ARN), opts)
