"""``python -m ops release SYSTEM --image DIGEST``: migrate, deploy, verify, or back."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from ops.aws import Clients
from ops.cutover.deployment import OpenStack
from ops.durations import DURATION
from ops.errors import Exit, OpsError
from ops.notify import check as check_notify
from ops.notify import notify
from ops.release import gates, migration, sources
from ops.release.deployment import Deployment, repositories
from ops.release.deployment import local as local_stack
from ops.release.images import ImageFile
from ops.release.journal import Journal
from ops.release.push import Connect, Pushing, ecr_connect
from ops.release.steps import Outcome, Plan, Ports, Release, previous, resumed
from ops.rollout.dynamodb import operator_name
from ops.state import REPOSITORY, State
from ops.verify.command import verdict
from ops.verify.rounds import run as verify_round


@dataclass(kw_only=True)
class Reached:
    """What the command reaches instead of an account; for tests and simulations."""

    stack_file: Path
    open_stack: OpenStack
    clients: Callable[[str], Any]
    verify: Callable[[State], tuple[bool, str]]
    connect: Connect | None = None
    """Repositories to push to; ECR's where it is None."""
    policy_packs: Sequence[str] = ()
    sleep: Callable[[float], None] = time.sleep


@click.command(name="release")
@click.argument("system")
@click.option("--stack", required=True)
@click.option(
    "--image",
    "given",
    multiple=True,
    metavar="[ROLE=]SOURCE",
    help="sha256:..., a tag, which is resolved, or oci:PATH[:NAME], an OCI image layout (folder or tar) that "
    "is pushed first; ROLE where the system has several images; may be repeated",
)
@click.option("--tag", help="of what is pushed; default: release- and 12 digits of the digest")
@click.option(
    "--back", is_flag=True, help="take back the release that was begun last, or the last that ended"
)
@click.option("--dry-run", is_flag=True, help="say what would be done, and change nothing")
@click.option("--registry/--no-registry", default=True, help="ask ECR for the images first, or not")
@click.option("--policy/--no-policy", default=True, help="with the policy pack, or not")
@click.option("--wait", type=DURATION, default="10m", show_default=True, help="for verify")
@click.option("--migration-timeout", type=DURATION, default="10m", show_default=True)
@click.option(
    "--notify", "targets", multiple=True, envvar="OPS_NOTIFY", help="SNS topic or webhook; OPS_NOTIFY"
)
@click.option(
    "--journal", type=click.Path(path_type=Path), help="default: .cache/releases/STACK-SYSTEM.jsonl"
)
@click.option("--json", "json_", is_flag=True, help="the answer as JSON on standard output")
@click.pass_obj
def command(obj: Any, /, *, system: str, stack: str, json_: bool, **given: Any) -> int:
    """Release SYSTEM by image digest: push, migrate, deploy the system alone, verify, and back on a failure.

    Safe to kill and to repeat: the same command takes up where it was. Exit codes: 0 released, 3 refused and
    nothing changed, 4 taken back, 5 a person has to look.
    """
    started = time.monotonic()
    note = Console(stderr=True, soft_wrap=True)

    def say(line: str) -> None:
        note.print(line, markup=False, highlight=False)

    targets: Sequence[str] = given.pop("targets")
    written: Path | None = given.pop("journal")
    check_notify(targets)
    reached = obj if isinstance(obj, Reached) else _reached(stack, wait=given["wait"], policy=given["policy"])
    journal = Journal(written or REPOSITORY / ".cache" / "releases" / f"{stack}-{system}.jsonl")
    deployment = Deployment(
        reached.open_stack, system=system, policy_packs=reached.policy_packs, say=lambda _line: None
    )
    file = ImageFile(reached.stack_file, system=system)
    plan, pushing, back = _plan(
        file, deployment, journal, reached, system=system, stack=stack, say=say, **given
    )
    if given["dry_run"]:
        outcome = _intended(plan, pushing, deployment, back=back)
    else:
        ports = Ports(
            file=file,
            deployment=deployment,
            ecs=lambda: reached.clients("ecs"),
            verify=reached.verify,
            journal=journal,
            say=say,
            push=pushing.run if pushing.wanted else None,
            sleep=reached.sleep,
        )
        work = Release(plan, ports)
        outcome = work.back("taken back by hand") if back else work.run()
    seconds = time.monotonic() - started
    line = _line(outcome, system, stack, seconds)
    if not given["dry_run"]:
        for problem in notify(
            targets, f"release of {system} to {stack}: {outcome.exit_code.name.lower()}", line
        ):
            say(f"not told: {problem}")
    if json_:
        click.echo(json.dumps(_as_json(outcome, plan, pushing, seconds, line), indent=1))
    else:
        say(line)
    return int(outcome.exit_code)


