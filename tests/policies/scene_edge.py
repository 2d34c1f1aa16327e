"""The compliant stack's edge, functions, messages, watching, Cloudflare."""

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import ACCOUNT, KEY, allow, policy, res

METRICS = {"cloudwatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": True}


def edge() -> list[Record]:
    return [
        res(
            t.CLOUDFRONT,
            "site",
            {
                "enabled": True,
                "aliases": ["static.example.com"],
                "defaultRootObject": "index.html",
                "defaultCacheBehavior": {"viewerProtocolPolicy": "redirect-to-https"},
                "orderedCacheBehaviors": [{"pathPattern": "/x", "viewerProtocolPolicy": "https-only"}],
                "origins": [
                    {"originId": "s3", "domainName": "b", "originAccessControlId": "oac"},
                    {
                        "originId": "server",
                        "domainName": "a",
                        "customOriginConfig": {
                            "originProtocolPolicy": "https-only",
                            "originSslProtocols": ["TLSv1.2"],
                        },
                    },
                    {
                        "originId": "balancer",
                        "domainName": "i",
                        "vpcOriginConfig": {"vpcOriginId": "origin-id"},
                    },
                ],
                "loggingConfig": {"bucket": "logs.s3.amazonaws.com"},
                "webAclId": "arn:acl",
                "viewerCertificate": {
                    "acmCertificateArn": "arn:cert",
                    "minimumProtocolVersion": "TLSv1.2_2021",
                    "sslSupportMethod": "sni-only",
                },
            },
        ),
        res(
            t.WAF,
            "acl",
            {
                "scope": "REGIONAL",
                "rules": [{"name": "r", "visibilityConfig": METRICS}],
                "visibilityConfig": METRICS,
            },
        ),
        res(t.WAF_LOGGING, "acl-logs", {"resourceArn": "arn:acl", "logDestinationConfigs": ["arn:group"]}),
        res(t.CERTIFICATE, "cert", {"domainName": "example.com", "validationMethod": "DNS"}),
        res(t.CERTIFICATE_VALIDATION, "cert-valid", {"certificateArn": "arn:cert"}),
        res(t.R53_ZONE, "zone"),
        res(t.R53_QUERY_LOG, "zone-log", {"zoneId": "zone-id"}),
        *_api(),
    ]


def _api() -> list[Record]:
    return [
        res(t.API, "api", {"disableExecuteApiEndpoint": True}),
        res(t.API_RESOURCE, "api-private", {"restApi": "api-id", "parentId": "root", "pathPart": "private"}),
        res(
            t.API_METHOD,
            "api-private-get",
            {
                "restApi": "api-id",
                "resourceId": "api-private-id",
                "httpMethod": "GET",
                "authorization": "AWS_IAM",
            },
        ),
        res(
            "aws:apigateway/integration:Integration",
            "api-http",
            {"restApi": "api-id", "resourceId": "api-private-id", "httpMethod": "GET", "type": "HTTP_PROXY"},
        ),
        res(
            t.API_STAGE,
            "stage",
            {
                "restApi": "api-id",
                "stageName": "v1",
                "xrayTracingEnabled": True,
                "clientCertificateId": "cc",
                "accessLogSettings": {"destinationArn": "arn:group", "format": "{}"},
            },
        ),
        res(
            t.API_SETTINGS,
            "stage-settings",
            {
                "restApi": "api-id",
                "stageName": "v1",
                "methodPath": "*/*",
                "settings": {
                    "loggingLevel": "ERROR",
                    "throttlingBurstLimit": 2000,
                    "throttlingRateLimit": 1000,
                    "cachingEnabled": True,
                    "cacheDataEncrypted": True,
                },
            },
        ),
        res(t.WAF_ASSOCIATION, "stage-acl", {"resourceArn": "arn:stage", "webAclArn": "arn:acl"}),
        res(
            t.API_DOMAIN,
            "domain",
            {
                "domainName": "api.example.com",
                "securityPolicy": "TLS_1_2",
                "regionalCertificateArn": "arn:cert",
            },
        ),
    ]


