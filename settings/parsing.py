"""From the plain data of a stack file to settings, or to every error in it at once. Needs no Pulumi."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar, cast, get_args

from pydantic import ValidationError

from settings.accounts import ROLES_KEY, role_errors
from settings.messages import explain, got, shown_key, unknown
from settings.model import RULES, ByEnvironment, ByProfile, Context, Environment, Model, Profile, resolve
from settings.stack import SYSTEMS, StackSettings, SystemSettings, system_model

NAMESPACE = "seoul-platform"
STACK_KEY = f"{NAMESPACE}:stack"
SYSTEMS_KEY = f"{NAMESPACE}:systems"
REGION_KEY = "aws:region"
ACCOUNTS_KEY = "aws:allowedAccountIds"


ModelT = TypeVar("ModelT", bound=Model)


class SettingsError(Exception):
    """Everything that is wrong with a stack's settings, one line each."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = tuple(errors)
        noun = "setting is" if len(errors) == 1 else "settings are"
        super().__init__("\n".join([f"{len(errors)} {noun} not usable:", *(f"  {line}" for line in errors)]))


def parse(stack: object, systems: object) -> StackSettings:
    """Reads the two objects of a stack file; ``stack`` also holds the region. Raises SettingsError."""
    errors: list[str] = []
    context = _context(stack)
    facts: StackSettings | None = None
    if isinstance(stack, Mapping) and "systems" in stack:
        errors.append(f"stack.systems: unknown key; systems have a key of their own, {SYSTEMS_KEY}; move it")
    else:
        facts = _read(StackSettings, cast("object", stack), context, "stack", errors)
    models = _systems(systems, context, errors)
    if errors or facts is None:
        raise SettingsError(errors)
    return facts.model_copy(update={"systems": models})


def parse_config(config: Mapping[str, object]) -> StackSettings:
    """Reads the configuration of a stack as its file spells it, full keys and all. Raises SettingsError."""
    errors: list[str] = [
        f"{shown_key(key)}: {unknown(key, [STACK_KEY, SYSTEMS_KEY])}"
        for key in config
        if key.startswith(f"{NAMESPACE}:") and key not in (STACK_KEY, SYSTEMS_KEY)
    ]
    given = config.get(STACK_KEY)
    stack = given
    if given is None:
        errors.append(f"{STACK_KEY}: missing; the facts of the stack; add it")
        stack = {}
    elif isinstance(given, Mapping):
        facts = cast("Mapping[str, object]", given)
        if "region" in facts:
            errors.append(f"stack.region: unknown key; the region is set once, in {REGION_KEY}; remove it")
        stack = {**facts, **({"region": config[REGION_KEY]} if REGION_KEY in config else {})}
        errors += _account_errors(facts.get("accountId"), config.get(ACCOUNTS_KEY))
        errors += role_errors(
            facts.get("accountId"), config.get(ROLES_KEY), held=bool(config.get(ACCOUNTS_KEY))
        )
    settings: StackSettings | None = None
    try:
        settings = parse(stack, config.get(SYSTEMS_KEY))
    except SettingsError as error:
        found = [line.replace("stack.region:", f"{REGION_KEY}:", 1) for line in error.errors]
        errors += [line for line in found if given is not None or not line.startswith(("stack", "aws"))]
    if errors or settings is None:
        raise SettingsError(errors)
    return settings


def _account_errors(account: object, allowed: object) -> list[str]:
    if not allowed or not isinstance(account, str):
        return []
    if isinstance(allowed, list) and account in cast("list[object]", allowed):
        return []
    shown = got(cast("object", allowed))
    return [f"{ACCOUNTS_KEY}: got {shown}; a list with stack.accountId ({got(account)}); make them agree"]


def _context(stack: object) -> Context:
    """What can be known before validation, so that systems are read even if the stack is wrong."""
    raw: Mapping[str, object] = cast("Mapping[str, object]", stack) if isinstance(stack, Mapping) else {}
    environment = raw.get("environment")
    zones = raw.get("zones")
    names = cast("list[object]", zones) if isinstance(zones, list) else []
    return Context(
        environment=cast("Environment", environment) if _among(environment, Environment) else "dev",
        region=str(raw.get("region", "")),
        zones=tuple(str(zone) for zone in names),
    )


def _among(value: object, literal: Any) -> bool:
    return isinstance(value, str) and value in get_args(literal)


def _systems(systems: object, context: Context, errors: list[str]) -> dict[str, SystemSettings]:
    if not isinstance(systems, Mapping) or not systems:
        errors.append(
            f"{SYSTEMS_KEY}: got {'an empty mapping' if systems == {} else got(cast('object', systems))}; "
            f"a mapping with at least one of {', '.join(SYSTEMS)}; add a system"
        )
        return {}
    models: dict[str, SystemSettings] = {}
    for key, raw in cast("Mapping[object, object]", systems).items():
        if key not in SYSTEMS:
            errors.append(f"systems.{shown_key(key)}: {unknown(str(key), list(SYSTEMS), what='system')}")
            continue
        name = str(key)
        model = system_model(name)
        settings = _read(model, raw, _for_system(model, raw, context), name, errors)
        if settings is not None:
            models[name] = settings
    return models


def _read(
    model: type[ModelT], raw: object, context: Context, prefix: str, errors: list[str]
) -> ModelT | None:
    """The model, or None with every error told.

    A model's rules are asked only when each of its fields is right. So the wrong fields are taken away and
    what is left is read once more: a rule that it breaks would otherwise show only after the first repair.
    """
    try:
        return model.model_validate(raw, context=context)
    except ValidationError as error:
        errors += explain(error, model, prefix)
        try:
            model.model_validate(_without_errors(raw, error), context=context)
        except ValidationError as further:
            errors += [
                line for line in explain(further, model, prefix, rules_only=True) if line not in errors
            ]
    return None


def _without_errors(raw: object, error: ValidationError) -> object:
    """A copy without the keys that are wrong by themselves, so that their defaults hold."""
    repaired = deepcopy(raw)
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        if detail["type"] == RULES:
            continue
        holder, key, node = None, "", repaired
        for part in detail["loc"]:
            if isinstance(node, dict) and part in node:
                holder, key = cast("dict[object, object]", node), part
                node = holder[part]
        if holder is not None:
            holder.pop(key, None)
    return repaired


def _for_system(model: type[SystemSettings], raw: object, context: Context) -> Context:
    """The same stack, seen with the profile that this system asks for."""
    field = model.model_fields.get("profile")
    if field is None:
        return context
    given = cast("Mapping[str, object]", raw).get("profile") if isinstance(raw, Mapping) else None
    default = cast("ByEnvironment | ByProfile | str", field.default)
    chosen = given if _among(given, field.annotation) else resolve(default, context)
    return Context(
        environment=context.environment,
        profile=cast("Profile", chosen),
        region=context.region,
        zones=context.zones,
    )
