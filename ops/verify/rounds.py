"""All the checks of a stack, asked again until they settle or the time is over."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws import Clients, code, temporary
from ops.state import State
from ops.verify import checks_ecs, checks_https, checks_lambda, checks_traffic
from ops.verify.checks_status import READY, ready
from ops.verify.result import Check, Probe, Result, Verdict

CHECKS: Mapping[str, Check] = {
    "aws:autoscaling/group:Group": checks_traffic.scaling_group,
    "aws:codedeploy/deploymentGroup:DeploymentGroup": checks_traffic.deployment_group,
    "aws:ecs/service:Service": checks_ecs.service,
    "aws:lambda/alias:Alias": checks_lambda.alias,
    "aws:lambda/eventSourceMapping:EventSourceMapping": checks_lambda.event_source,
    "aws:lambda/function:Function": checks_lambda.function,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": checks_lambda.warm,
    "aws:lb/targetGroup:TargetGroup": checks_traffic.target_group,
    **{resource_type: ready(how) for resource_type, how in READY.items()},
}
"""Type to its check."""

WORKERS = 8
"""Requests at once; describe calls of most services are limited to some tens a second."""

Subject = Callable[[], list[Result]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found in the end."""

    stack: str
    results: Sequence[Result]
    unchecked: int
    """Resources of types without a check: names, permissions, settings."""
    seconds: float

    @property
    def ok(self) -> bool:
        return all(result.verdict == Verdict.OK for result in self.results)


def subjects(state: State, clients: Clients, *, https: bool = True) -> list[Subject]:
    """One for each resource and address to be checked; calling it makes the requests."""
    found = [
        _subject(Probe(resource=each, state=state, clients=clients, kind=kind_of(each.type)))
        for each in state.resources
        if each.type in CHECKS
    ]
    if https:
        found += [
            lambda address=address: [checks_https.answers(address)]
            for address in checks_https.addresses(state)
        ]
    return found


def _quiet(results: Sequence[Result]) -> None:
    """For callers that show no progress."""


def run(
    state: State,
    clients: Clients,
    *,
    wait: float,
    every: float,
    https: bool = True,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    progress: Callable[[Sequence[Result]], None] = _quiet,
) -> Answer:
    """Ask, and ask what is pending again every ``every`` seconds for at most ``wait`` seconds.

    A failure ends the wait at once: it does not mend itself. What was well at first is asked once more after
    a wait, since a deployment may have turned meanwhile.
    """
    started = clock()
    everything = dict(enumerate(subjects(state, clients, https=https)))
    held: dict[int, list[Result]] = {}
    asked, waited = everything, False
    with ThreadPoolExecutor(WORKERS) as pool:
        while True:
            held.update(zip(asked, pool.map(_ask, asked.values()), strict=True))
            results = _interruptions(state) + [each for index in sorted(held) for each in held[index]]
            progress(results)
            moving = {index: everything[index] for index in held if _any(held[index], Verdict.PENDING)}
            if _any(results, Verdict.FAILED) or (not moving and (not waited or asked is everything)):
                break
            if moving and clock() - started + every > wait:
                results = [_over(each, wait) for each in results]
                break
            if moving:
                sleep(every)
            asked, waited = moving or everything, waited or bool(moving)
    return Answer(
        stack=state.stack,
        results=results,
        unchecked=sum(
            each.type not in CHECKS and ":" in each.type and bool(each.id) for each in state.resources
        ),
        seconds=clock() - started,
    )


def _ask(subject: Subject) -> list[Result]:
    return subject()


def _any(results: Sequence[Result], verdict: Verdict) -> bool:
    return any(each.verdict == verdict for each in results)


def kind_of(resource_type: str) -> str:
    """``ecs service`` for ``aws:ecs/service:Service``."""
    service, _, name = resource_type.split(":")[1].partition("/")
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return f"{service} {words}"


def _subject(probe: Probe) -> Subject:
    def ask() -> list[Result]:
        try:
            return list(CHECKS[probe.resource.type](probe))
        except (ClientError, BotoCoreError) as error:
            return [_refused(probe, error)]

    return ask


def _refused(probe: Probe, error: ClientError | BotoCoreError) -> Result:
    said = " ".join(str(error).split())
    if temporary(error):
        return probe.pending("an answer of AWS", said, "wait; see whether the endpoint is reachable")
    if isinstance(error, ClientError) and code(error).startswith(("AccessDenied", "UnauthorizedOperation")):
        return probe.failed(
            "leave to look", said, f"give this identity the action behind {error.operation_name}"
        )
    if isinstance(error, ClientError) and "NotFound" in code(error):
        return probe.failed("the resource", f"not there: {said}", "`pulumi refresh`, then `pulumi up`")
    return probe.failed("an answer of AWS", said, "mend what the message names")


def _interruptions(state: State) -> list[Result]:
    return [
        Result(
            system="",
            kind="state",
            name=each.rpartition("::")[2],
            verdict=Verdict.FAILED,
            expected="an update that ended",
            found=f"interrupted while {each}",
            fix="`pulumi refresh`, then `pulumi up`: see docs/runbooks/stacks.md#a-killed-pulumi-up",
        )
        for each in state.interrupted
    ]


def _over(result: Result, wait: float) -> Result:
    if result.verdict != Verdict.PENDING:
        return result
    return replace(result, found=f"{result.found}; not settled after {wait:.0f} s")
