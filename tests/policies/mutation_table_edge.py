"""Mutations of the rules for edge, functions, messages, watching and Cloudflare."""

from typing import Any

from policies import tokens as t
from policies.model import Record
from tests.policies.mutation_table import EVERYONE
from tests.policies.mutations import Mutation, add, drop, edit, put, state, take, together
from tests.policies.scene import res


def _origin(policy: str, *protocols: str) -> dict[str, Any]:
    custom = {"originProtocolPolicy": policy, "originSslProtocols": list(protocols)}
    return {"originId": "o", "domainName": "o", "customOriginConfig": custom}


def _has_two_origins(record: Record) -> bool:
    return len(record.inputs.get("origins", [])) > 1


def _reads_a_bucket(record: Record) -> bool:
    return bool(record.inputs["origins"][0].get("originAccessControlId"))


EDGE: dict[str, list[Mutation]] = {
    "cloudfront-root-object": [
        take(t.CLOUDFRONT, "defaultRootObject", where=lambda r: "defaultRootObject" in r.inputs)
    ],
    "cloudfront-viewer-tls": [
        put(t.CLOUDFRONT, "defaultCacheBehavior.viewerProtocolPolicy", "allow-all"),
        put(
            t.CLOUDFRONT,
            "orderedCacheBehaviors.0.viewerProtocolPolicy",
            "allow-all",
            where=lambda r: bool(r.inputs.get("orderedCacheBehaviors")),
        ),
    ],
    "cloudfront-logged": [
        together(
            take(t.CLOUDFRONT, "loggingConfig"),
            drop("aws:cloudwatch/logDeliverySource:LogDeliverySource", every=True),
        )
    ],
    "cloudfront-waf": [take(t.CLOUDFRONT, "webAclId", also=("elb-waf",))],
    "cloudfront-own-certificate": [
        take(
            t.CLOUDFRONT, "viewerCertificate.acmCertificateArn", where=lambda r: bool(r.inputs.get("aliases"))
        )
    ],
    "cloudfront-tls-policy": [
        put(
            t.CLOUDFRONT,
            "viewerCertificate.minimumProtocolVersion",
            "TLSv1",
            where=lambda r: "acmCertificateArn" in r.inputs.get("viewerCertificate", {}),
        )
    ],
    "cloudfront-origin-tls": [
        put(t.CLOUDFRONT, "origins.1", _origin("match-viewer", "TLSv1.2"), where=_has_two_origins),
        put(t.CLOUDFRONT, "origins.1", _origin("https-only", "TLSv1.2", "TLSv1"), where=_has_two_origins),
        put(t.CLOUDFRONT_VPC_ORIGIN, "vpcOriginEndpointConfig.originProtocolPolicy", "http-only"),
        put(t.CLOUDFRONT_VPC_ORIGIN, "vpcOriginEndpointConfig.originSslProtocols.items", ["TLSv1"]),
    ],
    "cloudfront-origin-access-control": [
        take(t.CLOUDFRONT, "origins.0.originAccessControlId", where=_reads_a_bucket)
    ],
    "waf-has-rules": [edit(t.WAF, lambda i: i.update(rules=[]))],
    "waf-logged": [drop(t.WAF_LOGGING, names=t.WAF)],
    "waf-metrics": [
        put(t.WAF, "visibilityConfig.cloudwatchMetricsEnabled", False),
        put(t.WAF, "rules.0.visibilityConfig.cloudwatchMetricsEnabled", False),
    ],
    "acm-strong-key": [put(t.CERTIFICATE, "keyAlgorithm", "RSA_1024")],
    "acm-validated-here": [
        drop(t.CERTIFICATE_VALIDATION, names=t.CERTIFICATE, every=True),
        put(t.CERTIFICATE, "validationMethod", "EMAIL"),
    ],
    "certificate-in-use-is-ours": [
        put(t.API_DOMAIN, "regionalCertificateArn", "arn:aws:acm:ap-northeast-2:999999999999:certificate/x"),
        put(t.LISTENER, "certificateArn", "arn:other", where=lambda r: "certificateArn" in r.inputs),
    ],
    "route53-query-logging": [drop(t.R53_QUERY_LOG, names=t.R53_ZONE)],
}

