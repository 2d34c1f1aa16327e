"""Durations on the command line: ``90s``, ``10m``, ``1h30m``."""

import re
from typing import Any

import click

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?[hms])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([hms])")


class Duration(click.ParamType[float]):
    """A length of time; the command gets seconds as a float."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        if not _WHOLE.fullmatch(value):
            self.fail(f"got {value!r}; a number with h, m or s, such as 90s, 10m or 1h30m", param, ctx)
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))


DURATION = Duration()
