"""``python -m settings.schema`` writes the JSON Schema that editors check the stack files with."""

import json
from pathlib import Path

from settings.accounts import ROLES_KEY, ROLES_SCHEMA
from settings.json_schema import Node, schema_of
from settings.parsing import ACCOUNTS_KEY, REGION_KEY, STACK_KEY, SYSTEMS_KEY
from settings.stack import SYSTEMS, StackSettings, system_model

SCHEMA_FILE = Path(__file__).with_name("stack.schema.json")


def stack_file_schema() -> Node:
    """The schema of a whole ``Pulumi.<stack>.yaml``. Configuration of other namespaces is left alone."""
    definitions: Node = {}
    stack = _definition(definitions, "stack", schema_of(StackSettings))
    for key in ("region", "systems"):
        del stack["properties"][key]
    stack["required"].remove("region")
    definitions.pop("stack.SystemSettings")
    systems = {key: _definition(definitions, key, schema_of(system_model(key))) for key in sorted(SYSTEMS)}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A stack of this project",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    REGION_KEY: {"type": "string"},
                    ACCOUNTS_KEY: {"type": "array", "items": {"type": "string"}},
                    ROLES_KEY: ROLES_SCHEMA,
                    STACK_KEY: stack,
                    SYSTEMS_KEY: {
                        "type": "object",
                        "properties": systems,
                        "additionalProperties": False,
                        "minProperties": 1,
                    },
                },
                "patternProperties": {f"^(?!{STACK_KEY.partition(':')[0]}:)": {}},
                "required": [REGION_KEY, STACK_KEY, SYSTEMS_KEY],
                "additionalProperties": False,
            }
        },
        "required": ["config"],
        "definitions": dict(sorted(definitions.items())),
    }


def _definition(definitions: Node, prefix: str, schema: Node) -> Node:
    """The schema's root, with its definitions moved under names that no other model can take."""
    text = json.dumps({"root": schema, "nested": schema.get("$defs", {})})
    moved = json.loads(text.replace('"#/$defs/', f'"#/definitions/{prefix}.'))
    root: Node = moved["root"]
    root.pop("$defs", None)
    definitions.update({f"{prefix}.{name}": node for name, node in moved["nested"].items()})
    return root


def render() -> str:
    return json.dumps(stack_file_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(render(), encoding="utf-8")
