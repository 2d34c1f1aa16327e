"""What a stack is: where it runs, who owns it, whom it wakes, and which systems it holds."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Annotated, Literal, cast

from pydantic import Field, Strict

from settings.model import Context, Environment, Model, Problem, by_environment
from settings.vocabulary import (
    AccountId,
    BranchName,
    BucketName,
    EmailAddress,
    Flag,
    HttpsUrl,
    KmsKeyArn,
    Matching,
    Name,
    Region,
    Repository,
    RetentionDays,
    Usd,
    Zone,
)

# The key in the stack file, and the model that reads it. A system that a stack does not list is not imported.
SYSTEMS: Mapping[str, str] = {
    "safework": "settings.safework:SafeWorkSettings",
    "workRedesign": "settings.work_redesign:WorkRedesignSettings",
    "sesami": "settings.sesami:SesamiSettings",
    "currencyTravel": "settings.currency_travel:CurrencyTravelSettings",
    "petclinic": "settings.petclinic:PetClinicSettings",
}


class EmailEndpoint(Model):
    kind: Literal["email"]
    address: EmailAddress


class HttpsEndpoint(Model):
    kind: Literal["https"]
    url: HttpsUrl


Endpoint = Annotated[EmailEndpoint | HttpsEndpoint, Field(discriminator="kind")]
Endpoints = Annotated[tuple[Endpoint, ...], Field(min_length=1, max_length=10)]


class Alerts(Model):
    """Who hears of what, by severity."""

    critical: Endpoints
    """Users are affected now."""

    warning: Endpoints
    """Somebody should look within the working day."""

    info: Annotated[tuple[Endpoint, ...], Field(max_length=10)] = ()
    """Good to know: a release, a backup, a budget."""


class SystemSettings(Model):
    """What every system lets its owner decide."""

    monthly_budget_usd: Usd
    """The spending that raises a budget alert, in US dollars a month.

    The default is the upper end of the owner's plan; without one, what `ops cost` reckons
    and a tenth or so more.
    """

    deletion_protection: Flag = by_environment(dev=False, prod=True)
    """Locks every data store of the system. Turning it off is the first of the two steps of a removal."""

    unlock_reason: Name | None = None
    """Why the data of a prod system may go. Required there while deletionProtection is false."""

    def problems(self, context: Context) -> Iterator[Problem]:
        if context.environment == "prod" and not self.deletion_protection and self.unlock_reason is None:
            yield Problem(
                key="deletionProtection",
                got=False,
                allowed="true in prod; to remove the data on purpose, say why in unlockReason",
            )
        if self.deletion_protection and self.unlock_reason is not None:
            yield Problem(
                key="unlockReason",
                got=self.unlock_reason,
                allowed="only together with deletionProtection: false; remove it",
            )


class ProfiledSettings(SystemSettings):
    """A system whose cost can be traded against its comfort with one word."""

    profile: Literal["standard", "economy"] = by_environment(dev="economy", prod="standard")
    """``standard`` as planned; ``economy`` leaves out what costs most."""


class IdlingSettings(SystemSettings):
    """A system that is used at known times, and stands by cheaply between them."""

    profile: Literal["standard", "idle"] = by_environment(dev="idle", prod="standard")
    """``standard`` as planned; ``idle`` stands by: nothing is lost, less is ready."""


class AccountBaseline(Model):
    """CloudTrail, AWS Config, GuardDuty, Security Hub and the account's own defaults."""

    trail_name: Annotated[
        str, Strict(), Matching(r"[a-z][a-z0-9-]{2,127}", "3 to 128 lower-case letters, digits and dashes")
    ] = "account-baseline"
    record_retention_days: Annotated[int, Strict(), Field(ge=90, le=3_650)] = 365
    """How long the records of calls and of changes are kept."""

    log_retention_days: RetentionDays = by_environment(dev=7, prod=30)
    """How long they can be searched in CloudWatch Logs."""

    deletion_protection: Flag = by_environment(dev=False, prod=True)
    """Locks the records and their key."""


