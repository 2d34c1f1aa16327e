"""How a stack reaches its account, and that nothing reaches another one."""

import json
from typing import Any

import jsonschema
import pytest

from settings import parsing
from settings.parsing import SettingsError
from settings.schema import stack_file_schema
from tests.harness import run_program, stack_config

ROLE = "arn:aws:iam::444455556666:role/pulumi"
HUB = "arn:aws:iam::999988887777:role/hub"
GOOD = {"roleArn": ROLE, "sessionName": "seoul-platform", "externalId": "seoul-platform/prod"}


def errors(roles: object, **changes: Any) -> tuple[str, ...]:
    config = {**stack_config("prod"), "aws:assumeRoles": roles, **changes}
    with pytest.raises(SettingsError) as raised:
        parsing.parse_config({key: value for key, value in config.items() if value is not None})
    return raised.value.errors


def test_dev_and_prod_are_different_accounts() -> None:
    accounts = [stack_config(stack)["seoul-platform:stack"]["accountId"] for stack in ("dev", "prod")]
    assert len(set(accounts)) == 2


@pytest.mark.parametrize(
    "roles", [[GOOD], [{"roleArn": HUB, "sessionName": "hub"}, GOOD], [{**GOOD, "duration": "1h"}]]
)
def test_roles_that_end_in_the_stacks_account_are_taken(roles: list[dict[str, str]]) -> None:
    config = {**stack_config("prod"), "aws:assumeRoles": roles}
    assert parsing.parse_config(config).account_id == "444455556666"
    jsonschema.validate({"config": config}, stack_file_schema())


@pytest.mark.parametrize(
    ("roles", "error"),
    [
        (
            [{**GOOD, "roleArn": HUB}],
            f"aws:assumeRoles: got '{HUB}'; a role of stack.accountId ('444455556666') last; make them agree",
        ),
        ([], "aws:assumeRoles: got []; a list of roles, each with roleArn; write it so"),
        (ROLE, f"aws:assumeRoles: got '{ROLE}'; a list of roles, each with roleArn; write it so"),
        (["x"], "aws:assumeRoles[0]: got 'x'; a mapping with roleArn and sessionName; write it so"),
        (
            [{**GOOD, "roleArn": "arn:aws:iam::444455556666:user/kim"}],
            "aws:assumeRoles[0].roleArn: got 'arn:aws:iam::444455556666:user/kim'; the ARN of a role, "
            "such as arn:aws:iam::111122223333:role/deploy; correct it",
        ),
        (
            [{"roleArn": ROLE}],
            "aws:assumeRoles[0].sessionName: missing; 2 to 64 letters, digits and +=,.@-, "
            "such as seoul-platform; add it",
        ),
        (
            [{**GOOD, "externalId": "?"}],
            "aws:assumeRoles[0].externalId: got '?'; 2 to 1224 letters, digits and +=,.@:/-; correct it",
        ),
        ([{**GOOD, "rolArn": ROLE}], "aws:assumeRoles[0].rolArn: unknown key; did you mean roleArn?"),
    ],
)
def test_roles_that_are_wrong_say_what_is_allowed(roles: object, error: str) -> None:
    assert errors(roles) == (error,)


def test_roles_without_the_allowed_account_are_refused() -> None:
    assert errors([GOOD], **{"aws:allowedAccountIds": None}) == (
        "aws:allowedAccountIds: missing; required with aws:assumeRoles: the account that they lead to; "
        "add it",
    )


def test_every_provider_of_its_own_is_held_to_the_account_and_takes_the_role() -> None:
    """The second region too; what stands in us-east-1 names its region, and has the provider of the rest."""
    config = {**stack_config("prod"), "aws:assumeRoles": [GOOD]}
    petclinic = {"petclinic": config["seoul-platform:systems"]["petclinic"]}
    deployment = run_program({**config, "seoul-platform:systems": petclinic}, stack="prod")
    providers = [r for r in deployment if r.type == "pulumi:providers:aws"]
    assert {r["region"] for r in providers} == {"ap-northeast-2", "ap-northeast-1"}
    for provider in providers:
        assert json.loads(provider["allowedAccountIds"]) == ["444455556666"], provider.name
        assert json.loads(provider["assumeRoles"]) == [GOOD], provider.name
    virginia = [r for r in deployment if r.get("region") == "us-east-1"]
    assert virginia
    assert not any("virginia" in (r.options.provider or "") for r in virginia)
