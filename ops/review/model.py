"""One stack's review as data: written by the job that made the preview, read by the one that comments."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ops.errors import OpsError

FILE = "review.json"
Kind = Literal["preview", "guard", "policy", "cost", "tags"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stop(_Model):
    """One reason, as one line; the check that gives it, and what it is called in an approval."""

    kind: Kind
    id: str
    line: str


class Change(_Model):
    """One resource that would change. Values are left out: a comment is no place for them."""

    operation: str
    type: str
    name: str
    system: str
    properties: tuple[str, ...]


class Cost(_Model):
    """USD a month of one item of one system."""

    system: str
    item: str
    before: float
    after: float


class Finding(_Model):
    """One verdict of the policy pack."""

    rule: str
    severity: str
    title: str
    resource: str
    message: str
    fix: str


class Review(_Model):
    """Everything that is said of one stack."""

    stack: str
    against: str
    """What the plan was compared with: the deployed state, or a commit."""
    simulated: bool
    """Whether the providers were simulated: then nothing was asked of the cloud."""
    counts: dict[str, int]
    stops: tuple[Stop, ...]
    approved: tuple[str, ...]
    """What would stop it without the approval that it has."""
    notes: tuple[str, ...]
    """Worth reading, and no reason to stop."""
    changes: tuple[Change, ...]
    cost_before: float
    cost_after: float
    unpriced: tuple[str, ...] = ()
    """What the change adds that has no price, and so is in neither sum."""
    costs: tuple[Cost, ...]
    """Items that change, the largest change first."""
    policies: dict[str, int]
    findings: tuple[Finding, ...]
    approvals: str
    """Entries for the approvals file, as YAML to fill in; empty where the guard wants none."""
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.stops


def load(folder: Path) -> Review:
    """The review in a folder, or in a file. Raises OpsError."""
    file = folder / FILE if folder.is_dir() else folder
    try:
        return Review.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OpsError(f"{file}: {error.strerror}", fix="make it with `ops review stack`") from error
    except ValidationError as error:
        raise OpsError(f"{file}: not a review: {error}", fix="make it with `ops review stack`") from error
