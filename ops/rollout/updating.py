"""Updates of the stack under way: watched, waited for, and never two at a time."""

from ops.errors import Exit, OpsError
from ops.rollout.plan import Plan
from ops.rollout.ports import LockLostError, Update, View
from ops.rollout.watching import Limits, Look, Ports, Watch, way_out


class Updates:
    """The updates of one run."""

    def __init__(self, plan: Plan, ports: Ports, limits: Limits) -> None:
        self._plan = plan
        self._ports = ports
        self._limits = limits
        self._running: Update | None = None

    def under_watch(self, end: str) -> str | None:
        """Traffic moves in the middle of an update, so alarms count from its start.

        Returns what was wrong; the update may still be running then. Raises PortError for one that failed.
        """
        watch = Watch(plan=self._plan, ports=self._ports, limits=self._limits)
        deadline = self._ports.clock.monotonic() + self._limits.update
        self._ports.screen.say(f"moving to stage {end}")
        self._running = update = self._ports.deployment.update(repair=False)
        while not update.wait(self._limits.poll):
            look = watch.look(None)
            self._ports.screen.view(view_of(look, moving_to=end))
            if look.troubles and way_out(self._plan, look.sides) == "back":
                return "; ".join(look.troubles)
            if self._ports.clock.monotonic() > deadline:
                return f"the update took longer than {self._limits.update:.0f} s"
        self._running = None
        update.result()
        return None

    def run(self, *, repair: bool) -> None:
        """Raises PortError for one that failed, OpsError for one that takes too long, LockLostError."""
        deadline = self._ports.clock.monotonic() + self._limits.update
        self._running = update = self._ports.deployment.update(repair=repair)
        while not update.wait(self._limits.poll):
            self.renew()
            if self._ports.clock.monotonic() > deadline:
                raise OpsError(f"the update took longer than {self._limits.update:.0f} s")
        self._running = None
        update.result()

    def wait(self, *, locked: bool) -> None:
        """An update that was left behind ends before the next begins. Its failure is of no interest.

        ``locked``: the lock is still held, and kept. Raises OpsError for one that does not end.
        """
        update, self._running = self._running, None
        deadline = self._ports.clock.monotonic() + self._limits.update
        while update is not None and not update.wait(self._limits.poll):
            self._ports.screen.say("waiting for the update that is still running", level="warn")
            if locked:
                self.renew()
            if self._ports.clock.monotonic() > deadline:
                raise OpsError(
                    "the update does not end", fix="pulumi cancel, then rollback", exit_code=Exit.INCOMPLETE
                )

    def renew(self) -> None:
        """Keep the lock; a table that does not answer is said and borne. Raises LockLostError."""
        try:
            self._ports.lock.renew()
        except LockLostError:
            raise
        except OpsError as error:
            self._ports.screen.say(f"the lock does not answer: {error.message}", level="warn")


def view_of(
    look: Look, *, stage: str | None = None, moving_to: str | None = None, baked: float = 0, bake: float = 0
) -> View:
    """A look as the display takes it; the times in seconds."""
    return View(
        stage=stage,
        moving_to=moving_to,
        live=look.live,
        sides=look.sides,
        alarms=look.alarms,
        troubles=look.troubles,
        blind=look.blind,
        baked_seconds=min(baked, bake),
        bake_seconds=bake,
    )
