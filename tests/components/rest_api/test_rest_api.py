"""One API, one stage, one host name, and nobody in by another door."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.compute.lambda_args import LambdaFunctionArgs, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.edge.rest_api import RestApi
from components.edge.rest_api_args import CustomDomain, Open, RestApiArgs, Route
from components.edge.rest_api_cors import Cors
from components.edge.rest_api_logs import ApiGatewayAccount
from tests.harness import Deployment, deploy

KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/logs"
ROUTES = {"/auth/*": "auth", "/login": "auth", "/health": "health", "/": "health"}
ORIGIN = "https://safework2.jclee.me"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(b"zip")
    return path


def build(package: Path, *, account: bool = False, preview: bool = False, **changes: Any) -> Deployment:
    def function(name: str) -> LambdaFunction:
        return LambdaFunction(
            f"safework-{name}",
            LambdaFunctionArgs(
                code=ZipCode(path=package, handler="handler.handler", runtime="python3.13"),
                description=name,
                memory_mb=512,
                timeout_seconds=30,
                kms_key_arn=KEY,
                log_retention_days=30,
            ),
        )

    def make() -> RestApi:
        table = changes.pop("table", ROUTES)
        functions = {name: function(name) for name in sorted(set(table.values()))}
        given: dict[str, Any] = {
            "description": "SafeWork",
            "routes": {
                path: Route(
                    function=functions[name], authorization=Open("the application checks the session")
                )
                for path, name in table.items()
            },
            "domain": CustomDomain(
                hostname="api-safework2.jclee.me",
                certificate_arn="arn:aws:acm:ap-northeast-2:123456789012:certificate/one",
            ),
            "source_cidrs": ["173.245.48.0/20", "2400:cb00::/32"],
            "kms_key_arn": KEY,
            "log_retention_days": 30,
            "cors": Cors(allowed_origins=[ORIGIN]),
            "logging_account": ApiGatewayAccount("account-api-gateway") if account else None,
        }
        return RestApi("safework-api", RestApiArgs(**{**given, **changes}))

    return deploy(make, preview=preview)


def test_only_the_custom_domain_answers_and_only_over_tls(package: Path) -> None:
    result = build(package)
    api, domain = (
        result.one("aws:apigateway/restApi:RestApi"),
        result.one("aws:apigateway/domainName:DomainName"),
    )
    assert api["disableExecuteApiEndpoint"] is True
    assert api["endpointConfiguration"] == domain["endpointConfiguration"] == {"types": "REGIONAL"}
    assert domain["securityPolicy"] == "TLS_1_2"
    mapping = result.one("aws:apigateway/basePathMapping:BasePathMapping")
    assert (mapping["restApi"], mapping["stageName"]) == (api.id, "live")
    assert "basePath" not in mapping.inputs


def test_listed_addresses_are_allowed_and_others_denied(package: Path) -> None:
    policy = json.loads(build(package).one("aws:apigateway/restApiPolicy:RestApiPolicy")["policy"])
    allow, deny = policy["Statement"]
    cidrs = ["173.245.48.0/20", "2400:cb00::/32"]
    assert (allow["Effect"], allow["Condition"]) == ("Allow", {"IpAddress": {"aws:SourceIp": cidrs}})
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"NotIpAddress": {"aws:SourceIp": cidrs}})
    assert allow["Resource"] == deny["Resource"]


def test_each_path_goes_to_the_alias_of_its_function(package: Path) -> None:
    result = build(package)
    aliases = {
        alias.name: (alias.outputs or {})["invokeArn"] for alias in result.of_type("aws:lambda/alias:Alias")
    }
    integrations = {
        each.name: each
        for each in result.of_type("aws:apigateway/integration:Integration")
        if each["type"] == "AWS_PROXY"
    }
    assert {name: each["uri"] for name, each in integrations.items()} == {
        "safework-api-integration-/": aliases["safework-health-alias"],
        "safework-api-integration-/auth": aliases["safework-auth-alias"],
        "safework-api-integration-/auth/*": aliases["safework-auth-alias"],
        "safework-api-integration-/health": aliases["safework-health-alias"],
        "safework-api-integration-/login": aliases["safework-auth-alias"],
    }
    assert {each["timeoutMilliseconds"] for each in integrations.values()} == {29_000}
    assert {each["integrationHttpMethod"] for each in integrations.values()} == {"POST"}


def test_a_function_may_be_called_from_its_own_paths_alone(package: Path) -> None:
    result = build(package)
    arn = (result.one("aws:apigateway/restApi:RestApi").outputs or {})["executionArn"]
    permissions = result.of_type("aws:lambda/permission:Permission")
    assert {(each["function"].rpartition("-")[0], each["sourceArn"]) for each in permissions} == {
        ("safework-auth-function", f"{arn}/live/*/auth"),
        ("safework-auth-function", f"{arn}/live/*/auth/*"),
        ("safework-auth-function", f"{arn}/live/*/login"),
        ("safework-health-function", f"{arn}/live/*/"),
        ("safework-health-function", f"{arn}/live/*/health"),
    }
    assert {each["qualifier"] for each in permissions} == {"live"}


def test_the_stage_logs_traces_and_throttles(package: Path) -> None:
    result = build(package)
    stage, settings = (
        result.one("aws:apigateway/stage:Stage"),
        result.one("aws:apigateway/methodSettings:MethodSettings"),
    )
    groups = {each.name: each for each in result.of_type("aws:cloudwatch/logGroup:LogGroup")}
    access, execution = groups["safework-api-access-logs"], groups["safework-api-execution-logs"]
    assert stage["accessLogSettings"]["destinationArn"] == (access.outputs or {})["arn"]
    line = json.loads(stage["accessLogSettings"]["format"])
    assert line["status"] == "$context.status"
    assert stage["xrayTracingEnabled"] is True
    assert execution.urn in stage.dependencies
    api = result.one("aws:apigateway/restApi:RestApi")
    assert execution["name"] == f"API-Gateway-Execution-Logs_{api.id}/live"
    assert settings["methodPath"] == "*/*"
    assert settings["settings"] == {
        "loggingLevel": "ERROR",
        "dataTraceEnabled": False,
        "metricsEnabled": True,
        "cachingEnabled": False,
        "throttlingBurstLimit": 2000,
        "throttlingRateLimit": 1000,
    }


def test_preflight_is_answered_on_every_path(package: Path) -> None:
    result = build(package)
    mocks = [
        each for each in result.of_type("aws:apigateway/integration:Integration") if each["type"] == "MOCK"
    ]
    assert len(mocks) == 5
    assert {each["contentHandling"] for each in mocks} == {"CONVERT_TO_TEXT"}
    answers = result.of_type("aws:apigateway/integrationResponse:IntegrationResponse")
    header = "method.response.header.Access-Control-Allow-Origin"
    assert {each["responseParameters"][header] for each in answers} == {f"'{ORIGIN}'"}
    errors = result.of_type("aws:apigateway/response:Response")
    assert {each["responseType"] for each in errors} == {"DEFAULT_4XX", "DEFAULT_5XX"}


def test_without_cors_options_reach_the_function(package: Path) -> None:
    result = build(package, cors=None)
    assert {each["httpMethod"] for each in result.of_type("aws:apigateway/method:Method")} == {"ANY"}
    assert not result.of_type("aws:apigateway/response:Response")


def trigger(result: Deployment) -> str:
    return result.one("aws:apigateway/deployment:Deployment")["triggers"]["content"]


@pytest.mark.parametrize(
    "changes",
    [
        {"table": {**ROUTES, "/logout": "auth"}},
        {"table": {**ROUTES, "/login": "health"}},
        {"cors": Cors(allowed_origins=[ORIGIN], max_age_seconds=1)},
        {"source_cidrs": ["173.245.48.0/20"]},
        {"integration_timeout_ms": 28_000},
        {"binary_media_types": ["*/*"]},
    ],
)
def test_what_is_served_decides_when_to_deploy(package: Path, changes: dict[str, Any]) -> None:
    assert trigger(build(package)) != trigger(build(package, **changes))


def test_nothing_else_deploys_again(package: Path) -> None:
    reordered = dict(reversed(ROUTES.items()))
    assert trigger(build(package)) == trigger(build(package, table=reordered, throttle_burst=1))


def test_the_deployment_waits_for_all_that_it_serves(package: Path) -> None:
    result = build(package)
    deployment = result.one("aws:apigateway/deployment:Deployment")
    for kind in ("method:Method", "integration:Integration", "integrationResponse:IntegrationResponse"):
        for each in result.of_type(f"aws:apigateway/{kind}"):
            assert each.urn in deployment.dependencies
    assert result.one("aws:apigateway/restApiPolicy:RestApiPolicy").urn in deployment.dependencies


def test_the_stage_waits_for_the_account(package: Path) -> None:
    result = build(package, account=True)
    account = result.one("aws:apigateway/account:Account")
    assert account.urn in result.one("aws:apigateway/stage:Stage").dependencies
    attachment = result.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert attachment.urn in account.dependencies


def test_open_routes_say_why(package: Path) -> None:
    result = build(package)
    assert result.result.open_routes.keys() == ROUTES.keys()
    assert set(result.result.open_routes.values()) == {"the application checks the session"}


def test_a_first_preview_knows_the_tree(package: Path) -> None:
    result = build(package, preview=True)
    assert len(result.of_type("aws:apigateway/resource:Resource")) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"integration_timeout_ms": 10}, "50 to 300000"),
        ({"source_cidrs": []}, "no one could connect"),
        ({"source_cidrs": ["1.2.3.4/8"]}, "host bits"),
    ],
)
def test_bad_figures_are_refused(package: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(package, **changes)
