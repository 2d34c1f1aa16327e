"""What the account baseline watches for, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ConfigRule:
    """One of AWS Config's managed rules; ``parameters`` as the rule's own page names them."""

    identifier: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


# https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
CONFIG_RULES: Mapping[str, ConfigRule] = {
    "access-keys-rotated": ConfigRule(identifier="ACCESS_KEYS_ROTATED", parameters={"maxAccessKeyAge": "90"}),
    "cloudtrail-everywhere": ConfigRule(identifier="MULTI_REGION_CLOUD_TRAIL_ENABLED"),
    "cloudtrail-validated": ConfigRule(identifier="CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"),
    "default-security-group-closed": ConfigRule(identifier="VPC_DEFAULT_SECURITY_GROUP_CLOSED"),
    "flow-logs": ConfigRule(identifier="VPC_FLOW_LOGS_ENABLED"),
    "guardduty-on": ConfigRule(identifier="GUARDDUTY_ENABLED_CENTRALIZED"),
    "keys-rotate": ConfigRule(identifier="CMK_BACKING_KEY_ROTATION_ENABLED"),
    "no-open-ssh": ConfigRule(identifier="INCOMING_SSH_DISABLED"),
    "no-root-access-key": ConfigRule(identifier="IAM_ROOT_ACCESS_KEY_CHECK"),
    "password-policy": ConfigRule(
        identifier="IAM_PASSWORD_POLICY",
        parameters={"MinimumPasswordLength": "14", "PasswordReusePrevention": "24", "MaxPasswordAge": "90"},
    ),
    "rds-encrypted": ConfigRule(identifier="RDS_STORAGE_ENCRYPTED"),
    "rds-private": ConfigRule(identifier="RDS_INSTANCE_PUBLIC_ACCESS_CHECK"),
    "root-has-mfa": ConfigRule(identifier="ROOT_ACCOUNT_MFA_ENABLED"),
    "s3-no-public-read": ConfigRule(identifier="S3_BUCKET_PUBLIC_READ_PROHIBITED"),
    "s3-no-public-write": ConfigRule(identifier="S3_BUCKET_PUBLIC_WRITE_PROHIBITED"),
    "s3-tls-only": ConfigRule(identifier="S3_BUCKET_SSL_REQUESTS_ONLY"),
    "secrets-rotate": ConfigRule(identifier="SECRETSMANAGER_ROTATION_ENABLED_CHECK"),
    "securityhub-on": ConfigRule(identifier="SECURITYHUB_ENABLED"),
    "users-have-mfa": ConfigRule(identifier="IAM_USER_MFA_ENABLED"),
    "volumes-encrypted": ConfigRule(identifier="EC2_EBS_ENCRYPTION_BY_DEFAULT"),
}
"""By the role in the logical name. Security Hub adds hundreds of its own; these hold without it."""

GUARDDUTY_FEATURES = (
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "S3_DATA_EVENTS",
)
"""Protection plans besides the foundation. Runtime monitoring is left out: it is billed by vCPU hour."""

STANDARDS: Mapping[str, str] = {
    "fsbp": "standards/aws-foundational-security-best-practices/v/1.0.0",
    "cis": "standards/cis-aws-foundations-benchmark/v/3.0.0",
}
"""Security Hub standards, as the end of their ARNs."""

GUARDDUTY_HIGH = 7
"""GuardDuty calls findings from 7.0 high, from 9.0 critical."""

FINDINGS: Mapping[str, Mapping[str, Any]] = {
    "guardduty": {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": [">=", GUARDDUTY_HIGH]}]},
    },
    "securityhub": {
        "source": ["aws.securityhub"],
        "detail-type": ["Security Hub Findings - Imported"],
        "detail": {
            "findings": {
                # GuardDuty's own findings arrive by the other rule.
                "ProductName": [{"anything-but": ["GuardDuty"]}],
                "Severity": {"Label": ["CRITICAL"]},
                "Workflow": {"Status": ["NEW"]},
                "RecordState": ["ACTIVE"],
            }
        },
    },
}
"""EventBridge patterns of what somebody must hear of at once."""


def trail_arn(*, region: str, account_id: str, trail_name: str) -> str:
    """The bucket's and the key's policies name the trail before it exists."""
    return f"arn:aws:cloudtrail:{region}:{account_id}:trail/{trail_name}"
