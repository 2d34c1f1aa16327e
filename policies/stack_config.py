"""What a stack says about the pack in its own configuration, under ``policies:config``.

CrossGuard's own configuration (``--policy-pack-config``) is a file beside the stack and lays settings on one
rule at a time. This key lies in ``Pulumi.<stack>.yaml``, holds for every rule, and chooses packs, levels and
remediations::

    policies:config:
      environment: staging
      packs: [security, cis]
      levels: { rds-own-port: disabled }
      remediate: [kms-key-rotated]
      allowedRegions: [ap-northeast-2, ap-northeast-1]
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final, cast

from policies.remedies import REMEDIES
from policies.rule import PACKS
from policies.schema import faults
from policies.settings import SETTINGS, PackConfig, environment_from

KEY: Final = "policies:config"
LEVELS: Final = ("mandatory", "advisory", "disabled", "remediate")
_OWN: Final[dict[str, dict[str, Any]]] = {
    "environment": {"type": "string", "description": "such as dev or prod"},
    "packs": {"type": "array", "items": {"type": "string", "enum": PACKS}, "description": "names of packs"},
    "levels": {
        "type": "object",
        "additionalProperties": {"type": "string", "enum": LEVELS},
        "description": "rule id to level",
    },
}


class ConfigError(ValueError):
    """The stack's configuration of the pack cannot be used; lists every fault with the key it is under."""


def configured(base: PackConfig, stack_config: Mapping[str, str], *, rules: Collection[str]) -> PackConfig:
    """The settings of a stack over ``base``. Raises :class:`ConfigError` naming every fault at once."""
    environment = environment_from(stack_config)
    base = replace(base, environment=environment) if environment else base
    if KEY not in stack_config:
        return base
    try:
        given: Any = json.loads(stack_config[KEY])
    except ValueError:
        given = stack_config[KEY]
    if not isinstance(given, dict):
        raise ConfigError(f"{KEY}: got {given!r}; a mapping, such as {{packs: [security]}}")
    values = cast("dict[str, Any]", given)
    found = [*_faults(values), *_unknown_rules(values, rules)]
    if found:
        raise ConfigError("\n".join(found))
    return replace(
        base.with_settings(values),
        environment=values.get("environment", base.environment),
        packs=frozenset(values.get("packs", base.packs)),
        levels={**base.levels, **_remediated(values), **values.get("levels", {})},
    )


def _faults(values: Mapping[str, Any]) -> Iterator[str]:
    known = {**_OWN, **{key: setting.schema for key, setting in SETTINGS.items()}}
    for key, value in values.items():
        if key in known:
            yield from faults(value, known[key], f"{KEY}.{key}")
        elif key != "remediate":
            yield f"{KEY}.{key}: not a key; {_nearest(key, [*known, 'remediate'])}"
    remediate = values.get("remediate")
    if remediate is not None and not isinstance(remediate, bool | list):
        yield f"{KEY}.remediate: got {remediate!r}; true for all of them, or a list of rule ids"


def _unknown_rules(values: Mapping[str, Any], rules: Collection[str]) -> Iterator[str]:
    levels = values.get("levels")
    if isinstance(levels, dict):
        named = cast("dict[str, Any]", levels)
        yield from (f"{KEY}.levels.{r}: no rule; {_nearest(r, rules)}" for r in named if r not in rules)
        for rule, level in named.items():
            if level == "remediate" and rule in rules and rule not in REMEDIES:
                yield f"{KEY}.levels.{rule}: got remediate; it has no remediation, mend the program instead"
    remediate = values.get("remediate")
    for rule in cast("list[Any]", remediate) if isinstance(remediate, list) else []:
        if rule not in REMEDIES:
            yield f"{KEY}.remediate: {rule!r} has no remediation; {_nearest(str(rule), REMEDIES)}"


def _nearest(got: str, known: Collection[str]) -> str:
    near = get_close_matches(got, known, n=1)
    return f"did you mean {near[0]}?" if near else f"allowed: {', '.join(sorted(known)[:20])}"


def _remediated(values: Mapping[str, Any]) -> dict[str, str]:
    asked = values.get("remediate", False)
    chosen: Collection[str] = REMEDIES if asked is True else asked or ()
    return dict.fromkeys(chosen, "remediate")
