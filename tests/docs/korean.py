"""The Korean pages say what the English ones say: the same sections, commands, tables and links, of the same age.

``README.md`` and the runbooks have a translation beside them, ``NAME.ko.md``. Below each of its headings stands the
anchor of the English heading, and the digest of the English section that was translated::

    <!-- translated-from: first-steps 0123456789ab -->

After the translation is brought up to date, ``python -m tests.docs.korean PAGE...`` writes the digests anew.
"""

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

RUNBOOKS = Path("docs/runbooks")
STAMP = re.compile(r"^<!-- translated-from: ([\w-]+)(?: ([0-9a-f]{12}))? -->$")
LANGUAGES = re.compile(r"^(?:English \| \[한국어\]|\[English\])\([\w.-]+\)(?: \| 한국어)?$")
ITEM = re.compile(r"^( *(?:[-*]|\d+\.)) ")
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|<(https?://[^>]+)>")
NUMBER = re.compile(r"\d(?:[\d.,:]*\d)?")
HANGUL = re.compile("[가-힣]")
WORDS_TO_TRANSLATE = 4
"""A block with fewer words outside of code may stay as it is: names, codes, units."""


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


def _anchor(heading: str, taken: set[str]) -> str:
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
    path: Path
    text: str

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
                found.append(Section(len(heading[1]), heading[2], _anchor(heading[2], taken)))
                bodies.append([])
            elif found and not fenced and (stamp := STAMP.match(line)):
                found[-1].of, found[-1].stamp = stamp[1], stamp[2]
            elif found and not LANGUAGES.match(line):
                bodies[-1].append(line)
        for section, body in zip(found, bodies, strict=True):
            section.blocks = list(_blocks(body))
        return found


def english_pages(root: Path) -> list[Path]:
    """What somebody needs at night, and the page that leads there."""
    runbooks = sorted(page for page in (root / RUNBOOKS).glob("*.md") if not page.name.endswith(".ko.md"))
    return [root / "README.md", *runbooks]


def korean_of(page: Path) -> Path:
    return page.with_suffix(".ko.md")


@dataclass(frozen=True)
class Pair:
    """An English page and its translation, among all pages of the repository."""

    root: Path
    english: Page
    korean: Page
    pages: dict[Path, "Page"]
    """Every Korean page by the path of the English one: links lead from translation to translation."""

    def problems(self) -> list[str]:
        name = self.korean.path.relative_to(self.root)
        return [f"{name}, {problem}" for problem in (*self._languages(), *self._headings(), *self._bodies())]

    def _languages(self) -> Iterator[str]:
        english, korean = self.english.path.name, self.korean.path.name
        for page, line in (
            (self.english, f"English | [한국어]({korean})"),
            (self.korean, f"[English]({english}) | 한국어"),
        ):
            top = [text for text in page.text.splitlines() if text and not STAMP.match(text)]
            if line not in top[1:2]:
                yield f"the top of {page.path.name}: below the title must stand: {line}"

    def _headings(self) -> Iterator[str]:
        wanted = [section.anchor for section in self.english.sections]
        got = [section.of for section in self.korean.sections]
        for section in self.korean.sections:
            if section.of is None:
                yield (
                    f"section {section.heading!r}: below the heading must stand "
                    f"<!-- translated-from: ANCHOR --> with the anchor of the English heading"
                )
            elif section.of not in wanted:
                yield f"section {section.heading!r}: the English page has no heading #{section.of}; take the section out"
        for anchor in wanted:
            if got.count(anchor) != 1:
                yield f"section #{anchor}: {got.count(anchor)} sections are its translation; there must be one"
        known = [anchor for anchor in got if anchor in wanted]
        if sorted(map(str, known)) == sorted(wanted) and known != wanted:
            first = next(here for here, there in zip(known, wanted, strict=True) if here != there)
            yield f"section #{first}: stands elsewhere than on the English page; the order is {', '.join(wanted)}"

    def _bodies(self) -> Iterator[str]:
        translated = {section.of: section for section in self.korean.sections}
        for english in self.english.sections:
            korean = translated.get(english.anchor)
            if korean:
                found = [*_heading(english, korean), *self._blocks(english, korean)]
                found += [] if found else _age(english, korean)
                yield from (f"section #{english.anchor}: {problem}" for problem in found)

    def _blocks(self, english: Section, korean: Section) -> Iterator[str]:
        wanted, got = ([block.kind for block in section.blocks] for section in (english, korean))
        if wanted != got:
            yield f"is made of {_list(got)}; the English section of {_list(wanted)}"
            return
        counts = Counter[str]()
        for there, here in zip(english.blocks, korean.blocks, strict=True):
            counts[there.kind] += 1
            links = [self._link(link) for link in there.links]
            for problem in _differences(there, here, links):
                yield f"{there.kind} {counts[there.kind]}: {problem}"

    def _link(self, link: str) -> str:
        """Where the translation of a link must lead."""
        if re.match("[a-z]+:", link):
            return link
        path, _, anchor = unquote(link).partition("#")
        target = (self.english.path.parent / path).resolve() if path else self.english.path
        page = self.pages.get(target)
        if page is None:
            return link
        if path:
            path = str(Path(path).with_suffix(".ko.md"))
        anchors = {section.of: section.anchor for section in page.sections}
        return path + (f"#{anchors.get(anchor, anchor)}" if anchor else "")


def _list(kinds: list[str]) -> str:
    return ", ".join(f"{count} x {kind}" for kind, count in Counter(kinds).items()) or "nothing"


def _heading(english: Section, korean: Section) -> Iterator[str]:
    if english.level != korean.level:
        yield f"the heading is of level {korean.level}, in English {english.level}"
    if english.explains_alarms and korean.heading != english.heading:
        yield f"the heading is {korean.heading!r}; alarms lead to {english.heading!r}, which must stay as it is"
    if SPAN.findall(english.heading) != SPAN.findall(korean.heading):
        yield f"the heading's code is not that of {english.heading!r}"


def _age(english: Section, korean: Section) -> list[str]:
    if korean.stamp == english.digest:
        return []
    return [
        f"the English text has changed since it was translated; bring the translation up to date, then put "
        f"<!-- translated-from: {english.anchor} {english.digest} --> below its heading"
    ]


def _differences(english: Block, korean: Block, links: list[str]) -> Iterator[str]:
    if english.shape != korean.shape:
        what = {"code block": "is not that of the English page", "table row": "has another number of cells"}
        yield what.get(english.kind, f"is marked {korean.shape!r}, in English {english.shape!r}")
    if english.kind == "code block":
        return
    for word, wanted, got in (
        ("code", english.spans, korean.spans),
        ("link", Counter(links), Counter(korean.links)),
    ):
        missing, extra = wanted - got, got - wanted
        yield from (f"{word} {item} is missing" for item in missing.elements())
        yield from (f"{word} {item} is not on the English page" for item in extra.elements())
    yield from (f"the number {item} is missing" for item in (english.numbers - korean.numbers).elements())
    words = re.findall(r"[A-Za-z]{2,}", english.plain)
    if len(words) >= WORDS_TO_TRANSLATE and not HANGUL.search(korean.plain):
        yield "is not translated"


def _read(path: Path) -> Page:
    return Page(path, path.read_text(encoding="utf-8"))


def problems(root: Path) -> list[str]:
    """One line for each difference, naming page and section; none when the translations are complete and current."""
    missing = [page for page in english_pages(root) if not korean_of(page).exists()]
    found = [
        f"{korean_of(page).relative_to(root)}: is missing; translate {page.relative_to(root)}"
        for page in missing
    ]
    pages = {page: _read(korean_of(page)) for page in english_pages(root) if page not in missing}
    for page, korean in pages.items():
        found += Pair(root, _read(page), korean, pages).problems()
    translations = {korean_of(page) for page in english_pages(root)}
    for page in sorted({*root.glob("*.ko.md"), *(root / RUNBOOKS).glob("*.ko.md")} - translations):
        found.append(f"{page.relative_to(root)}: there is no English page of that name")
    return found


def stamp(korean: Path) -> list[str]:
    """Writes the current digests into a page, and names the sections whose digest was another."""
    english = _read(korean.with_name(korean.name.replace(".ko.md", ".md")))
    digests = {section.anchor: section.digest for section in english.sections}
    changed: list[str] = []
    lines: list[str] = []
    for line in korean.read_text(encoding="utf-8").splitlines():
        found = STAMP.match(line)
        if found and found[1] in digests and found[2] != digests[found[1]]:
            changed.append(found[1])
            line = f"<!-- translated-from: {found[1]} {digests[found[1]]} -->"  # noqa: PLW2901
        lines.append(line)
    korean.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return changed


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for changed in stamp(Path(name)):
            print(f"{name}: {changed}")
    left = problems(Path(__file__).parents[2])
    print("\n".join(left))
    sys.exit(1 if left else 0)
