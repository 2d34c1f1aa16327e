"""Fargate behind a balancer, with the modules that the provider had before aws.lb, in somebody else's VPC."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config("net")
subnet_ids = config.require_object("subnetIds")
balancer = aws.alb.LoadBalancer("web", subnets=subnet_ids, security_groups=["sg-0123456789abcdef0"])
targets = aws.alb.TargetGroup(
    "web", port=80, protocol="HTTP", target_type="ip", vpc_id=config.require("vpcId")
)
listener = aws.alb.Listener(
    "web",
    load_balancer_arn=balancer.arn,
    port=80,
    protocol="HTTP",
    default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
)
cluster = aws.ecs.Cluster("app")
role = aws.iam.Role(
    "task",
    assume_role_policy=json.dumps(
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ]
        }
    ),
    managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"],
)
task = aws.ecs.TaskDefinition(
    "app",
    family="app",
    cpu="256",
    memory="512",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    execution_role_arn=role.arn,
    container_definitions=json.dumps(
        [
            {
                "name": "app",
                "image": "nginx:latest",
                "environment": [{"name": "API_TOKEN", "value": "s3cret"}],
                "portMappings": [{"containerPort": 80}],
            }
        ]
    ),
)
aws.ecs.Service(
    "app",
    cluster=cluster.arn,
    task_definition=task.arn,
    desired_count=1,
    launch_type="FARGATE",
    network_configuration={"subnets": subnet_ids, "assign_public_ip": True},
    load_balancers=[{"target_group_arn": targets.arn, "container_name": "app", "container_port": 80}],
    opts=pulumi.ResourceOptions(depends_on=[listener]),
)
