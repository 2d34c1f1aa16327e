"""The same sources give the same bytes, whatever else differs."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.compute import package
from components.compute.package import PackagingError, build_layer, build_package, wheel_platform

NAMES = st.text("abcdefgh_", min_size=1, max_size=6)
TREES = st.dictionaries(st.tuples(NAMES, NAMES), st.binary(max_size=40), min_size=1, max_size=6)


def write(root: Path, files: Mapping[str, bytes], *, mode: int = 0o644) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
    return root


def test_name_carries_the_content(tmp_path: Path) -> None:
    source = write(tmp_path / "src", {"app/__init__.py": b"x = 1\n", "handler.py": b"pass\n"})
    first = build_package({"": source}, tmp_path / "out", name="auth")
    (source / "handler.py").write_bytes(b"pass \n")
    second = build_package({"": source}, tmp_path / "out", name="auth")
    assert first.name.startswith("auth-")
    assert first.name != second.name


def test_the_bytes_are_pinned(tmp_path: Path) -> None:
    """A known digest: other machines, Python and zlib versions must arrive at it too."""
    source = write(tmp_path / "src", {"b/c.py": b"y = 2\n", "a.py": b"x = 1\n"})
    assert build_package({"": source}, tmp_path, name="p").name == "p-0b882f15672774e5.zip"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_order_times_and_modes_do_not_matter(
    tree: dict[tuple[str, str], bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = {f"{folder}.d/{name}.py": content for (folder, name), content in tree.items()}
    one = write(tmp_path_factory.mktemp("one"), files)
    other = write(tmp_path_factory.mktemp("other"), dict(reversed(files.items())), mode=0o700)
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
    out = tmp_path_factory.mktemp("out")
    before = os.umask(0o077)
    try:
        first = build_package({"": one}, out / "1", name="p")
    finally:
        os.umask(before)
    second = build_package({"": other}, out / "2", name="p")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_unchanged_is_not_written_again(tmp_path: Path) -> None:
    source = write(tmp_path / "src", {"a.py": b"1"})
    target = build_package({"": source}, tmp_path / "out", name="p")
    os.utime(target, (1, 1))
    assert build_package({"": source}, tmp_path / "out", name="p") == target
    assert target.stat().st_mtime == 1


def test_a_damaged_package_is_mended(tmp_path: Path) -> None:
    source = write(tmp_path / "src", {"a.py": b"1"})
    target = build_package({"": source}, tmp_path / "out", name="p")
    target.write_bytes(b"")
    build_package({"": source}, tmp_path / "out", name="p")
    assert zipfile.is_zipfile(target)


def test_compiled_and_hidden_files_stay_out(tmp_path: Path) -> None:
    files = {"a.py": b"1", "__pycache__/a.pyc": b"2", "b.pyc": b"3", ".env": b"SECRET=1", ".git/config": b"4"}
    source = write(tmp_path / "src", files)
    with zipfile.ZipFile(build_package({"app": source}, tmp_path, name="p")) as archive:
        assert archive.namelist() == ["app/a.py"]


def test_a_path_below_the_working_directory_is_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = write(tmp_path / "src", {"a.py": b"1"})
    assert build_package({"": source}, tmp_path / "build", name="p").parent == Path("build")


def test_nothing_is_left_when_writing_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "src", {"a.py": b"1"})

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        build_package({"": source}, tmp_path / "out", name="p")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"": "nowhere"}, "no such file or directory"),
        ({"": "src/a.py"}, "give it a name"),
        ({"": "src", "a.py": "src/a.py"}, "two sources claim"),
        ({"../up": "src"}, "relative"),
        ({"": "empty"}, "would be empty"),
    ],
)
def test_bad_sources_are_refused(tmp_path: Path, sources: dict[str, str], message: str) -> None:
    write(tmp_path / "src", {"a.py": b"1"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=message):
        build_package({path: tmp_path / source for path, source in sources.items()}, tmp_path, name="p")


def test_an_oversized_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_BYTES", 100)
    source = write(tmp_path / "src", {"a.py": b"1" * 101})
    with pytest.raises(ValueError, match="container image"):
        build_package({"": source}, tmp_path, name="p")


@pytest.mark.parametrize(
    ("runtime", "architecture", "expected"),
    [
        ("python3.11", "arm64", "aarch64-manylinux2014"),
        ("python3.12", "arm64", "aarch64-manylinux_2_28"),
        ("python3.13", "x86_64", "x86_64-manylinux_2_28"),
    ],
)
def test_wheels_fit_the_runtime(runtime: str, architecture: str, expected: str) -> None:
    assert wheel_platform(runtime, architecture) == expected


@pytest.mark.parametrize(
    ("runtime", "architecture"), [("nodejs22.x", "arm64"), ("python3.12", "riscv"), ("python3", "arm64")]
)
def test_other_runtimes_are_refused(runtime: str, architecture: str) -> None:
    with pytest.raises(ValueError, match="got"):
        wheel_platform(runtime, architecture)


class Installer:
    """In place of uv: writes what an installation leaves behind."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _requirements: Path, target: Path, _platform: str, _version: str) -> None:
        self.calls += 1
        write(
            target,
            {
                "lib/__init__.py": b"1",
                "lib-1.dist-info/METADATA": b"Name: lib",
                "lib-1.dist-info/RECORD": str(self.calls).encode(),
                "lib-1.dist-info/INSTALLER": b"uv",
                "bin/lib": b"#!/some/where/python",
                ".lock": b"",
            },
        )


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> Installer:
    fake = Installer()
    monkeypatch.setattr(package, "_install", fake)
    return fake


def test_a_layer_holds_packages_and_modules(tmp_path: Path, installer: Installer) -> None:
    write(tmp_path, {"requirements.txt": b"lib==1\n", "shared.py": b"2"})

    def build() -> Path:
        return build_layer(
            tmp_path / "requirements.txt",
            tmp_path / "out",
            name="deps",
            runtime="python3.12",
            modules={"shared.py": tmp_path / "shared.py"},
        )

    first = build()
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == [
            "python/lib-1.dist-info/METADATA",
            "python/lib/__init__.py",
            "python/shared.py",
        ]
    assert build() == first
    assert installer.calls == 1
    content = first.read_bytes()
    first.unlink()
    assert build().read_bytes() == content
    (tmp_path / "shared.py").write_bytes(b"3")
    assert build() != first
    (tmp_path / "requirements.txt").write_bytes(b"lib==2\n")
    build()
    assert installer.calls == 4


def test_a_missing_requirements_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="uv pip compile"):
        build_layer(tmp_path / "none.txt", tmp_path, name="deps", runtime="python3.12")


def test_an_unreachable_index_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("flask==3.1.3 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(PackagingError, match="must be reachable once"):
        build_layer(requirements, tmp_path / "out", name="deps", runtime="python3.12")
    assert not (tmp_path / "out").exists()
