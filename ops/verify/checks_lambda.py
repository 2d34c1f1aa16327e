"""Lambda: the alias that callers use, the version behind it, and what moves it."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from ops.aws import code, section
from ops.verify.result import Probe, Result

FUNCTION = "aws:lambda/function:Function"


def alias(probe: Probe) -> Iterator[Result]:
    """The alias is at the version that the last update published, with no share left elsewhere."""
    client = probe.client("lambda")
    function, name = str(probe.resource.get("functionName")), str(probe.resource.get("name"))
    live = client.get_alias(FunctionName=function, Name=name)
    planned = _published(probe, function) or str(probe.resource.inputs.get("functionVersion") or "")
    weights = section(section(live, "RoutingConfig"), "AdditionalVersionWeights")
    expected = f"version {planned}, no share elsewhere"
    if weights:
        shares = ", ".join(
            f"{weight:.0%} to version {version}" for version, weight in sorted(weights.items())
        )
        yield probe.pending(
            expected,
            f"version {live['FunctionVersion']} with {shares}",
            "wait for the shift (`aws deploy list-deployments`); without one, take the routing off the alias",
        )
    elif planned and live["FunctionVersion"] != planned:
        yield probe.failed(
            expected,
            f"version {live['FunctionVersion']}",
            "release the published version; after a rollback, read CodeDeploy's last deployment first",
        )
    else:
        yield probe.ok(expected, f"version {live['FunctionVersion']}")
    yield _settled(
        probe, client.get_function_configuration(FunctionName=function, Qualifier=live["FunctionVersion"])
    )


def function(probe: Probe) -> Iterator[Result]:
    """The newest code is in place and runs; aliases are checked as resources of their own."""
    found = probe.client("lambda").get_function_configuration(
        FunctionName=probe.resource.get("name") or probe.resource.id
    )
    yield _settled(probe, found)
    planned = probe.resource.get("codeSha256")
    if planned and planned != found["CodeSha256"]:
        yield probe.failed(
            f"code {planned[:12]}",
            f"code {found['CodeSha256'][:12]}",
            "somebody changed the code: `pulumi up --refresh`",
        )


def warm(probe: Probe) -> Iterator[Result]:
    """The instances that are kept warm are there."""
    name, qualifier = probe.resource.get("functionName"), probe.resource.get("qualifier")
    try:
        found = probe.client("lambda").get_provisioned_concurrency_config(
            FunctionName=name, Qualifier=qualifier
        )
    except ClientError as error:
        if code(error) != "ProvisionedConcurrencyConfigNotFoundException":
            raise
        yield probe.failed("READY", "none provisioned", "`pulumi up --refresh`")
        return
    status = found["Status"]
    there = found.get("AvailableProvisionedConcurrentExecutions", 0)
    said = f"{there} of {found['RequestedProvisionedConcurrentExecutions']} {status}"
    if status == "READY":
        yield probe.ok("READY", said)
    elif status == "IN_PROGRESS":
        yield probe.pending("READY", said, "wait")
    else:
        yield probe.failed(
            "READY",
            f"{said}. {found.get('StatusReason', '')}",
            "raise the account's concurrency quota, or provision less",
        )


def event_source(probe: Probe) -> Iterator[Result]:
    """The mapping reads its source, unless the plan says that it shall not."""
    wanted = "Disabled" if probe.resource.planned("enabled") is False else "Enabled"
    switch = "--enabled" if wanted == "Enabled" else "--no-enabled"
    uuid = probe.resource.get("uuid") or probe.resource.id
    found = probe.client("lambda").get_event_source_mapping(UUID=uuid)
    yield probe.status(
        found["State"],
        good=[wanted],
        moving=["Creating", "Enabling", "Disabling", "Updating"],
        fix=f"`aws lambda update-event-source-mapping --uuid {uuid} {switch}`",
    )


def _published(probe: Probe, function: str) -> str:
    """The version that the last update published, of the function in the same state."""
    for each in probe.state.of_type(FUNCTION):
        if function in {each.get("name"), each.id, each.get("arn")}:
            version = str(each.outputs.get("version") or "")
            return "" if version == "$LATEST" else version
    return ""


def _settled(probe: Probe, found: Any) -> Result:
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    expected, said = "Active, last update Successful", f"{state}, last update {update}"
    reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or ""
    if state in {"Active", "Inactive"} and update == "Successful":
        return probe.ok(
            expected, said
        )  # an Inactive function was not called for weeks; it wakes at the next call
    if "Failed" in {state, update}:
        return probe.failed(expected, f"{said}. {reason}", "mend what the reason names, and `pulumi up`")
    return probe.pending(expected, f"{said}. {reason}".rstrip(". "), "wait")
