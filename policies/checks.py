"""Demands that many rules share. Each answers None, or a sentence that says what is wrong."""

from collections.abc import Callable, Collection, Iterable, Iterator

from policies.values import NotEvaluatedError, Props


def on(props: Props, path: str, *, default: bool = False) -> str | None:
    """The flag must be true; ``default`` is what the provider takes when it is absent."""
    return (
        None
        if props.flag(path, default=default)
        else f"{props.where(path)} is {_shown(props, path)}, not true"
    )


def off(props: Props, path: str, *, default: bool = False) -> str | None:
    """The flag must not be true."""
    return f"{props.where(path)} is {_shown(props, path)}" if props.flag(path, default=default) else None


def present(props: Props, path: str, *others: str) -> str | None:
    """One of the properties must be set; a value still unknown counts as set."""
    if any(props.has(candidate) for candidate in (path, *others)):
        return None
    return f"{' and '.join(props.where(p) for p in (path, *others))} not set"


def absent(props: Props, path: str) -> str | None:
    return f"{props.where(path)} is set" if props.has(path) else None


def one_of(props: Props, path: str, allowed: Collection[str], *, default: str = "") -> str | None:
    value = props.text(path, default)
    if value in allowed:
        return None
    return f"{props.where(path)} is {value or 'absent'}; allowed: {', '.join(sorted(allowed))}"


def at_least(props: Props, path: str, minimum: float, *, default: float = 0) -> str | None:
    value = props.number(path)
    value = default if value is None else value
    return None if value >= minimum else f"{props.where(path)} is {value:g}; at least {minimum:g}"


def includes(props: Props, path: str, wanted: Collection[str], *, any_of: bool = False) -> str | None:
    """The list must hold all of ``wanted`` (or one of them)."""
    got = set(props.strings(path))
    if (got & set(wanted)) if any_of else (set(wanted) <= got):
        return None
    return f"{props.where(path)} is {sorted(got) or 'absent'}; must hold {', '.join(sorted(wanted))}"


def every(items: Iterable[Props], check: Callable[[Props], str | None]) -> Iterator[str]:
    """The check over each item. One unknown item does not hide what is wrong with the others."""
    unknown: NotEvaluatedError | None = None
    iterator = iter(items)
    while True:
        try:
            found = check(next(iterator))
        except StopIteration:
            break
        except NotEvaluatedError as error:
            unknown = unknown or error
            continue
        if found:
            yield found
    if unknown:
        raise unknown


def _shown(props: Props, path: str) -> str:
    value = props.get(path)
    return "absent" if value is None else str(value).lower()
