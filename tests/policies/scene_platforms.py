"""Kafka, hosts and the account's own services in the compliant stack."""

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import KEY, res

TWO_SUBNETS = ["private-a-id", "private-b-id"]
BLOCKED = dict.fromkeys(
    ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
)


def platforms() -> list[Record]:
    return [
        res(
            t.MSK,
            "kafka",
            {
                "kafkaVersion": "3.9.x.kraft",
                "brokerNodeGroupInfo": {
                    "clientSubnets": TWO_SUBNETS,
                    "securityGroups": ["db-id"],
                    "connectivityInfo": {"publicAccess": {"type": "DISABLED"}},
                },
                "clientAuthentication": {"sasl": {"iam": True}, "unauthenticated": False},
                "encryptionInfo": {
                    "encryptionAtRestKmsKeyArn": KEY,
                    "encryptionInTransit": {"clientBroker": "TLS", "inCluster": True},
                },
                "enhancedMonitoring": "PER_TOPIC_PER_BROKER",
                "loggingInfo": {"brokerLogs": {"cloudwatchLogs": {"enabled": True, "logGroup": "group"}}},
            },
            protect=True,
        ),
        res(
            t.MSK_SERVERLESS,
            "kafka-serverless",
            {"clientAuthentication": {"sasl": {"iam": {"enabled": True}}}},
        ),
    ]


def hosts() -> list[Record]:
    return [
        res(t.EBS_VOLUME, "disk", {"encrypted": True, "kmsKeyId": KEY}),
        res(
            t.LAUNCH_TEMPLATE,
            "template",
            {
                "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
                "monitoring": {"enabled": True},
                "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}],
                "networkInterfaces": [{"associatePublicIpAddress": "false"}],
            },
        ),
        res(
            t.INSTANCE,
            "host",
            {
                "metadataOptions": {"httpTokens": "required"},
                "rootBlockDevice": {"encrypted": True},
                "ebsBlockDevices": [{"deviceName": "/dev/xvdb", "encrypted": True}],
                "associatePublicIpAddress": False,
            },
        ),
        res(
            t.AUTOSCALING_GROUP,
            "hosts",
            {
                "vpcZoneIdentifiers": TWO_SUBNETS,
                "targetGroupArns": ["arn:targets"],
                "healthCheckType": "ELB",
                "mixedInstancesPolicy": {
                    "launchTemplate": {
                        "launchTemplateSpecification": {"launchTemplateId": "template-id"},
                        "overrides": [{"instanceType": "m7g.large"}, {"instanceType": "m6g.large"}],
                    }
                },
            },
        ),
    ]


def account() -> list[Record]:
    return [
        res(
            t.TRAIL,
            "trail",
            {
                "isMultiRegionTrail": True,
                "enableLogFileValidation": True,
                "kmsKeyId": KEY,
                "cloudWatchLogsGroupArn": "arn:group",
                "cloudWatchLogsRoleArn": "arn:trail-role",
                "s3BucketName": "bucket-id",
            },
        ),
        res(t.GUARDDUTY, "detector", {"enable": True}),
        res(
            t.CONFIG_RECORDER,
            "recorder",
            {"recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}},
        ),
        res(t.CONFIG_STATUS, "recorder-status", {"name": "recorder", "isEnabled": True}),
        res(
            t.PASSWORD_POLICY,
            "passwords",
            {
                "minimumPasswordLength": 14,
                "passwordReusePrevention": 24,
                "requireLowercaseCharacters": True,
                "requireNumbers": True,
                "requireSymbols": True,
                "requireUppercaseCharacters": True,
            },
        ),
        res(t.EBS_DEFAULT, "disks-encrypted", {"enabled": True}),
        res(t.S3_ACCOUNT, "account-private", dict(BLOCKED)),
        res(t.BACKUP_VAULT, "vault", {"kmsKeyArn": KEY}, protect=True),
        res(t.EVENT_BUS, "bus"),
        res(t.EVENT_BUS_POLICY, "bus-policy", {"eventBusName": "bus", "policy": "{}"}),
    ]
