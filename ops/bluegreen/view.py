"""Where a pair stands, and which verb comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.bluegreen.groups import Hosts
from ops.bluegreen.releases import Release
from ops.bluegreen.target import FINISHED, Colour, other
from ops.rollout.record import Record


@dataclass(frozen=True, kw_only=True)
class View:
    """Where the pair stands."""

    serving: Colour | None
    """None where the weights are mixed or lead elsewhere."""
    shares: dict[str, float]
    hosts: Mapping[Colour, Hosts]
    release: Release | None
    record: Record
    advice: str


def advice(
    release: Release | None, record: Record, serving: Colour | None, hosts: Mapping[Colour, Hosts]
) -> str:
    """The verb that comes next."""
    if release is None or release.over:
        if serving is None:
            return "the weights are mixed and no release is open: set the rule's weights by hand"
        idle = other(serving)
        return f"deploy fills {idle}" + ("" if hosts[idle].empty else ", whose hosts of before go first")
    if record.move:
        way = "rollback" if record.move.back else "promote"
        return f"a move to {record.move.end} is not finished: {way} finishes it"
    if record.stage == FINISHED:
        return f"promote lets the hosts of {release.old} go"
    if record.stage == release.new:
        return (
            "promote watches on and finishes, rollback takes it back"
            if not record.baked
            else "promote, or rollback"
        )
    return "promote, or rollback" if release.proven else "deploy goes on; rollback gives up"


def plain(release: Release) -> dict[str, Any]:
    """For JSON."""
    return {**vars(release), "new": release.new, "time": release.time.isoformat()}
