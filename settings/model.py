"""The base of every settings model: strict, frozen, with defaults by environment and profile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

Environment = Literal["dev", "prod"]
Profile = Literal["standard", "economy", "idle"]
"""Each system says which of them it knows."""

RULES = "rules"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a model may know of the stack around it while its defaults and rules are worked out."""

    environment: Environment
    profile: Profile = "standard"
    region: str = "ap-northeast-2"
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A rule between fields that a file breaks. ``key`` is relative to the model, in the file's spelling."""

    key: str
    got: object
    allowed: str


@dataclass(frozen=True)
class ByEnvironment:
    dev: object
    prod: object

    def pick(self, context: Context) -> object:
        return self.dev if context.environment == "dev" else self.prod


@dataclass(frozen=True)
class ByProfile:
    values: Mapping[str, object]

    def pick(self, context: Context) -> object:
        return self.values[context.profile]


@dataclass(frozen=True)
class Section:
    """A nested mapping whose missing keys are filled in, so that a file may override one number of it."""

    keys: Mapping[str, object]


Default = ByEnvironment | ByProfile | Section


def by_environment(*, dev: object, prod: object) -> Any:
    """A default that differs between environments. Values are as a stack file would spell them."""
    return ByEnvironment(dev, prod)


def by_profile(**values: object) -> Any:
    """A default that differs between the profiles of a system, each named once; a value may itself be a
    default by environment."""
    return ByProfile(values)


def section(**keys: object) -> Any:
    """A nested model that a file may leave out, with the defaults that hold in this place alone."""
    return Section({to_camel(key): value for key, value in keys.items()})


def resolve(value: object, context: Context) -> object:
    """The plain value behind a default."""
    if isinstance(value, ByEnvironment | ByProfile):
        return resolve(value.pick(context), context)
    if isinstance(value, Section):
        return {key: resolve(item, context) for key, item in value.keys.items()}
    return value


class Model(BaseModel):
    """Frozen; camelCase in files and nowhere else; an unknown key is an error; scalars are not converted."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any, info: ValidationInfo) -> Any:
        if not isinstance(given, Mapping):
            return given
        raw = cast("Mapping[str, object]", given)
        context = cls._context(info)
        filled = dict(raw)
        for name, field in cls.model_fields.items():
            default, key = field.default, field.alias or name
            if isinstance(default, Section) and isinstance(raw.get(key, {}), Mapping):
                over = cast("Mapping[str, object]", raw.get(key, {}))
                filled[key] = {**cast("dict[str, object]", resolve(default, context)), **over}
            elif isinstance(default, ByEnvironment | ByProfile) and key not in raw:
                filled[key] = resolve(default, context)
        return filled

    @model_validator(mode="after")
    def _rules(self, info: ValidationInfo) -> Self:
        found = tuple(self.problems(self._context(info)))
        if found:
            raise PydanticCustomError(RULES, "{count} rules are broken", {"count": len(found), RULES: found})
        return self

    def problems(self, context: Context) -> Iterator[Problem]:  # noqa: ARG002 - for subclasses
        """Every rule between fields that this model breaks."""
        yield from ()

    @staticmethod
    def _context(info: ValidationInfo) -> Context:
        if not isinstance(info.context, Context):
            raise TypeError("settings are read with a Context: use settings.parsing.parse")
        return info.context
