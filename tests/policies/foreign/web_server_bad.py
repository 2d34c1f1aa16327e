"""A VPC, a host and a database from a getting-started guide, with rules inline and beside the group."""

import pulumi
import pulumi_aws as aws

vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("net", vpc_id=vpc.id)
table = aws.ec2.DefaultRouteTable(
    "net",
    default_route_table_id=vpc.default_route_table_id,
    routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}],
)
subnets = [
    aws.ec2.Subnet(
        f"net-{zone}",
        vpc_id=vpc.id,
        cidr_block=f"10.0.{index}.0/24",
        availability_zone=f"ap-northeast-2{zone}",
        map_public_ip_on_launch=True,
    )
    for index, zone in enumerate("ac")
]
group = aws.ec2.SecurityGroup(
    "web",
    vpc_id=vpc.id,
    ingress=[
        {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]},
        {"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]},
    ],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
)
database_group = aws.ec2.SecurityGroup("db", vpc_id=vpc.id)
aws.ec2.SecurityGroupRule(
    "db-from-web",
    type="ingress",
    security_group_id=database_group.id,
    source_security_group_id=group.id,
    protocol="tcp",
    from_port=5432,
    to_port=5432,
)
aws.vpc.SecurityGroupIngressRule(
    "db-from-office",
    security_group_id=database_group.id,
    ip_protocol="tcp",
    from_port=5432,
    to_port=5432,
    cidr_ipv4="0.0.0.0/0",
)
host = aws.ec2.Instance(
    "web",
    ami="ami-0c9c942bd7bf113a2",
    instance_type="t3.micro",
    subnet_id=subnets[0].id,
    vpc_security_group_ids=[group.id],
    user_data="#!/bin/bash\necho DB_PASSWORD=correcthorse > /etc/app.env\n",
)
names = aws.rds.SubnetGroup("db", subnet_ids=[subnet.id for subnet in subnets])
database = aws.rds.Instance(
    "db",
    engine="mysql",
    engine_version="5.7",
    instance_class="db.t3.micro",
    allocated_storage=20,
    db_name="app",
    username="admin",
    password="correcthorsebattery",
    publicly_accessible=True,
    db_subnet_group_name=names.name,
    vpc_security_group_ids=[database_group.id],
    skip_final_snapshot=True,
)
pulumi.export("address", host.public_ip)
