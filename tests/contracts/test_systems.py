"""The contract of a whole stack, over the stacks as shipped."""

import functools
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from offline import schema
from tests.contracts import rules
from tests.contracts.discovery import REPOSITORY
from tests.harness import Deployment, program, stack_config

STACKS = sorted(path.name.split(".")[1] for path in REPOSITORY.glob("Pulumi.*.yaml"))
GOLDEN = Path(__file__).parent / "golden"
UPDATE = "UPDATE_GOLDEN"
REQUIRED_TAGS = frozenset(
    {"system", "environment", "component", "owner", "cost-center", "managed-by", "repository"}
)
UNTAGGED = frozenset({"aws:autoscaling/group:Group", "aws:cloudfront/function:Function"})
"""Types whose ``tags`` have another form, or are newer than providers in use."""

over_stacks = pytest.mark.parametrize("stack", STACKS)


@functools.cache
def deployed(stack: str) -> Deployment:
    return program(stack)


def test_stacks_are_found() -> None:
    assert {"dev", "prod"} <= set(STACKS)


@over_stacks
def test_every_listed_system_is_built_and_exported(stack: str) -> None:
    listed = set(stack_config(stack)["seoul-platform:systems"])
    assert set(deployed(stack).outputs) == listed


@over_stacks
def test_nothing_hangs_off_the_stack_itself(stack: str) -> None:
    assert rules.orphans(deployed(stack)) == []


@over_stacks
def test_names_carry_the_parents_name_and_a_role(stack: str) -> None:
    assert rules.misnamed(deployed(stack)) == []


@over_stacks
def test_components_register_outputs(stack: str) -> None:
    assert rules.silent_components(deployed(stack)) == []


@over_stacks
def test_everything_that_can_is_encrypted(stack: str) -> None:
    assert rules.unencrypted(deployed(stack)) == []


@over_stacks
def test_no_secret_is_plain_text(stack: str) -> None:
    assert rules.plaintext_secrets(deployed(stack)) == []


@over_stacks
def test_everything_taggable_is_tagged(stack: str) -> None:
    missing = {
        f"{record.type} {record.name}": sorted(REQUIRED_TAGS - set(record.get("tags") or {}))
        for record in deployed(stack)
        if record.custom and record.type.startswith("aws:") and record.type not in UNTAGGED
        if schema.schema(record.type).taggable and not set(record.get("tags") or {}) >= REQUIRED_TAGS
    }
    assert missing == {}


@over_stacks
def test_a_preview_plans_the_same_resources(stack: str) -> None:
    planned = {record.urn for record in program(stack, preview=True)}
    assert planned == {record.urn for record in deployed(stack)}


@over_stacks
def test_physical_names_do_not_collide(stack: str) -> None:
    """Two resources of a type with one id would fight over it."""
    ids = Counter(
        (record.type, record.get("region"), record.id) for record in deployed(stack) if record.custom
    )
    singletons = {"aws:acm/certificateValidation:CertificateValidation"}
    twice = [key for key, count in ids.items() if count > 1 and key[0] not in singletons]
    assert twice == []


def test_prod_locks_its_data() -> None:
    loose = [
        f"{record.type} {record.name}"
        for record in deployed("prod")
        if rules.keeps_data(record) and not (record.options.protect and record.options.retain_on_delete)
    ]
    assert loose == []


@over_stacks
def test_data_keeps_its_identity(stack: str) -> None:
    """A data store that changes its name, type or parents is a new, empty one: give it an alias."""
    deployment = deployed(stack)
    current = [rules.identity(record, deployment) for record in deployment if record.type in rules.STATEFUL]
    golden = GOLDEN / f"stateful-{stack}.json"
    if os.environ.get(UPDATE):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(json.dumps(current, indent=2) + "\n", encoding="utf-8")
    assert golden.exists(), f"no {golden.name}: run once with {UPDATE}=1 and commit it"
    known: list[dict[str, Any]] = json.loads(golden.read_text(encoding="utf-8"))
    lost = [each for each in known if each not in current]
    new = [each for each in current if each not in known]
    assert (lost, new) == ([], []), (
        "stateful resources changed: for a rename add an alias; for an intended change run with "
        f"{UPDATE}=1, look at the diff of {golden.name}, and commit it"
    )


_FINGERPRINT = """
import hashlib
from tests.harness import program
text = repr(program("dev").resources).encode()
print(hashlib.sha256(text).hexdigest())
"""


@pytest.mark.slow
def test_the_plan_does_not_depend_on_hash_order() -> None:
    """Sets of strings come in another order with each seed; two machines must still plan the same."""
    prints = {
        subprocess.run(
            [sys.executable, "-c", _FINGERPRINT],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1