API: dict[str, list[Mutation]] = {
    "apigateway-execution-logs": [put(t.API_SETTINGS, "settings.loggingLevel", "OFF", names=t.API_STAGE)],
    "apigateway-no-data-trace": [put(t.API_SETTINGS, "settings.dataTraceEnabled", True, names=t.API_STAGE)],
    "apigateway-client-certificate": [take(t.API_STAGE, "clientCertificateId", portable=False)],
    "apigateway-traced": [put(t.API_STAGE, "xrayTracingEnabled", False)],
    "apigateway-waf": [drop(t.WAF_ASSOCIATION, names=t.API_STAGE, every=True, also=("elb-waf",))],
    "apigateway-cache-encrypted": [
        edit(
            t.API_SETTINGS,
            lambda i: i["settings"].update(cachingEnabled=True, cacheDataEncrypted=False),
            names=t.API_STAGE,
        )
    ],
    "apigateway-authorised": [
        put(t.API_METHOD, "authorization", "NONE", where=lambda r: r.inputs.get("authorization") != "NONE")
    ],
    "apigateway-access-logs": [
        take(t.API_STAGE, "accessLogSettings"),
        take(t.API_STAGE, "accessLogSettings.format"),
    ],
    "apigateway-tls": [put(t.API_DOMAIN, "securityPolicy", "TLS_1_0")],
    "apigateway-one-door": [put(t.API, "disableExecuteApiEndpoint", False)],
    "apigateway-throttled": [
        take(t.API_SETTINGS, "settings.throttlingBurstLimit", names=t.API_STAGE),
        put(t.API_SETTINGS, "settings.throttlingRateLimit", -1, names=t.API_STAGE),
    ],
}

FUNCTIONS: dict[str, list[Mutation]] = {
    "lambda-permission-not-public": [
        edit(
            t.FUNCTION_PERMISSION,
            lambda i: [i.pop(key, None) for key in ("sourceArn", "sourceAccount")],
        ),
        edit(
            t.FUNCTION_PERMISSION,
            lambda i: (i.pop("sourceArn", None), i.update(principal="*")),
            also=("lambda-failures-kept",),
        ),
    ],
    "lambda-runtime-supported": [
        put(t.FUNCTION, "runtime", "python3.8", where=lambda r: r.inputs.get("packageType") != "Image")
    ],
    "lambda-in-vpc": [take(t.FUNCTION, "vpcConfig")],
    "lambda-two-subnets": [
        edit(t.FUNCTION, lambda i: i["vpcConfig"].update(subnetIds=i["vpcConfig"]["subnetIds"][:1]))
    ],
    "lambda-traced": [
        put(t.FUNCTION, "tracingConfig.mode", "PassThrough"),
        take(t.FUNCTION, "tracingConfig"),
    ],
    "lambda-no-secret-in-environment": [
        put(t.FUNCTION, "environment.variables.DB_PASSWORD", "hunter2"),
        put(t.FUNCTION, "environment.variables.DATABASE_URL", "postgresql://u:p@host/db"),
        put(
            t.FUNCTION,
            "environment.variables.KEY",
            "AKIAIOSFODNN7EXAMPLE",
            also=("credential-not-in-properties",),
        ),
    ],
    "lambda-url-not-open": [
        add(res(t.FUNCTION_URL, "open", {"functionName": "f", "authorizationType": "NONE"}))
    ],
    "lambda-environment-key": [
        take(t.FUNCTION, "kmsKeyArn", where=lambda r: bool(r.inputs.get("environment")))
    ],
    "lambda-failures-kept": [take(t.FUNCTION, "deadLetterConfig", portable=False)],
    "lambda-log-group-made": [
        take(t.FUNCTION, "loggingConfig.logGroup"),
        put(t.FUNCTION, "loggingConfig.logGroup", "/elsewhere"),
    ],
}

