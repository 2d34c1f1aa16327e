"""Property values as rules read them: known, absent, or not known until the update runs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from pulumi_policy import proxy as sdk


class Unknown:
    """The type of :data:`UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value has no truth; read it through Props")


UNKNOWN: Final = Unknown()

_SENTINELS: Final = frozenset(
    {
        sdk.UNKNOWN_ARCHIVE_VALUE,
        sdk.UNKNOWN_ARRAY_VALUE,
        sdk.UNKNOWN_ASSET_VALUE,
        sdk.UNKNOWN_BOOLEAN_VALUE,
        sdk.UNKNOWN_NUMBER_VALUE,
        sdk.UNKNOWN_OBJECT_VALUE,
        sdk.UNKNOWN_STRING_VALUE,
    }
)


class NotEvaluatedError(Exception):
    """A rule asked for a value that only ``up`` will know. ``path`` is the property."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is not known yet")
        self.path = path


def plain(value: Any) -> Any:
    """A tree of dicts, lists and scalars with :data:`UNKNOWN` in place of what is not known.

    Takes the SDK's proxies (which raise when an unknown is touched, and are not dicts), plain records and
    engine sentinels alike.
    """
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        return {str(key): _item(mapping, key) for key in mapping}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        sequence = cast("Sequence[Any]", value)
        return [_item(sequence, index) for index in range(len(sequence))]
    if isinstance(value, str) and value in _SENTINELS:
        return UNKNOWN
    if type(value).__name__ == "Unknown":
        # The program's own marker (pulumi.runtime.rpc), which records made under mocks carry.
        return UNKNOWN
    return value


def _item(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except sdk.UnknownValueError:
        return UNKNOWN


def parsed(value: Any) -> Any:
    """What JSON text holds; anything else, and text that is no JSON object or list, as it is."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return plain(json.loads(value))
        except ValueError:
            return value
    return value


class Props:
    """Reads nested properties by dotted path; touching an unknown raises :class:`NotEvaluatedError`."""

    def __init__(self, data: Mapping[str, Any], at: str = "") -> None:
        self.data = data
        self._at = at

    def where(self, path: str) -> str:
        """The path from the resource's root, for messages."""
        return f"{self._at}.{path}" if self._at else path

    def raw(self, path: str) -> Any:
        """The value, None when absent, or UNKNOWN. An unknown on the way down is the answer."""
        current: Any = self.data
        for step in path.split("."):
            if isinstance(current, list) and step.isdigit():
                sequence = cast("list[Any]", current)
                current = sequence[int(step)] if int(step) < len(sequence) else None
            elif isinstance(current, list) and len(cast("list[Any]", current)) == 1:
                # A block that may occur once is an object in one provider version and a list in another.
                only = cast("list[Any]", current)[0]
                current = cast("dict[str, Any]", only).get(step) if isinstance(only, dict) else only
            elif isinstance(current, Mapping):
                current = cast("Mapping[str, Any]", current).get(step)
            else:
                return None
            if current is UNKNOWN:
                return UNKNOWN
        return current

    def get(self, path: str) -> Any:
        """The known value or None. Elements of a list may still be unknown."""
        value = self.raw(path)
        if value is UNKNOWN:
            raise NotEvaluatedError(self.where(path))
        return value

    def has(self, path: str) -> bool:
        """Whether something is set. An unknown leaf counts: a value will be there, whatever it is."""
        value = self.raw(path)
        return value is UNKNOWN or value not in (None, "", [], {})

    def flag(self, path: str, *, default: bool = False) -> bool:
        value = self.get(path)
        if value is None:
            return default
        return value.lower() in {"true", "enabled", "on", "1"} if isinstance(value, str) else bool(value)

    def text(self, path: str, default: str = "") -> str:
        value = self.get(path)
        return default if value is None else str(value)

    def number(self, path: str) -> float | None:
        value = self.get(path)
        try:
            return None if value in (None, "") else float(value)
        except (TypeError, ValueError):
            return None

    def elements(self, path: str) -> list[Any]:
        """The list, elements maybe UNKNOWN; a lone value is a list of one, absent is empty."""
        value = self.get(path)
        if value is None:
            return []
        return cast("list[Any]", value) if isinstance(value, list) else [value]

    def strings(self, path: str) -> list[str]:
        """A list of which every element must be known."""
        found = self.elements(path)
        if any(element is UNKNOWN for element in found):
            raise NotEvaluatedError(self.where(path))
        return [str(element) for element in found]

    def mapping(self, path: str) -> dict[str, Any]:
        """The object, values maybe UNKNOWN; absent is empty."""
        value = self.get(path)
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

    def blocks(self, path: str) -> Iterator["Props"]:
        """Nested objects one by one. An unknown element raises when it is reached."""
        for index, element in enumerate(self.elements(path)):
            at = self.where(f"{path}.{index}")
            if element is UNKNOWN:
                raise NotEvaluatedError(at)
            if isinstance(element, Mapping):
                yield Props(cast("Mapping[str, Any]", element), at)

    def document(self, path: str) -> dict[str, Any] | None:
        """A JSON document given as text or as an object; None when absent or not an object."""
        value = parsed(self.get(path))
        return cast("dict[str, Any]", value) if isinstance(value, dict) else None

    def documents(self, path: str) -> Iterator["Props"]:
        """The objects of a JSON list given as text or as a list. An unknown element raises when reached."""
        found = Props({"listed": parsed(self.get(path))}, self._at)
        for index, block in enumerate(found.blocks("listed")):
            yield Props(block.data, self.where(f"{path}.{index}"))
