"""The difference between two sets of inputs as an engine wants it: paths, kinds, what must be replaced."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from offline import provider_wire as wire
from offline.provider_wire import Wire

Kind = Literal["ADD", "DELETE", "UPDATE"]


@dataclass(frozen=True)
class Change:
    path: str
    kind: Kind
    replaces: bool


def changes(
    old: Mapping[str, Wire],
    new: Mapping[str, Wire],
    *,
    immutable: Iterable[str] = (),
    ignored: Iterable[str] = (),
) -> list[Change]:
    """Every differing leaf. ``immutable`` and ``ignored`` are paths; they cover what is under them."""
    immutable, ignored = tuple(immutable), tuple(ignored)
    found = [
        Change(path, kind, _covered(path, immutable))
        for path, kind in _walk(wire.plain(dict(old)), wire.plain(dict(new)), "")
        if not _covered(path, ignored)
    ]
    return sorted(found, key=lambda change: change.path)


def top_level(path: str) -> str:
    return path.split(".", 1)[0].split("[", 1)[0]


def _covered(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")) for prefix in prefixes)


def _walk(old: Wire, new: Wire, path: str) -> Iterator[tuple[str, Kind]]:
    if old is None and new is None:
        return
    if old is None:
        yield path, "ADD"
    elif new is None:
        yield path, "DELETE"
    elif _is_plain_dict(old) and _is_plain_dict(new):
        left, right = cast("dict[str, Wire]", old), cast("dict[str, Wire]", new)
        for key in sorted(left.keys() | right.keys()):
            if not key.startswith("__"):
                yield from _walk(left.get(key), right.get(key), _join(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        before, after = cast("list[Wire]", old), cast("list[Wire]", new)
        for index in range(max(len(before), len(after))):
            yield from _walk(_at(before, index), _at(after, index), f"{path}[{index}]")
    elif wire.canonical(old) != wire.canonical(new):
        yield path, "UPDATE"


def _at(items: list[Wire], index: int) -> Wire:
    return items[index] if index < len(items) else None


def _is_plain_dict(value: Wire) -> bool:
    return isinstance(value, dict) and wire.signature(value) is None


def _join(path: str, key: str) -> str:
    if not path:
        return key
    return f"{path}.{key}" if key.replace("-", "_").isidentifier() else f'{path}["{key}"]'
