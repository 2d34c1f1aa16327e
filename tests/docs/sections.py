"""A Markdown page as sections, and sections as blocks that can be compared with those of a translation."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

STAMP = re.compile(r"^<!-- translated-from: ([\w-]+)(?: ([0-9a-f]{12}))? -->$")
LANGUAGES = re.compile(r"^(?:English \| \[한국어\]|\[English\])\([\w.-]+\)(?: \| 한국어)?$")
ITEM = re.compile(r"^( *(?:[-*]|\d+\.)) ")
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|<(https?://[^>]+)>")
QUOTED = re.compile(r"(?<!\*)\*(?![\s*])([^*]+?)\*(?!\*)")
"""Words between single asterisks: what a message, a console or a log says."""
NUMBER = re.compile(r"\d(?:[\d.,:]*\d)?")


@dataclass(frozen=True)
class Block:
    """A paragraph, a list item's first paragraph, a table's row or a fenced block."""

    kind: str
    text: str

    @property
    def plain(self) -> str:
        """The words alone, without code and addresses."""
        return LINK.sub("]", SPAN.sub("", self.text))

    @property
    def spans(self) -> Counter[str]:
        return Counter(" ".join(span.split()) for span in SPAN.findall(self.text))

    @property
    def links(self) -> list[str]:
        return [inner or outer for inner, outer in LINK.findall(SPAN.sub("", self.text))]

    @property
    def quotes(self) -> list[str]:
        return [" ".join(words.split()) for words in QUOTED.findall(SPAN.sub("", self.text))]

    @property
    def numbers(self) -> Counter[str]:
        return Counter(NUMBER.findall(self.plain))

    @property
    def shape(self) -> str:
        """What must be equal in both languages: a list's markers, a row's number of cells, code as it is."""
        if self.kind == "code block":
            return self.text
        if self.kind == "table row":
            return str(len(re.findall(r"(?<!\\)\|", SPAN.sub("", self.text))) - 1)
        marker = ITEM.match(self.text)
        return marker[1] if marker else ""


@dataclass
class Section:
    """A heading and what stands below it, to the next heading of any level."""

    level: int
    heading: str
    anchor: str
    of: str | None = None
    """Anchor of the English section, on a Korean page."""
    stamp: str | None = None
    blocks: list[Block] = field(default_factory=list[Block])

    @property
    def digest(self) -> str:
        """Of everything that a translation depends on; wrapping lines anew changes nothing."""
        lines = [f"{self.level} {self.heading}"]
        for block in self.blocks:
            text = block.text if block.kind == "code block" else " ".join(block.text.split())
            lines.append(f"{block.kind}\n{text}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    @property
    def explains_alarms(self) -> bool:
        """Alarms lead here by the anchor, so the heading stays English."""
        return any(re.match(r"\| *alarm *\|", block.text) for block in self.blocks)


def anchor_of(heading: str, taken: set[str]) -> str:
    """The anchor that GitHub gives a heading."""
    base = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    anchor, count = base, 0
    while anchor in taken:
        count += 1
        anchor = f"{base}-{count}"
    taken.add(anchor)
    return anchor


def _start(line: str) -> str:
    """The kind of block that begins with this line, or nothing."""
    if line.strip().startswith("```"):
        return "code block"
    if line.startswith("|"):
        return "table row"
    return "list item" if ITEM.match(line) else ""


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Cuts a section's body into blocks."""
    kind, held = "", list[str]()
    for line in [*lines, ""]:
        if kind == "code block":
            held.append(line)
            if _start(line) == kind:
                yield Block(kind, "\n".join(held))
                kind, held = "", []
            continue
        starts = _start(line)
        if held and (starts or not line.strip()):
            yield Block(kind, "\n".join(held))
            kind, held = "", []
        if starts == "table row":
            yield Block(starts, line)
        elif line.strip():
            kind = starts or kind or "paragraph"
            held.append(line)


@dataclass(frozen=True)
class Page:
    """A page, as its author wrote it."""

    path: Path
    text: str

    @property
    def top(self) -> str:
        """The line below the title."""
        lines = [line for line in self.text.splitlines() if line and not STAMP.match(line)]
        return lines[1] if len(lines) > 1 else ""

    @cached_property
    def sections(self) -> list[Section]:
        found: list[Section] = []
        bodies: list[list[str]] = []
        taken: set[str] = set()
        fenced = False
        for line in self.text.splitlines():
            if line.strip().startswith("```"):
                fenced = not fenced
            heading = None if fenced else re.match(r"^(#+) +(.+?) *$", line)
            if heading:
                found.append(Section(len(heading[1]), heading[2], anchor_of(heading[2], taken)))
                bodies.append([])
            elif found and not fenced and (stamp := STAMP.match(line)):
                found[-1].of, found[-1].stamp = stamp[1], stamp[2]
            elif found and not LANGUAGES.match(line):
                bodies[-1].append(line)
        for section, body in zip(found, bodies, strict=True):
            section.blocks = list(_blocks(body))
        return found
