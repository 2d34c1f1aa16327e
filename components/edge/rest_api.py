"""A regional REST API in front of functions."""

import hashlib
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import apigateway, cloudwatch

from components.edge.rest_api_args import ApiKey, CustomDomain, RestApiArgs, Signed, open_routes
from components.edge.rest_api_logs import ACCESS_LOG_FORMAT
from components.edge.rest_api_plan import ROOT, ApiTree, node_key, permission_path, plan_tree
from components.edge.rest_api_preflight import Preflight, PreflightArgs, error_responses
from components.observability.log_group import log_group
from components.security.iam import AnyPrincipal, Statement, policy_document


class RestApi(pulumi.ComponentResource):
    """One API, one stage, one host name.

    Built: the resource tree from the routes table with an ANY method per path, proxied to the alias of the
    route's function with a permission for exactly that path; preflight answers; a resource policy that
    admits listed addresses alone; stage with access log, execution log, traces and throttling; custom
    domain with TLS 1.2 or later. The stage is redeployed when anything that it serves changes.

    Left out: caching (answers depend on a session), request validation (the application does it), client
    certificates (functions are called with IAM), authorisers (``Route.authorization`` is their place), and
    canary stages (the functions' aliases shift). Keys and how much they may ask are an ``ApiUsagePlan``.
    """

    api_id: pulumi.Output[str]
    api_name: pulumi.Output[str]
    execution_arn: pulumi.Output[str]
    stage_name: pulumi.Output[str]
    stage_arn: pulumi.Output[str]
    """For a web ACL."""
    hostname: pulumi.Output[str]
    target_domain_name: pulumi.Output[str]
    """What a DNS record for the host name points at."""
    target_zone_id: pulumi.Output[str]
    """The target's hosted zone, for a Route 53 alias."""
    access_log_group_name: pulumi.Output[str]
    execution_log_group_name: pulumi.Output[str]
    open_routes: Mapping[str, str]
    """Each route without authorisation at the API, and the reason."""

    def __init__(self, name: str, args: RestApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:RestApi", name, None, opts)
        self._name = name
        self._args = args
        self._tree = plan_tree(args.routes)
        self.open_routes = open_routes(args.routes)
        self.api = self._build_api()
        self.policy = self._build_policy(self.api)
        resource_ids = self._build_tree(self._tree)
        methods = {path: self._build_method(path, resource_ids[path]) for path in self._tree.answers}
        integrations = {path: self._build_integration(path, methods[path]) for path in self._tree.answers}
        cors = self._build_cors(resource_ids)
        self.deployment = self._build_deployment(methods, integrations, cors)
        self.access_logs, self.execution_logs = self._build_log_groups()
        self.stage = self._build_stage(self.deployment)
        self._build_method_settings(self.stage)
        for path in self._tree.answers:
            self._allow_invoke(path)
        self.domain = self._build_domain(args.domain)
        self._build_mapping(self.domain, self.stage)
        self._publish()

    def _child(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on))

    def _build_api(self) -> apigateway.RestApi:
        return apigateway.RestApi(
            f"{self._name}-api",
            description=self._args.description,
            endpoint_configuration={"types": "REGIONAL"},
            disable_execute_api_endpoint=True,
            binary_media_types=sorted(self._args.binary_media_types) or None,
            opts=self._child(),
        )

    def _build_policy(self, api: apigateway.RestApi) -> apigateway.RestApiPolicy:
        """Listed addresses alone; the denial also stops a caller whose own IAM policy would allow it."""
        cidrs = sorted(self._args.source_cidrs)
        everything = pulumi.Output.concat(api.execution_arn, "/*")
        return apigateway.RestApiPolicy(
            f"{self._name}-policy",
            rest_api_id=api.id,
            policy=policy_document(
                Statement(
                    actions=["execute-api:Invoke"],
                    resources=[everything],
                    principals=[AnyPrincipal()],
                    conditions={"IpAddress": {"aws:SourceIp": cidrs}},
                    wildcard_reason="internet callers have no principal; the addresses are the limit",
                ),
                Statement(
                    effect="Deny",
                    actions=["execute-api:Invoke"],
                    resources=[everything],
                    principals=[AnyPrincipal()],
                    conditions={"NotIpAddress": {"aws:SourceIp": cidrs}},
                ),
            ),
            opts=self._child(),
        )

    def _build_tree(self, tree: ApiTree) -> dict[str, pulumi.Output[str]]:
        ids = {ROOT: self.api.root_resource_id}
        for node in tree.nodes:
            resource = apigateway.Resource(
                f"{self._name}-path-{node_key(node.path)}",
                rest_api=self.api.id,
                parent_id=ids[node.parent],
                path_part=node.path_part,
                opts=self._child(),
            )
            ids[node.path] = resource.id
        return ids

    def _build_method(self, path: str, resource_id: pulumi.Output[str]) -> apigateway.Method:
        return apigateway.Method(
            f"{self._name}-any-{node_key(path)}",
            rest_api=self.api.id,
            resource_id=resource_id,
            http_method="ANY",
            authorization="AWS_IAM" if self._is_signed(path) else "NONE",
            api_key_required=True if self._takes_key(path) else None,
            opts=self._child(),
        )

    def _is_signed(self, path: str) -> bool:
        return isinstance(self._args.routes[self._tree.answers[path]].authorization, Signed)

    def _takes_key(self, path: str) -> bool:
        return isinstance(self._args.routes[self._tree.answers[path]].authorization, ApiKey)

    def _build_integration(self, path: str, method: apigateway.Method) -> apigateway.Integration:
        route = self._args.routes[self._tree.answers[path]]
        return apigateway.Integration(
            f"{self._name}-integration-{node_key(path)}",
            rest_api=self.api.id,
            resource_id=method.resource_id,
            http_method=method.http_method,
            type="AWS_PROXY",
            # Lambda's own API takes POST alone, whatever the caller sent.
            integration_http_method="POST",
            uri=route.function.invoke_arn,
            timeout_milliseconds=self._args.integration_timeout_ms,
            opts=self._child(),
        )

    def _build_cors(self, resource_ids: Mapping[str, pulumi.Output[str]]) -> list[pulumi.Resource]:
        cors = self._args.cors
        if cors is None:
            return []
        preflights = [
            Preflight(
                f"{self._name}-preflight-{node_key(path)}",
                PreflightArgs(rest_api_id=self.api.id, resource_id=resource_ids[path], cors=cors),
                opts=self._child(),
            )
            for path in self._tree.answers
        ]
        return [*preflights, *error_responses(self, self._name, self.api.id, cors)]

    def _build_deployment(
        self,
        methods: Mapping[str, apigateway.Method],
        integrations: Mapping[str, apigateway.Integration],
        cors: Sequence[pulumi.Resource],
    ) -> apigateway.Deployment:
        """API Gateway serves a snapshot: the digest of all that is in it decides when to take another."""
        content = pulumi.Output.json_dumps(
            {
                "binary": sorted(self._args.binary_media_types),
                "cors": repr(self._args.cors),
                "integrations": {
                    path: [each.type, each.uri, each.timeout_milliseconds]
                    for path, each in integrations.items()
                },
                "methods": {
                    path: [
                        each.resource_id,
                        each.http_method,
                        each.authorization,
                        *(["key"] if self._takes_key(path) else []),
                    ]
                    for path, each in methods.items()
                },
                "policy": self.policy.policy,
            },
            sort_keys=True,
        )
        served = [*methods.values(), *integrations.values(), *cors, self.policy]
        return apigateway.Deployment(
            f"{self._name}-deployment",
            rest_api=self.api.id,
            triggers={"content": content.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())},
            opts=self._child(*served),
        )

    def _build_log_groups(self) -> tuple[cloudwatch.LogGroup, cloudwatch.LogGroup]:
        args = self._args
        access = log_group(
            self,
            f"{self._name}-access-logs",
            retention_days=args.log_retention_days,
            kms_key_arn=args.kms_key_arn,
        )
        execution = log_group(
            self,
            f"{self._name}-execution-logs",
            retention_days=args.log_retention_days,
            kms_key_arn=args.kms_key_arn,
            physical_name=pulumi.Output.concat(
                "API-Gateway-Execution-Logs_", self.api.id, f"/{args.stage_name}"
            ),
        )
        return access, execution

    def _build_stage(self, deployment: apigateway.Deployment) -> apigateway.Stage:
        account = [self._args.logging_account] if self._args.logging_account else []
        return apigateway.Stage(
            f"{self._name}-stage",
            rest_api=self.api.id,
            deployment=deployment.id,
            stage_name=self._args.stage_name,
            access_log_settings={"destination_arn": self.access_logs.arn, "format": ACCESS_LOG_FORMAT},
            xray_tracing_enabled=True,
            # The first request would make the execution log itself, without a key and for ever.
            opts=self._child(self.execution_logs, *account),
        )

    def _build_method_settings(self, stage: apigateway.Stage) -> apigateway.MethodSettings:
        return apigateway.MethodSettings(
            f"{self._name}-settings",
            rest_api=self.api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={
                "logging_level": self._args.execution_log_level,
                # Request and response bodies in a log are personal data.
                "data_trace_enabled": False,
                "metrics_enabled": True,
                "caching_enabled": False,
                "throttling_burst_limit": self._args.throttle_burst,
                "throttling_rate_limit": self._args.throttle_rate,
            },
            opts=self._child(),
        )

    def _allow_invoke(self, path: str) -> None:
        function = self._args.routes[self._tree.answers[path]].function
        function.allow_invoke(
            f"{self._name}-{node_key(path)}",
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(
                self.api.execution_arn, f"/{self._args.stage_name}/*/{permission_path(path)}"
            ),
        )

    def _build_domain(self, domain: CustomDomain) -> apigateway.DomainName:
        return apigateway.DomainName(
            f"{self._name}-domain",
            domain_name=domain.hostname,
            regional_certificate_arn=domain.certificate_arn,
            endpoint_configuration={"types": "REGIONAL"},
            security_policy="TLS_1_2",
            opts=self._child(),
        )

    def _build_mapping(
        self, domain: apigateway.DomainName, stage: apigateway.Stage
    ) -> apigateway.BasePathMapping:
        return apigateway.BasePathMapping(
            f"{self._name}-mapping",
            domain_name=domain.domain_name,
            rest_api=self.api.id,
            stage_name=stage.stage_name,
            opts=self._child(),
        )

    def _publish(self) -> None:
        self.api_id = self.api.id
        self.api_name = self.api.name
        self.execution_arn = self.api.execution_arn
        self.stage_name = self.stage.stage_name
        self.stage_arn = self.stage.arn
        self.hostname = self.domain.domain_name
        self.target_domain_name = self.domain.regional_domain_name
        self.target_zone_id = self.domain.regional_zone_id
        self.access_log_group_name = self.access_logs.name
        self.execution_log_group_name = self.execution_logs.name
        self.register_outputs(
            {
                "apiId": self.api_id,
                "stageArn": self.stage_arn,
                "hostname": self.hostname,
                "targetDomainName": self.target_domain_name,
                "openRoutes": dict(self.open_routes),
            }
        )
