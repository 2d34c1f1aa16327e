"""JSON Schema of the models: what editors complete from, and what error messages take their ranges from."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from pydantic.json_schema import GenerateJsonSchema, JsonRef, JsonSchemaValue
from pydantic_core import core_schema

from settings.model import ByEnvironment, ByProfile, Model, Section

Node = dict[str, Any]

# Until a field's own description is known, a default waits under this keyword.
_DEFAULT = "x-default"


class SettingsJsonSchema(GenerateJsonSchema):
    """Writes defaults that follow the environment or the profile as words."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        default = schema.get("default")
        if isinstance(default, Section):
            return self._section(schema, default)
        if isinstance(default, ByEnvironment | ByProfile):
            return {**self.generate_inner(schema["schema"]), _DEFAULT: in_words(default)}
        return super().default_schema(schema)

    def _section(self, schema: core_schema.WithDefaultSchema, default: Section) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        definition = self.get_schema_from_definitions(JsonRef(inner.get("$ref", "")))
        if not default.keys or definition is None:
            return inner
        node: Node = {**definition, "properties": dict(definition["properties"])}
        for key, value in default.keys.items():
            node["properties"][key] = {**node["properties"][key], _DEFAULT: in_words(value)}
        node["required"] = [key for key in node.get("required", []) if key not in default.keys]
        if not node["required"]:
            del node["required"]
        return node


def in_words(default: object) -> str:
    """A default as a person would say it."""
    if isinstance(default, ByEnvironment):
        return f"{in_words(default.dev)} in dev, {in_words(default.prod)} in prod"
    if isinstance(default, ByProfile):
        return ", ".join(f"{in_words(value)} with {name}" for name, value in default.values.items())
    if isinstance(default, list):
        return f"[{', '.join(in_words(item) for item in cast('list[object]', default))}]"
    if isinstance(default, Mapping):
        pairs = cast("Mapping[str, object]", default).items()
        return f"{{{', '.join(f'{key}: {in_words(value)}' for key, value in pairs)}}}"
    return str(default).lower() if isinstance(default, bool) else str(default)


@cache
def schema_of(model: type[Model]) -> Node:
    """The schema of one model, by alias."""
    return _tidy(model.model_json_schema(by_alias=True, schema_generator=SettingsJsonSchema))


def _tidy(node: Any) -> Any:
    """Joins descriptions and defaults, and leaves out titles, which only repeat the keys."""
    if isinstance(node, list):
        return [_tidy(item) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    given = cast("Node", node)
    tidy = {key: _tidy(value) for key, value in given.items() if key not in (_DEFAULT, "title")}
    words = [str(given["description"])] if "description" in given else []
    if _DEFAULT in given:
        words.append(f"Default: {given[_DEFAULT]}.")
    return {**tidy, "description": " ".join(words)} if words else tidy
