"""What belongs to an account as a whole: records, detection, defaults, backups."""

from policies.checks import at_least, off, on, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    BACKUP_VAULT,
    CONFIG_RECORDER,
    CONFIG_STATUS,
    EBS_DEFAULT,
    EVENT_BUS,
    EVENT_BUS_POLICY,
    GUARDDUTY,
    PASSWORD_POLICY,
    S3_ACCOUNT,
    TRAIL,
)
from policies.values import Props

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_MINIMUM_PASSWORD_LENGTH = 14
_REMEMBERED_PASSWORDS = 24
"""Both by the CIS benchmark."""


@rule(
    id="cloudtrail-all-regions",
    title="A trail records every Region, and is on",
    fsbp=("CloudTrail.1",),
    cis=("3.1",),
    severity="high",
    enforcement="M",
    types=(TRAIL,),
    why="What is not meant to be used is where a stolen key is used.",
    fix="Set isMultiRegionTrail; leave enableLogging and includeGlobalServiceEvents true.",
)
def cloudtrail_all_regions(r: Resource) -> Found:
    yield on(r, "isMultiRegionTrail")
    yield on(r, "enableLogging", default=True)
    yield on(r, "includeGlobalServiceEvents", default=True)
    for selector in r.blocks("eventSelectors"):
        yield on(selector, "includeManagementEvents", default=True)
    advanced = list(r.blocks("advancedEventSelectors"))
    if advanced and not any(map(_management, advanced)):
        yield "advancedEventSelectors leave out management events"


def _management(selector: Props) -> bool:
    fields = selector.blocks("fieldSelectors")
    return any(f.text("field") == "eventCategory" and "Management" in f.elements("equals") for f in fields)


@rule(
    id="cloudtrail-encrypted",
    title="A trail is encrypted with a key of ours",
    fsbp=("CloudTrail.2",),
    cis=("3.5",),
    severity="medium",
    enforcement="M",
    types=(TRAIL,),
    why="The record of all calls is a map of the account.",
    fix="Set kmsKeyId.",
)
def cloudtrail_encrypted(r: Resource) -> Found:
    return present(r, "kmsKeyId")


@rule(
    id="cloudtrail-validated",
    title="A trail's files can be proved untouched",
    fsbp=("CloudTrail.4",),
    cis=("3.2",),
    severity="low",
    enforcement="M",
    types=(TRAIL,),
    why="A record that can be edited proves nothing.",
    fix="Set enableLogFileValidation.",
)
def cloudtrail_validated(r: Resource) -> Found:
    return on(r, "enableLogFileValidation")


@rule(
    id="cloudtrail-searchable",
    title="A trail also goes to CloudWatch Logs",
    fsbp=("CloudTrail.5",),
    severity="low",
    enforcement="M",
    types=(TRAIL,),
    why="Files in a bucket are no help in the minute something happens.",
    fix="Set cloudWatchLogsGroupArn and cloudWatchLogsRoleArn.",
)
def cloudtrail_searchable(r: Resource) -> Found:
    return [present(r, "cloudWatchLogsGroupArn"), present(r, "cloudWatchLogsRoleArn")]


@rule(
    id="guardduty-enabled",
    title="GuardDuty is on",
    fsbp=("GuardDuty.1",),
    severity="high",
    enforcement="M",
    types=(GUARDDUTY,),
    why="It reads flow logs, DNS and trails for what nobody has the time to look for.",
    fix="Leave enable true.",
)
def guardduty_enabled(r: Resource) -> Found:
    return on(r, "enable", default=True)


@stack_rule(
    id="config-records-all",
    title="AWS Config records every type, and is on",
    fsbp=("Config.1",),
    cis=("3.3",),
    severity="critical",
    enforcement="M",
    types=(CONFIG_RECORDER,),
    why="What a resource looked like yesterday is known to nobody else.",
    fix="recordingGroup with allSupported and includeGlobalResourceTypes; a RecorderStatus that enables it.",
)
def config_records_all(r: Resource, graph: Graph) -> Found:
    yield on(r, "recordingGroup.allSupported", default=True)
    yield on(r, "recordingGroup.includeGlobalResourceTypes")
    if not any(status.flag("isEnabled") for status in graph.referring(r, "name", CONFIG_STATUS)):
        yield "no RecorderStatus enables it"


@rule(
    id="iam-password-policy",
    title="Passwords of people are long, mixed, and not used again",
    fsbp=("IAM.7", "IAM.15", "IAM.16"),
    cis=("1.8", "1.9"),
    severity="medium",
    enforcement="M",
    types=(PASSWORD_POLICY,),
    why="The few users who have one have it for emergencies, with the rights of emergencies.",
    fix="minimumPasswordLength 14 or more, passwordReusePrevention 24, every kind of character.",
)
def iam_password_policy(r: Resource) -> Found:
    yield at_least(r, "minimumPasswordLength", _MINIMUM_PASSWORD_LENGTH)
    yield at_least(r, "passwordReusePrevention", _REMEMBERED_PASSWORDS)
    for kind in ("LowercaseCharacters", "Numbers", "Symbols", "UppercaseCharacters"):
        yield on(r, f"require{kind}")


@rule(
    id="s3-account-public-access-blocked",
    title="The account blocks public access to every bucket",
    fsbp=("S3.1",),
    cis=("2.1.4",),
    severity="medium",
    enforcement="M",
    types=(S3_ACCOUNT,),
    why="It holds for the bucket that someone makes by hand as well.",
    fix="Set all four flags.",
)
def s3_account_public_access_blocked(r: Resource) -> Found:
    return [on(r, flag) for flag in _BLOCKS]


@rule(
    id="ebs-encrypted-by-default",
    title="New disks are encrypted by default",
    fsbp=("EC2.7",),
    cis=("2.2.1",),
    severity="medium",
    enforcement="M",
    types=(EBS_DEFAULT,),
    why="It holds for the disk that nobody thought of as well.",
    fix="Leave enabled true.",
)
def ebs_encrypted_by_default(r: Resource) -> Found:
    return on(r, "enabled", default=True)


@rule(
    id="backup-vault-key",
    title="Backup vaults are encrypted with a key of ours",
    fsbp=("Backup.1",),
    severity="medium",
    enforcement="M",
    types=(BACKUP_VAULT,),
    why="A backup holds everything that its source guards.",
    fix="Set kmsKeyArn.",
)
def backup_vault_key(r: Resource) -> Found:
    return present(r, "kmsKeyArn")


@rule(
    id="backup-vault-kept",
    title="Destroying the stack does not empty a vault",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(BACKUP_VAULT,),
    prod_only=True,
    why="forceDestroy deletes every recovery point without asking.",
    fix="Leave forceDestroy false.",
)
def backup_vault_kept(r: Resource) -> Found:
    return off(r, "forceDestroy")


@stack_rule(
    id="eventbridge-bus-policy",
    title="An event bus of its own says who may send",
    fsbp=("EventBridge.3",),
    severity="low",
    enforcement="A",
    types=(EVENT_BUS,),
    why="Without a policy everyone in the account with events:PutEvents may.",
    fix="Add an EventBusPolicy.",
)
def eventbridge_bus_policy(r: Resource, graph: Graph) -> Found:
    if r.raw("name") == "default":
        return None
    return None if graph.referring(r, "eventBusName", EVENT_BUS_POLICY) else "no EventBusPolicy"
