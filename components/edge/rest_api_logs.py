"""Logs of a REST API, and the role that lets API Gateway write them."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import apigateway

from components.security.service_role import ServiceRole, ServiceRoleArgs

_FIELDS = {
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "requestTimeEpoch": "$context.requestTimeEpoch",
    "sourceIp": "$context.identity.sourceIp",
    "userAgent": "$context.identity.userAgent",
    "domainName": "$context.domainName",
    "httpMethod": "$context.httpMethod",
    "path": "$context.path",
    "resourcePath": "$context.resourcePath",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatencyMs": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationLatencyMs": "$context.integration.latency",
    "integrationError": "$context.integration.error",
    "errorType": "$context.error.responseType",
    "errorMessage": "$context.error.message",
    "wafStatus": "$context.waf.status",
    "traceId": "$context.xrayTraceId",
}

ACCESS_LOG_FORMAT = json.dumps(_FIELDS, separators=(",", ":"))
"""One JSON object on one line. The query string stays out: it can hold personal data."""


@dataclass(frozen=True)
class ApiGatewayAccountArgs:
    """Nothing to choose: the role's policy is AWS's own."""


class ApiGatewayAccount(pulumi.ComponentResource):
    """The role with which API Gateway writes to CloudWatch Logs.

    A region of an account has one, whatever the number of APIs: one stack makes it. API Gateway tests the
    role when it is set and wants what its managed policy grants, so that is used in place of a narrower
    one. The trust has no source condition: setting the role takes ``iam:PassRole`` in the account itself.
    """

    role_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: ApiGatewayAccountArgs | None = None,  # noqa: ARG002 - every component takes its arguments here
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("platform:edge:ApiGatewayAccount", name, None, opts)
        self.role = ServiceRole(
            f"{name}-role",
            ServiceRoleArgs(
                service="apigateway.amazonaws.com",
                description="API Gateway writes logs",
                managed_policy_arns=[
                    "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.account = apigateway.Account(
            f"{name}-account",
            cloudwatch_role_arn=self.role.role_arn,
            # The test of the role fails before its policy is attached.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role]),
        )
        self.role_arn = self.role.role_arn
        self.register_outputs({"roleArn": self.role_arn})
