"""The stages in which a host name moves from an old host to a new one: weights, and which moves are legal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Share = Literal[0, 25, 50, 100]


@dataclass(frozen=True, kw_only=True)
class LegacyHost:
    """The old host, the name it answers to, and the name that always points at it."""

    address: str
    hostname: str
    break_glass_hostname: str


@dataclass(frozen=True, kw_only=True)
class Shifting:
    """Both sides are up. ``percent`` of new sessions go to the new side."""

    percent: Share
    legacy: LegacyHost


@dataclass(frozen=True, kw_only=True)
class Committed:
    """The old host is gone from the plan, and there is no way back."""


Stage = Shifting | Committed


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Shares of the two pools in tenths: Cloudflare takes multiples of 0.1 between 0 and 1."""

    legacy_tenths: int
    new_tenths: int

    @property
    def legacy(self) -> float:
        return self.legacy_tenths / 10

    @property
    def new(self) -> float:
        return self.new_tenths / 10


SHARES: Final[tuple[Share, ...]] = (0, 25, 50, 100)

WEIGHTS: Final[dict[Share, Weights]] = {
    0: Weights(legacy_tenths=10, new_tenths=0),
    25: Weights(legacy_tenths=3, new_tenths=1),
    50: Weights(legacy_tenths=1, new_tenths=1),
    100: Weights(legacy_tenths=0, new_tenths=10),
}

COMMITTED = "committed"


def stage_name(stage: Stage) -> str:
    """What a stage is called in outputs, journals and messages: its percentage, or ``committed``."""
    return str(stage.percent) if isinstance(stage, Shifting) else COMMITTED


def is_mixed(stage: Stage) -> bool:
    """Whether both sides take new sessions. Only then does keeping a client on its side mean anything."""
    return isinstance(stage, Shifting) and 0 < stage.percent < 100


def moves(name: str) -> tuple[str, ...]:
    """The stages that may follow: one step forward, any lower stage, and commit from 100 alone.

    Raises ValueError for a name that is no stage.
    """
    if name == COMMITTED:
        return ()
    names = [str(share) for share in SHARES]
    if name not in names:
        raise ValueError(f"stage: got {name!r}; one of {', '.join(names)}, {COMMITTED}")
    at = names.index(name)
    forward = names[at + 1] if at + 1 < len(names) else COMMITTED
    return (forward, *reversed(names[:at]))


def check_move(start: Stage, end: Stage) -> None:
    """Raises ValueError if one deployment may not go from ``start`` to ``end``. To stay is always legal."""
    legal = moves(stage_name(start))
    if stage_name(end) not in (stage_name(start), *legal):
        allowed = ", ".join(legal) or "nothing: a committed cutover is final"
        raise ValueError(f"cutover: got {stage_name(start)} -> {stage_name(end)}; allowed next: {allowed}")


def published_plan() -> dict[str, dict[str, list[str] | dict[str, float]]]:
    """Weights and legal moves as plain data, for a tool that drives the stages without sharing code."""
    return dict(_published())


def _published() -> Iterator[tuple[str, dict[str, list[str] | dict[str, float]]]]:
    for share in SHARES:
        weights = WEIGHTS[share]
        yield (
            str(share),
            {
                "weights": {"legacy": weights.legacy, "new": weights.new},
                "moves": list(moves(str(share))),
            },
        )
    yield COMMITTED, {"weights": {"new": 1.0}, "moves": []}
