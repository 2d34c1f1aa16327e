"""How each type of resource is billed. A new type is a function here, or a line in ``FREE``."""

from collections.abc import Callable, Mapping

from ops.cost.estimate import HOURS, Group, Pricer
from ops.cost.plan import Resource, UnknownInputError

SECONDS = HOURS * 3600
ECS_SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SCALING_TARGET = "aws:appautoscaling/target:Target"
CLUSTER = "aws:rds/cluster:Cluster"
PROXY_MINIMUM_ACU = 8.0
"""https://aws.amazon.com/rds/proxy/pricing/: an Aurora Serverless v2 target is billed for at least 8 ACU."""
VALKEY_MINIMUM_GB = 0.1
"""https://aws.amazon.com/elasticache/pricing/: at least 100 MB are metered for Valkey."""


def _nat(group: Group) -> None:
    group.hours("NAT gateways", "nat.hour", group.count)
    group.used("NAT traffic", "nat.gb", lambda: group.usage["natGb"])


def _address(group: Group) -> None:
    group.hours("public IPv4 addresses", "ipv4.hour", group.count)


def _endpoints(group: Group) -> None:
    interfaces = [each for each in group.resources if each.inputs.get("vpcEndpointType") == "Interface"]
    if interfaces:
        zones = sum(len(each.inputs.get("subnetIds", ())) for each in interfaces)
        group.hours("interface endpoints", "endpoint.hour", zones)
        group.used("endpoint traffic", "endpoint.gb", lambda: group.usage["endpointGb"])


def _load_balancer(group: Group) -> None:
    group.hours("load balancers", "alb.hour", group.count)
    group.used("load balancer capacity units", "alb.lcu.hour", lambda: group.usage["loadBalancerLcu"] * HOURS)


def _service(group: Group) -> None:
    def tasks(service: Resource) -> tuple[float, float]:
        """Floor and ceiling of the service."""
        for target in group.plan.of_type(SCALING_TARGET):
            if service.urn in target.depends_on.get("resourceId", ()):
                return target.number("minCapacity"), target.number("maxCapacity")
        desired = service.number("desiredCount")
        return desired, desired

    for service in group.resources:
        definition = _definition(group, service)
        for part in ("vcpu", "gb"):
            name = _fargate_price(definition, part)
            group.hours(
                "Fargate at the floor",
                name,
                lambda service=service, definition=definition, part=part: (
                    tasks(service)[0] * _size(definition(), part)
                ),
            )
            group.used(
                "Fargate above the floor",
                name,
                lambda service=service, definition=definition, part=part: (
                    (tasks(service)[1] - tasks(service)[0])
                    * group.usage["taskLoad"]
                    * _size(definition(), part)
                    * HOURS
                ),
            )


def _definition(group: Group, service: Resource) -> Callable[[], Resource]:
    return lambda: group.plan.behind(service, "taskDefinition", TASK_DEFINITION)


def _task_definition(group: Group) -> None:
    """One-off tasks: definitions that no service runs."""
    served = {
        urn
        for service in group.plan.of_type(ECS_SERVICE)
        for urn in service.depends_on.get("taskDefinition", ())
    }
    for definition in group.resources:
        if definition.urn in served:
            continue
        for part in ("vcpu", "gb"):
            group.used(
                "one-off and scheduled tasks",
                _fargate_price(lambda definition=definition: definition, part),
                lambda definition=definition, part=part: (
                    _size(definition, part) * group.usage["taskRuns"] * group.usage["taskMinutes"] / 60
                ),
            )


def _fargate_price(definition: Callable[[], Resource], part: str) -> Callable[[], str]:
    def name() -> str:
        platform: Mapping[str, str] = definition().inputs.get("runtimePlatform") or {}
        architecture = "arm" if platform.get("cpuArchitecture") == "ARM64" else "x86"
        return f"fargate.{architecture}.{part}.hour"

    return name


def _size(definition: Resource, part: str) -> float:
    return definition.number("cpu" if part == "vcpu" else "memory") / 1024


def _functions(group: Group) -> None:
    """The system's invocations, spread evenly over its functions."""
    group.used("Lambda requests", "lambda.request", lambda: group.usage["lambdaInvocations"])
    if any(_traced(function) for function in group.resources):
        group.used("traces", "trace", lambda: group.usage["traces"])
    for function in group.resources:
        architecture = "arm" if "arm64" in (function.inputs.get("architectures") or ()) else "x86"
        group.used(
            "Lambda compute",
            f"lambda.{architecture}.gb.second",
            lambda function=function: (
                group.usage["lambdaInvocations"]
                / group.count
                * group.usage["lambdaMilliseconds"]
                / 1000
                * function.number("memorySize", 128)
                / 1024
            ),
        )


