"""Worker processes and what they are given, largest first."""

import contextlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from ops.migrate import worker
from ops.migrate.tasks import Message, Setup, Task


class TaskFailedError(Exception):
    """A task that no repetition mended; every other one was stopped before its commit."""

    def __init__(self, task: Task, message: Message) -> None:
        super().__init__(message.error)
        self.task = task
        self.message = message


class Pool:
    """``run`` may be called several times. Ends its processes when closed; what they had not committed is
    undone."""

    def __init__(self, setup: Setup, jobs: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._workers: dict[Pipe, BaseProcess] = {}
        for number in range(jobs):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=worker.main, args=(setup, theirs), name=f"ops-migrate-{number}", daemon=True
            )
            process.start()
            theirs.close()
            self._workers[ours] = process

    def run(
        self,
        tasks: Iterable[Task],
        progress: Callable[[Task, int], None],
        done: Callable[[Task, object], None],
    ) -> None:
        """Every task, by as many workers as there are. Raises TaskFailedError at the first that fails."""
        waiting: Iterator[Task] = iter(sorted(tasks, key=lambda task: -task.weight))
        busy: dict[Pipe, Task] = {}
        for pipe in self._workers:
            self._give(pipe, waiting, busy)
        while busy:
            for ready in wait(list(busy)):
                pipe = next(pipe for pipe in busy if pipe is ready)
                task = busy[pipe]
                try:
                    message: Message = pipe.recv()
                except (EOFError, ConnectionResetError):
                    process = self._workers[pipe]
                    process.join(5)
                    message = Message("failed", task.id, error=f"a worker died, exit code {process.exitcode}")
                if message.kind == "progress":
                    progress(task, message.amount)
                    continue
                del busy[pipe]
                if message.kind == "failed":
                    self.close()
                    raise TaskFailedError(task, message)
                done(task, message.result)
                self._give(pipe, waiting, busy)

    @staticmethod
    def _give(pipe: Pipe, waiting: Iterator[Task], busy: dict[Pipe, Task]) -> None:
        task = next(waiting, None)
        if task is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.send(task)
            busy[pipe] = task

    def close(self) -> None:
        for pipe, process in self._workers.items():
            process.kill()
            process.join()
            pipe.close()
        self._workers.clear()

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