def compute() -> list[Record]:
    return [
        res(
            t.FUNCTION,
            "fn",
            {
                "role": "arn:role",
                "runtime": "python3.13",
                "vpcConfig": {"subnetIds": ["private-a-id", "private-b-id"], "securityGroupIds": ["app-id"]},
                "tracingConfig": {"mode": "Active"},
                "environment": {"variables": {"DB_SECRET_ARN": "arn:secret", "TOKEN_TTL": "60"}},
                "kmsKeyArn": KEY,
                "deadLetterConfig": {"targetArn": "arn:dlq"},
                "loggingConfig": {"logFormat": "JSON", "logGroup": "group"},
            },
        ),
        res(
            t.FUNCTION_PERMISSION,
            "fn-events",
            {"function": "fn", "principal": "events.amazonaws.com", "sourceArn": "arn:rule"},
        ),
        res(t.FUNCTION_URL, "fn-url", {"functionName": "fn", "authorizationType": "AWS_IAM"}),
        res(
            t.CODEDEPLOY_GROUP,
            "deploy",
            {
                "autoRollbackConfiguration": {
                    "enabled": True,
                    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
                },
                "alarmConfiguration": {"enabled": True, "alarms": ["alarm"]},
            },
        ),
    ]


def operations() -> list[Record]:
    plain = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "arn:queue"}
    tls = {**plain, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    alarms = allow(
        ["sns:Publish"],
        "arn:topic",
        Principal={"Service": "cloudwatch.amazonaws.com"},
        Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    )
    return [
        res(t.LOG_GROUP, "group", {"retentionInDays": 30, "kmsKeyId": KEY}),
        res(t.TOPIC, "topic", {"kmsMasterKeyId": KEY}),
        res(t.TOPIC_POLICY, "topic-policy", {"arn": "arn:topic", "policy": policy(alarms)}),
        res(t.QUEUE, "dlq", {"kmsMasterKeyId": KEY, "policy": policy(tls), "redriveAllowPolicy": "{}"}),
        res(
            t.QUEUE,
            "queue",
            {
                "kmsMasterKeyId": KEY,
                "policy": policy(tls),
                "redrivePolicy": '{"deadLetterTargetArn": "arn:dlq", "maxReceiveCount": 5}',
            },
        ),
        res(
            t.ALARM,
            "alarm",
            {"namespace": "AWS/Lambda", "metricName": "Errors", "alarmActions": ["arn:topic"]},
        ),
        res(
            t.ALARM,
            "rate",
            {
                "alarmActions": ["arn:topic"],
                "metricQueries": [
                    {"id": "e", "metric": {"namespace": "AWS/ApiGateway", "metricName": "5XXError"}},
                    {"id": "r", "expression": "100*e"},
                ],
            },
        ),
        res(t.BUDGET, "budget", {"notifications": [{"subscriberEmailAddresses": ["a@example.com"]}]}),
    ]


def cloudflare() -> list[Record]:
    settings = {"ssl": "strict", "min_tls_version": "1.2", "always_use_https": "on"}
    return [
        *(
            res(t.CF_ZONE_SETTING, f"zone-{key}", {"settingId": key, "value": value, "zoneId": "z"})
            for key, value in settings.items()
        ),
        res(
            t.CF_LOAD_BALANCER,
            "lb",
            {"proxied": True, "defaultPools": ["pool-id"], "fallbackPool": "pool-id", "zoneId": "z"},
        ),
        res(t.CF_POOL, "pool", {"monitor": "monitor-id", "origins": [{"name": "o", "address": "1.2.3.4"}]}),
        res(t.CF_MONITOR, "monitor", {"type": "https"}),
        res(t.CF_RULESET, "rules", {"rules": [{"action": "block", "expression": "true"}], "zoneId": "z"}),
        res(t.CF_RECORD, "validation", {"type": "CNAME", "name": "_x", "content": "y", "zoneId": "z"}),
    ]
