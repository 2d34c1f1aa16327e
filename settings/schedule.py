"""When a system is used."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Context, Model, Problem
from settings.vocabulary import Matching

Clock = Annotated[
    str, Strict(), Matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time as HH:MM, in quotes, such as '08:30'")
]
Timezone = Annotated[
    str, Strict(), Matching(r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+|UTC", "a time zone, such as Asia/Seoul")
]
Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


class Always(Model):
    """The same at every hour."""

    kind: Literal["always"]


class Hours(Model):
    """Ready in these hours; at the floor outside them."""

    kind: Literal["hours"]
    opens: Clock = "08:00"
    closes: Clock = "20:00"
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] = ("MON", "TUE", "WED", "THU", "FRI")
    timezone: Timezone = "Asia/Seoul"

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.opens >= self.closes:
            yield Problem(key="closes", got=self.closes, allowed=f"later than opens ({self.opens})")
        if len(set(self.days)) != len(self.days):
            yield Problem(key="days", got=list(self.days), allowed="each day once")


Schedule = Annotated[Always | Hours, Field(discriminator="kind")]
