"""One line of the answer: what was expected, what was found, what to do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ops.aws import Clients
from ops.state import Resource, State


class Verdict(StrEnum):
    """``pending`` may settle by itself; ``failed`` will not."""

    OK = "ok"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Result:
    """``fix`` is empty where all is well."""

    system: str
    kind: str
    name: str
    verdict: Verdict
    expected: str
    found: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A resource under test, and what the test needs to reach."""

    resource: Resource
    state: State
    clients: Clients
    kind: str

    def client(self, service: str) -> Any:
        """A client in the resource's own region."""
        return self.clients(service, self.resource.region)

    def ok(self, expected: str, found: str) -> Result:
        return self._result(Verdict.OK, expected, found, "")

    def pending(self, expected: str, found: str, fix: str) -> Result:
        return self._result(Verdict.PENDING, expected, found, fix)

    def failed(self, expected: str, found: str, fix: str) -> Result:
        return self._result(Verdict.FAILED, expected, found, fix)

    def status(
        self, status: str, *, good: Iterable[str], moving: Iterable[str], fix: str, what: str = ""
    ) -> Result:
        """By the words that a service uses of itself; a word in neither list has failed."""
        expected = " or ".join(good)
        found = f"{what} {status}".strip()
        expected = f"{what} {expected}".strip()
        if status in good:
            return self.ok(expected, found)
        if status in moving:
            return self.pending(expected, found, fix)
        return self.failed(expected, found, fix)

    def _result(self, verdict: Verdict, expected: str, found: str, fix: str) -> Result:
        return Result(
            system=self.resource.system,
            kind=self.kind,
            name=self.resource.name,
            verdict=verdict,
            expected=expected,
            found=found,
            fix=fix,
        )


Check = Callable[[Probe], Iterable[Result]]