class StateBucket(Model):
    """Where Pulumi keeps the state of this stack, if that is a bucket of its own backend."""

    bucket: BucketName
    key_arn: KmsKeyArn | None = None
    """The key of ``pulumi stack init --secrets-provider awskms://...``."""


class DeployRoles(Model):
    """The roles with which GitHub Actions of ``repository`` preview and deploy this account's stacks."""

    branch: BranchName = "main"
    """What runs on it may read the account, as a pull request may."""

    environment: Annotated[
        str, Strict(), Matching(r"[A-Za-z0-9_-]{1,64}", "a GitHub environment, such as prod")
    ] = by_environment(dev="dev", prod="prod")
    """The GitHub environment whose jobs may deploy; its reviewers are set at GitHub."""

    state: StateBucket | None = None


class StackSettings(Model):
    """One stack file. ``region`` is not written twice: it comes from ``aws:region``."""

    environment: Environment
    """Decides the defaults of everything below."""

    region: Region
    account_id: AccountId
    """The account this stack is for. ``aws:allowedAccountIds`` makes AWS refuse any other."""

    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=6)]
    """Availability zones in order. Append only: the place in this list decides a zone's subnets."""

    owner: EmailAddress
    """The team that answers for the stack; a tag on every resource."""

    cost_center: Name
    repository: Repository
    """Where this code lives; a tag on every resource."""

    alerts: Alerts

    owns_account_settings: Flag = True
    """Whether this stack makes what an account has once (the role API Gateway logs with). Exactly one may."""

    account_baseline: AccountBaseline | None = None
    """The account's security services; ``{}`` takes them with their defaults. Exactly one stack of an account
    may, the one that owns the account's settings."""

    deploy_roles: DeployRoles | None = None
    """The pipeline's roles; ``{}`` takes them with their defaults. Exactly one stack of an account may, the
    one that owns the account's settings; only an administrator can apply it."""

    bounded_roles: Flag = False
    """Whether another stack of the account has the deployRoles: they cannot make a role without their
    boundary."""

    systems: Mapping[str, SystemSettings] = Field(default_factory=dict[str, SystemSettings])

    def problems(self, context: Context) -> Iterator[Problem]:
        for zone in dict.fromkeys(self.zones):
            if self.zones.count(zone) > 1:
                yield Problem(key="zones", got=zone, allowed="each zone once; remove the repetition")
            if zone[:-1] != self.region:
                yield Problem(key="zones", got=zone, allowed=f"zones of {self.region} (aws:region)")
        if self.account_baseline is not None and not self.owns_account_settings:
            yield Problem(
                key="accountBaseline",
                got="a baseline",
                allowed="only with ownsAccountSettings: true; leave it to the stack that owns the account",
            )
        yield from self._deployment_problems()
        if context.environment == "prod" and len(self.zones) < 2:
            yield Problem(key="zones", got=list(self.zones), allowed="at least 2 in prod; append one")

    def _deployment_problems(self) -> Iterator[Problem]:
        if self.deploy_roles is None:
            return
        if not self.owns_account_settings:
            yield Problem(
                key="deployRoles",
                got="deploy roles",
                allowed="only with ownsAccountSettings: true; elsewhere say boundedRoles: true",
            )
        if self.bounded_roles:
            yield Problem(
                key="boundedRoles", got=True, allowed="only without deployRoles, which bound them; remove it"
            )
        if len(self.repository.split("/")) != 3 or not self.repository.startswith("github.com/"):
            yield Problem(
                key="repository",
                got=self.repository,
                allowed="github.com/OWNER/NAME with deployRoles: their tokens are GitHub's",
            )


def system_model(key: str) -> type[SystemSettings]:
    """The model of a system, imported on first use."""
    module, _, name = SYSTEMS[key].partition(":")
    return cast("type[SystemSettings]", getattr(import_module(module), name))
