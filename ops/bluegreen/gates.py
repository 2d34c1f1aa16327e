"""What must be so of the hosts before they get the traffic."""

from dataclasses import dataclass

from ops.bluegreen.groups import Groups
from ops.bluegreen.releases import Release
from ops.bluegreen.target import FINISHED
from ops.rollout.record import Reading


@dataclass(frozen=True, kw_only=True)
class HostsGate:
    """The new hosts are those that were proven, and as many as serve now."""

    groups: Groups
    release: Release
    name: str = "hosts"

    def read(self, start: str, end: str, since: object) -> Reading:
        del since
        needed = f"launch template version {self.release.template}, as many hosts as serve"
        if end == FINISHED:
            return Reading(gate=self.name, ok=True, value="not asked any more", needed=needed)
        new, old = self.groups.read(self.release.new), self.groups.read(self.release.old)
        enough = new.ready and (new.healthy >= old.healthy or start == self.release.new)
        ok = new.template == self.release.template and enough
        value = f"version {new.template}, {new}; {old.healthy} serve now"
        return Reading(gate=self.name, ok=ok, value=value, needed=needed)
