"""The addresses that a stack gives to its users: each answers over HTTPS, with a certificate that holds."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from ops.state import SECRET_KEY, State, camel
from ops.verify.result import Result, Verdict

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Address:
    """``health``: a path that must answer 200, where the stack exports one."""

    system: str
    output: str
    url: str
    health: bool = False


def addresses(state: State) -> list[Address]:
    """Every output that is an https address for people and programs. Queues are left out: they answer signed
    requests alone. An origin with a ``healthPath`` beside it is asked for that path."""
    queues = {str(each.get("url")) for each in state.of_type("aws:sqs/queue:Queue")}
    systems = {camel(system): system for system in state.systems}
    found: dict[str, Address] = {}
    for path, value in _walk(state.outputs, ()):
        system = systems.get(path[0], "")
        if (
            isinstance(value, str)
            and value.startswith("https://")
            and value not in queues
            and not _signed(value)
        ):
            found.setdefault(value, Address(system=system, output=".".join(path), url=value))
        elif isinstance(value, Mapping):
            node = cast("Mapping[str, Any]", value)
            host, health = node.get("originHostname"), node.get("healthPath")
            if isinstance(host, str) and isinstance(health, str):
                url = f"https://{host}{health}"
                found[url] = Address(
                    system=system, output=f"{'.'.join(path)}.healthPath", url=url, health=True
                )
    return list(found.values())


def answers(address: Address) -> Result:
    """One request, redirects not followed. A 401 or 403 is an answer too: an API may ask for who you are."""
    expected = "200 over HTTPS" if address.health else "an answer below 500 over HTTPS"
    try:
        reply = httpx.get(
            address.url, timeout=TIMEOUT_SECONDS, headers={"User-Agent": "seoul-platform verify"}
        )
    except httpx.ConnectError as error:
        return _pending(address, expected, _connection(error), _connection_fix(error))
    except httpx.HTTPError as error:
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        return _pending(address, expected, said, "look at the load balancer's or the CDN's logs")
    good = reply.status_code == 200 if address.health else reply.status_code < 500
    if good:
        return _result(address, Verdict.OK, expected, f"{reply.status_code}", "")
    return _pending(
        address, expected, f"{reply.status_code} {reply.reason_phrase}".strip(), "look at the service's logs"
    )


def _connection(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate refused: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return f"no connection: {error}"


def _connection_fix(error: httpx.ConnectError) -> str:
    if _connection(error).startswith("certificate"):
        return "see which certificate the listener or distribution carries, and whether it names this host"
    return "see whether the name resolves (`dig`), and whether the listener is there"


def _walk(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if path:
        yield path, node
    if isinstance(node, Mapping):
        mapping = cast("Mapping[str, Any]", node)
        if SECRET_KEY in mapping:
            return
        for key, value in mapping.items():
            yield from _walk(value, (*path, key))
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for index, value in enumerate(cast("Sequence[Any]", node)):
            yield from _walk(value, (*path, str(index)))


def _signed(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host.startswith("sqs.") and host.endswith(".amazonaws.com")


def _pending(address: Address, expected: str, found: str, fix: str) -> Result:
    return _result(address, Verdict.PENDING, expected, found, fix)


def _result(address: Address, verdict: Verdict, expected: str, found: str, fix: str) -> Result:
    return Result(
        system=address.system,
        kind="https",
        name=address.url,
        verdict=verdict,
        expected=expected,
        found=found,
        fix=fix,
    )
