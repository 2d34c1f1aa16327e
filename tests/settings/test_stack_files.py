"""The shipped stack files: they load, they stay short, and the numbers behind them are the owners'."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from settings.cutover import Shifting
from settings.parsing import parse_config
from settings.rollout import AllAtOnce, Canary
from settings.safework import SafeWorkSettings
from settings.schema import SCHEMA_FILE, render, stack_file_schema

ROOT = Path(__file__).parents[2]
STACKS = ("dev", "prod")


def stack_file(stack: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))


def safework(stack: str, **changes: object) -> SafeWorkSettings:
    config = stack_file(stack)["config"]
    config["seoul-platform:systems"]["safework"].update(changes)
    settings = parse_config(config).systems["safework"]
    assert isinstance(settings, SafeWorkSettings)
    return settings


@pytest.mark.parametrize("stack", STACKS)
def test_stack_file_loads_and_says_which_environment_it_is(stack: str) -> None:
    settings = parse_config(stack_file(stack)["config"])
    assert settings.environment == stack
    assert settings.region == "ap-northeast-2"
    assert "safework" in settings.systems


@pytest.mark.parametrize("stack", STACKS)
def test_stack_file_satisfies_the_schema_and_names_it(stack: str) -> None:
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=settings/stack.schema.json\n")
    jsonschema.Draft7Validator(stack_file_schema()).validate(yaml.safe_load(text))


def test_schema_file_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == render(), "run python -m settings.schema"


def test_schema_refuses_what_the_models_refuse() -> None:
    validator = jsonschema.Draft7Validator(stack_file_schema())
    for path, value in (
        (("seoul-platform:systems", "safework", "api"), {"timeoutSecond": 20}),
        (("seoul-platform:systems", "safework", "network"), {"vpcCidr": "ten"}),
        (("seoul-platform:systems", "safework", "cutover"), {"kind": "shifting", "percent": 30}),
        (("seoul-platform:stack", "zones"), []),
        (("seoul-platform:stak",), {}),
    ):
        document = stack_file("prod")
        node = document["config"]
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
        assert list(validator.iter_errors(document)), path


FUNCTIONS = {
    "auth": (512, 30, 2, ("/auth/*", "/login", "/logout")),
    "survey": (1024, 60, 5, ("/survey/*", "/api/safework/*")),
    "admin": (512, 30, 0, ("/admin/*",)),
    "static": (256, 10, 0, ("/static/*", "/documents/*")),
    "health": (128, 5, 1, ("/health", "/")),
}


def test_functions_of_prod_have_the_numbers_of_the_plan() -> None:
    functions = safework("prod").functions.by_name()
    assert {
        name: (f.memory_mb, f.timeout_seconds, f.provisioned_concurrency, f.routes)
        for name, f in functions.items()
    } == FUNCTIONS


def test_prod_defaults() -> None:
    settings = safework("prod")
    database, api = settings.database, settings.api
    assert settings.profile == "standard"
    assert settings.deletion_protection is True
    assert (database.min_acu, database.max_acu, database.readers) == (0.5, 4.0, 1)
    assert (database.connections, database.backup_retention_days) == ("proxy", 7)
    assert (api.timeout_seconds, api.throttling_burst, api.throttling_rate) == (29, 2000, 1000)
    assert settings.api_timeout_quota == 29
    assert settings.log_retention_days == 30
    assert settings.network.nat_gateways == "perZone"
    assert (settings.alarms.function_error_percent, settings.alarms.connection_failures) == (5, 10)
    assert settings.rollout == Canary.model_construct(kind="canary", percent=10, interval_minutes=5)


def test_prod_names_and_cutover() -> None:
    settings = safework("prod")
    assert settings.domain.hostname == "safework2.jclee.me"
    assert settings.domain.api_hostname == "api-safework2.jclee.me"
    assert settings.domain.certificate_domain == "*.jclee.me"
    assert settings.domain.zone.manage_settings is True
    assert isinstance(settings.cutover, Shifting)
    assert settings.cutover.percent == 0
    assert settings.cutover.legacy.address == "221.153.20.249"


def test_dev_defaults() -> None:
    settings = safework("dev")
    assert settings.profile == "economy"
    assert settings.deletion_protection is False
    assert settings.log_retention_days == 7
    assert settings.domain.zone.manage_settings is False
    assert isinstance(settings.rollout, AllAtOnce)


@pytest.mark.parametrize("stack", STACKS)
def test_economy_leaves_out_what_costs_most(stack: str) -> None:
    settings = safework(stack, profile="economy")
    assert settings.network.nat_gateways == "none"
    assert "rds-data" in settings.network.interface_endpoints
    assert (settings.database.min_acu, settings.database.readers) == (0, 0)
    assert settings.database.connections == "dataApi"
    assert all(f.provisioned_concurrency == 0 for f in settings.functions.by_name().values())


def test_dev_standard_keeps_nothing_warm() -> None:
    settings = safework("dev", profile="standard")
    assert settings.network.nat_gateways == "single"
    assert settings.database.connections == "proxy"
    assert all(f.provisioned_concurrency == 0 for f in settings.functions.by_name().values())


def test_one_number_of_a_function_can_be_overridden_alone() -> None:
    survey = safework("prod", functions={"survey": {"memoryMb": 2048}}).functions.survey
    assert (survey.memory_mb, survey.timeout_seconds, survey.provisioned_concurrency) == (2048, 60, 5)


def test_dev_and_prod_share_no_name_at_cloudflare() -> None:
    dev, prod = safework("dev"), safework("prod")
    assert isinstance(dev.cutover, Shifting)
    assert isinstance(prod.cutover, Shifting)
    names = [
        name
        for settings, cutover in ((dev, dev.cutover), (prod, prod.cutover))
        for name in (
            settings.domain.hostname,
            settings.domain.api_hostname,
            cutover.legacy.break_glass_hostname,
        )
    ]
    assert len(set(names)) == len(names)


def test_written_out_settings_read_back_the_same() -> None:
    config = stack_file("prod")["config"]
    first = parse_config(config).systems["safework"]
    config["seoul-platform:systems"]["safework"] = json.loads(first.model_dump_json(by_alias=True))
    assert parse_config(config).systems["safework"] == first


def test_settings_are_frozen() -> None:
    settings = safework("prod")
    with pytest.raises(ValueError, match="frozen"):
        settings.api_timeout_quota = 60  # pyright: ignore[reportAttributeAccessIssue]


def test_reading_takes_milliseconds() -> None:
    config = stack_file("prod")["config"]
    parse_config(config)
    start = time.perf_counter()
    for _ in range(20):
        parse_config(config)
    assert (time.perf_counter() - start) / 20 < 0.02


def test_importing_the_parser_needs_neither_pulumi_nor_any_system() -> None:
    code = (
        "import sys, settings.parsing\n"
        "print([m for m in sys.modules if m.startswith(('pulumi', 'settings.safework', 'boto'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
