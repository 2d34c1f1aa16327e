"""The addresses of a stack, asked over real HTTPS with a certificate of a test authority."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ops.state import parse
from ops.verify.checks_https import addresses, answers
from ops.verify.result import Result, Verdict


def make_certificate(folder: Path) -> Path:
    """A self-signed certificate for `localhost` alone; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "localhost.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(
            {"/health": 200, "/broken": 502, "/moved": 301, "/closed": 403}.get(self.path, 404)
        )
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: tests read the answers."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def port(certificate: Path) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person does for an authority of their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def asked(outputs: dict[str, Any]) -> dict[str, Result]:
    root = "urn:pulumi:dev::p::pulumi:pulumi:Stack::s"
    resources = [{"urn": root, "type": "pulumi:pulumi:Stack", "outputs": outputs}]
    state = parse({"deployment": {"resources": resources}}, "test")
    return {each.output: answers(each) for each in addresses(state)}


@pytest.mark.usefixtures("trusted")
def test_answers_below_500_pass_and_others_wait(port: int) -> None:
    base = f"https://localhost:{port}"
    found = asked(
        {"a": {"url": base, "api": f"{base}/closed", "old": f"{base}/moved"}, "b": f"{base}/broken"}
    )
    assert {key: (each.verdict, each.found) for key, each in found.items()} == {
        "a.url": (Verdict.OK, "404"),
        "a.api": (Verdict.OK, "403"),
        "a.old": (Verdict.OK, "301"),
        "b": (Verdict.PENDING, "502 Bad Gateway"),
    }


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("path", "verdict"), [("/health", Verdict.OK), ("/closed", Verdict.PENDING)])
def test_a_health_path_must_answer_200(port: int, path: str, verdict: Verdict) -> None:
    outputs = {"cutover": {"originHostname": f"localhost:{port}", "healthPath": path}}
    result = asked(outputs)["cutover.healthPath"]
    assert (result.verdict, result.expected) == (verdict, "200 over HTTPS")


def test_a_certificate_of_nobody_that_is_trusted(port: int) -> None:
    result = asked({"url": f"https://localhost:{port}"})["url"]
    assert result.verdict == Verdict.PENDING
    assert result.found.startswith("certificate refused: self")
    assert "which certificate" in result.fix


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_host(port: int) -> None:
    result = asked({"url": f"https://127.0.0.1:{port}"})["url"]
    assert result.found.startswith("certificate refused: IP address mismatch")


@pytest.mark.usefixtures("trusted")
def test_nothing_that_listens() -> None:
    result = asked({"url": "https://localhost:1"})["url"]
    assert result.verdict == Verdict.PENDING
    assert result.found.startswith("no connection")


def test_queues_and_plain_text_are_not_asked() -> None:
    outputs = {
        "queueUrl": "https://sqs.ap-northeast-2.amazonaws.com/1/q",
        "page": "http://localhost",
        "secret": {"4dabf18193072939515e22adb298388d": "x", "ciphertext": "https://localhost"},
    }
    assert asked(outputs) == {}
