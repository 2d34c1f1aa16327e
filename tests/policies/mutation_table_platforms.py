"""Mutations of the rules for Kafka, hosts and the account's own services."""

from policies import tokens as t
from tests.policies.mutations import Mutation, drop, put, take, together
from tests.policies.scene_platforms import BLOCKED

TRANSIT = "encryptionInfo.encryptionInTransit"

PLATFORMS: dict[str, list[Mutation]] = {
    "msk-tls-between-brokers": [put(t.MSK, f"{TRANSIT}.inCluster", False)],
    "msk-tls-to-clients": [
        put(t.MSK, f"{TRANSIT}.clientBroker", "TLS_PLAINTEXT"),
        put(t.MSK, f"{TRANSIT}.clientBroker", "PLAINTEXT"),
    ],
    "msk-own-key": [take(t.MSK, "encryptionInfo.encryptionAtRestKmsKeyArn")],
    "msk-monitored": [put(t.MSK, "enhancedMonitoring", "DEFAULT"), take(t.MSK, "enhancedMonitoring")],
    "msk-not-public": [
        put(t.MSK, "brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "SERVICE_PROVIDED_EIPS")
    ],
    "msk-authenticated": [
        put(t.MSK, "clientAuthentication.unauthenticated", True),
        take(t.MSK, "clientAuthentication.sasl"),
        put(t.MSK_SERVERLESS, "clientAuthentication.sasl.iam.enabled", False),
    ],
    "msk-logged": [
        put(t.MSK, "loggingInfo.brokerLogs.cloudwatchLogs.enabled", False),
        take(t.MSK, "loggingInfo"),
    ],
}

HOSTS: dict[str, list[Mutation]] = {
    "ec2-volumes-encrypted": [
        put(t.EBS_VOLUME, "encrypted", False),
        put(t.LAUNCH_TEMPLATE, "blockDeviceMappings.0.ebs.encrypted", "false"),
        take(t.LAUNCH_TEMPLATE, "blockDeviceMappings.0.ebs.encrypted"),
        put(t.INSTANCE, "ebsBlockDevices.0.encrypted", False),
        together(
            take(t.INSTANCE, "rootBlockDevice"),
            drop(t.EBS_DEFAULT, every=True),
            names=t.INSTANCE,
            portable=False,
        ),
    ],
    "ec2-imdsv2": [
        put(t.LAUNCH_TEMPLATE, "metadataOptions.httpTokens", "optional"),
        take(t.INSTANCE, "metadataOptions"),
    ],
    "ec2-no-public-address": [
        put(t.LAUNCH_TEMPLATE, "networkInterfaces", [{"associatePublicIpAddress": "true"}]),
        put(t.INSTANCE, "associatePublicIpAddress", True),
    ],
    "autoscaling-elb-health": [
        put(t.AUTOSCALING_GROUP, "healthCheckType", "EC2"),
        take(t.AUTOSCALING_GROUP, "healthCheckType"),
    ],
    "autoscaling-two-zones": [put(t.AUTOSCALING_GROUP, "vpcZoneIdentifiers", ["private-a-id"])],
    "autoscaling-mixed-types": [
        put(t.AUTOSCALING_GROUP, "mixedInstancesPolicy.launchTemplate.overrides", [])
    ],
    "autoscaling-launch-template": [put(t.AUTOSCALING_GROUP, "launchConfiguration", "old")],
}

ACCOUNT: dict[str, list[Mutation]] = {
    "cloudtrail-all-regions": [
        put(t.TRAIL, "isMultiRegionTrail", False),
        put(t.TRAIL, "enableLogging", False),
        put(t.TRAIL, "eventSelectors", [{"includeManagementEvents": False}]),
    ],
    "cloudtrail-encrypted": [take(t.TRAIL, "kmsKeyId")],
    "cloudtrail-validated": [take(t.TRAIL, "enableLogFileValidation")],
    "cloudtrail-searchable": [take(t.TRAIL, "cloudWatchLogsGroupArn")],
    "guardduty-enabled": [put(t.GUARDDUTY, "enable", False)],
    "config-records-all": [
        put(t.CONFIG_RECORDER, "recordingGroup.allSupported", False),
        take(t.CONFIG_RECORDER, "recordingGroup.includeGlobalResourceTypes"),
        put(t.CONFIG_STATUS, "isEnabled", False, names=t.CONFIG_RECORDER),
        drop(t.CONFIG_STATUS, names=t.CONFIG_RECORDER),
    ],
    "iam-password-policy": [
        put(t.PASSWORD_POLICY, "minimumPasswordLength", 8),
        put(t.PASSWORD_POLICY, "passwordReusePrevention", 0),
        put(t.PASSWORD_POLICY, "requireSymbols", False),
    ],
    "s3-account-public-access-blocked": [put(t.S3_ACCOUNT, flag, False) for flag in BLOCKED],
    "ebs-encrypted-by-default": [put(t.EBS_DEFAULT, "enabled", False)],
    "backup-vault-key": [take(t.BACKUP_VAULT, "kmsKeyArn")],
    "backup-vault-kept": [put(t.BACKUP_VAULT, "forceDestroy", True)],
    "eventbridge-bus-policy": [drop(t.EVENT_BUS_POLICY, names=t.EVENT_BUS)],
}
