"""The harness must not let a test pass by asserting nothing."""

import pulumi
import pytest
from pulumi_aws import ec2, get_caller_identity, lambda_, s3

from tests.harness import UNKNOWN, HarnessError, deploy

VPC = "aws:ec2/vpc:Vpc"


class Pair(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:test:Pair", name, None, opts)
        self.vpc = ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(parent=self))
        self.subnet = ec2.Subnet(
            f"{name}-subnet",
            vpc_id=self.vpc.id,
            cidr_block="10.0.0.0/24",
            opts=pulumi.ResourceOptions(parent=self, protect=True, ignore_changes=["tags"]),
        )
        self.register_outputs({"vpcId": self.vpc.id})


def test_records_the_tree_options_and_dependencies() -> None:
    result = deploy(lambda: Pair("pair"))
    vpc, subnet = result.one(VPC), result.one("aws:ec2/subnet:Subnet", "pair-subnet")
    component = result.one("platform:test:Pair")
    assert vpc.parent == subnet.parent == component.urn
    assert vpc.urn == f"urn:pulumi:dev::seoul-platform::platform:test:Pair${VPC}::pair-vpc"
    assert subnet.inputs["vpcId"] == vpc.id
    assert subnet.dependencies == (vpc.urn,)
    assert subnet.property_dependencies["vpcId"] == (vpc.urn,)
    assert (subnet.options.protect, subnet.options.ignore_changes) == (True, ("tags",))
    assert component.outputs == {"vpcId": vpc.id}
    assert result.ancestors(subnet) == (component,)
    assert {child.name for child in result.children(component)} == {"pair-vpc", "pair-subnet"}
    assert result.value(result.result.vpc.id) == vpc.id


def test_runs_do_not_know_of_each_other() -> None:
    first, second = deploy(lambda: Pair("pair")), deploy(lambda: Pair("pair"))
    assert first.resources == second.resources


def test_in_a_preview_computed_values_are_unknown() -> None:
    def build() -> None:
        pair = Pair("pair")
        pair.vpc.id.apply(lambda _: pytest.fail("a callback on an unknown value ran"))

    assert deploy(build, preview=True).one("aws:ec2/subnet:Subnet")["vpcId"] == UNKNOWN


def test_exports_and_secrets_stay_visible() -> None:
    def build() -> None:
        function = lambda_.Function(
            "function",
            role="arn:aws:iam::123456789012:role/role",
            environment={"variables": {"key": pulumi.Output.secret("hush")}},
        )
        pulumi.export("arn", function.arn)
        pulumi.export("key", pulumi.Output.secret("hush"))

    result = deploy(build)
    record = result.one("aws:lambda/function:Function")
    assert record["environment"] == {"variables": {"key": "hush"}}
    assert record.secret_inputs == {"environment.variables.key"}
    assert result.outputs["arn"] == record.outputs["arn"]  # type: ignore[index]
    assert result.secret_outputs == {"key"}


def test_an_exception_in_apply_comes_out() -> None:
    def build() -> None:
        ec2.Vpc("vpc", cidr_block="10.0.0.0/16").id.apply(lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        deploy(build)


def test_every_refused_input_is_told_at_once() -> None:
    def build() -> None:
        bucket = s3.Bucket("bucket")
        s3.BucketVersioning("a", bucket=bucket.id, versioning_configuration={"status": "enabled"})
        s3.BucketVersioning("b", bucket=bucket.id, versioning_configuration={"state": "Enabled"})  # type: ignore[typeddict-item]

    with pytest.raises(HarnessError) as failure:
        deploy(build)
    assert "BucketVersioning a: versioningConfiguration.status" in str(failure.value)
    assert "versioningConfiguration.state: no such property; did you mean 'status'?" in str(failure.value)


def test_a_lookup_fails() -> None:
    with pytest.raises(HarnessError, match="looks something up in the cloud"):
        deploy(get_caller_identity)


def test_an_output_in_text_fails() -> None:
    def build() -> None:
        vpc = ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        s3.BucketPolicy("policy", bucket="bucket", policy=f"{{{vpc.arn}}}")

    with pytest.raises(HarnessError, match=r"use Output\.format"):
        deploy(build)


def test_the_same_name_twice_fails() -> None:
    def build() -> None:
        for _ in range(2):
            s3.Bucket("bucket")

    with pytest.raises(HarnessError, match="registered twice"):
        deploy(build)


def test_a_name_too_long_for_the_service_fails() -> None:
    with pytest.raises(HarnessError, match="at most 63"):
        deploy(lambda: s3.Bucket("b" * 60))
