"""One comment for all stacks: verdict and reasons first, tables folded below, never too long to post."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ops.cost.report import change, money
from ops.review.model import Review, Stop

MARKER = "<!-- seoul-platform: review -->"
"""The first line, by which the comment is found again."""

LIMIT = 65_536
"""Characters that GitHub takes in a comment. Bytes are counted here, which are never fewer."""
_RESERVE = 1_024
_REASONS = 40
"""Lines of reasons before the rest is only counted; each is cut at ``_REASON`` characters."""
_REASON = 600
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "#": "&#35;", "[": "&#91;"})
"""For the line of a fold, which is HTML and no Markdown."""
_ESCAPED = _ENTITIES | str.maketrans({character: f"\\{character}" for character in "\\`*_[]|~"})
"""Text that Markdown takes as it is: no cell, no tag, no mention of a person, no link to an issue."""
_VERBS = {"create": "+", "update": "~", "replace": "+-", "delete": "-"}


@dataclass(frozen=True)
class Check:
    """A step beside the previews, such as `make check`: its name, and how it ended."""

    name: str
    result: str

    @property
    def ok(self) -> bool:
        return self.result in {"success", "skipped"}


@dataclass(frozen=True)
class _Section:
    """A folded part. Rows may be left out from the end; head and tail may not."""

    title: str
    head: Sequence[str]
    rows: Sequence[str]
    tail: Sequence[str] = ()

    def text(self, shown: int, rest: str) -> str:
        missing = len(self.rows) - shown
        said = [f"... and {missing:,} more rows: {rest}"] if missing else []
        lines = [
            f"<details><summary>{self.title.translate(_ENTITIES)}</summary>",
            "",
            *self.head,
            *self.rows[:shown],
            *self.tail,
            *([""] if said else []),
            *said,
            "",
            "</details>",
            "",
        ]
        return "\n".join(lines)


def stopped(reviews: Iterable[Review], checks: Iterable[Check]) -> bool:
    return any(not review.ok for review in reviews) or any(not check.ok for check in checks)


def render(reviews: Sequence[Review], checks: Sequence[Check], *, rest: str, limit: int = LIMIT) -> str:
    """The comment. ``rest`` says where to find what is left out, as Markdown."""
    summary = _summary(reviews, checks, rest)
    sections = [section for review in reviews for section in _sections(review)]
    room = limit - _RESERVE - _size(summary)
    return f"{summary}\n{_fitted(sections, room, rest)}".rstrip() + "\n"


def _summary(reviews: Sequence[Review], checks: Sequence[Check], rest: str) -> str:
    failed = stopped(reviews, checks)
    lines = [MARKER, f"## {'Stopped' if failed else 'Nothing stops this'}", ""]
    lines += [
        "| stack | verdict | resources | USD a month | policies |",
        "| --- | --- | --- | ---: | --- |",
        *(_row(review) for review in reviews),
        "",
    ]
    reasons = _reasons(reviews, checks)
    if reasons:
        lines += ["### Why", ""]
        lines += reasons[:_REASONS]
        if len(reasons) > _REASONS:
            lines.append(f"- and {len(reasons) - _REASONS} more: {rest}")
        lines.append("")
    for title, attribute in (("Approved", "approved"), ("Worth knowing", "notes")):
        said = _merged((review.stack, line) for review in reviews for line in getattr(review, attribute))
        if said:
            lines += [f"### {title}", ""]
            lines += said[:_REASONS]
            if len(said) > _REASONS:
                lines.append(f"- and {len(said) - _REASONS} more: {rest}")
            lines.append("")
    if checks:
        done = ", ".join(f"`{_code(check.name)}` {_escape(check.result)}" for check in checks)
        lines += [f"Checks: {done}.", ""]
    simulated = [review.stack for review in reviews if review.simulated]
    if simulated:
        lines += [
            f"{', '.join(simulated)}: planned with simulated providers against "
            f"{_escape(reviews[0].against)}; no account was asked.",
            "",
        ]
    return "\n".join(lines)


def _row(review: Review) -> str:
    verdict = "passed" if review.ok else f"**stopped: {_counted(len(review.stops), 'reason')}**"
    counts = [f"{sign}{review.counts[verb]:,}" for verb, sign in _VERBS.items() if review.counts.get(verb)]
    by = review.cost_after - review.cost_before
    cost = f"{change(by)} ({money(review.cost_before)} to {money(review.cost_after)})"
    if review.unpriced:
        cost += f", {_counted(len(review.unpriced), 'item')} without a price"
    failed = review.policies.get("failed", 0)
    waived = review.policies.get("waived", 0)
    policies = f"{failed:,} failed, {waived:,} waived" if review.policies else "not run"
    return (
        f"| {_escape(review.stack)} | {verdict} | {' '.join(counts) or 'no change'} | {cost} | {policies} |"
    )


def _reasons(reviews: Sequence[Review], checks: Sequence[Check]) -> list[str]:
    """The checks that failed, then every stop, once for all the stacks that it stops alike."""
    failed = [
        f"- check: `{_code(check.name)}` ended with {_escape(check.result)}"
        for check in checks
        if not check.ok
    ]
    return failed + _merged((review.stack, _reason(stop)) for review in reviews for stop in review.stops)


def _reason(stop: Stop) -> str:
    return f"{stop.kind}: {stop.line}"


def _merged(pairs: Iterable[tuple[str, str]]) -> list[str]:
    stacks: dict[str, list[str]] = {}
    for stack, line in pairs:
        stacks.setdefault(line, []).append(stack)
    return [
        f"- **{_escape(', '.join(dict.fromkeys(names)))}** {_cut(line)}" for line, names in stacks.items()
    ]


def _sections(review: Review) -> list[_Section]:
    found = [_changes(review)] if review.changes else []
    if review.findings:
        found.append(_findings(review))
    if review.costs:
        found.append(_costs(review))
    if review.approvals:
        entries = review.approvals.splitlines()
        title = f"{review.stack}: approvals to fill in, for ops/guard/approvals.yaml"
        found.append(_Section(title, ["```yaml"], entries, ["```"]))
    return found


def _changes(review: Review) -> _Section:
    """Deletions and replacements come first in each system, since those are what a reader must not miss."""
    counted = Counter(each.system for each in review.changes)
    systems = ", ".join(f"{system} {count:,}" for system, count in counted.items())
    rows: list[str] = []
    for each in sorted(review.changes, key=lambda each: each.operation not in {"delete", "replace"}):
        properties = ", ".join(f"`{_code(name)}`" for name in each.properties[:8])
        more = f" and {len(each.properties) - 8} more" if len(each.properties) > 8 else ""
        rows.append(
            f"| {each.operation} | {_escape(each.system)} | `{_code(each.name)}` | `{_code(each.type)}` "
            f"| {properties}{more} |"
        )
    head = ["| | system | name | type | properties |", "| --- | --- | --- | --- | --- |"]
    return _Section(f"{review.stack}: {_counted(len(review.changes), 'resource')} ({systems})", head, rows)


def _findings(review: Review) -> _Section:
    rows = [
        f"| {each.severity} | {_escape(each.rule)} | `{_code(each.resource)}` | {_escape(each.message)} |"
        for each in review.findings
    ]
    head = ["| severity | rule | resource | what |", "| --- | --- | --- | --- |"]
    return _Section(f"{review.stack}: {_counted(len(rows), 'policy finding')}", head, rows)


def _costs(review: Review) -> _Section:
    rows = [
        f"| {_escape(each.system)} | {_escape(each.item)} | {money(each.before)} | {money(each.after)} "
        f"| {change(each.after - each.before)} |"
        for each in review.costs
    ]
    head = ["| system | item | before | after | change |", "| --- | --- | ---: | ---: | ---: |"]
    by = review.cost_after - review.cost_before
    return _Section(f"{review.stack}: {change(by)} USD a month", head, rows)


def _fitted(sections: Sequence[_Section], room: int, rest: str) -> str:
    """Every section with as many rows as fit: small ones whole, the long ones share what is left."""
    whole = {index: _size(section.text(len(section.rows), rest)) for index, section in enumerate(sections)}
    given: dict[int, int] = {}
    left = room
    for position, index in enumerate(sorted(whole, key=lambda index: whole[index])):
        share = left // (len(sections) - position)
        given[index] = min(whole[index], share)
        left -= given[index]
    texts = [_shortened(section, given[index], rest) for index, section in enumerate(sections)]
    return "\n".join(text for text in texts if text)


def _shortened(section: _Section, room: int, rest: str) -> str:
    """The most rows that fit; the section's bare line where not even its frame does."""
    low, high = 0, len(section.rows)
    if _size(section.text(high, rest)) <= room:
        return section.text(high, rest)
    while low < high:
        middle = (low + high + 1) // 2
        if _size(section.text(middle, rest)) <= room:
            low = middle
        else:
            high = middle - 1
    text = section.text(low, rest)
    if _size(text) <= room:
        return text
    line = f"{_escape(section.title)}: {rest}\n"
    return line if _size(line) <= room else ""


def counts(reviews: Sequence[Review]) -> Mapping[str, int]:
    """Reasons by the check that gives them, for a script."""
    return dict(Counter(stop.kind for review in reviews for stop in review.stops))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _cut(line: str) -> str:
    flat = " ".join(line.split())
    return _escape(flat if len(flat) <= _REASON else flat[: _REASON - 3] + "...")


def _escape(text: str) -> str:
    return " ".join(text.translate(_ESCAPED).split())


def _code(text: str) -> str:
    return text.replace("`", "'").replace("|", "\\|").replace("\n", " ")


def _size(text: str) -> int:
    return len(text.encode())
