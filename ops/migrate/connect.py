"""Reaching a database: who, with which password, over verified TLS, with a session that prints alike
everywhere.

A password comes from a secret in AWS Secrets Manager, a passfile or a service file, never from the command
line, and goes to ``pg_dump`` in its environment alone.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3
import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from psycopg import conninfo

from ops.errors import Exit, OpsError

Connection = psycopg.Connection[tuple[Any, ...]]

SECRET_ARN = re.compile(r"arn:aws[\w-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:\S+")

COMMON: Mapping[str, str] = {
    "connect_timeout": "15",
    "keepalives": "1",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "client_encoding": "UTF8",
}
"""A cut network is noticed within about a minute (seconds; tcp_user_timeout in milliseconds)."""

PINNED: Mapping[str, str] = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "default_transaction_deferrable": "off",
    "extra_float_digits": "3",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "jit": "off",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lock_timeout": "0",
    "quote_all_identifiers": "off",
    "row_security": "off",
    "search_path": "",
    "statement_timeout": "0",
    "synchronize_seqscans": "off",
    "tcp_keepalives_count": "3",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "transaction_timeout": "0",
    "xmloption": "content",
}
"""Set in every session, where the server knows the name. ``row_security`` off makes a policy that would hide
rows an error; the keepalives let a server end the sessions of a machine that is gone."""

CA_FIX = (
    "give the file of its certificate authority; for RDS and Aurora that is"
    " https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
)


@dataclass(frozen=True)
class Endpoint:
    """One of the two databases. ``str()`` of it is safe to show."""

    role: str
    """``source`` or ``target``."""
    parameters: Mapping[str, str]
    """For libpq, the password included."""

    def __str__(self) -> str:
        shown = self.parameters
        if "service" in shown and "host" not in shown:
            return f"service {shown['service']}"
        server = f"{shown.get('host', '')}:{shown.get('port', '5432')}"
        return f"{shown.get('user', '')}@{server}/{shown.get('dbname', '')}"

    def __repr__(self) -> str:
        return f"Endpoint({self.role}: {self})"

    def connect(self, purpose: str, *, autocommit: bool = True) -> Connection:
        """A session with every setting pinned. Raises OpsError if it cannot be had over verified TLS."""
        try:
            connection: Connection = psycopg.connect(
                **{**COMMON, **self.parameters},  # pyright: ignore[reportArgumentType]
                application_name=application(purpose),
                autocommit=True,
                prepare_threshold=None,
            )
        except psycopg.OperationalError as error:
            raise self._refused(error) from error
        if not connection.pgconn.ssl_in_use:
            connection.close()
            raise OpsError(f"{self.role} {self}: no TLS", fix="use a TCP host name", exit_code=Exit.REFUSED)
        connection.execute(
            "select set_config(s.name, p.value, false) from pg_catalog.pg_settings s"
            " join unnest(%s::text[], %s::text[]) p(name, value) on lower(s.name) = lower(p.name)",
            [list(PINNED), list(PINNED.values())],
        )
        connection.autocommit = autocommit
        return connection

    def client_environment(self) -> dict[str, str]:
        """The environment of pg_dump: libpq's variables of this database and no other."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("PG") or key in {"PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR"}
        }
        password = self.parameters.get("password")
        return {**kept, **({"PGPASSWORD": password} if password else {}), "PGAPPNAME": application("schema")}

    def client_argument(self) -> str:
        """The connection for a command line, without the password."""
        shown = {key: value for key, value in self.parameters.items() if key != "password"}
        return conninfo.make_conninfo("", **shown)

    def _refused(self, error: Exception) -> OpsError:
        text = str(error).strip()
        fix = None
        if "certificate" in text.lower() or "ssl error" in text.lower():
            fix = f"--{self.role}-ca: {CA_FIX}; the host name must be one that the certificate names"
        elif "password" in text.lower():
            fix = (
                "check the secret or the passfile (PGPASSFILE); passwords are not taken from the command line"
            )
        return OpsError(f"{self.role} {self}: {text}", fix=fix)


