"""The simulated Cloudflare provider over an API that answers: what it deploys can be read and changed there.

Load balancers, pools, monitors and DNS records are created, read, updated and deleted by calls to the
endpoint, so that drift is real and its rules apply. All other types are simulated as everywhere.
"""

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from offline import computed
from offline import provider_wire as wire
from offline.provider_service import SimulatedProvider, identity, refuse
from offline.provider_wire import Wire

ENDPOINT = "CLOUDFLARE_BASE_URL"
TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105 - the name of the variable
_TIMEOUT_SECONDS = 30

_BALANCING = "/accounts/{accountId}/load_balancers"
_COLLECTIONS: Mapping[str, str] = {
    "cloudflare:index/loadBalancer:LoadBalancer": "/zones/{zoneId}/load_balancers",
    "cloudflare:index/loadBalancerPool:LoadBalancerPool": f"{_BALANCING}/pools",
    "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor": f"{_BALANCING}/monitors",
    "cloudflare:index/dnsRecord:DnsRecord": "/zones/{zoneId}/dns_records",
}
_IN_PATH = frozenset({"accountId", "zoneId"})
_MAPS = frozenset({"poolWeights", "pool_weights"})
"""Mappings whose keys are values, such as ids: they keep their spelling."""


class EndpointError(Exception):
    """The endpoint refused, or did not answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Endpoint:
    """A Cloudflare API at a base URL."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The result of an answer. Raises EndpointError."""
        request = urllib.request.Request(  # noqa: S310 - the URL of a server on this machine
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            raise EndpointError(
                error.code, f"{method} {path}: {error.code} {error.read().decode()}"
            ) from error
        except OSError as error:
            raise EndpointError(0, f"{method} {path}: {error}") from error


class EndpointProvider(SimulatedProvider):
    """Cloudflare, with the types of ``_COLLECTIONS`` at an endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__("cloudflare")
        self._endpoint = endpoint

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        token, name = identity(request)
        if request.preview or token not in _COLLECTIONS:
            return super().Create(request, context)
        inputs = cast("dict[str, Wire]", wire.plain(wire.from_struct(request.properties)))
        result = self._call(context, "POST", _path(token, inputs), to_api(inputs))
        found = computed.computed(token, name, inputs, self.context(request))
        outputs = {**found, **inputs, "id": result["id"]}
        return provider_pb2.CreateResponse(id=result["id"], properties=wire.to_struct(outputs))

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        token, _ = identity(request)
        if not request.preview and token in _COLLECTIONS:
            inputs = cast("dict[str, Wire]", wire.plain(wire.from_struct(request.news)))
            self._call(context, "PUT", f"{_path(token, inputs)}/{request.id}", to_api(inputs))
        return super().Update(request, context)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        token, _ = identity(request)
        if token not in _COLLECTIONS:
            return super().Read(request, context)
        inputs = cast("dict[str, Wire]", wire.plain(wire.from_struct(request.inputs)))
        state = cast("dict[str, Wire]", wire.plain(wire.from_struct(request.properties)))
        try:
            live = self._endpoint.call("GET", f"{_path(token, {**state, **inputs})}/{request.id}")
        except EndpointError as error:
            if error.status == 404:
                return provider_pb2.ReadResponse()
            refuse(context, grpc.StatusCode.UNKNOWN, str(error))
        known = from_api(live, inputs)
        return provider_pb2.ReadResponse(
            id=request.id,
            inputs=wire.to_struct({**inputs, **known}),
            properties=wire.to_struct({**state, **known}),
        )

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        token, _ = identity(request)
        if token not in _COLLECTIONS:
            return super().Delete(request, context)
        state = cast("dict[str, Wire]", wire.plain(wire.from_struct(request.properties)))
        try:
            self._endpoint.call("DELETE", f"{_path(token, state)}/{request.id}")
        except EndpointError as error:
            if error.status != 404:
                refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))
        return empty_pb2.Empty()

    def _call(
        self, context: grpc.ServicerContext, method: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        try:
            return self._endpoint.call(method, path, body)
        except EndpointError as error:
            refuse(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))


def from_environment() -> Endpoint | None:
    """The endpoint that the process was started with, if it was."""
    url = os.environ.get(ENDPOINT)
    return Endpoint(url, os.environ.get(TOKEN, "")) if url else None


def to_api(inputs: Mapping[str, Wire]) -> dict[str, Any]:
    """A resource's inputs as the API spells them."""
    return {_snake(key): _spelled(key, value) for key, value in inputs.items() if key not in _IN_PATH}


def from_api(live: Mapping[str, Any], inputs: Mapping[str, Wire]) -> dict[str, Wire]:
    """Of what is live, what the inputs speak of, as they spell it."""
    return {
        key: _read(live[_snake(key)], value)
        for key, value in inputs.items()
        if key not in _IN_PATH and _snake(key) in live
    }


def _spelled(key: str, value: Wire) -> Any:
    if isinstance(value, list):
        return [_spelled("", item) for item in cast("list[Wire]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Wire]", value)
    if key in _MAPS or key == "header":
        # An origin's header has `hosts`, which the API calls Host; a monitor's is spelled as it is sent.
        return {"Host" if name == "hosts" else name: item for name, item in fields.items()}
    return {_snake(name): _spelled(name, item) for name, item in fields.items()}


def _read(live: Any, known: Wire) -> Wire:
    """A live value with the keys that the known one has; a mapping of ids comes whole."""
    if isinstance(live, list) and isinstance(known, list):
        items, old = cast("list[Any]", live), cast("list[Wire]", known)
        return [_read(item, old[place] if place < len(old) else None) for place, item in enumerate(items)]
    if not isinstance(live, dict) or not isinstance(known, dict):
        return cast("Wire", live)
    fields, spelled = cast("dict[str, Any]", live), cast("dict[str, Wire]", known)
    if "hosts" in spelled:
        return {"hosts": fields.get("Host", [])}
    if not any(_snake(name) in fields for name in spelled):
        return fields
    return {
        name: fields[_snake(name)] if name in _MAPS else _read(fields[_snake(name)], item)
        for name, item in spelled.items()
        if _snake(name) in fields
    }


def _path(token: str, values: Mapping[str, Wire]) -> str:
    return _COLLECTIONS[token].format_map({key: values[key] for key in _IN_PATH if key in values})


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
