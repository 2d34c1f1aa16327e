"""What a change may cost without being asked, and what was approved beyond. Read strictly."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from ops.errors import OpsError

FILE = Path(__file__).with_name("limits.yaml")
LONGEST = timedelta(days=90)
"""As for the guard: an approval is for one change under review."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Amount = Annotated[float, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Limit(_Model):
    """Growth of one system's monthly cost that stops a change: more than ``percent`` of what it was, or more
    than ``usd``. Less than ``negligible_usd`` never does: a small system doubles with one alarm."""

    percent: Amount
    usd: Amount
    negligible_usd: Amount = 0.0


class Approval(_Model):
    """Lets one stop of one stack pass, through the day ``expires``.

    ``stop`` is its name in the comment: ``cost:sesami`` or ``tags:backup``. ``up_to_usd`` bounds a cost: a
    change that grows afterwards is stopped again.
    """

    stack: Text
    stop: Annotated[str, StringConstraints(pattern=r"^(cost|tags):[^\s*?]+$")]
    reason: Text
    owner: Text
    expires: Annotated[date, Field(strict=True)]
    up_to_usd: Amount | None = None


class Limits(_Model):
    """The whole file."""

    limits: Mapping[str, Limit]
    approvals: Sequence[Approval] = ()

    def of(self, stack: str) -> Limit:
        """Raises OpsError for a stack without a limit: no limit would be no check."""
        if stack not in self.limits:
            raise OpsError(
                f"limits: stack {stack} has none; there are {', '.join(self.limits) or 'none'}",
                fix=f"add `{stack}: {{ percent: 20, usd: 200 }}` to ops/review/limits.yaml",
            )
        return self.limits[stack]


def load(file: Path, *, today: date) -> Limits:
    """Raises OpsError that names every bad key at once."""
    try:
        parsed: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        limits = Limits.model_validate(parsed or {})
    except OSError as error:
        raise OpsError(f"{file}: {error.strerror}", fix="name the file with --limits") from error
    except yaml.YAMLError as error:
        raise OpsError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        lines = [
            f"{file.name}: {'.'.join(map(str, each['loc']))}: got {each['input']!r}; {each['msg']}"
            for each in error.errors()
        ]
        raise OpsError("\n".join(lines), fix="docs/runbooks/pull-requests.md shows the keys") from error
    problems = list(_problems(limits, today))
    if problems:
        raise OpsError("\n".join(f"{file.name}: {problem}" for problem in problems))
    return limits


def _problems(limits: Limits, today: date) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(limits.approvals):
        key = f"approvals.{index}"
        if (each.stack, each.stop) in seen:
            yield f"{key}: {each.stop} of {each.stack} is approved twice; keep one"
        seen.add((each.stack, each.stop))
        if each.expires > today + LONGEST:
            yield f"{key}.expires: got {each.expires}; at most {LONGEST.days} days ahead, {today + LONGEST}"
        bounded = each.stop.startswith("cost:") and not each.stop.endswith(":unpriced")
        if bounded and each.up_to_usd is None:
            yield f"{key}.upToUsd: missing; how much more a month is approved"
