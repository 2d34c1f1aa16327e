"""The release workflow hands the images to the command: digests as they are, files from the artifact."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = Path(__file__).parents[3] / ".github" / "workflows"
DOWNLOAD = "actions/download-artifact@"


def steps(workflow: str) -> list[dict[str, Any]]:
    jobs = yaml.safe_load((WORKFLOWS / workflow).read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def test_the_artifact_lies_beside_the_checkout_and_only_where_one_is_named() -> None:
    [download] = [step for step in steps("release.yml") if str(step.get("uses", "")).startswith(DOWNLOAD)]
    assert download["if"] == "inputs.artifact"
    assert download["with"] == {"name": "${{ inputs.artifact }}", "path": "${{ runner.temp }}/images"}
    pins = {step["uses"] for step in steps("pull-request.yml") if DOWNLOAD in str(step.get("uses", ""))}
    assert pins == {download["uses"]}


@pytest.mark.parametrize(
    ("images", "arguments"),
    [
        ("backend=sha256:ab frontend=2.0", ["backend=sha256:ab", "frontend=2.0"]),
        (
            "backend=oci:backend.tar\nfrontend=oci:web:name\n",
            ["backend=oci:{built}/backend.tar", "frontend=oci:{built}/web:name"],
        ),
        ("oci:image.tar", ["oci:{built}/image.tar"]),
    ],
)
def test_images_reach_the_command(tmp_path: Path, images: str, arguments: list[str]) -> None:
    [step] = [step for step in steps("release.yml") if step.get("name") == "release"]
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    values = {
        "SYSTEM": "shop",
        "STACK": "dev",
        "IMAGES": images,
        "MIGRATION_TIMEOUT": "10m",
        "BUILT": "/temp/i",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **values},
        capture_output=True,
        text=True,
        check=True,
    )
    given = done.stdout.splitlines()
    assert given[:6] == ["-m", "ops", "release", "shop", "--stack", "dev"]
    found = [given[index + 1] for index, each in enumerate(given) if each == "--image"]
    assert found == [each.format(built="/temp/i") for each in arguments]
    assert set(step["env"]) >= {"IMAGES", "MIGRATION_TIMEOUT", "BUILT"}
