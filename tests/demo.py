"""``make demo``: the whole story on this machine in some minutes, told act by act.

Sesami's production stack on the real engine with simulated providers: a plan, a deployment, a weakened
setting that the policy pack stops, a dangerous change that the guard stops; then SafeWork's cutover with its
rollback. Asks nothing, needs no account, and fails if an act does not go as it is told here.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.panel import Panel

from tests.harness import with_system

REPOSITORY = Path(__file__).parents[1]
STACK = "prod"
SUMMARY = re.compile(
    r"^(stack  operation|prod  |guard: |replaces |deletes )|^    policies: |^ +[+~-]+ ?\d+ to "
)
FINDING = re.compile(r"^ +- \[(mandatory|advisory)\]")

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Act:
    """One command, what is told before it, and how it must end."""

    title: str
    story: str
    command: Sequence[str]
    """After ``python -m``."""
    exit_code: int
    says: str
    """A pattern that the output must hold."""
    shows: Callable[[str], list[str]]
    """The lines of the output worth reading."""
    moral: str


def summary(output: str) -> list[str]:
    """The table at the end, the count of policies, the guard's findings."""
    return [line for line in output.splitlines() if SUMMARY.match(line)]


def findings(output: str) -> list[str]:
    """The first two findings in full, how many there are, and the table."""
    lines = output.splitlines()
    starts = [index for index, line in enumerate(lines) if FINDING.match(line)]
    shown = [line for start in starts[:2] for line in lines[start : start + 5]]
    return [*shown, f"        ... {len(starts)} findings in all", *summary(output)]


def acts(folder: Path) -> list[Act]:
    """The acts on Sesami; each goes on from the state that the one before left in ``folder``."""
    here = [
        "--stack",
        STACK,
        "--config-file",
        str(folder / "Pulumi.prod.yaml"),
        "--state",
        str(folder / "state"),
    ]
    document = folder / "preview.json"
    return [
        Act(
            title="1. What would be deployed?",
            story="Sesami in production: a site, an API on Fargate, a queue into Batch, a database. The "
            "program plans it, and the policy pack reads every resource of the plan.",
            command=["offline", "preview", *here],
            exit_code=0,
            says=r"prod +preview +ok",
            shows=summary,
            moral="The same preview runs for every pull request, without credentials.",
        ),
        Act(
            title="2. Deploy it",
            story="To a simulated cloud on this machine. Engine, state and order are the real ones.",
            command=["offline", "up", *here],
            exit_code=0,
            says=r"prod +up +ok",
            shows=summary,
            moral="`pulumi up --stack prod --policy-pack policies` is the same with your account.",
        ),
        Act(
            title="3. Somebody weakens a setting",
            story="`deletionProtection: false` in production, with a reason that sounds good.",
            command=[
                *("offline", "preview", *here),
                *("--set", "systems.sesami.deletionProtection=false"),
                *("--set", "systems.sesami.unlockReason=it was in the way"),
            ],
            exit_code=1,
            says=r"prod +preview +FAILED .* mandatory",
            shows=findings,
            moral="Stopped before anything changed. A finding says what is wrong, why, and what to set.",
        ),
        Act(
            title="4. Somebody tidies up a host name",
            story="A legal change that no policy forbids: the site gets another name. The plan is fine ...",
            command=[
                *("offline", "preview", *here, "--json", str(document)),
                *("--set", "systems.sesami.domain.hostname=portal.sesami.jclee.me"),
            ],
            exit_code=0,
            says=r"prod +preview +ok",
            shows=summary,
            moral="... but what becomes of the name that people have in their bookmarks?",
        ),
        Act(
            title="5. The guard reads that plan",
            story="It fails what would destroy data, keys, addresses or names, unless an approval names it.",
            command=["ops", "guard", "--preview", str(document)],
            exit_code=1,
            says=r"guard: failed: .* without an approval",
            shows=summary,
            moral="With an approval in ops/guard/approvals.yaml (reason, owner, last day) it would pass.",
        ),
    ]


def settings() -> dict[str, Any]:
    """Production as shipped with Sesami alone, and without what an account has once."""
    config = with_system(STACK, "sesami")
    stack = {**config["seoul-platform:stack"]}
    for once in ("accountBaseline", "deployRoles"):
        stack.pop(once, None)
    return {
        "config": {
            **{key: value for key, value in config.items() if key != "policies:config"},
            "seoul-platform:stack": stack,
        }
    }


def tell(title: str, story: str) -> None:
    """What comes, before it comes."""
    console.print()
    console.print(Panel(story, title=title, title_align="left"), soft_wrap=False)


def play(act: Act) -> bool:
    """Tell it, run it, show it; returns whether it went as told."""
    tell(act.title, act.story)
    console.print(f"$ python -m {' '.join(map(_quoted, act.command))}", style="bold", markup=False)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *act.command],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
    )
    output = done.stdout + done.stderr
    as_told = done.returncode == act.exit_code and re.search(act.says, output) is not None
    for line in act.shows(output) if as_told else output.splitlines()[-40:]:
        console.print(line, markup=False, style="" if as_told else "red")
    console.print(f"exit code {done.returncode}, {time.monotonic() - started:.0f} s", style="dim")
    if as_told:
        console.print(act.moral, style="green", markup=False)
    else:
        told = f"exit code {act.exit_code} and /{act.says}/"
        console.print(f"This did not go as told: {told} were to be seen.", style="bold red", markup=False)
    return as_told


def cutover() -> bool:
    """The last act, by the demonstration that ``make demo-cutover`` runs alone."""
    from tests.ops.cutover import demo  # noqa: PLC0415 - it starts servers and the engine in this process

    story = (
        "SafeWork's visitors move to AWS in stages behind Cloudflare, watched. At 100 percent an alarm goes "
        "off, and everybody is back on the old host. Six times as fast as in life."
    )
    tell("6. The night of the cutover", story)
    return demo.main() == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Play every act; 1 at the first that does not go as told."""
    parser = argparse.ArgumentParser(prog="make demo", description="The whole story, offline.")
    parser.add_argument("--without-cutover", action="store_true", help="leave the last act out")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="demo-") as name:
        folder = Path(name)
        (folder / "Pulumi.prod.yaml").write_text(yaml.safe_dump(settings(), sort_keys=False))
        for act in acts(folder):
            if not play(act):
                return 1
    if not chosen.without_cutover and not cutover():
        console.print("The cutover did not go as told.", style="bold red")
        return 1
    console.print()
    console.rule(f"All acts went as told, in {time.monotonic() - started:.0f} s", align="left")
    console.print(
        "Next: README.md, 'Before the first real pulumi up'; docs/runbooks/teardown.md for the way back."
    )
    return 0


def _quoted(argument: str) -> str:
    return f"'{argument}'" if " " in argument else argument


if __name__ == "__main__":
    raise SystemExit(main())
