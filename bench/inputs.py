"""What the measured processes read: the recording of SafeWork in a stack, its configuration, flat programs.

One system is enough for ratios, and its copies for growth; the policy pack is measured over the whole stack.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench import flat, recording
from tests.harness import PROJECT, Deployment, program, system, with_system

SYSTEM = "safework"


@dataclass(frozen=True)
class Inputs:
    """Files in a scratch folder, and the deployments they were made from."""

    stack: str
    folder: Path
    deployment: Deployment
    """The whole stack."""
    resources: list[recording.Resource]

    @property
    def common(self) -> list[str]:
        return [
            "--recording",
            str(self.folder / "recording.json"),
            "--config",
            str(self.folder / "config.json"),
        ]

    def classes(self) -> list[tuple[str, str]]:
        """Modules and classes of the SDKs that the stack uses."""
        return sorted({recording.class_of(resource.type) for resource in self.resources})

    @property
    def stack_file(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def flat_program(self, kind: flat.Kind) -> Path:
        return self.folder / f"flat_{kind}.py"

    def flat(self, kind: flat.Kind, copies: int = 1, *, one_wait: bool = False) -> list[str]:
        program = ["--program", str(self.flat_program(kind)), "--copies", str(copies)]
        return ["flat", *self.common, *program, *(["--one-wait"] if one_wait else [])]

    def real(self, copies: int = 1) -> list[str]:
        return ["real", *self.common, "--copies", str(copies)]


def prepare(stack: str, folder: Path) -> Inputs:
    resources = recording.recorded(system(stack, SYSTEM))
    inputs = Inputs(stack, folder, program(stack), resources)
    recording.write(resources, folder / "recording.json")
    config = {
        (key if ":" in key else f"{PROJECT}:{key}"): value if isinstance(value, str) else json.dumps(value)
        for key, value in with_system(stack, SYSTEM).items()
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    inputs.stack_file.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    for kind in ("plain", "wired"):
        inputs.flat_program(kind).write_text(flat.source(resources, kind), encoding="utf-8")
    return inputs
