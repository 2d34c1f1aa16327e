"""The documents say what is so: pictures from the graph, links that lead somewhere, commands that exist.

``UPDATE_DOCS=1`` (``make docs``) writes the generated parts again.
"""

import functools
import os
import re
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

import click
import pytest

from ops.__main__ import LazyVerbs
from ops.cost.plans import HEADER, row
from ops.diagram import drawing as diagram
from settings.stack import system_model
from tests.harness import PROJECT, program, run_program, stack_config, with_system
from tests.harness import system as one_system
from tests.ops.cost.plans_of_stacks import estimate_of

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
PAGES = (REPOSITORY / "README.md", REPOSITORY / "README.ko.md", *sorted(DOCS.rglob("*.md")))
UPDATE = "UPDATE_DOCS"
STACKS = ("prod", "dev")
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TUTORIAL = DOCS / "adding-a-system.md"
"""Names the files that its reader will make."""

over_pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
over_stacks = pytest.mark.parametrize("stack", STACKS)
over_languages = pytest.mark.parametrize("suffix", [".md", ".ko.md"])
"""Changing the suffix in an alarm's address leads to the heading in the other language."""


@functools.cache
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@functools.cache
def prose(page: Path) -> str:
    """The page without its fenced code."""
    return re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)


def code(page: Path) -> list[str]:
    """Fenced blocks and what stands between backticks."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text(page), flags=re.DOTALL | re.MULTILINE)
    return [*fenced, *re.findall(r"`([^`\n]+)`", prose(page))]


@functools.cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that GitHub gives the page's headings."""
    headings = re.findall(r"^#+ +(.+?) *$", prose(page), flags=re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def systems() -> list[str]:
    return sorted({system for stack in STACKS for system in diagram.systems(program(stack).resources)})


def cost(system: str) -> str:
    """What the system costs: prod in each of its profiles, dev as shipped."""
    key = re.sub(r"-(\w)", lambda letter: letter[1].upper(), system)
    field = system_model(key).model_fields.get("profile")
    profiles: tuple[str, ...] = get_args(field.annotation) if field else ("standard",)
    rows = [*HEADER]
    for profile in profiles:
        config = with_system("prod", key, **({"profile": profile} if field else {}))
        rows.append(row(estimate_of(run_program(config, stack="prod").resources), system, "prod", profile))
    shipped = stack_config("dev")[f"{PROJECT}:systems"][key]
    standing = shipped.get("profile") or profiles[-1]
    rows.append(row(estimate_of(one_system("dev", key).resources), system, "dev", standing))
    return "\n" + "\n".join(rows) + "\n\n"


@pytest.mark.parametrize("system", systems())
def test_the_pages_of_systems_are_drawn_from_the_graph(system: str) -> None:
    page = DOCS / "architecture" / f"{system}.md"
    assert page.exists(), f"write {page.relative_to(REPOSITORY)}, with markers as in safework.md"
    graphs = {stack: program(stack).resources for stack in STACKS}
    holding = {stack: graph for stack, graph in graphs.items() if system in diagram.systems(graph)}
    blocks = {
        "cost": cost(system),
        "picture": diagram.fenced(diagram.mermaid(next(iter(holding.values())), system)),
        "resources": "\n" + diagram.resource_table(holding, system) + "\n",
    }
    drawn = diagram.fill(page.read_text(encoding="utf-8"), blocks)
    if os.environ.get(UPDATE):
        page.write_text(drawn, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == drawn, "out of date: run make docs and commit the page"


@over_pages
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@over_pages
def test_make_targets_exist(page: Path) -> None:
    makefile = text(REPOSITORY / "Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    named = {target for block in code(page) for target in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b", block)}
    assert named <= targets


@over_pages
def test_operator_commands_exist(page: Path) -> None:
    """Verb, subcommand and options of each ``ops`` command that stands on a page."""
    unknown: list[str] = []
    for block in code(page):
        for line in block.replace("\\\n", " ").splitlines():
            named = re.search(r"(?:^|-m )ops ([a-z].*)", re.split(r" [#|] ", line)[0])
            if named:
                unknown += [f"{named[0]}: {word}" for word in unknown_words(named[1].split())]
    assert unknown == []


def unknown_words(words: list[str]) -> list[str]:
    """Which of a command line's verbs and options there are not."""
    command: click.Command | None = LazyVerbs("ops")
    while words and isinstance(command, click.Group) and re.fullmatch("[a-z-]+", words[0]):
        name, *words = words
        command = command.get_command(click.Context(command), name)
        if command is None:
            return [name]
    assert command
    options = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    asked = {found[0] for word in words if (found := re.search(r"(?<![\w-])--[a-z-]+", word))}
    return sorted(asked - options - {"--help"})


@over_pages
def test_named_files_exist(page: Path) -> None:
    folders = "bench|components|docs|functions|offline|ops|policies|settings|systems|tests"
    named = {
        path
        for block in re.findall(r"`([^`\n]+)`", prose(page))
        for path in re.findall(rf"^(?:__main__\.py|(?:{folders})/(?:[\w./-]+(?:\.\w+|/))?)$", block)
    }
    if page != TUTORIAL:
        assert sorted(path for path in named if not (REPOSITORY / path).exists()) == []


@over_languages
@over_stacks
def test_each_alarm_names_a_runbook_heading_that_exists(stack: str, suffix: str) -> None:
    missing: list[str] = []
    alarms = program(stack).of_type(ALARM)
    assert alarms
    for alarm in alarms:
        found = re.search(r"/docs/runbooks/([\w-]+\.md)#([\w-]+)$", alarm["alarmDescription"])
        assert found, f"{alarm.name} names no runbook: {alarm['alarmDescription']}"
        page = (DOCS / "runbooks" / found[1]).with_suffix(suffix)
        if not page.exists() or found[2] not in anchors(page):
            missing.append(f"{alarm.name}: {page.name}#{found[2]}")
    assert missing == []


@over_languages
@over_stacks
def test_each_alarm_is_explained_by_name(stack: str, suffix: str) -> None:
    """The heading leads to a table with a row for each alarm, by the last words of its name."""
    unexplained: list[str] = []
    for alarm in program(stack).of_type(ALARM):
        found = re.search(r"/([\w-]+\.md)#([\w-]+)$", alarm["alarmDescription"])
        assert found
        page = prose((DOCS / "runbooks" / found[1]).with_suffix(suffix))
        section = re.search(rf"^## {found[2]}$(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE | re.I)
        rows = re.findall(r"^\| `([\w*-]+)` \|", section[1] if section else "", flags=re.MULTILINE)
        key = alarm.name.partition("-alarms-")[2]
        if not any(key == row or (row.startswith("*") and key.endswith(row[1:])) for row in rows):
            unexplained.append(alarm.name)
    assert unexplained == []


@pytest.mark.parametrize("index", ["decisions/README.md", "runbooks/README.md", "architecture/README.md"])
def test_an_index_lists_every_page_of_its_folder(index: str) -> None:
    page = DOCS / index
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", text(page)))
    pages = {other.name for other in page.parent.glob("*.md") if not other.name.endswith(".ko.md")}
    assert listed == pages - {"README.md"}


def test_the_korean_index_lists_every_korean_page() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.ko\.md)\)", text(DOCS / "runbooks/README.ko.md")))
    assert listed == {page.name for page in (DOCS / "runbooks").glob("*.ko.md")} - {"README.ko.md"}
