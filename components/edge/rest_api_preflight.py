"""The answer to a browser's OPTIONS, given by API Gateway itself so that no function runs for it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import apigateway

from components.edge.rest_api_cors import (
    PREFLIGHT_REQUEST_TEMPLATE,
    Cors,
    error_headers,
    preflight_headers,
    preflight_template,
)

_STATUS = "204"


@dataclass(frozen=True, kw_only=True)
class PreflightArgs:
    """One resource of an API."""

    rest_api_id: pulumi.Input[str]
    resource_id: pulumi.Input[str]
    cors: Cors


class Preflight(pulumi.ComponentResource):
    """OPTIONS on one resource, as a MOCK integration.

    Answers for more than one origin by a mapping template, since a fixed header can name only one.
    """

    def __init__(self, name: str, args: PreflightArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:Preflight", name, None, opts)
        self._name = name
        self._args = args
        self._headers = preflight_headers(args.cors)
        self.method = self._build_method()
        self.integration = self._build_integration(self.method)
        self.method_response = self._build_method_response(self.method)
        self.integration_response = self._build_integration_response(self.integration, self.method_response)
        self.register_outputs({"methodId": self.method.id})

    def _build_method(self) -> apigateway.Method:
        return apigateway.Method(
            f"{self._name}-method",
            rest_api=self._args.rest_api_id,
            resource_id=self._args.resource_id,
            http_method="OPTIONS",
            # A browser sends no credentials with a preflight request.
            authorization="NONE",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_integration(self, method: apigateway.Method) -> apigateway.Integration:
        return apigateway.Integration(
            f"{self._name}-integration",
            rest_api=self._args.rest_api_id,
            resource_id=self._args.resource_id,
            http_method=method.http_method,
            type="MOCK",
            request_templates={"application/json": PREFLIGHT_REQUEST_TEMPLATE},
            # Under binary media type */* the template would otherwise be handed bytes, and answer 500.
            content_handling="CONVERT_TO_TEXT",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_method_response(self, method: apigateway.Method) -> apigateway.MethodResponse:
        return apigateway.MethodResponse(
            f"{self._name}-response",
            rest_api=self._args.rest_api_id,
            resource_id=self._args.resource_id,
            http_method=method.http_method,
            status_code=_STATUS,
            response_parameters={f"method.response.header.{header}": True for header in self._headers},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_integration_response(
        self, integration: apigateway.Integration, response: apigateway.MethodResponse
    ) -> apigateway.IntegrationResponse:
        template = preflight_template(self._args.cors)
        return apigateway.IntegrationResponse(
            f"{self._name}-integration-response",
            rest_api=self._args.rest_api_id,
            resource_id=self._args.resource_id,
            http_method=integration.http_method,
            status_code=response.status_code,
            response_parameters={
                f"method.response.header.{header}": _quoted(value) for header, value in self._headers.items()
            },
            response_templates={"application/json": template} if template else None,
            opts=pulumi.ResourceOptions(parent=self),
        )


def error_responses(
    parent: pulumi.Resource, name: str, rest_api_id: pulumi.Input[str], cors: Cors
) -> list[apigateway.Response]:
    """API Gateway's own errors, with headers that let a page read them."""
    headers = error_headers(cors).items()
    return [
        apigateway.Response(
            f"{name}-error-{family.lower()}",
            rest_api_id=rest_api_id,
            response_type=f"DEFAULT_{family}",
            response_parameters={
                f"gatewayresponse.header.{header}": _quoted(value) for header, value in headers
            },
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for family in ("4XX", "5XX")
    ]


def _quoted(value: str) -> str:
    """A literal in a parameter mapping, which would otherwise be read as an expression."""
    return f"'{value}'"
