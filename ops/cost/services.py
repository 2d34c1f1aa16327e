"""How each type of resource is billed. A new type is a function here, or a line in ``FREE``."""

from collections.abc import Mapping

from ops.cost.estimate import HOURS, Group, Pricer
from ops.cost.plan import Resource
from ops.cost.services_compute import COMPUTE_PRICERS
from ops.cost.services_data import DATA_PRICERS
from ops.cost.services_hosts import HOST_PRICERS


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
    addresses = sum(len(each.inputs.get("subnets", ())) for each in group.resources if _is_public(each))
    if addresses:
        group.hours("public IPv4 addresses", "ipv4.hour", addresses)


def _is_public(balancer: Resource) -> bool:
    """It has an address in each of its subnets."""
    return balancer.inputs.get("internal") is not True


def _rest_api(group: Group) -> None:
    group.used("API requests", "api.rest.request", lambda: group.usage["requests"])


def _bucket(group: Group) -> None:
    group.used("S3 storage", "s3.gb", lambda: group.usage["s3Gb"])
    group.used("S3 writes", "s3.put", lambda: group.usage["s3Puts"])
    group.used("S3 reads", "s3.get", lambda: group.usage["s3Gets"])


def _replication(group: Group) -> None:
    group.used("traffic to the second region", "transfer.tokyo.gb", lambda: group.usage["crossRegionGb"])


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
    """The system's, once, however many of its parts publish some: filters, agents on hosts, a cluster."""
    first = next(group.plan.of_type(*PUBLISHERS, system=group.system))
    if first.type == group.resources[0].type:
        group.used("custom metrics", "metric.month", lambda: group.usage["customMetrics"])


def _publishing(pricer: Pricer) -> Pricer:
    def priced(group: Group) -> None:
        pricer(group)
        _custom_metrics(group)

    return priced


def _event_bus(group: Group) -> None:
    """At most an event for each call of a function: someone hears of each."""
    group.used("events of the application", "event.custom", lambda: group.usage["lambdaInvocations"])


def _health_check(group: Group) -> None:
    group.fixed("health checks", "route53.health-check.month", group.count)


def _config(group: Group) -> None:
    group.used("Config items", "config.item", lambda: group.usage["configItems"])
    group.used("Config evaluations", "config.evaluation", lambda: group.usage["configEvaluations"])


def _guard_duty(group: Group) -> None:
    group.used("GuardDuty events", "guardduty.event", lambda: group.usage["guardEvents"])


def _security_hub(group: Group) -> None:
    group.used("Security Hub checks", "securityhub.check", lambda: group.usage["securityChecks"])


def _cloudflare_balancer(group: Group) -> None:
    group.fixed("Cloudflare load balancer", "cloudflare.load-balancer.month", group.count)


LOG_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
SCALING_GROUP = "aws:autoscaling/group:Group"
EKS_CLUSTER = "aws:eks/cluster:Cluster"
PUBLISHERS = (LOG_FILTER, SCALING_GROUP, EKS_CLUSTER)

PRICERS: Mapping[str, Pricer] = {
    **COMPUTE_PRICERS,
    **DATA_PRICERS,
    **HOST_PRICERS,
    SCALING_GROUP: _publishing(HOST_PRICERS[SCALING_GROUP]),
    EKS_CLUSTER: _publishing(HOST_PRICERS[EKS_CLUSTER]),
    "aws:cloudwatch/eventBus:EventBus": _event_bus,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
    "aws:apigateway/restApi:RestApi": _rest_api,
    "aws:cfg/recorder:Recorder": _config,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    LOG_FILTER: _custom_metrics,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/natGateway:NatGateway": _nat,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoints,
    "aws:ecr/repository:Repository": _repository,
    "aws:guardduty/detector:Detector": _guard_duty,
    "aws:kms/key:Key": _key,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:pipes/pipe:Pipe": _pipe,
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:securityhub/account:Account": _security_hub,
    "aws:sqs/queue:Queue": _queue,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "cloudflare:index/loadBalancer:LoadBalancer": _cloudflare_balancer,
}
