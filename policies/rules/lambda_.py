"""Lambda functions."""

from datetime import date

from policies.checks import one_of, present
from policies.documents import anyone
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.secrets import exposed
from policies.tokens import (
    FUNCTION,
    FUNCTION_EVENT_CONFIG,
    FUNCTION_PERMISSION,
    FUNCTION_URL,
    LOG_GROUP,
)

_ASYNCHRONOUS = frozenset(
    {
        "events.amazonaws.com",
        "s3.amazonaws.com",
        "sns.amazonaws.com",
        "scheduler.amazonaws.com",
        "logs.amazonaws.com",
    }
)


@rule(
    id="lambda-permission-not-public",
    title="No permission lets everyone, or a whole service, call a function",
    fsbp=("Lambda.1",),
    severity="critical",
    enforcement="M",
    types=(FUNCTION_PERMISSION,),
    why="A service principal without a source may act for any account's resource.",
    fix="Set sourceArn or sourceAccount; never principal '*' alone.",
)
def lambda_permission_not_public(r: Resource) -> Found:
    principal = r.text("principal")
    if principal != "*" and not principal.endswith(".amazonaws.com"):
        return None
    named = [source for source in ("sourceArn", "sourceAccount", "principalOrgId") if r.has(source)]
    if not named:
        return f"principal {principal} without sourceArn or sourceAccount"
    wide = named == ["sourceArn"] and isinstance(arn := r.raw("sourceArn"), str) and anyone(arn)
    return f"principal {principal} with sourceArn {r.raw('sourceArn')}, which is anyone's" if wide else None


@rule(
    id="lambda-runtime-supported",
    title="Functions run on a supported runtime",
    pack="operations",
    fsbp=("Lambda.2",),
    severity="medium",
    enforcement="M",
    types=(FUNCTION,),
    settings=("lambdaRuntimes",),
    why="A deprecated runtime gets no security fixes, then no updates at all.",
    fix="Move to a runtime in the table of the pack's settings.",
)
def lambda_runtime_supported(r: Resource) -> Found:
    if r.text("packageType", "Zip") == "Image":
        return None
    runtime = r.text("runtime")
    end = r.config.lambda_runtimes.get(runtime)
    if end is None:
        return f"runtime is {runtime or 'absent'}; supported: {', '.join(sorted(r.config.lambda_runtimes))}"
    return f"runtime {runtime} ended on {end}" if r.config.today > date.fromisoformat(end) else None


@rule(
    id="lambda-in-vpc",
    title="Functions run in the VPC",
    fsbp=("Lambda.3",),
    severity="low",
    enforcement="A",
    types=(FUNCTION,),
    why="Its traffic then passes security groups and flow logs.",
    fix="Set vpcConfig with private subnets and a security group.",
)
def lambda_in_vpc(r: Resource) -> Found:
    return present(r, "vpcConfig.subnetIds")


@rule(
    id="lambda-two-subnets",
    title="A function in a VPC uses two subnets or more",
    pack="reliability",
    fsbp=("Lambda.5",),
    severity="medium",
    enforcement="M",
    types=(FUNCTION,),
    why="With one subnet it stops with one zone.",
    fix="Name subnets of at least two zones.",
)
def lambda_two_subnets(r: Resource) -> Found:
    if not r.has("vpcConfig.subnetIds"):
        return None
    count = len(r.elements("vpcConfig.subnetIds"))
    return None if count >= 2 else f"vpcConfig.subnetIds names {count}"


@rule(
    id="lambda-traced",
    title="Functions are traced with X-Ray",
    pack="operations",
    severity="low",
    enforcement="M",
    types=(FUNCTION,),
    why="One request crosses gateway, function, proxy and database; the trace shows where it waited.",
    fix="Set tracingConfig.mode Active.",
)
def lambda_traced(r: Resource) -> Found:
    return one_of(r, "tracingConfig.mode", {"Active"})


@rule(
    id="lambda-no-secret-in-environment",
    title="No secret stands in a function's environment",
    severity="critical",
    enforcement="M",
    types=(FUNCTION,),
    why="Whoever may describe the function reads its environment, and so does the state file.",
    fix="Put the value in Secrets Manager and pass its ARN.",
)
def lambda_no_secret_in_environment(r: Resource) -> Found:
    for name, value in r.mapping("environment.variables").items():
        fault = exposed(name, value)
        yield f"environment.variables.{name} {fault}" if fault else None


@rule(
    id="lambda-url-not-open",
    title="Function URLs ask for IAM",
    severity="critical",
    enforcement="M",
    types=(FUNCTION_URL,),
    why="An open URL goes around the gateway, its throttling and both firewalls.",
    fix="Set authorizationType AWS_IAM.",
)
def lambda_url_not_open(r: Resource) -> Found:
    return one_of(r, "authorizationType", {"AWS_IAM"})


@rule(
    id="lambda-environment-key",
    title="A function's environment is encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(FUNCTION,),
    why="The service's key cannot be refused to anyone.",
    fix="Set kmsKeyArn.",
)
def lambda_environment_key(r: Resource) -> Found:
    return present(r, "kmsKeyArn") if r.has("environment.variables") else None


@stack_rule(
    id="lambda-failures-kept",
    title="A function called asynchronously keeps what failed",
    pack="reliability",
    severity="medium",
    enforcement="A",
    types=(FUNCTION,),
    why="After its retries Lambda drops an event without a word.",
    fix="Set deadLetterConfig, or a FunctionEventInvokeConfig with an onFailure destination.",
)
def lambda_failures_kept(r: Resource, graph: Graph) -> Found:
    callers = {p.text("principal") for p in graph.referring(r, "function", FUNCTION_PERMISSION)}
    if not callers & _ASYNCHRONOUS:
        return None
    configs = graph.referring(r, "functionName", FUNCTION_EVENT_CONFIG)
    if any(c.has("destinationConfig.onFailure.destination") for c in configs):
        return None
    return present(r, "deadLetterConfig.targetArn")


@stack_rule(
    id="lambda-log-group-made",
    title="A function's log group is made here",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(FUNCTION,),
    why="The group that Lambda makes by itself keeps logs for ever, without a key.",
    fix="Set loggingConfig.logGroup to a LogGroup of this stack.",
)
def lambda_log_group_made(r: Resource, graph: Graph) -> Found:
    groups = graph.refs(r, "loggingConfig.logGroup", LOG_GROUP)
    own = f"/aws/lambda/{r.raw('name') or r.outputs.raw('name')}"
    groups += [group for group in graph.of(LOG_GROUP) if group.raw("name") == own]
    return None if groups else "loggingConfig.logGroup is no log group of this stack"
