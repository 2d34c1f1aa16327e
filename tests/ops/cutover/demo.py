"""``make demo-cutover``: a cutover from 0 to 100 percent on this machine, an alarm, and the way back, six
times as fast. Nothing leaves the machine: the engine is real; Cloudflare, DynamoDB and CloudWatch are local.
"""

import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console

from ops.errors import Exit
from tests.ops.cutover.offline_cutover import OfflineCutover, offline_cutover

SPEED = 6.0
ALARM_AFTER_SECONDS = 25.0
"""After the last step begins to be watched; in the time of the demonstration."""

console = Console(highlight=False)


def main() -> int:
    started = time.monotonic()
    heading("Deploying SafeWork to a simulated cloud: all traffic on the old host")
    with tempfile.TemporaryDirectory() as folder, offline_cutover(Path(folder), speed=SPEED) as offline:
        code = play(offline)
    heading(f"Done in {time.monotonic() - started:.0f} s")
    return code


def play(offline: OfflineCutover) -> int:
    """A cutover that goes well until the alarm; returns whether its exit codes say so."""
    step(offline, "What would the first step do?", "start", "--dry-run")
    codes = [step(offline, "0 -> 25", "start", "--yes")]
    offline.requests(400)
    codes += [step(offline, "25 -> 50", "advance", "--yes")]
    offline.requests(900)
    ringing = threading.Thread(target=ring, args=(offline,), daemon=True)
    ringing.start()
    codes += [step(offline, "50 -> 100; an alarm will go off in the watch", "advance", "--yes")]
    offline.alarm("OK")
    codes += [step(offline, "Where does it stand?", "status")]
    return 0 if codes == [Exit.OK, Exit.OK, Exit.ROLLED_BACK, Exit.OK] else 1


def step(offline: OfflineCutover, title: str, *arguments: str) -> int:
    heading(title)
    console.print(f"$ python -m ops cutover {' '.join(arguments)} --stack demo", style="bold")
    code = offline.ops(*arguments)
    console.print(f"exit code {code}", style="dim")
    return code


def ring(offline: OfflineCutover) -> None:
    """Raise an alarm once all traffic is on the new side, and say how long it stayed there."""
    while offline.edge() != {"new": 1.0}:
        time.sleep(0.05)
    time.sleep(ALARM_AFTER_SECONDS / SPEED)
    offline.alarm("ALARM")
    begun = time.monotonic()
    console.print("*** an alarm goes off", style="bold red")
    while offline.edge() != {"legacy": 1.0}:
        time.sleep(0.01)
    seconds = (time.monotonic() - begun) * SPEED
    console.print(f"*** all traffic is on the old host, {seconds:.0f} s after the alarm", style="bold green")


def heading(text: str) -> None:
    console.print()
    console.rule(text, align="left")


if __name__ == "__main__":
    raise SystemExit(main())
