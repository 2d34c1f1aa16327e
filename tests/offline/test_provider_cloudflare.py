"""What the simulated provider sends to an endpoint, and how it reads it back."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from offline import provider_wire as wire
from offline.cloudflare_model import CloudflareModel
from offline.cloudflare_server import serve
from offline.provider_cloudflare import Endpoint, EndpointProvider, from_api, to_api

ACCOUNT, ZONE, TOKEN = "a" * 32, "b" * 32, "token-of-the-tests"
BALANCER = "cloudflare:index/loadBalancer:LoadBalancer"
POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool"
MONITOR = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor"
POOL_INPUTS = {
    "accountId": ACCOUNT,
    "name": "old",
    "enabled": True,
    "origins": [{"name": "old", "address": "192.0.2.1", "header": {"hosts": ["old.jclee.me"]}}],
}


class Context:
    """Of a call: what the provider refuses, it raises."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise RuntimeError(f"{code.name}: {details}")


@pytest.fixture
def model() -> CloudflareModel:
    return CloudflareModel(account_id=ACCOUNT, zone_id=ZONE, zone="jclee.me", token=TOKEN)


@pytest.fixture
def provider(model: CloudflareModel) -> Iterator[EndpointProvider]:
    with serve(model) as url:
        yield EndpointProvider(Endpoint(url, TOKEN))


def urn(token: str) -> str:
    return f"urn:pulumi:dev::project::{token}::name"


def create(provider: EndpointProvider, token: str, inputs: dict[str, Any], *, preview: bool = False) -> str:
    request = provider_pb2.CreateRequest(urn=urn(token), properties=wire.to_struct(inputs), preview=preview)
    return provider.Create(request, Context()).id


def test_keys_are_spelled_as_the_api_does_and_values_are_left() -> None:
    inputs = {
        "zoneId": ZONE,
        "defaultPools": ["p"],
        "randomSteering": {"defaultWeight": 0, "poolWeights": {"aB1": 0.3}},
        "header": {"Host": ["a.jclee.me"]},
        "origins": [{"name": "one", "header": {"hosts": ["b.jclee.me"]}}],
    }
    sent = to_api(inputs)
    assert sent == {
        "default_pools": ["p"],
        "random_steering": {"default_weight": 0, "pool_weights": {"aB1": 0.3}},
        "header": {"Host": ["a.jclee.me"]},
        "origins": [{"name": "one", "header": {"Host": ["b.jclee.me"]}}],
    }
    assert from_api(sent, inputs) == {key: value for key, value in inputs.items() if key != "zoneId"}


def test_what_changed_at_the_endpoint_is_read(provider: EndpointProvider, model: CloudflareModel) -> None:
    item = create(provider, POOL, POOL_INPUTS)
    model.objects["pools"][item]["enabled"] = False
    request = provider_pb2.ReadRequest(
        id=item, urn=urn(POOL), inputs=wire.to_struct(POOL_INPUTS), properties=wire.to_struct(POOL_INPUTS)
    )
    answer = provider.Read(request, Context())
    assert wire.from_struct(answer.inputs) == {**POOL_INPUTS, "enabled": False}
    del model.objects["pools"][item]
    assert provider.Read(request, Context()).id == ""


def test_an_update_and_a_deletion_reach_the_endpoint(
    provider: EndpointProvider, model: CloudflareModel
) -> None:
    item = create(provider, POOL, POOL_INPUTS)
    news = {**POOL_INPUTS, "description": "the old side"}
    update = provider_pb2.UpdateRequest(
        id=item, urn=urn(POOL), olds=wire.to_struct(POOL_INPUTS), news=wire.to_struct(news)
    )
    provider.Update(update, Context())
    assert model.objects["pools"][item]["description"] == "the old side"
    delete = provider_pb2.DeleteRequest(id=item, urn=urn(POOL), properties=wire.to_struct(news))
    provider.Delete(delete, Context())
    assert model.objects["pools"] == {}
    provider.Delete(delete, Context())


def test_a_refusal_of_the_endpoint_is_one_of_the_provider(provider: EndpointProvider) -> None:
    pool = create(provider, POOL, POOL_INPUTS)
    balancer = {"zoneId": ZONE, "name": "www.jclee.me", "defaultPools": [pool], "fallbackPool": pool}
    with pytest.raises(RuntimeError, match=r"multiple of 0\.1"):
        create(provider, BALANCER, {**balancer, "randomSteering": {"defaultWeight": 0.25}})
    create(provider, BALANCER, balancer)
    delete = provider_pb2.DeleteRequest(id=pool, urn=urn(POOL), properties=wire.to_struct(POOL_INPUTS))
    with pytest.raises(RuntimeError, match="referenced by other objects"):
        provider.Delete(delete, Context())


def test_a_preview_changes_nothing(provider: EndpointProvider, model: CloudflareModel) -> None:
    create(provider, MONITOR, {"accountId": ACCOUNT, "type": "https", "expectedCodes": "200"}, preview=True)
    assert model.log == []


def test_other_types_are_simulated(provider: EndpointProvider, model: CloudflareModel) -> None:
    setting = {"zoneId": ZONE, "settingId": "ssl", "value": "strict"}
    assert create(provider, "cloudflare:index/zoneSetting:ZoneSetting", setting) == "ssl"
    assert model.log == []
