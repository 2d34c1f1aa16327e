"""Systems Manager parameters."""

from policies.checks import absent, present
from policies.model import Resource
from policies.rule import Found, rule
from policies.secrets import exposed
from policies.tokens import PARAMETER

_SECURE = "SecureString"


@rule(
    id="ssm-secret-not-in-state",
    title="The value of a secret parameter is written past the state, if at all",
    severity="critical",
    enforcement="M",
    types=(PARAMETER,),
    why="With value, each refresh reads the secret back into the state, whoever put it in.",
    fix="Set valueWo to a placeholder with valueWoVersion, and let the owner put the value in.",
)
def ssm_secret_not_in_state(r: Resource) -> Found:
    if r.text("type") != _SECURE:
        return
    yield absent(r, "value")
    yield absent(r, "insecureValue")


@rule(
    id="ssm-secret-own-key",
    title="Secret parameters are encrypted with a key of ours",
    severity="medium",
    enforcement="M",
    types=(PARAMETER,),
    why="Under the service's key, whoever may read parameters reads every secret.",
    fix="Set keyId.",
)
def ssm_secret_own_key(r: Resource) -> Found:
    return present(r, "keyId") if r.text("type") == _SECURE else None


@rule(
    id="ssm-plain-holds-no-secret",
    title="Parameters in plain text hold no secret",
    severity="critical",
    enforcement="M",
    types=(PARAMETER,),
    why="Anyone who may read the parameter, or the state, has it.",
    fix="Make it a SecureString, or keep it in Secrets Manager and put the ARN here.",
)
def ssm_plain_holds_no_secret(r: Resource) -> Found:
    if r.text("type") == _SECURE:
        return
    name = r.text("name").rsplit("/", 1)[-1].replace("-", "_")
    for path in ("value", "insecureValue"):
        if r.has(path):
            fault = exposed(name, r.raw(path))
            yield f"{path} {fault}" if fault else None
