"""Making the preview that a review reads, with the policy pack's report, and leaving the review's files."""

import json
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from offline.cli import CliError, ensure_cli
from ops.errors import OpsError
from ops.guard import approvals as losses
from ops.guard.run import REPOSITORY, document
from ops.review import base, comment, judge, limits, policy
from ops.review.model import FILE, Review

COMMENT = "comment.md"


@dataclass(frozen=True, kw_only=True)
class Where:
    """What is reviewed, and with which files of approvals."""

    stack: str
    out: Path
    offline: bool
    base: str | None
    timeout: float
    approvals: Path
    limits: Path
    project: Path = REPOSITORY


def review(where: Where) -> Review:
    """Preview, judge, and write ``review.json``, the pack's report and the whole comment. Raises OpsError."""
    started = time.monotonic()
    today = datetime.now(UTC).date()
    given_limits = limits.load(where.limits, today=today)
    given_approvals = losses.load(where.approvals, today=today, required=False)
    shutil.rmtree(where.out, ignore_errors=True)
    where.out.mkdir(parents=True)
    text, against = _offline(where) if where.offline else _account(where)
    found = judge.review(
        judge.Given(
            stack=where.stack,
            document=text,
            policies=policy.load(where.out),
            against=against,
            simulated=where.offline,
            seconds=time.monotonic() - started,
            approvals=given_approvals,
            limits=given_limits,
            today=today,
        )
    )
    (where.out / FILE).write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")
    _categorise(where)
    whole = comment.render([found], [], rest="", limit=sys.maxsize)
    (where.out / COMMENT).write_text(whole, encoding="utf-8")
    return found


def _offline(where: Where) -> tuple[str, str]:
    commit = base.merge_base(where.project, where.base)
    state = base.recorded(where.project, where.stack, commit, timeout=where.timeout)
    file = where.out / "preview.json"
    command = [sys.executable, "-m", "offline", "preview", "--stack", where.stack, "--json", str(file)]
    command += ["--project", str(where.project), "--state", str(state)]
    try:
        said = document(command, timeout=where.timeout, project=REPOSITORY, file=file, environ=_report(where))
        text = file.read_text(encoding="utf-8") if file.exists() else said
    finally:
        file.unlink(missing_ok=True)
    return text, f"commit {commit[:12]}"


def _account(where: Where) -> tuple[str, str]:
    try:
        cli = ensure_cli()
    except CliError as error:
        raise OpsError(str(error), fix="install the Pulumi CLI, or review with --offline") from error
    command = [str(cli.binary), "preview", "--stack", where.stack, "--json", "--show-sames"]
    command += ["--non-interactive", "--policy-pack", "policies"]
    text = document(command, timeout=where.timeout, project=where.project, environ=_report(where))
    return text, "the deployed state"


def _report(where: Where) -> dict[str, str]:
    return {"POLICY_REPORT": str(where.out.resolve())}


def _categorise(where: Where) -> None:
    """Code scanning keeps the results of each stack apart by this name."""
    file = where.out / policy.SARIF
    if file.exists():
        sarif: Any = json.loads(file.read_text(encoding="utf-8"))
        sarif["runs"][0]["automationDetails"] = {"id": f"policies/{where.stack}/"}
        file.write_text(json.dumps(sarif, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
