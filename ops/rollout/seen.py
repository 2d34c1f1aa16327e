"""The balancer, and the health of its sides as this run saw it last.

A way back that begins while the balancer's API does not answer must still know that the old side was down a
moment ago, whichever part of the run saw it: a gate, a look of the watch, or the check before a rollback.
"""

import contextlib
from collections.abc import Mapping

from ops.errors import OpsError
from ops.rollout.plan import Live
from ops.rollout.ports import Side, Traffic


class SeenTraffic:
    """A ``Traffic`` that remembers. ``sides`` is None until their health was seen once."""

    def __init__(self, balancer: Traffic) -> None:
        self._balancer = balancer
        self.sides: Mapping[str, Side] | None = None

    def read(self) -> Live:
        return self._balancer.read()

    def health(self) -> Mapping[str, Side]:
        self.sides = self._balancer.health()
        return self.sides

    def latest(self) -> Mapping[str, Side] | None:
        """Asked anew; where that is not answered, as last seen."""
        with contextlib.suppress(OpsError):
            self.health()
        return self.sides

    def divert(self) -> None:
        self._balancer.divert()

    def target(self) -> Mapping[str, str]:
        return self._balancer.target()
