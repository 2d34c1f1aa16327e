"""How a new version of a function takes over from the last."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Model
from settings.vocabulary import Minutes


class Canary(Model):
    """A share of the requests first, then all."""

    kind: Literal["canary"]
    percent: Annotated[int, Strict(), Field(ge=1, le=99)] = 10
    interval_minutes: Minutes = 5


class Linear(Model):
    """A share more at each interval."""

    kind: Literal["linear"]
    percent: Annotated[int, Strict(), Field(ge=1, le=99)] = 10
    interval_minutes: Minutes = 1


class AllAtOnce(Model):
    kind: Literal["allAtOnce"]


Rollout = Annotated[Canary | Linear | AllAtOnce, Field(discriminator="kind")]
