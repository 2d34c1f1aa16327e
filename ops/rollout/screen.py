"""What an operator sees: a live picture in a terminal, plain lines elsewhere, a document with ``--json``."""

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live as LiveDisplay
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ops.rollout.plan import Plan, normal
from ops.rollout.ports import AlarmState, Side, View
from ops.rollout.record import Entry, Reading

_STYLES = {"info": "", "good": "green", "warn": "yellow", "bad": "bold red"}
_WORDS = {True: ("healthy", "green"), False: ("unhealthy", "bold red"), None: ("unknown", "yellow")}
_BAR_WIDTH = 40
_SHOWN_ALARMS = 8


class Screen:
    """Lines above, the picture of the last look below. Use as a context manager."""

    def __init__(self, plan: Plan, *, title: str, quiet: bool = False) -> None:
        self._plan = plan
        self._title = title
        self.console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._live = LiveDisplay(console=self.console, auto_refresh=False, transient=True)
        self._last = ""

    def __enter__(self) -> "Screen":
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._live.stop()

    def say(self, text: str, *, level: str = "info") -> None:
        self.console.print(Text(text, style=_STYLES[level]))

    def gates(self, readings: Sequence[Reading]) -> None:
        self.console.print(gate_table(readings))

    def view(self, view: View) -> None:
        if self._live.is_started:
            self._live.update(self.picture(view), refresh=True)
            return
        line = _line(view)
        if line != self._last:
            self.console.print(Text(line))
        self._last = line

    def picture(self, view: View) -> Group:
        """Stages, sides, alarms and the progress of the bake, one below the other."""
        parts: list[Any] = [Text(self._title, style="bold"), stage_line(self._plan, view)]
        if view.bake_seconds and view.moving_to is None:
            minutes = f"{view.baked_seconds / 60:.1f} of {view.bake_seconds / 60:g} minutes watched"
            bar = ProgressBar(total=view.bake_seconds, completed=view.baked_seconds, width=_BAR_WIDTH)
            parts += [bar, Text(minutes)]
        parts += [side_table(self._plan, view), alarm_line(view.alarms)]
        parts += [Text(f"trouble: {each}", style="bold red") for each in view.troubles]
        parts += [Text(f"not seen: {each}", style="yellow") for each in view.blind]
        return Group(*parts)


def stage_line(plan: Plan, view: View) -> Text:
    """The stages in order, with the present one marked."""
    line = Text()
    for name in plan.names:
        here = name == view.stage
        line.append(f"[{name}]" if here else f" {name} ", style="bold green" if here else "dim")
        line.append(" ", style="")
    if view.moving_to is not None:
        line.append(f"moving to {view.moving_to}", style="bold yellow")
    return line


def side_table(plan: Plan, view: View) -> Table:
    shares = normal(view.live.shares) if view.live else {}
    table = Table("side", "new sessions", "health", "", box=None, pad_edge=False)
    for name in (plan.old, plan.new, *(side for side in shares if side not in (plan.old, plan.new))):
        side = (view.sides or {}).get(name, Side(healthy=None, detail="not reported"))
        word, style = _WORDS[side.healthy]
        share = f"{shares.get(name, 0):.0%}" if view.live else "?"
        table.add_row(name, share, Text(word, style=style), side.detail)
    return table


def alarm_line(alarms: Sequence[AlarmState]) -> Text:
    wrong = [each for each in alarms if each.state != "OK"]
    if not wrong:
        return Text(f"alarms: {len(alarms)} OK", style="green")
    named = ", ".join(f"{each.name} {each.state}" for each in wrong[:_SHOWN_ALARMS])
    more = f" and {len(wrong) - _SHOWN_ALARMS} more" if len(wrong) > _SHOWN_ALARMS else ""
    return Text(f"alarms: {len(wrong)} of {len(alarms)} not OK: {named}{more}", style="bold red")


def gate_table(readings: Sequence[Reading]) -> Table:
    table = Table("gate", "", "seen", "needed", box=None, pad_edge=False)
    for each in readings:
        verdict = Text("ok", style="green") if each.ok else Text("NO", style="bold red")
        table.add_row(each.gate, verdict, Text(each.value), Text(each.needed))
    return table


def journal_table(entries: Sequence[Entry]) -> Table:
    table = Table("no", "when (UTC)", "who", "what", "from", "to", "why", box=None, pad_edge=False)
    for each in entries:
        when = each.time.strftime("%m-%d %H:%M:%S")
        table.add_row(
            str(each.sequence), when, each.operator, str(each.kind), each.start, each.end, Text(each.reason)
        )
    return table


def print_json(document: Mapping[str, Any]) -> None:
    """The one document of a run, on standard output."""
    print(json.dumps(document, indent=2, default=str))


def _line(view: View) -> str:
    shares = normal(view.live.shares) if view.live else {}
    traffic = ", ".join(f"{side} {share:.0%}" for side, share in shares.items()) or "?"
    alarms = sum(1 for each in view.alarms if each.state != "OK")
    moving = f" -> {view.moving_to}" if view.moving_to else ""
    watched = (
        f", watched {view.baked_seconds / 60:.0f} of {view.bake_seconds / 60:g} min" if view.stage else ""
    )
    trouble = f", TROUBLE: {'; '.join(view.troubles)}" if view.troubles else ""
    return f"stage {view.stage or '?'}{moving}: {traffic}; {alarms} alarms{watched}{trouble}"
