"""The Korean pages say what the English ones say: the same sections, commands, tables and links, and as new.

``README.md`` and the runbooks have a translation beside them, ``NAME.ko.md``. Below each of its headings
stands the anchor of the English heading, with the digest of the English section that was translated::

    <!-- translated-from: first-steps 0123456789ab -->

``python -m tests.docs.korean PAGE...`` writes the digests of pages that have been brought up to date.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from tests.docs.sections import SPAN, STAMP, Block, Page, Section

REPOSITORY = Path(__file__).parents[2]
RUNBOOKS = Path("docs/runbooks")
HANGUL = re.compile("[가-힣]")
WORDS_TO_TRANSLATE = 4
"""A block with fewer words outside of code may stay as it is: names, codes, units."""


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
    pages: dict[Path, Page]
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
            if page.top != line:
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
                yield f"section {section.heading!r}: there is no English heading #{section.of}; take it out"
        for anchor in wanted:
            if got.count(anchor) != 1:
                yield f"section #{anchor}: has {got.count(anchor)} translations; there must be one"
        known = [anchor for anchor in got if anchor in wanted]
        if sorted(map(str, known)) == sorted(wanted) and known != wanted:
            first = next(here for here, there in zip(known, wanted, strict=True) if here != there)
            yield f"section #{first}: is not where it is in English; the order is {', '.join(wanted)}"

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
            place = next((n for n, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), len(got))
            yield f"is made of {_list(got)}, in English of {_list(wanted)}; they part at block {place + 1}"
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
        yield f"the heading is {korean.heading!r}; alarms lead to {english.heading!r}, which must stay"
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
    said = " ".join(korean.text.split())
    yield from (f"the quoted words {quote!r} are missing" for quote in english.quotes if quote not in said)
    words = re.findall(r"[A-Za-z]{2,}", english.plain)
    if len(words) >= WORDS_TO_TRANSLATE and not HANGUL.search(korean.plain):
        yield "is not translated"


def _read(path: Path) -> Page:
    return Page(path, path.read_text(encoding="utf-8"))


def problems(root: Path) -> list[str]:
    """One line for each difference, naming page and section; none where all is translated and current."""
    root = root.resolve()
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
        for section in stamp(Path(name)):
            print(f"{name}: {section}")
    left = problems(REPOSITORY)
    for line in left:
        print(line, file=sys.stderr)
    sys.exit(1 if left else 0)
