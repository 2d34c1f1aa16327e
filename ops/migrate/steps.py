"""Runs the parts of a copy: tasks on the workers with a bar, statements on the coordinator's session.

A failure becomes an error that says what to do, and names the command that goes on.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import psycopg

from ops.errors import Exit, OpsError
from ops.migrate.connect import Connection
from ops.migrate.pool import Pool, TaskFailedError
from ops.migrate.schema import Statement
from ops.migrate.tasks import Task
from ops.progress import Reporter

CONNECTIONS = "see that both databases answer"
SNAPSHOT = "the snapshot is gone with the source's session; nothing is lost"

CAUSES = {
    "53100": "free or add disk space on the target",
    "42704": SNAPSHOT,
    "22023": SNAPSHOT,
    "connection": CONNECTIONS,
}
"""By SQLSTATE: disk_full; undefined_object and invalid_parameter_value are what an unknown snapshot gives."""


class Steps:
    """``resume`` is the command that goes on after an interruption."""

    def __init__(self, reporter: Reporter, resume: str) -> None:
        self._reporter = reporter
        self._resume = resume

    def on(self, pool: Pool, title: str) -> Callable[[Sequence[Task]], list[Any]]:
        """What runs tasks there: returns their results in order. Raises OpsError."""

        def run(tasks: Sequence[Task]) -> list[Any]:
            stage = self._reporter.stage(title, sum(task.weight for task in tasks))
            results: dict[int, Any] = {}

            def done(task: Task, result: object) -> None:
                results[task.id] = result
                size = cast("tuple[int, int]", result)[1] if task.kind == "copy" else 0
                stage.done(task.id, task.weight, size)

            try:
                pool.run(tasks, lambda task, amount: stage.moved(task.id, task.weight, amount), done)
            except TaskFailedError as error:
                raise self._interrupted(error) from error
            return [results[task.id] for task in tasks]

        return run

    def statement(self, connection: Connection, number: int, statement: Statement) -> None:
        """One statement and its line of the journal, in the transaction that ``connection`` is in."""
        try:
            connection.execute(statement.text.encode())
            connection.execute(
                "update ops_migrate.statement set state = 'done', finished_at = clock_timestamp()"
                " where id = %s",
                [number],
            )
        except psycopg.Error as error:
            raise OpsError(
                f"{statement.title}: {str(error).strip()}",
                fix=f"mend the cause on the target, then: {self._resume}",
                exit_code=Exit.INCOMPLETE,
            ) from error

    def _interrupted(self, error: TaskFailedError) -> OpsError:
        code = error.message.code
        cause = CONNECTIONS if code[:2] in {"08", "57"} else CAUSES.get(code, "mend the cause")
        return OpsError(
            f"{error.task.title}: {error.message.error}",
            fix=f"{cause}, then: {self._resume}",
            exit_code=Exit.INCOMPLETE,
        )
