"""Tags that a change takes from resources which stay. A backup plan or a budget may choose by them."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ops.guard.preview import Preview, name_of
from ops.review.model import Stop

_SHOWN = 3


def stops(previews: Sequence[Preview]) -> list[Stop]:
    """A line for each key that is dropped, however many resources lose it."""
    dropped: dict[str, list[str]] = {}
    for preview in previews:
        for step in preview.steps:
            if not step.old or not step.new or step.operation == "delete":
                continue
            before, after = _keys(step.old.inputs), _keys(step.new.inputs)
            if before is None or after is None:
                continue
            for key in before - after:
                dropped.setdefault(key, []).append(name_of(step.urn))
    return [
        Stop(kind="tags", id=f"tags:{key}", line=_line(key, sorted(set(names))))
        for key, names in sorted(dropped.items())
    ]


def _line(key: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return f"drops the tag {key} from {shown}: cost, owners and backups are found by tags; put it back"


def _keys(inputs: Mapping[str, Any]) -> set[str] | None:
    """The keys of a map, or of the list that Auto Scaling groups want; None for what is not known yet."""
    tags = inputs.get("tags")
    if tags is None:
        return set()
    if isinstance(tags, Mapping):
        return set(cast("Mapping[str, Any]", tags))
    if isinstance(tags, list):
        listed = cast("list[Mapping[str, Any]]", tags)
        return {str(tag["key"]) for tag in listed if "key" in tag}
    return None
