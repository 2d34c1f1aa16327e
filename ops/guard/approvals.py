"""The approvals file: what may be lost, why, who answers for it, and until when. Read strictly."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ops.errors import OpsError

FILE = Path(__file__).with_name("approvals.yaml")
LONGEST = timedelta(days=90)
"""An approval is for one change that is under review. One that is good for years is a hole in the guard."""

Operation = Literal["delete", "forget", "replace", "unlock"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Urn = Annotated[str, StringConstraints(pattern=r"^urn:pulumi:[^:*?]+::[^:*?]+::[^*?]+::[^*?]+$")]

_ALLOWED = {
    "urn": "one whole URN without wildcards, as the guard prints it",
    "operation": "delete, forget, replace or unlock, as the guard prints it",
    "reason": "a text that says why the loss is wanted",
    "owner": "who answers for it",
    "expires": "a date such as 2027-01-31",
    "approvals": "a list, maybe empty",
}


class Approval(BaseModel):
    """Lets one operation on one resource pass, through the day ``expires``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urn: Urn
    operation: Operation
    reason: Text
    owner: Text
    expires: Annotated[date, Field(strict=True)]

    @property
    def stack(self) -> str:
        return self.urn.split("::")[0].removeprefix("urn:pulumi:")

    def expired(self, today: date) -> bool:
        return today > self.expires


class _Approvals(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    approvals: list[Approval]


def load(file: Path, *, today: date, required: bool = True) -> Sequence[Approval]:
    """The approvals of a file, none for a missing one that is not ``required``.

    Raises OpsError that names every bad key at once, with what it got and what is allowed.
    """
    if not file.exists() and not required:
        return ()
    try:
        parsed: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OpsError(f"{file}: {error.strerror}", fix="name the file with --approvals") from error
    except yaml.YAMLError as error:
        raise OpsError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
    if isinstance(parsed, dict) and cast("dict[str, Any]", parsed).get("approvals", 0) is None:
        parsed = {**cast("dict[str, Any]", parsed), "approvals": []}
    try:
        approvals = _Approvals.model_validate({} if parsed is None else parsed).approvals
    except ValidationError as error:
        lines = [_line(each["loc"], each["type"], each["input"]) for each in error.errors()]
        raise OpsError(
            "\n".join(f"{file.name}: {line}" for line in lines),
            fix="docs/runbooks/verify-and-guard.md shows an approval",
        ) from error
    _check(approvals, file, today)
    return approvals


def _check(approvals: Sequence[Approval], file: Path, today: date) -> None:
    problems: list[str] = []
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(approvals):
        if (each.urn, each.operation) in seen:
            problems.append(f"approvals[{index}]: {each.operation} of {each.urn} is approved twice; keep one")
        seen.add((each.urn, each.operation))
        if each.expires > today + LONGEST:
            problems.append(
                f"approvals[{index}].expires: got {each.expires}; at most {LONGEST.days} days ahead, "
                f"{today + LONGEST}"
            )
    if problems:
        raise OpsError("\n".join(f"{file.name}: {problem}" for problem in problems))


def _line(where: tuple[int | str, ...], kind: str, got: object) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
    last = str(where[-1]) if where else ""
    if kind == "missing":
        return f"{key}: missing; {_ALLOWED.get(last, 'required')}"
    if kind == "extra_forbidden":
        keys = "approvals" if len(where) == 1 else ", ".join(Approval.model_fields)
        return f"{key}: not a key; allowed: {keys}"
    return f"{key or 'the file'}: got {got!r}; {_ALLOWED.get(last, 'a mapping with ' + ', '.join(_ALLOWED))}"
