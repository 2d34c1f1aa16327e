"""Reading Pulumi's configuration: clean errors, and keys that nobody asked for are reported."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from settings import loader

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name in ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS"):
        monkeypatch.delenv(name, raising=False)
    plain = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in plain.items()}


def use(config: dict[str, Any], *, secret_keys: list[str] | None = None) -> None:
    pulumi.runtime.set_all_config(config, secret_keys or [])


def test_loads_what_the_engine_hands_over(config: dict[str, Any]) -> None:
    use(config)
    assert loader.load().environment == "prod"


def test_errors_are_a_clean_pulumi_error(config: dict[str, Any]) -> None:
    use({**config, "seoul-platform:stak": "{}", "seoul-platform:systems": '{"safewrok": {}}'})
    with pytest.raises(pulumi.RunError) as raised:
        loader.load()
    assert str(raised.value).splitlines() == [
        "2 settings are not usable:",
        "  seoul-platform:stak: unknown key; did you mean seoul-platform:stack?",
        "  systems.safewrok: unknown system; did you mean safework?",
    ]


def test_text_that_is_no_object_is_named(config: dict[str, Any]) -> None:
    use({**config, "seoul-platform:systems": "safework"})
    with pytest.raises(pulumi.RunError, match=r"seoul-platform:systems: got 'safework'; a mapping"):
        loader.load()


def test_a_secret_in_the_settings_is_refused_and_not_shown(config: dict[str, Any]) -> None:
    use(config, secret_keys=["seoul-platform:systems"])
    with pytest.raises(pulumi.RunError, match="holds a secret") as raised:
        loader.load()
    assert "jclee" not in str(raised.value)


def test_nothing_at_all_names_what_is_missing(config: dict[str, Any]) -> None:
    del config
    use({})
    with pytest.raises(pulumi.RunError, match=r"seoul-platform:stack: missing"):
        loader.load()
