"""Resources that the pack can set right by itself, each with the fault that it mends."""

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare

aws.kms.Key("key", enable_key_rotation=False, deletion_window_in_days=7)
aws.rds.Instance(
    "db",
    engine="postgres",
    instance_class="db.t4g.micro",
    allocated_storage=20,
    username="app",
    password=pulumi.Output.secret("a word that no one may see"),
    auto_minor_version_upgrade=False,
    backup_retention_period=1,
    skip_final_snapshot=True,
)
aws.rds.Cluster("cluster", engine="aurora-postgresql", master_username="app", backup_retention_period=1)
aws.rds.Proxy(
    "proxy",
    engine_family="POSTGRESQL",
    role_arn="arn:aws:iam::123456789012:role/proxy",
    vpc_subnet_ids=["subnet-a", "subnet-b"],
    require_tls=False,
)
aws.dynamodb.Table(
    "table", billing_mode="PAY_PER_REQUEST", hash_key="id", attributes=[{"name": "id", "type": "S"}]
)
aws.elasticache.ReplicationGroup(
    "cache", description="cache", node_type="cache.t4g.small", auto_minor_version_upgrade=False
)
bucket = aws.s3.Bucket("bucket", force_destroy=True)
aws.backup.Vault("vault", force_destroy=True)
aws.sqs.Queue("queue", sqs_managed_sse_enabled=False)
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=False)
balancer = aws.lb.LoadBalancer(
    "lb",
    subnets=["subnet-a", "subnet-b"],
    drop_invalid_header_fields=False,
    desync_mitigation_mode="monitor",
    enable_deletion_protection=False,
)
aws.alb.Listener(
    "tls",
    load_balancer_arn=balancer.arn,
    port=443,
    protocol="HTTPS",
    ssl_policy="ELBSecurityPolicy-2016-08",
    certificate_arn="arn:aws:acm:ap-northeast-2:123456789012:certificate/1",
    default_actions=[{"type": "fixed-response", "fixed_response": {"content_type": "text/plain"}}],
)
cluster = aws.ecs.Cluster("tasks")
aws.ecs.Service("service", cluster=cluster.arn, task_definition="arn:aws:ecs:x:1:task-definition/a:1")
api = aws.apigateway.RestApi("api")
deployment = aws.apigateway.Deployment("api", rest_api=api.id)
aws.apigateway.Stage("stage", rest_api=api.id, deployment=deployment.id, stage_name="v1")
aws.apigateway.DomainName("domain", domain_name="a.example.com", security_policy="TLS_1_0")
aws.cloudtrail.Trail("trail", s3_bucket_name=bucket.id)
aws.guardduty.Detector("detector", enable=False)
aws.ebs.EncryptionByDefault("disks", enabled=False)
visibility = {"cloudwatch_metrics_enabled": False, "metric_name": "m", "sampled_requests_enabled": True}
aws.wafv2.WebAcl(
    "acl",
    scope="REGIONAL",
    default_action={"allow": {}},
    visibility_config=visibility,
    rules=[
        {
            "name": "one",
            "priority": 1,
            "action": {"block": {}},
            "statement": {"geo_match_statement": {"country_codes": ["KP"]}},
            "visibility_config": visibility,
        }
    ],
)
aws.cloudfront.Distribution(
    "cdn",
    enabled=True,
    origins=[
        {
            "origin_id": "server",
            "domain_name": balancer.dns_name,
            "custom_origin_config": {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1", "TLSv1.2"],
            },
        }
    ],
    default_cache_behavior={
        "target_origin_id": "server",
        "viewer_protocol_policy": "allow-all",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    },
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={
        "acm_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": "TLSv1",
    },
)
for setting, value in (("min_tls_version", "1.0"), ("always_use_https", "off")):
    cloudflare.ZoneSetting(
        setting, zone_id="0a1b2c3d4e5f60718293a4b5c6d7e8f9", setting_id=setting, value=value
    )
