"""A PostgreSQL server of its own for tests and measurements: TLS with a CA of its own, passwords, a free
port."""

import contextlib
import ctypes
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from offline import postgres_binaries
from offline.postgres_tls import Authority

USER = "postgres"
NOBODY = 65534
"""The user that a server runs as when its starter is root."""


@dataclass
class Server:
    """``start`` makes the data folder the first time. Ends with its starter, whatever ends that (Linux)."""

    major: int
    folder: Path
    """Its own; anyone may pass through its parents."""
    authority: Authority
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    initdb: tuple[str, ...] = ("-E", "UTF8", "--locale=C.UTF-8")
    file_size_limit: int | None = None
    """Bytes that no file of the server may pass (RLIMIT_FSIZE): a full disk that needs no disk."""
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def parameters(self, dbname: str = USER) -> dict[str, str]:
        """What libpq needs to reach it, verified."""
        return {
            "host": "localhost",
            "hostaddr": "127.0.0.1",
            "port": str(self.port),
            "user": USER,
            "password": self.password,
            "dbname": dbname,
            "sslmode": "verify-full",
            "sslrootcert": str(self.authority.certificate),
        }

    def connect(self, dbname: str = USER) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that commits each statement."""
        return psycopg.connect(**self.parameters(dbname), client_encoding="UTF8", autocommit=True)  # pyright: ignore[reportArgumentType]

    def execute(self, text: str, dbname: str = USER) -> list[tuple[object, ...]]:
        """Statements as the superuser; the rows of the last one, if it has any."""
        with self.connect(dbname) as connection:
            cursor = connection.execute(text.encode())
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name: str, options: str = "") -> None:
        """``options``: what follows CREATE DATABASE name, such as an encoding."""
        with self.connect() as connection:
            connection.execute(sql.SQL("create database {} " + options).format(sql.Identifier(name)))  # pyright: ignore[reportArgumentType]

    def drop_database(self, name: str) -> None:
        with self.connect() as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
            )
            connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))

    def start(self) -> None:
        """Returns when it answers. Raises RuntimeError with the end of its log."""
        binaries = postgres_binaries.find(self.major)
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            binaries = postgres_binaries.copy_for_others(binaries, self.folder.parent)
        if not self.data.exists():
            self._initialise(binaries)
        self.port = self.port or _free_port()
        arguments = {"port": str(self.port), **self.settings}
        options = [part for name, value in arguments.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            process = subprocess.Popen[bytes](
                [binaries / "bin" / "postgres", "-D", self.data, *options],
                stdout=log,
                stderr=log,
                preexec_fn=self._before_exec,
                **self._user(),
            )
        self._process = process
        self._await()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends its sessions, SIGQUIT is a crash: no checkpoint, recovery at the next start."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(how)
        self._process.wait(timeout=60)
        self._process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def discard(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self, binaries: Path) -> None:
        phrase = self.folder / "phrase"
        phrase.write_text(self.password)
        key, certificate = self.authority.issue(self.folder, "localhost")
        if os.geteuid() == 0:
            for path in (self.folder, phrase, key, certificate):
                os.chown(path, NOBODY, NOBODY)
        answer = subprocess.run(
            [
                binaries / "bin" / "initdb", "-D", self.data, "-U", USER, "--auth=scram-sha-256",
                f"--pwfile={phrase}", "--no-sync", *self.initdb,
            ],
            capture_output=True, text=True, check=False, env=self._environ(), **self._user(),
        )  # fmt: skip
        phrase.unlink()
        if answer.returncode:
            raise RuntimeError(f"initdb of PostgreSQL {self.major}: {answer.stderr or answer.stdout}")
        (self.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(
                "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nssl = on\n"
                f"ssl_key_file = '{key}'\nssl_cert_file = '{certificate}'\n"
                "password_encryption = 'scram-sha-256'\nfsync = off\nmax_connections = 60\n"
                "log_min_messages = warning\n"
            )

    def _before_exec(self) -> None:
        if sys.platform == "linux":
            # prctl(PR_SET_PDEATHSIG): a killed test run leaves no server behind.
            ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
        if self.file_size_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_size_limit, self.file_size_limit))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def _environ(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
        return {**kept, "LC_ALL": "C.UTF-8", **self.environ}

    @staticmethod
    def _user() -> Any:
        """Arguments of subprocess."""
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

    def _await(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        tail = self.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"PostgreSQL {self.major} does not start:\n{tail}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
