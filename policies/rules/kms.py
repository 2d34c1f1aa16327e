"""KMS keys."""

import re

from policies.checks import at_least, on
from policies.documents import statements
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import KMS_GRANT, KMS_KEY

_SCOPING = frozenset(
    {"aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn", "kms:calleraccount"}
)
_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")


@rule(
    id="kms-key-rotated",
    title="KMS keys rotate every year",
    fsbp=("KMS.4",),
    cis=("3.6",),
    severity="medium",
    enforcement="M",
    types=(KMS_KEY,),
    why="Rotation bounds how much data one key version protects.",
    fix="Set enableKeyRotation.",
)
def kms_key_rotated(r: Resource) -> Found:
    if r.text("keyUsage", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
        return None
    return on(r, "enableKeyRotation")


@rule(
    id="kms-key-not-public",
    title="A key's policy names who may use it",
    fsbp=("KMS.5",),
    severity="critical",
    enforcement="M",
    types=(KMS_KEY,),
    why="A key that anyone may use protects nothing.",
    fix="Name principals, or bind '*' with kms:CallerAccount or aws:SourceAccount.",
)
def kms_key_not_public(r: Resource) -> Found:
    for statement in statements(r, "policy"):
        if statement.allows and statement.public and not statement.bound_by(_SCOPING):
            yield f"{statement.at} allows everyone"


@rule(
    id="kms-key-deletion-window",
    title="A key's deletion waits at least 30 days",
    pack="reliability",
    fsbp=("KMS.3",),
    severity="medium",
    enforcement="A",
    types=(KMS_KEY,),
    prod_only=True,
    why="A deleted key takes its data with it; the window is the only way back.",
    fix="Set deletionWindowInDays to 30.",
)
def kms_key_deletion_window(r: Resource) -> Found:
    return at_least(r, "deletionWindowInDays", 30, default=30)


@rule(
    id="kms-grant-to-a-role",
    title="A grant of a key names a role or a user",
    severity="high",
    enforcement="M",
    types=(KMS_GRANT,),
    settings=("trustedAccounts",),
    why="A grant to an account is a grant to whoever its administrators choose, and is in no policy.",
    fix="Name the role as granteePrincipal, or list the account in trustedAccounts.",
)
def kms_grant_to_a_role(r: Resource) -> Found:
    account = _ACCOUNT.fullmatch(r.text("granteePrincipal"))
    if account and account[1] not in r.config.trusted_accounts:
        return f"granteePrincipal is the whole account {account[1]}"
    return None