def _traced(function: Resource) -> bool:
    tracing: Mapping[str, str] = function.inputs.get("tracingConfig") or {}
    return tracing.get("mode") == "Active"


def _provisioned(group: Group) -> None:
    for each in group.resources:
        group.fixed(
            "provisioned concurrency",
            "lambda.provisioned.gb.second",
            lambda each=each: (
                each.number("provisionedConcurrentExecutions")
                * group.plan.behind(each, "functionName", "aws:lambda/function:Function").number(
                    "memorySize", 128
                )
                / 1024
                * SECONDS
            ),
        )


def _rest_api(group: Group) -> None:
    group.used("API requests", "api.rest.request", lambda: group.usage["requests"])


def _aurora_instance(group: Group) -> None:
    def minimum(instance: Resource) -> float:
        cluster = group.plan.behind(instance, "clusterIdentifier", CLUSTER)
        scaling: Mapping[str, float] = cluster.inputs.get("serverlessv2ScalingConfiguration") or {}
        if "minCapacity" not in scaling:
            raise UnknownInputError(f"{cluster.name} has no Serverless v2 capacity")
        return float(scaling["minCapacity"])

    for instance in group.resources:
        group.hours(
            "Aurora at minimum capacity", "aurora.acu.hour", lambda instance=instance: minimum(instance)
        )
        group.used(
            "Aurora above minimum capacity",
            "aurora.acu.hour",
            lambda instance=instance: max(0.0, group.usage["auroraAcu"] - minimum(instance)) * HOURS,
        )


def _aurora_cluster(group: Group) -> None:
    group.used("Aurora storage", "aurora.storage.gb", lambda: group.usage["auroraGb"])
    group.used("Aurora input and output", "aurora.io", lambda: group.usage["auroraIo"])
    group.used("database backups", "rds.backup.gb", lambda: group.usage["backupGb"])


def _proxy(group: Group) -> None:
    group.hours("RDS Proxy", "rds.proxy.acu.hour", PROXY_MINIMUM_ACU * group.count)


def _database(group: Group) -> None:
    for instance in group.resources:
        copies = 2 if instance.inputs.get("multiAz") is True else 1
        group.hours(
            "database instances",
            lambda instance=instance: f"rds.{_engine(group, instance)}.{instance.text('instanceClass')}.hour",
            copies,
        )
        group.fixed(
            "database storage",
            "rds.gp3.multi-az.gb" if copies == 2 else "rds.gp3.gb",
            lambda instance=instance: _storage(group, instance),
        )
    group.used("database backups", "rds.backup.gb", lambda: group.usage["backupGb"])


def _source(group: Group, instance: Resource) -> Resource:
    """The primary of a replica; the instance itself where it is none."""
    for urn in instance.depends_on.get("replicateSourceDb", ()):
        found = group.plan.by_urn.get(urn)
        if found is not None and found.type == instance.type:
            return found
    return instance


def _engine(group: Group, instance: Resource) -> str:
    return _source(group, instance).text("engine")


def _storage(group: Group, instance: Resource) -> float:
    """GB; a replica has as much as its primary."""
    return _source(group, instance).number("allocatedStorage")


def _replication_group(group: Group) -> None:
    for each in group.resources:
        group.hours(
            "cache nodes",
            lambda each=each: f"cache.{each.text('engine')}.{each.text('nodeType')}.hour",
            lambda each=each: _nodes(each),
        )


def _nodes(cache: Resource) -> float:
    if "numCacheClusters" in cache.inputs:
        return cache.number("numCacheClusters")
    return cache.number("numNodeGroups", 1) * (1 + cache.number("replicasPerNodeGroup", 0))


def _serverless_cache(group: Group) -> None:
    group.hours(
        "serverless cache at its minimum", "cache.serverless.valkey.gb.hour", VALKEY_MINIMUM_GB * group.count
    )
    group.used(
        "serverless cache above its minimum",
        "cache.serverless.valkey.gb.hour",
        lambda: max(0.0, group.usage["cacheGb"] - VALKEY_MINIMUM_GB * group.count) * HOURS,
    )
    group.used("cache processing units", "cache.serverless.ecpu", lambda: group.usage["cacheEcpu"])


def _batch(group: Group) -> None:
    group.used("Batch on Spot", "spot.vcpu.hour", lambda: group.usage["batchVcpuHours"])


def _table(group: Group) -> None:
    group.used("DynamoDB writes", "dynamodb.write", lambda: group.usage["dynamodbWrites"])
    group.used("DynamoDB reads", "dynamodb.read", lambda: group.usage["dynamodbReads"])
    group.used("DynamoDB storage", "dynamodb.gb", lambda: group.usage["dynamodbGb"])


