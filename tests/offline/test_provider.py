"""The simulated providers over gRPC, served from their own process as the engine finds them."""

import contextlib
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from offline import provider_wire as wire

REPOSITORY = Path(__file__).parents[2]
FUNCTION = "aws:lambda/function:Function"


def _urn(token: str, name: str = "name") -> str:
    return f"urn:pulumi:dev::project::{token}::{name}"


class Client:
    """Calls one provider with plain values."""

    def __init__(self, port: int) -> None:
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def check(self, token: str, news: dict[str, Any], olds: dict[str, Any] | None = None) -> Any:
        request = provider_pb2.CheckRequest(
            urn=_urn(token), news=wire.to_struct(news), olds=wire.to_struct(olds or {})
        )
        return self.stub.Check(request)

    def create(
        self, token: str, inputs: dict[str, Any], *, preview: bool = False
    ) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(
            urn=_urn(token), properties=wire.to_struct(inputs), preview=preview
        )
        response = self.stub.Create(request)
        return response.id, wire.from_struct(response.properties)

    def update(
        self,
        token: str,
        old: dict[str, Any],
        new: dict[str, Any],
        state: dict[str, Any],
        *,
        preview: bool = False,
    ) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            urn=_urn(token),
            old_inputs=wire.to_struct(old),
            news=wire.to_struct(new),
            olds=wire.to_struct(state),
            preview=preview,
        )
        return wire.from_struct(self.stub.Update(request).properties)

    def diff(
        self, token: str, old: dict[str, Any], new: dict[str, Any], ignored: tuple[str, ...] = ()
    ) -> Any:
        request = provider_pb2.DiffRequest(
            urn=_urn(token),
            old_inputs=wire.to_struct(old),
            news=wire.to_struct(new),
            ignoreChanges=list(ignored),
        )
        return self.stub.Diff(request)


@contextlib.contextmanager
def _served(packages: str) -> Generator[tuple[subprocess.Popen[str], dict[str, int]]]:
    """The process and its ports. Leaving closes its input, on which it stops."""
    process = subprocess.Popen(
        [sys.executable, "-m", "offline.provider", "--packages", packages],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    ports: dict[str, int] = {}
    while (line := process.stdout.readline().strip()) != "ready":
        package, _, port = line.partition(":")
        ports[package] = int(port)
    with process:
        yield process, ports


@pytest.fixture(scope="module")
def aws() -> Iterator[Client]:
    with _served("aws") as (_, ports):
        client = Client(ports["aws"])
        yield client
        client.channel.close()


def test_it_serves_each_package_and_stops_when_its_input_closes() -> None:
    with _served("aws,cloudflare") as (process, ports):
        assert set(ports) == {"aws", "cloudflare"}
    assert process.returncode == 0


def test_it_stops_on_a_signal() -> None:
    with _served("aws") as (process, _):
        process.terminate()
        assert process.wait(10) == 0


def test_a_package_without_an_sdk_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "offline.provider", "--packages", "nowhere"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "pulumi_nowhere is not installed" in done.stderr


def test_check_refuses_what_the_sdk_does_not_know(aws: Client) -> None:
    failures = aws.check(FUNCTION, {"role": "r", "memorysize": 128.0}).failures
    assert [failure.reason for failure in failures] == [
        "memorysize: no such property; did you mean 'memorySize'?"
    ]


def test_check_names_a_resource_and_keeps_its_name(aws: Client) -> None:
    first = wire.from_struct(aws.check(FUNCTION, {"role": "r"}).inputs)
    assert first["name"].startswith("name-")
    again = wire.from_struct(aws.check(FUNCTION, {"role": "r"}, {"name": "name-0000000"}).inputs)
    assert again["name"] == "name-0000000"


def test_a_preview_knows_inputs_alone(aws: Client) -> None:
    identifier, outputs = aws.create(FUNCTION, {"role": "r", "name": "f"}, preview=True)
    assert identifier == ""
    assert (outputs["role"], outputs["arn"], outputs["version"]) == ("r", wire.UNKNOWN, wire.UNKNOWN)
    assert "memorySize" not in outputs


def test_secrets_stay_secret(aws: Client) -> None:
    inputs = {"role": "r", "name": "f", "environment": {"variables": {"key": wire.secret("hush")}}}
    assert aws.create(FUNCTION, inputs)[1]["environment"] == inputs["environment"]


def test_only_a_change_of_the_function_publishes_a_version(aws: Client) -> None:
    inputs = {"role": "r", "name": "f", "publish": True}
    _, state = aws.create(FUNCTION, inputs)
    tagged = {**inputs, "tags": {"a": "b"}}
    assert aws.update(FUNCTION, inputs, tagged, state)["version"] == "1"
    larger = {**inputs, "memorySize": 256.0}
    assert aws.update(FUNCTION, inputs, larger, state)["version"] == "2"
    assert aws.update(FUNCTION, inputs, larger, state, preview=True)["version"] == wire.UNKNOWN


def test_diff_tells_updates_from_replacements(aws: Client) -> None:
    old = {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}
    updated = aws.diff("aws:ec2/vpc:Vpc", old, {**old, "tags": {"a": "c"}})
    assert (list(updated.diffs), list(updated.replaces)) == (["tags"], [])
    replaced = aws.diff("aws:ec2/vpc:Vpc", old, {**old, "cidrBlock": "10.1.0.0/16"})
    assert list(replaced.replaces) == ["cidrBlock"]
    assert replaced.deleteBeforeReplace is False
    assert aws.diff("aws:ec2/vpc:Vpc", old, old).changes == provider_pb2.DiffResponse.DIFF_NONE
    ignored = aws.diff("aws:ec2/vpc:Vpc", old, {**old, "tags": {}}, ignored=("tags",))
    assert ignored.changes == provider_pb2.DiffResponse.DIFF_NONE


@pytest.mark.parametrize(
    ("token", "state", "said"),
    [
        ("aws:rds/cluster:Cluster", {"deletionProtection": True}, "deletionProtection is on"),
        ("aws:rds/cluster:Cluster", {}, "finalSnapshotIdentifier is required"),
        ("aws:rds/cluster:Cluster", {"skipFinalSnapshot": True}, None),
        ("aws:dynamodb/table:Table", {"deletionProtectionEnabled": True}, "deletionProtectionEnabled is on"),
    ],
)
def test_deletion_is_refused_where_aws_would(
    aws: Client, token: str, state: dict[str, Any], said: str | None
) -> None:
    request = provider_pb2.DeleteRequest(id="x", urn=_urn(token), properties=wire.to_struct(state))
    if said is None:
        aws.stub.Delete(request)
        return
    with pytest.raises(grpc.RpcError) as error:
        aws.stub.Delete(request)
    assert said in str(cast("grpc.Call", error.value).details())


def test_lookups_are_refused(aws: Client) -> None:
    with pytest.raises(grpc.RpcError) as error:
        aws.stub.Invoke(provider_pb2.InvokeRequest(tok="aws:index/getCallerIdentity:getCallerIdentity"))
    assert "the program makes none" in str(cast("grpc.Call", error.value).details())