MESSAGES: dict[str, list[Mutation]] = {
    "sns-encrypted": [take(t.TOPIC, "kmsMasterKeyId")],
    "sns-not-public": [state(token, "policy", EVERYONE) for token in (t.TOPIC, t.TOPIC_POLICY)],
    "sqs-encrypted": [
        edit(t.QUEUE, lambda i: (i.pop("kmsMasterKeyId", None), i.update(sqsManagedSseEnabled=False)))
    ],
    "sqs-not-public": [state(t.QUEUE, "policy", EVERYONE)],
    "sqs-redrive": [
        take(
            t.QUEUE,
            "redrivePolicy",
            where=lambda r: "redrivePolicy" in r.inputs,
            also=("pipe-dead-letter", "sqs-consumed-with-dead-letters"),
        )
    ],
    "sqs-tls-only": [together(take(t.QUEUE, "policy"), drop(t.QUEUE_POLICY, every=True), names=t.QUEUE)],
}

OPERATIONS: dict[str, list[Mutation]] = {
    "log-group-retention": [take(t.LOG_GROUP, "retentionInDays"), put(t.LOG_GROUP, "retentionInDays", 1)],
    "log-group-key": [take(t.LOG_GROUP, "kmsKeyId")],
    "alarm-acts": [
        take(t.ALARM, "alarmActions", where=lambda r: r.name != "alarm", portable=False),
        put(t.ALARM, "actionsEnabled", False),
    ],
    "alarm-metric-exists": [
        put(t.ALARM, "metricName", "Erors", where=lambda r: "metricName" in r.inputs),
        put(t.ALARM, "namespace", "AWS/Lamda", where=lambda r: "metricName" in r.inputs),
        put(
            t.ALARM,
            "metricQueries.0.metric.metricName",
            "5xxError",
            where=lambda r: "metric" in (r.inputs.get("metricQueries") or [{}])[0],
        ),
        put(
            t.ALARM,
            "metricQueries.0.expression",
            'SELECT MAX(CDCLatencyTraget) FROM "AWS/DMS"',
            where=lambda r: "SELECT" in (r.inputs.get("metricQueries") or [{}])[0].get("expression", ""),
        ),
    ],
    "codedeploy-rollback": [
        put(t.CODEDEPLOY_GROUP, "autoRollbackConfiguration.enabled", False),
        put(t.CODEDEPLOY_GROUP, "autoRollbackConfiguration.events", ["DEPLOYMENT_FAILURE"]),
        put(t.CODEDEPLOY_GROUP, "alarmConfiguration.enabled", False),
    ],
    "budget-notifies": [put(t.BUDGET, "notifications", [])],
}


def _zone(setting: str, value: str) -> Mutation:
    return put(t.CF_ZONE_SETTING, "value", value, where=lambda r: r.inputs.get("settingId") == setting)


CLOUDFLARE: dict[str, list[Mutation]] = {
    "cloudflare-strict-tls": [_zone("ssl", "flexible"), _zone("ssl", "full")],
    "cloudflare-minimum-tls": [_zone("min_tls_version", "1.0")],
    "cloudflare-https-always": [_zone("always_use_https", "off")],
    "cloudflare-proxied": [
        put(t.CF_LOAD_BALANCER, "proxied", False),
        edit(t.CF_RECORD, lambda i: i.update(type="A", content="203.0.113.1", proxied=False)),
    ],
    "cloudflare-pool-monitored": [take(t.CF_POOL, "monitor")],
    "cloudflare-fallback": [take(t.CF_LOAD_BALANCER, "fallbackPool")],
    "cloudflare-monitor-checks-certificate": [
        put(t.CF_MONITOR, "type", "http"),
        put(t.CF_MONITOR, "allowInsecure", True),
    ],
    "cloudflare-ruleset-enabled": [
        put(t.CF_RULESET, "rules.0.enabled", False),
        put(t.CF_RULESET, "rules", []),
    ],
}