def application(purpose: str) -> str:
    """The name by which sessions of this tool are known in ``pg_stat_activity``."""
    return f"ops-migrate {purpose}"


def resolve(role: str, reference: str, ca: Path | None = None) -> Endpoint:
    """A secret's ARN, or libpq's own forms: ``service=NAME``, ``host=... dbname=...``, ``postgresql://...``.

    What follows an ARN (``ARN dbname=app``) adds to the secret, since RDS's own secrets hold a user and a
    password alone. Raises OpsError for a password in the reference and for anything weaker than verify-full.
    """
    first, _, rest = reference.strip().partition(" ")
    if first.startswith("arn:"):
        parameters = {**_secret(role, first), **_parse(role, rest)}
    else:
        parameters = _parse(role, reference)
    if "host" not in parameters and "service" not in parameters:
        raise OpsError(
            f"--{role}: no host",
            fix="add it: ARN host=db.example.com dbname=app, or host=... dbname=..., or service=NAME",
            exit_code=Exit.REFUSED,
        )
    if parameters.get("host", "").startswith("/"):
        raise OpsError(
            f"--{role}: host {parameters['host']!r} is a Unix socket; allowed are host names, verified by"
            f" TLS",
            fix="use the server's host name",
            exit_code=Exit.REFUSED,
        )
    mode = parameters.get("sslmode", "verify-full")
    if mode != "verify-full":
        raise OpsError(
            f"--{role}: sslmode {mode!r}; allowed is verify-full",
            fix=f"leave sslmode out, and with --{role}-ca {CA_FIX}",
            exit_code=Exit.REFUSED,
        )
    root = str(ca) if ca else parameters.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    if (
        root is None
        and not (Path.home() / ".postgresql" / "root.crt").is_file()
        and "service" not in parameters
    ):
        raise OpsError(f"--{role}-ca is missing", fix=CA_FIX, exit_code=Exit.REFUSED)
    trusted = {"sslrootcert": root} if root else {}
    return Endpoint(role, {**parameters, "sslmode": "verify-full", **trusted})


def _parse(role: str, text: str) -> dict[str, str]:
    try:
        parsed = cast("dict[str, Any]", conninfo.conninfo_to_dict(text))
    except psycopg.ProgrammingError as error:
        raise OpsError(
            f"--{role}: not a connection that libpq understands: {error}",
            fix="service=NAME, host=... dbname=..., postgresql://user@host/db, or the ARN of a secret",
            exit_code=Exit.REFUSED,
        ) from error
    if "password" in parsed:
        raise OpsError(
            f"--{role}: a password on a command line is readable by everyone on the machine",
            fix="put it into a passfile (PGPASSFILE) or a secret, and change it",
            exit_code=Exit.REFUSED,
        )
    return {key: str(value) for key, value in parsed.items()}


def _secret(role: str, arn: str) -> dict[str, str]:
    matched = SECRET_ARN.fullmatch(arn)
    if matched is None:
        raise OpsError(
            f"--{role}: {arn!r} is no ARN of a secret",
            fix="arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
            exit_code=Exit.REFUSED,
        )
    try:
        client: Any = cast("Any", boto3).client("secretsmanager", region_name=matched[1])
        value = str(client.get_secret_value(SecretId=arn)["SecretString"])
    except (BotoCoreError, ClientError, KeyError) as error:
        raise OpsError(
            f"--{role}: the secret {arn} cannot be read: {error}",
            fix="secretsmanager:GetSecretValue on it, and kms:Decrypt on its key",
        ) from error
    try:
        held = cast("dict[str, Any]", json.loads(value))
        found = {"user": str(held["username"]), "password": str(held["password"])}
    except (ValueError, KeyError, TypeError):
        raise OpsError(
            f"--{role}: the secret {arn} is not of the form that RDS writes",
            fix='a JSON object with "username" and "password", and optionally "host", "port", "dbname"',
        ) from None
    for key, names in {"host": ("host",), "port": ("port",), "dbname": ("dbname", "database")}.items():
        for name in names:
            if held.get(name):
                found.setdefault(key, str(held[name]))
    return found
