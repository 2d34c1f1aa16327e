"""The image of `ops migrate`: what it copies exists, and it runs as the user that the task names."""

import re
from pathlib import Path

from systems.migration import USER

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "ops/migrate/Dockerfile").read_text(encoding="utf-8")


def test_what_it_copies_is_here_and_not_ignored() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied == ["pyproject.toml", "uv.lock", "ops/migrate/certs/", "ops/"]
    assert all((ROOT / source).exists() for source in copied)
    ignored = (ROOT / "ops/migrate/Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert {f"!{source.split('/')[0]}" for source in copied} <= set(ignored)


def test_it_runs_as_the_tasks_user() -> None:
    assert f"USER {USER}\n" in DOCKERFILE
    assert f"useradd --uid {USER.split(':')[0]} " in DOCKERFILE


def test_what_it_leaves_out_is_not_what_the_tools_import() -> None:
    left_out = set(re.findall(r"--no-install-package (\S+)", DOCKERFILE))
    assert left_out == {
        "pulumi",
        "pulumi-aws",
        "pulumi-cloudflare",
        "pulumi-kubernetes",
        "pulumi-policy",
        "uv",
    }
    for path in (ROOT / "ops/migrate").rglob("*.py"):
        assert not re.search(r"^(import|from) pulumi", path.read_text(encoding="utf-8"), re.MULTILINE)
