"""Who is reached, how, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from offline.postgres_server import Server
from offline.postgres_tls import Authority
from ops.errors import Exit, OpsError
from ops.migrate.connect import Endpoint, resolve

REGION = "ap-northeast-2"
CA = Path("ca.pem")


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("secretsmanager", region_name=REGION)


def secret(client: Any, value: object) -> str:
    return str(client.create_secret(Name="db", SecretString=json.dumps(value))["ARN"])


def test_a_secret_of_rds_and_what_is_added_to_it(secrets: Any) -> None:
    arn = secret(secrets, {"username": "app", "password": "p w'd"})
    found = resolve("target", f"{arn} host=db.example.com dbname=safework", CA)
    assert found.parameters == {
        "user": "app",
        "password": "p w'd",
        "host": "db.example.com",
        "dbname": "safework",
        "sslmode": "verify-full",
        "sslrootcert": "ca.pem",
    }
    assert str(found) == "app@db.example.com:5432/safework"
    assert "p w" not in repr(found)
    assert "p w" not in found.client_argument()
    assert found.client_environment()["PGPASSWORD"] == "p w'd"


def test_a_full_secret_needs_nothing_else(secrets: Any) -> None:
    arn = secret(
        secrets,
        {"username": "u", "password": "p", "host": "h", "port": 6543, "dbname": "d", "engine": "postgres"},
    )
    assert str(resolve("source", arn, CA)) == "u@h:6543/d"


@pytest.mark.parametrize("value", ["text", ["list"], {"username": "u"}])
def test_another_kind_of_secret(secrets: Any, value: object) -> None:
    arn = secret(secrets, value)
    with pytest.raises(OpsError, match="not of the form that RDS writes") as caught:
        resolve("source", arn, CA)
    assert "text" not in caught.value.message.replace(arn, "")


def test_a_secret_that_is_not_there(secrets: Any) -> None:
    del secrets
    with pytest.raises(OpsError, match="cannot be read"):
        resolve("source", f"arn:aws:secretsmanager:{REGION}:123456789012:secret:none", CA)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("postgresql://u:hush@h/d", "a password on a command line"),
        ("host=h password=hush", "a password on a command line"),
        ("host=h sslmode=require", "sslmode 'require'; allowed is verify-full"),
        ("host=h sslmode=disable", "sslmode 'disable'"),
        ("host=/var/run/postgresql", "is a Unix socket"),
        ("dbname=d", "no host"),
        ("hots=h", "not a connection that libpq understands"),
        ("arn:aws:s3:::bucket host=h", "is no ARN of a secret"),
    ],
)
def test_what_is_refused(reference: str, message: str) -> None:
    with pytest.raises(OpsError, match=message) as caught:
        resolve("source", reference, CA)
    assert caught.value.exit_code == Exit.REFUSED
    assert caught.value.fix
    assert "hush" not in f"{caught.value.message} {caught.value.fix}"


def test_no_certificate_authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    with pytest.raises(OpsError, match="--target-ca is missing"):
        resolve("target", "host=h")


def test_a_service_is_not_weakened_by_its_file(
    new: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = {k: v for k, v in new.parameters().items() if k not in {"sslmode", "sslrootcert"}}
    service = tmp_path / "service.conf"
    service.write_text("[mine]\nsslmode=disable\n" + "".join(f"{k}={v}\n" for k, v in kept.items()))
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    found = resolve("target", "service=mine", new.authority.certificate)
    with found.connect("test") as connection:
        assert connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone() == (
            True,
        )


def test_a_strange_certificate_is_refused(new: Server, tmp_path: Path) -> None:
    other = Authority.make(tmp_path)
    endpoint = Endpoint("target", {**new.parameters(), "sslrootcert": str(other.certificate)})
    with pytest.raises(OpsError, match="SSL error") as caught:
        endpoint.connect("test")
    assert "--target-ca" in str(caught.value.fix)


def test_a_certificate_of_another_name_is_refused(new: Server) -> None:
    endpoint = Endpoint("target", {**new.parameters(), "host": "elsewhere.example"})
    with pytest.raises(OpsError, match="does not match host name"):
        endpoint.connect("test")


def test_settings_of_a_role_are_overruled(new: Server) -> None:
    new.execute(
        "alter role stranger set timezone = 'Asia/Seoul'; alter role stranger set datestyle = 'German'"
    )
    new.execute(f"alter role stranger password '{new.password}'")
    endpoint = Endpoint("target", {**new.parameters(), "user": "stranger"})
    with endpoint.connect("test") as connection:
        shown = connection.execute(
            "select timestamptz '2024-01-01 00:00+09'::text, current_setting('search_path')"
        ).fetchone()
    assert shown == ("2023-12-31 15:00:00+00", "")
