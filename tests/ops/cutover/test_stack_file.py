"""The stage in a stack file: nothing else in the file moves by a character."""

import subprocess
from pathlib import Path

import pytest
import yaml

from ops.cutover.stack_file import StackFile
from ops.errors import Exit, OpsError

REPOSITORY = Path(__file__).parents[3]
TEXT = """\
# yaml-language-server: $schema=settings/stack.schema.json
config:
  aws:region: ap-northeast-2   # Seoul
  seoul-platform:systems:
    # The first system.
    safework:
      domain: { hostname:   safework2.jclee.me }
      cutover:
        kind: shifting
        percent: 25   # two weeks at most
        # The old host.
        legacy:
          breakGlassHostname: safework-legacy.jclee.me

      profile:  "standard"
    sesami:
      cutover: { percent: 50, kind: shifting }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(TEXT)
    return file


def test_only_the_number_changes(path: Path) -> None:
    file = StackFile(path, system="safework")
    assert file.stage() == "25"
    assert file.set_stage("100")
    assert path.read_text() == TEXT.replace("percent: 25 ", "percent: 100 ")
    assert not file.set_stage("100")
    file.set_stage("0")
    assert path.read_text() == TEXT.replace("percent: 25 ", "percent: 0 ")


def test_a_section_on_one_line(path: Path) -> None:
    StackFile(path, system="sesami").set_stage("25")
    assert path.read_text() == TEXT.replace("percent: 50,", "percent: 25,")


def test_the_commit_takes_the_section_out_and_nothing_else(path: Path) -> None:
    file = StackFile(path, system="safework")
    file.set_stage("committed")
    assert file.stage() == "committed"
    start, end = TEXT.index("      cutover:\n"), TEXT.index('      profile:  "standard"')
    assert path.read_text() == TEXT[:start] + "      cutover: { kind: committed }\n" + TEXT[end:]
    with pytest.raises(OpsError, match="has no stage any more") as gone:
        file.set_stage("0")
    assert "git log" in str(gone.value.fix)


@pytest.mark.parametrize("stack", ["dev", "prod"])
@pytest.mark.parametrize("stage", ["0", "25", "50", "100", "committed"])
def test_the_shipped_stack_files_can_be_moved(stack: str, stage: str, tmp_path: Path) -> None:
    source = REPOSITORY / f"Pulumi.{stack}.yaml"
    copy = tmp_path / source.name
    copy.write_text(source.read_text())
    file = StackFile(copy, system="safework")
    file.set_stage(stage)
    assert file.stage() == stage
    changed = [line for line in copy.read_text().splitlines() if line not in source.read_text().splitlines()]
    assert len(changed) <= 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: {}\n", "has no seoul-platform:systems"),
        ("config: [1, 2]\n", "has no seoul-platform:systems"),
        ("config: {a: [}\n", "is not YAML"),
    ],
)
def test_a_file_without_a_cutover_is_named(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(OpsError, match=message):
        StackFile(path, system="safework").set_stage("25")
    assert path.read_text() == text


def test_an_edit_that_would_change_more_is_refused(path: Path) -> None:
    """A number behind an anchor is used elsewhere too."""
    text = TEXT.replace("percent: 25 ", "percent: &share 25 ").replace("percent: 50,", "percent: *share,")
    path.write_text(text)
    with pytest.raises(OpsError, match="without changing more"):
        StackFile(path, system="safework").set_stage("50")
    assert path.read_text() == text


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="cannot be read"):
        StackFile(tmp_path / "Pulumi.none.yaml", system="safework").stage()


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_change_besides_the_stage_stops_a_step(path: Path) -> None:
    git(path.parent, "init")
    git(path.parent, "add", path.name)
    git(path.parent, "commit", "-m", "stack")
    file = StackFile(path, system="safework")
    file.check_clean()
    file.set_stage("50")
    file.check_clean()
    path.write_text(path.read_text().replace('"standard"', '"economy"'))
    with pytest.raises(OpsError, match="not committed, besides the stage") as dirty:
        file.check_clean()
    assert dirty.value.exit_code is Exit.REFUSED
    assert yaml.safe_load(path.read_text())


def test_outside_of_a_repository_there_is_nothing_to_compare(path: Path) -> None:
    StackFile(path, system="safework").check_clean()
