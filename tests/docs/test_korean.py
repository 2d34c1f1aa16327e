"""The Korean pages keep up with the English ones, and the comparison notices where they do not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs import korean
from tests.docs.sections import Page

README = """# Shop

English | [한국어](README.ko.md)

Sells tea. At night: [the runbook](docs/runbooks/shop.md#way-back).
"""
README_KO = """# 가게
<!-- translated-from: shop -->

[English](README.md) | 한국어

차를 팝니다. 밤에는: [런북](docs/runbooks/shop.ko.md#되돌리기).
"""
RUNBOOK = """# Shop at night

English | [한국어](shop.ko.md)

Look at `shop-prod` first, then [go back](#way-back). *Till is locked* is no error.

## Queue

| alarm | what it says | what to do |
| --- | --- | --- |
| `queue-age` | A message has waited for 15 minutes | Run `shop drain`, see [logs](https://example.com/log) |

## Way back

1. Stop the writers within 5 minutes of the alarm.
2. Put the old release back:

   ```bash
   shop release --to previous   # takes a minute
   ```

Nothing is lost for 14 days, and the queue
keeps its order.
"""
RUNBOOK_KO = """# 심야의 가게
<!-- translated-from: shop-at-night -->

[English](shop.md) | 한국어

먼저 `shop-prod`를 보고 [되돌립니다](#되돌리기). *Till is locked*는 오류가 아닙니다.

## Queue
<!-- translated-from: queue -->

| 경보 | 의미 | 조치 |
| --- | --- | --- |
| `queue-age` | 메시지가 15분을 기다림 | `shop drain`을 실행하고 [로그](https://example.com/log)를 봅니다 |

## 되돌리기
<!-- translated-from: way-back -->

1. 경보 후 5분 안에 쓰기를 멈춥니다.
2. 이전 릴리스를 되돌립니다.

   ```bash
   shop release --to previous   # takes a minute
   ```

14일 동안은 아무것도 사라지지 않으며 대기열은 순서를 유지합니다.
"""

Edit = Callable[[str, str, str], None]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "docs/runbooks").mkdir(parents=True)
    for name, text in {
        "README.md": README,
        "README.ko.md": README_KO,
        "docs/runbooks/shop.md": RUNBOOK,
        "docs/runbooks/shop.ko.md": RUNBOOK_KO,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for page in ("README.ko.md", "docs/runbooks/shop.ko.md"):
        korean.stamp(tmp_path / page)
    return tmp_path


@pytest.fixture
def edit(repository: Path) -> Edit:
    def replace(page: str, old: str, new: str) -> None:
        path = repository / page
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


SHOP, SHOP_KO = "docs/runbooks/shop.md", "docs/runbooks/shop.ko.md"


def test_the_korean_pages_are_complete_and_current() -> None:
    found = korean.problems(korean.REPOSITORY)
    assert not found, "\n".join(["", *found])


def test_every_runbook_and_the_readme_have_a_korean_page() -> None:
    names = {page.name for page in korean.english_pages(korean.REPOSITORY)}
    assert {"README.md", "safework.md", "cutover.md", "stacks.md"} <= names
    assert not any(name.endswith(".ko.md") for name in names)


def test_a_faithful_translation_has_no_problems(repository: Path) -> None:
    assert korean.problems(repository) == []


def test_wrapping_english_lines_anew_makes_nothing_stale(repository: Path, edit: Edit) -> None:
    edit(SHOP, "and the queue\nkeeps", "and the\nqueue keeps")
    assert korean.problems(repository) == []


STALE = "the English text has changed since it was translated"
BROKEN = {
    "prose changed in English": (SHOP, "its order", "no order", "section #way-back: " + STALE),
    "row's words changed in English": (SHOP, "has waited for", "has lain for", "section #queue: " + STALE),
    "digest taken out": (SHOP_KO, re.compile(r"(?<=way-back) \w{12}"), "", "section #way-back: " + STALE),
    "command changed in English": (
        SHOP,
        "`shop drain`",
        "`shop empty`",
        "#queue: table row 3: code shop empty is missing",
    ),
    "command changed in Korean": (
        SHOP_KO,
        "`shop drain`",
        "`shop empty`",
        "table row 3: code shop empty is not on",
    ),
    "code block changed": (
        SHOP_KO,
        "--to previous",
        "--to latest",
        "#way-back: code block 1: is not that of",
    ),
    "comment in code translated": (
        SHOP_KO,
        "# takes a minute",
        "# 1분",
        "#way-back: code block 1: is not that of",
    ),
    "number changed": (SHOP_KO, "15분", "5분", "#queue: table row 3: the number 15 is missing"),
    "message translated": (
        SHOP_KO,
        "Till is locked",
        "잠김",
        "the quoted words 'Till is locked' are missing",
    ),
    "cell left out": (
        SHOP_KO,
        " | 메시지가 15분을 기다림 |",
        " 메시지가 15분을 기다림 |",
        "has another number of cells",
    ),
    "row left out": (
        SHOP_KO,
        "| --- | --- | --- |\n",
        "",
        "#queue: is made of 2 x table row, in English of 3 x",
    ),
    "step left out": (SHOP_KO, "1. 경보 후 5분 안에 쓰기를 멈춥니다.\n", "", "in English of 2 x list item"),
    "step counted wrongly": (SHOP_KO, "2. 이전", "3. 이전", "list item 2: is marked '3.', in English '2.'"),
    "paragraph not translated": (
        SHOP_KO,
        "14일 동안은 아무것도 사라지지 않으며 대기열은 순서를 유지합니다.",
        "Nothing is lost for 14 days, and the queue keeps its order.",
        "#way-back: paragraph 1: is not translated",
    ),
    "link to the English page": (
        "README.ko.md",
        "shop.ko.md#되돌리기",
        "shop.md#way-back",
        "#shop: paragraph 1: link docs/runbooks/shop.ko.md#되돌리기 is missing",
    ),
    "outside link changed": (
        SHOP_KO,
        "example.com/log",
        "example.com/",
        "link https://example.com/log is missing",
    ),
    "alarm's heading translated": (
        SHOP_KO,
        "## Queue",
        "## 대기열",
        "#queue: the heading is '대기열'; alarms lead to",
    ),
    "heading of another level": (
        SHOP_KO,
        "## 되돌리기",
        "### 되돌리기",
        "#way-back: the heading is of level 3",
    ),
    "heading without its origin": (
        SHOP_KO,
        re.compile(r"<!-- translated-from: queue \w+ -->\n"),
        "",
        "section 'Queue': below the heading must stand",
    ),
    "section added in English": (
        SHOP,
        "## Queue",
        "## Doors\n\nClosed.\n\n## Queue",
        "#doors: has 0 translations",
    ),
    "section added in Korean": (
        SHOP_KO,
        "## Queue",
        "## 문\n<!-- translated-from: doors -->\n\n닫혀 있습니다.\n\n## Queue",
        "section '문': there is no English heading #doors",
    ),
    "no way to the Korean page": (
        SHOP,
        "English | [한국어](shop.ko.md)\n\n",
        "",
        "the top of shop.md: below the title",
    ),
    "no way to the English page": (
        SHOP_KO,
        "[English](shop.md) | 한국어\n\n",
        "",
        "the top of shop.ko.md: below",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_named(repository: Path, case: str) -> None:
    name, old, new, said = BROKEN[case]
    page = repository / name
    text = page.read_text(encoding="utf-8")
    changed, count = re.subn(old if isinstance(old, re.Pattern) else re.escape(old), new, text)
    assert count == 1
    page.write_text(changed, encoding="utf-8")
    found = korean.problems(repository)
    assert any(said in problem and problem.startswith(("README.ko.md", SHOP_KO)) for problem in found), found


def test_sections_that_change_places_are_named(repository: Path) -> None:
    page = repository / SHOP_KO
    title, queue, way_back = page.read_text(encoding="utf-8").split("\n## ")
    page.write_text("\n## ".join([title, way_back + "\n", queue]), encoding="utf-8")
    assert [
        problem for problem in korean.problems(repository) if "section #way-back: is not where" in problem
    ]


def test_a_page_without_its_translation_is_named(repository: Path) -> None:
    (repository / SHOP_KO).unlink()
    assert f"{SHOP_KO}: is missing; translate {SHOP}" in korean.problems(repository)


def test_a_translation_without_its_page_is_named(repository: Path) -> None:
    (repository / "docs/runbooks/old.ko.md").write_text(RUNBOOK_KO, encoding="utf-8")
    assert "docs/runbooks/old.ko.md: there is no English page of that name" in korean.problems(repository)


def test_the_digest_that_a_stale_section_asks_for_is_accepted(repository: Path, edit: Edit) -> None:
    edit(SHOP, "its order", "no order")
    (problem,) = korean.problems(repository)
    asked = re.search(r"<!-- .+? -->", problem)
    assert asked
    page = repository / SHOP_KO
    changed = re.sub(r"<!-- translated-from: way-back \w+ -->", asked[0], page.read_text(encoding="utf-8"))
    page.write_text(changed, encoding="utf-8")
    assert korean.problems(repository) == []


def test_digests_are_written_where_they_have_changed_and_nowhere_else(repository: Path, edit: Edit) -> None:
    before = (repository / SHOP_KO).read_text(encoding="utf-8").splitlines()
    edit(SHOP, "its order", "no order")
    assert korean.stamp(repository / SHOP_KO) == ["way-back"]
    after = (repository / SHOP_KO).read_text(encoding="utf-8").splitlines()
    assert [old for old, new in zip(before, after, strict=True) if old != new] == [
        line for line in before if "translated-from: way-back" in line
    ]


def test_headings_in_code_are_no_sections() -> None:
    page = Page(Path("x.md"), "# One\n\n```sh\n# no heading\n```\n\n## One\n")
    assert [(section.heading, section.anchor) for section in page.sections] == [
        ("One", "one"),
        ("One", "one-1"),
    ]
    assert [block.text for block in page.sections[0].blocks] == ["```sh\n# no heading\n```"]
