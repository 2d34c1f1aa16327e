"""The parts of a run that need no engine: settings of a run, locks, and what is printed."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from offline import engine_config, engine_locks, engine_providers
from offline.engine_config import Changes, ConfigError
from offline.engine_program import explain
from offline.engine_report import OncePrinter, Outcome, table


def prepared(tmp_path: Path, text: str, **changes: object) -> tuple[dict[str, object], dict[str, str]]:
    source, target = tmp_path / "Pulumi.dev.yaml", tmp_path / "copy.yaml"
    source.write_text(text)
    result = engine_config.prepare(source, target, "sample", Changes(**changes))  # type: ignore[arg-type]
    assert source.read_text() == text
    return yaml.safe_load(target.read_text())["config"], dict(result.secrets)


def test_a_run_gets_a_copy_with_its_changes(tmp_path: Path) -> None:
    config, _ = prepared(
        tmp_path,
        "config:\n  sample:a: {b: 1}\n  aws:allowedAccountIds: ['1']\n",
        assignments=["a.b=2", "a.c.d=[x]", "aws:region=ap-northeast-2", "e=text"],
        add={"aws:maxRetries": "1"},
        drop=["aws:allowedAccountIds"],
    )
    assert config == {
        "sample:a": {"b": 2, "c": {"d": ["x"]}},
        "aws:region": "ap-northeast-2",
        "sample:e": "text",
        "aws:maxRetries": "1",
    }


def test_encrypted_values_are_taken_out_with_their_paths(tmp_path: Path) -> None:
    config, secrets = prepared(
        tmp_path,
        "encryptionsalt: v1:x\nconfig:\n  sample:t: {secure: A}\n  sample:deep: {in: {secure: B}, k: 1}\n",
    )
    assert config == {"sample:deep": {"k": 1}}
    assert sorted(secrets) == ["sample:deep.in", "sample:t"]


@pytest.mark.parametrize("assignment", ["no-equals", "=1", "a..b=1", "plain.under=1", "a=[1"])
def test_an_unusable_set_is_quoted_back(tmp_path: Path, assignment: str) -> None:
    with pytest.raises(ConfigError) as failure:
        prepared(tmp_path, "config:\n  sample:plain: text\n", assignments=[assignment])
    assert assignment in str(failure.value)


@pytest.mark.parametrize("text", ["[1, 2]", "config: [1]", "a: b: c"])
def test_a_stack_file_that_is_not_one_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"Pulumi\.dev\.yaml"):
        prepared(tmp_path, text)


def write_lock(state: Path, pid: int, host: str) -> Path:
    folder = state / ".pulumi" / "locks" / "organization" / "sample" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{pid}.json"
    file.write_text(json.dumps({"pid": pid, "hostname": host}))
    return file


def ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        return child.pid


def test_the_lock_of_a_dead_process_is_removed(tmp_path: Path) -> None:
    file = write_lock(tmp_path, ended_process(), socket.gethostname())
    assert [lock.file for lock in engine_locks.release_stale(tmp_path, "sample", "dev", 0)] == [file]
    assert not file.exists()


def test_a_number_that_another_program_has_now_does_not_hold_the_lock(tmp_path: Path) -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("this system does not tell the names of processes")
    file = write_lock(tmp_path, os.getpid(), socket.gethostname())
    engine_locks.release_stale(tmp_path, "sample", "dev", 0)
    assert not file.exists()


def test_a_lock_from_elsewhere_is_respected(tmp_path: Path) -> None:
    file = write_lock(tmp_path, 1, "another-machine")
    with pytest.raises(engine_locks.LockedError, match="process 1 on another-machine"):
        engine_locks.release_stale(tmp_path, "sample", "dev")
    assert file.exists()


def test_an_error_is_printed_once_with_all_its_lines() -> None:
    said: list[str] = []
    printer = OncePrinter(said.append)
    message = ["    error: first", "      second", "", "      third"]
    copied = ["    error: an unhandled error occurred: first", *message[1:]]
    for line in ["Diagnostics:", *message, *copied, "", "Resources:"]:
        printer(line)
    assert said == ["Diagnostics:", *message, "", "Resources:"]


def test_the_table_tells_failures_from_successes() -> None:
    rows = table(
        [
            Outcome(stack="dev", operation="preview", ok=True, seconds=1.0, changes={"create": 3}),
            Outcome(stack="prod", operation="preview", ok=False, seconds=2.0, policy={"mandatory": 1}),
        ]
    ).splitlines()
    assert rows[1].split() == ["dev", "preview", "ok", "3", "0", "0", "0", "0", "-", "1.0"]
    assert "FAILED" in rows[2]
    assert "1 mandatory" in rows[2]


def test_an_error_is_explained_by_the_projects_own_lines(tmp_path: Path) -> None:
    module = tmp_path / "made.py"
    module.write_text("def fail():\n    raise ValueError('zones: got 1')\n")
    scope: dict[str, object] = {}
    exec(compile(module.read_text(), str(module), "exec"), scope)  # noqa: S102
    with pytest.raises(ValueError, match="zones") as failure:
        scope["fail"]()  # type: ignore[operator]
    assert explain(failure.value, tmp_path) == "ValueError: zones: got 1\n  at made.py:2 in fail"


def plugins(folder: Path, *names: str) -> None:
    for name in names:
        plugin = folder / f"pulumi-resource-{name}"
        plugin.write_text("#!/bin/sh\n")
        plugin.chmod(0o755)


def test_fake_credentials_hide_a_persons_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plugins(tmp_path, "aws", "cloudflare", "kubernetes")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    with engine_providers.access("installed", None, None, tmp_path) as access:
        assert access.env["AWS_ACCESS_KEY_ID"] == "test"
        assert access.env["AWS_PROFILE"] == ""
        assert len(access.env["CLOUDFLARE_API_TOKEN"]) == 40
        assert "PULUMI_DEBUG_PROVIDERS" not in access.env
        assert "aws:allowedAccountIds" in access.drop


def test_kubernetes_is_simulated_beside_installed_plugins_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plugins(tmp_path, "aws", "cloudflare")
    monkeypatch.setenv("PATH", str(tmp_path))
    with engine_providers.access("installed", None, None, tmp_path) as access:
        assert re.fullmatch(r"kubernetes:\d+", access.env["PULUMI_DEBUG_PROVIDERS"])
    assert "providers: kubernetes simulated, the rest installed" in capfd.readouterr().err


def test_an_emulated_cluster_has_no_api_so_its_objects_are_simulated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plugins(tmp_path, "aws", "cloudflare", "kubernetes")
    monkeypatch.setenv("PATH", str(tmp_path))
    with engine_providers.access("installed", "http://localhost:1", "http://localhost:2", tmp_path) as access:
        assert re.fullmatch(r"kubernetes:\d+", access.env["PULUMI_DEBUG_PROVIDERS"])


def test_no_sdk_is_imported_to_serve_a_package() -> None:
    """So a stack without a cluster pays one open port for the third package."""
    code = (
        "import sys; from offline import provider; servers = [provider.start(p) for p in "
        f"{engine_providers.PACKAGES!r}]; print([m for m in sys.modules if m.startswith('pulumi_')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
