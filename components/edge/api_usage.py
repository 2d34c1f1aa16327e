"""Who may ask a REST API how much."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import apigateway

from components.edge.rest_api import RestApi

_CLIENT = re.compile(r"[a-z]([a-z0-9-]{0,29}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class ApiUsagePlanArgs:
    """``clients`` by name; the limits hold for each client by itself."""

    api: RestApi
    clients: Sequence[str]
    rate: float
    """Requests a second."""
    burst: int
    """Requests at once."""
    monthly_requests: int

    def __post_init__(self) -> None:
        if not self.clients:
            raise ValueError("clients: got none; routes that take a key would answer nobody: name one")
        for client in self.clients:
            if not _CLIENT.fullmatch(client) or list(self.clients).count(client) > 1:
                raise ValueError(
                    f"clients: got {client!r}; each once, lower-case letters, digits and dashes, at most 31"
                )
        for what, value in (
            ("rate", self.rate),
            ("burst", self.burst),
            ("monthly_requests", self.monthly_requests),
        ):
            if value < 1:
                raise ValueError(f"{what}: got {value:g}; 1 or more")


class ApiUsagePlan(pulumi.ComponentResource):
    """A key for each client, and what each may ask of one stage.

    API Gateway makes the keys. Their values are in the state as ciphertext alone; an owner reads one with
    ``aws apigateway get-api-key --include-value`` and hands it on. A key names a client and is no login. To
    change one, add a client, let the users move, and take the old one away. Plans by tier are left out: no
    system sells its API.
    """

    plan: apigateway.UsagePlan
    plan_id: pulumi.Output[str]
    keys: dict[str, apigateway.ApiKey]
    key_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: ApiUsagePlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:ApiUsagePlan", name, None, opts)
        self._name = name
        self._args = args
        self.plan = self._build_plan()
        self.keys = {client: self._build_key(client) for client in args.clients}
        for client, key in self.keys.items():
            self._build_membership(client, key)
        self.plan_id = self.plan.id
        self.key_ids = {client: key.id for client, key in self.keys.items()}
        self.register_outputs({"planId": self.plan_id, "keyIds": self.key_ids})

    def _build_plan(self) -> apigateway.UsagePlan:
        args = self._args
        return apigateway.UsagePlan(
            f"{self._name}-plan",
            description=f"Each client of {self._name}",
            api_stages=[apigateway.UsagePlanApiStageArgs(api_id=args.api.api_id, stage=args.api.stage_name)],
            throttle_settings=apigateway.UsagePlanThrottleSettingsArgs(
                rate_limit=args.rate, burst_limit=args.burst
            ),
            quota_settings=apigateway.UsagePlanQuotaSettingsArgs(limit=args.monthly_requests, period="MONTH"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_key(self, client: str) -> apigateway.ApiKey:
        return apigateway.ApiKey(
            f"{self._name}-{client}",
            description=f"Client {client} of {self._name}",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_membership(self, client: str, key: apigateway.ApiKey) -> apigateway.UsagePlanKey:
        return apigateway.UsagePlanKey(
            f"{self._name}-{client}-membership",
            key_id=key.id,
            key_type="API_KEY",
            usage_plan_id=self.plan.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