def _bucket(group: Group) -> None:
    group.used("S3 storage", "s3.gb", lambda: group.usage["s3Gb"])
    group.used("S3 writes", "s3.put", lambda: group.usage["s3Puts"])
    group.used("S3 reads", "s3.get", lambda: group.usage["s3Gets"])


def _repository(group: Group) -> None:
    group.used("container images", "ecr.gb", lambda: group.usage["ecrGb"])


def _distribution(group: Group) -> None:
    group.used("CloudFront traffic", "cdn.gb", lambda: group.usage["cdnGb"])
    group.used("CloudFront requests", "cdn.request", lambda: group.usage["cdnRequests"])


def _web_acl(group: Group) -> None:
    rules = sum(len(each.inputs.get("rules", ())) for each in group.resources)
    group.fixed("web ACLs", "waf.acl.month", group.count)
    group.fixed("web ACL rules", "waf.rule.month", rules)
    group.used(
        "web ACL requests", "waf.request", lambda: group.usage["requests"] + group.usage["cdnRequests"]
    )


def _key(group: Group) -> None:
    group.fixed("KMS keys", "kms.key.month", group.count)
    group.used("KMS requests", "kms.request", lambda: group.usage["kmsRequests"])


def _secret(group: Group) -> None:
    group.fixed("secrets", "secret.month", group.count)
    group.used("reads of secrets", "secret.request", lambda: group.usage["secretRequests"])


def _managed_master(pricer: Pricer) -> Pricer:
    """A password that RDS manages is one more secret."""

    def priced(group: Group) -> None:
        pricer(group)
        managed = sum(1 for each in group.resources if each.inputs.get("manageMasterUserPassword") is True)
        if managed:
            group.fixed("secrets", "secret.month", managed)

    return priced


def _queue(group: Group) -> None:
    group.used("queue requests", "sqs.request", lambda: group.usage["queueRequests"])


def _pipe(group: Group) -> None:
    group.used("pipe requests", "pipe.request", lambda: group.usage["queueRequests"])


def _log_group(group: Group) -> None:
    group.used("logs taken in", "logs.ingest.gb", lambda: group.usage["logsGb"])
    group.used("logs kept", "logs.stored.gb", lambda: group.usage["logsGb"])


def _alarm(group: Group) -> None:
    group.fixed("alarms", "alarm.month", group.count)


def _dashboard(group: Group) -> None:
    group.fixed("dashboards", "dashboard.month", group.count)


def _custom_metrics(group: Group) -> None:
    group.used("custom metrics", "metric.month", lambda: group.usage["customMetrics"])


def _health_check(group: Group) -> None:
    group.fixed("health checks", "route53.health-check.month", group.count)


def _backup(group: Group) -> None:
    group.used("backups in the vault", "backup.gb", lambda: group.usage["backupGb"])


def _config(group: Group) -> None:
    group.used("Config items", "config.item", lambda: group.usage["configItems"])
    group.used("Config evaluations", "config.evaluation", lambda: group.usage["configEvaluations"])


def _guard_duty(group: Group) -> None:
    group.used("GuardDuty events", "guardduty.event", lambda: group.usage["guardEvents"])


def _security_hub(group: Group) -> None:
    group.used("Security Hub checks", "securityhub.check", lambda: group.usage["securityChecks"])


def _cloudflare_balancer(group: Group) -> None:
    group.fixed("Cloudflare load balancer", "cloudflare.load-balancer.month", group.count)


PRICERS: Mapping[str, Pricer] = {
    "aws:apigateway/restApi:RestApi": _rest_api,
    "aws:backup/vault:Vault": _backup,
    "aws:batch/computeEnvironment:ComputeEnvironment": _batch,
    "aws:cfg/recorder:Recorder": _config,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _custom_metrics,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:dynamodb/table:Table": _table,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/natGateway:NatGateway": _nat,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoints,
    "aws:ecr/repository:Repository": _repository,
    ECS_SERVICE: _service,
    TASK_DEFINITION: _task_definition,
    "aws:elasticache/replicationGroup:ReplicationGroup": _replication_group,
    "aws:elasticache/serverlessCache:ServerlessCache": _serverless_cache,
    "aws:guardduty/detector:Detector": _guard_duty,
    "aws:kms/key:Key": _key,
    "aws:lambda/function:Function": _functions,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _provisioned,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:pipes/pipe:Pipe": _pipe,
    CLUSTER: _managed_master(_aurora_cluster),
    "aws:rds/clusterInstance:ClusterInstance": _aurora_instance,
    "aws:rds/instance:Instance": _managed_master(_database),
    "aws:rds/proxy:Proxy": _proxy,
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:securityhub/account:Account": _security_hub,
    "aws:sqs/queue:Queue": _queue,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "cloudflare:index/loadBalancer:LoadBalancer": _cloudflare_balancer,
}