def _plan(
    file: ImageFile,
    deployment: Deployment,
    journal: Journal,
    reached: Reached,
    *,
    system: str,
    stack: str,
    given: Sequence[str],
    back: bool,
    registry: bool,
    tag: str | None,
    migration_timeout: float,
    say: Callable[[str], None],
    **_rest: Any,
) -> tuple[Plan, Pushing, bool]:
    if bool(given) == back:
        raise click.UsageError("give --image, or --back alone")
    configured = file.digests()
    state = deployment.state()
    outputs = deployment.outputs(state)
    known = repositories(outputs, configured)

    def ecr() -> Any:
        return reached.clients("ecr")

    pushing = Pushing(wanted=(), connect=reached.connect or ecr_connect(ecr), say=say)
    wanted: Mapping[str, str]
    before: Mapping[str, str]
    if back:
        last = journal.unfinished() or next(
            (each for each in reversed(journal.entries()) if each.step == "begun"), None
        )
        if last is None:
            raise OpsError(
                f"{journal.path}: no release is recorded here",
                fix="release the earlier digest with --image",
                exit_code=Exit.REFUSED,
            )
        wanted, before = last.wanted, last.previous
    else:
        given_sources = sources.of(file, given)
        gates.not_shifted(outputs, given_sources)
        settled = sources.settle(given_sources, known, ecr=ecr if registry else None, tag=tag)
        wanted, pushing.wanted = settled.wanted, settled.pushes
        before = previous(configured, wanted, deployment.deployed(state, known))
    digest = hashlib.sha256(json.dumps(sorted(wanted.items())).encode()).hexdigest()
    plan = Plan(
        system=system,
        stack=stack,
        wanted=wanted,
        previous=before,
        release=f"release-{digest[:20]}",
        operator=operator_name(),
        migration_timeout=migration_timeout,
    )
    plan, back = resumed(plan, journal, back=back)
    return plan, pushing, back


def _reached(stack: str, *, wait: float, policy: bool) -> Reached:
    clients = Clients()
    clients.require_credentials()

    def verify(state: State) -> tuple[bool, str]:
        answer = verify_round(state, clients, wait=wait, every=10.0)
        wrong = [f"{each.name}: {each.found}" for each in answer.results if each.verdict != "ok"]
        return answer.ok, "; ".join([verdict(answer), *wrong[:5]])

    return Reached(
        stack_file=REPOSITORY / f"Pulumi.{stack}.yaml",
        open_stack=local_stack(REPOSITORY, stack),
        clients=clients,
        verify=verify,
        policy_packs=[str(REPOSITORY / "policies")] if policy else [],
    )


def _intended(plan: Plan, pushing: Pushing, deployment: Deployment, *, back: bool) -> Outcome:
    if back:
        digests = ", ".join(f"{role}={digest}" for role, digest in plan.previous.items())
        return Outcome(exit_code=Exit.OK, line=f"would go back to {digests or 'nothing'}")
    migrates = migration.of(deployment.outputs(deployment.state()))
    moves = ", ".join(
        f"{role} from {plan.previous.get(role, 'nothing')} to {digest}"
        for role, digest in plan.wanted.items()
    )
    first = "".join(f"{line}, then " for line in pushing.intended())
    first += "register and run the migration, " if migrates else ""
    return Outcome(exit_code=Exit.OK, line=f"would {first}update {plan.system} alone and verify it: {moves}")


def _line(outcome: Outcome, system: str, stack: str, seconds: float) -> str:
    spent = ", ".join(f"{step} {taken:.0f}" for step, taken in outcome.seconds.items())
    return f"release: {system} in {stack}: {outcome.line}; {seconds:.0f} s" + (f" ({spent})" if spent else "")


def _as_json(outcome: Outcome, plan: Plan, pushing: Pushing, seconds: float, line: str) -> dict[str, Any]:
    return {
        "ok": outcome.exit_code == Exit.OK,
        "exitCode": int(outcome.exit_code),
        "system": plan.system,
        "stack": plan.stack,
        "line": line,
        "wanted": dict(plan.wanted),
        "previous": dict(plan.previous),
        "pushed": {
            each.role: {"image": f"{each.address}@{each.digest}", "tag": each.tag, "bytes": sent}
            for each in pushing.wanted
            if (sent := pushing.sent.get(each.role)) is not None
        },
        "seconds": round(seconds, 1),
        "steps": dict(outcome.seconds),
    }
