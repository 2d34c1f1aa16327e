"""How a tool says no: what was wrong, and what mends it. Exit codes are the same for every verb."""

from enum import IntEnum


class Exit(IntEnum):
    """What a script may rely on. 2 is the command line's own: an unknown option or a missing argument."""

    OK = 0
    FAILED = 1
    """The check found something, or the work did not succeed; nothing is left half done."""
    USAGE = 2
    REFUSED = 3
    """A gate or a lock said no before anything was changed."""
    ROLLED_BACK = 4
    """The work was begun and taken back: what was live before is live again."""
    INCOMPLETE = 5
    """The work stopped in the middle; the message names the command that resumes it."""


class OpsError(Exception):
    """Ends the command with one message for people and ``exit_code`` for scripts; never a traceback."""

    def __init__(self, message: str, *, fix: str | None = None, exit_code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.exit_code = exit_code
