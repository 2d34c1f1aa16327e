"""A whole cutover on this machine: real engine, Cloudflare's rules, DynamoDB and CloudWatch by moto's server.

The stack is SafeWork's alone, deployed by the offline engine; its load balancer lives in the
local Cloudflare, its journal, alarms and request count in moto; the new origin is an HTTPS server.
"""

import contextlib
import datetime as dt
import http.server
import logging
import os
import ssl
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.server import ThreadedMotoServer

from offline.cloudflare_model import CloudflareModel
from offline.cloudflare_server import serve
from offline.engine import Options, Session, session
from ops.cutover.command import cutover
from ops.cutover.origin import Origin
from ops.cutover.target import Target
from ops.cutover.wiring import Reached
from ops.errors import OpsError
from ops.evidence import Evidence, leave, migration_key
from ops.rollout.clock import SystemClock
from ops.rollout.dynamodb import open_table

REPOSITORY = Path(__file__).parents[3]
STACK = "demo"
REGION = "ap-northeast-2"
TOKEN = "0" * 40
MINIMUM_REQUESTS = 50


@dataclass(kw_only=True)
class OfflineCutover:
    """What is there, and the command line on it."""

    model: CloudflareModel
    session: Session
    stack_file: Path
    target: Target
    reached: Reached
    cloudwatch: Any

    def ops(self, *arguments: str) -> int:
        """``python -m ops cutover`` with these arguments; returns the exit code."""
        verb, *rest = arguments
        try:
            return cutover.main(
                args=[verb, "--stack", STACK, *rest],
                obj=self.reached,
                standalone_mode=False,
                prog_name="cutover",
            )
        except OpsError as error:
            print(f"error: {error.message}\n  fix: {error.fix}")
            return int(error.exit_code)

    def edge(self) -> dict[str, float]:
        """Where Cloudflare's edge sends new sessions, by side."""
        names = {self.target.pool_ids.new: "new", self.target.pool_ids.legacy: "legacy"}
        shares = self.model.shares(self.target.load_balancer_id)
        return {names[pool]: share for pool, share in shares.items()}

    def alarm(self, state: str) -> None:
        """Put the first gate alarm into a state."""
        name = self.target.gate_alarms[0]
        self.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="6 % of calls failed")

    def requests(self, count: int) -> None:
        """Count requests that reached the new side."""
        metric = self.target.request_metric
        dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
        datum = {"MetricName": metric.name, "Dimensions": dimensions, "Value": count, "Unit": "Count"}
        self.cloudwatch.put_metric_data(Namespace=metric.namespace, MetricData=[datum])


@contextlib.contextmanager
def offline_cutover(folder: Path, *, speed: float) -> Generator[OfflineCutover]:
    """Everything for the length of a ``with`` block, at stage 0."""
    document = demo_settings()
    stack_file = folder / f"Pulumi.{STACK}.yaml"
    stack_file.write_text(yaml.safe_dump(document, sort_keys=False))
    zone = document["config"]["seoul-platform:systems"]["safework"]["domain"]["zone"]
    model = CloudflareModel(
        account_id=zone["accountId"], zone_id=zone["zoneId"], zone="jclee.me", token=TOKEN
    )
    with (
        serve(model) as cloudflare_url,
        moto_server() as aws_url,
        environment(
            {
                "CLOUDFLARE_BASE_URL": cloudflare_url,
                "CLOUDFLARE_API_TOKEN": TOKEN,
                "AWS_ENDPOINT_URL": aws_url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": REGION,
                "OPS_OPERATOR": "you@demo",
            }
        ),
        https_origin(folder, "api-safework2-dev.jclee.me") as (port, context),
        session(
            Options(
                config_file=stack_file,
                state=folder / "state",
                cloudflare_endpoint=cloudflare_url,
                write=lambda _line: None,
                write_error=lambda _line: None,
                durable=False,
                policy=False,
            )
        ) as running,
    ):
        outcome = running.up(STACK)
        assert outcome.ok, outcome.output[-4000:] + outcome.problem
        with running.opened(STACK) as (stack, _):
            exported = stack.outputs()["safework"].value["cutover"]
        target = Target.model_validate(exported)
        cloudwatch = boto3.client("cloudwatch")
        furnish(target, cloudwatch)
        reached = Reached(
            stack_file=stack_file,
            open_stack=lambda: running.opened(STACK),
            origin=lambda known: Origin(
                hostname=known.origin_hostname,
                address="127.0.0.1",
                path=known.health_path,
                port=port,
                context=context,
                public_url=f"https://127.0.0.1:{port}",
            ),
            clock=SystemClock(speed=speed),
        )
        yield OfflineCutover(
            model=model,
            session=running,
            stack_file=stack_file,
            target=target,
            reached=reached,
            cloudwatch=cloudwatch,
        )


def demo_settings() -> dict[str, Any]:
    """The dev stack with SafeWork alone, at 0 percent, with stages of a minute."""
    document = yaml.safe_load((REPOSITORY / "Pulumi.dev.yaml").read_text())
    systems = document["config"]["seoul-platform:systems"]
    safework = systems["safework"]
    safework["cutover"] |= {"percent": 0, "bakeMinutes": 1, "minimumRequests": MINIMUM_REQUESTS}
    document["config"]["seoul-platform:systems"] = {"safework": safework}
    return document


def furnish(target: Target, cloudwatch: Any) -> None:
    """In moto: the journal, the gate alarms, the verdict on the copied data."""
    boto3.client("dynamodb").create_table(
        TableName=target.journal_table,
        KeySchema=[
            {"AttributeName": "subject", "KeyType": "HASH"},
            {"AttributeName": "sequence", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "subject", "AttributeType": "S"},
            {"AttributeName": "sequence", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for name in target.gate_alarms:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="demo",
            MetricName="demo",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Period=60,
            Statistic="Sum",
            Threshold=1,
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="no failures")
    verdict = Evidence(
        key=migration_key("safework"),
        passed=True,
        time=dt.datetime.now(dt.UTC),
        digest="9f2c61d07a3e",
        operator="you@demo",
        detail="4 tables",
    )
    leave(open_table(target.journal_table), verdict)


@contextlib.contextmanager
def moto_server() -> Generator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Generator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    os.environ.pop("AWS_PROFILE", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def https_origin(
    folder: Path, hostname: str, *, days: int = 90, status: int = 200
) -> Generator[tuple[int, ssl.SSLContext]]:
    """An HTTPS server for a name; yields its port, and a context that trusts its authority."""
    authority, certificate = make_certificate(folder, hostname, days=days)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.headers["Host"] == hostname else 421)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing."""

    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = served.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], ssl.create_default_context(cafile=str(authority))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(folder: Path, hostname: str, *, days: int) -> tuple[Path, Path]:
    """A certificate for a name, and the file of the authority that signed it."""
    now = dt.datetime.now(dt.UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])

    def builder(subject: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=2))
        )

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    root = (
        builder(issuer, authority_key.public_key())
        .not_valid_after(now + dt.timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    leaf = (
        builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname)]), key.public_key())
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(hostname)]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    authority_file, certificate_file = folder / "authority.pem", folder / "origin.pem"
    authority_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate_file.write_bytes(secret + leaf.public_bytes(serialization.Encoding.PEM))
    return authority_file, certificate_file
