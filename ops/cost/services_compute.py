"""How containers, functions and jobs are billed."""

from collections.abc import Callable, Mapping

from ops.cost.estimate import HOURS, Group, Pricer
from ops.cost.plan import Resource

SECONDS = HOURS * 3600
ECS_SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SCALING_TARGET = "aws:appautoscaling/target:Target"


def _service(group: Group) -> None:
    def tasks(service: Resource) -> tuple[float, float]:
        """Floor and ceiling of the service."""
        for target in group.plan.of_type(SCALING_TARGET):
            if service.urn in target.depends_on.get("resourceId", ()):
                return target.number("minCapacity"), target.number("maxCapacity")
        desired = service.number("desiredCount")
        return desired, desired

    for service in group.resources:
        definition = _definition(group, service)
        for part in ("vcpu", "gb"):
            name = _fargate_price(definition, part)
            group.hours(
                "Fargate at the floor",
                name,
                lambda service=service, definition=definition, part=part: (
                    tasks(service)[0] * _size(definition(), part)
                ),
            )
            group.used(
                "Fargate above the floor",
                name,
                lambda service=service, definition=definition, part=part: (
                    (tasks(service)[1] - tasks(service)[0])
                    * group.usage["taskLoad"]
                    * _size(definition(), part)
                    * HOURS
                ),
            )


def _definition(group: Group, service: Resource) -> Callable[[], Resource]:
    return lambda: group.plan.behind(service, "taskDefinition", TASK_DEFINITION)


def _task_definition(group: Group) -> None:
    """One-off tasks: definitions that no service runs."""
    served = {
        urn
        for service in group.plan.of_type(ECS_SERVICE)
        for urn in service.depends_on.get("taskDefinition", ())
    }
    for definition in group.resources:
        if definition.urn in served:
            continue
        for part in ("vcpu", "gb"):
            group.used(
                "one-off and scheduled tasks",
                _fargate_price(lambda definition=definition: definition, part),
                lambda definition=definition, part=part: (
                    _size(definition, part) * group.usage["taskRuns"] * group.usage["taskMinutes"] / 60
                ),
            )


def _fargate_price(definition: Callable[[], Resource], part: str) -> Callable[[], str]:
    def name() -> str:
        platform: Mapping[str, str] = definition().inputs.get("runtimePlatform") or {}
        architecture = "arm" if platform.get("cpuArchitecture") == "ARM64" else "x86"
        return f"fargate.{architecture}.{part}.hour"

    return name


def _size(definition: Resource, part: str) -> float:
    return definition.number("cpu" if part == "vcpu" else "memory") / 1024


def _functions(group: Group) -> None:
    """The system's invocations, spread evenly over its functions."""
    group.used("Lambda requests", "lambda.request", lambda: group.usage["lambdaInvocations"])
    if any(_traced(function) for function in group.resources):
        group.used("traces", "trace", lambda: group.usage["traces"])
    for function in group.resources:
        architecture = "arm" if "arm64" in (function.inputs.get("architectures") or ()) else "x86"
        group.used(
            "Lambda compute",
            f"lambda.{architecture}.gb.second",
            lambda function=function: (
                group.usage["lambdaInvocations"]
                / group.count
                * group.usage["lambdaMilliseconds"]
                / 1000
                * function.number("memorySize", 128)
                / 1024
            ),
        )


def _traced(function: Resource) -> bool:
    tracing: Mapping[str, str] = function.inputs.get("tracingConfig") or {}
    return tracing.get("mode") == "Active"


def _provisioned(group: Group) -> None:
    for each in group.resources:
        group.fixed(
            "provisioned concurrency",
            "lambda.provisioned.gb.second",
            lambda each=each: (
                each.number("provisionedConcurrentExecutions")
                * group.plan.behind(each, "functionName", "aws:lambda/function:Function").number(
                    "memorySize", 128
                )
                / 1024
                * SECONDS
            ),
        )


def _batch(group: Group) -> None:
    group.used("Batch on Spot", "spot.vcpu.hour", lambda: group.usage["batchVcpuHours"])


COMPUTE_PRICERS: Mapping[str, Pricer] = {
    "aws:batch/computeEnvironment:ComputeEnvironment": _batch,
    ECS_SERVICE: _service,
    TASK_DEFINITION: _task_definition,
    "aws:lambda/function:Function": _functions,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _provisioned,
}
