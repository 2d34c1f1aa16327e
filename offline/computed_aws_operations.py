"""Computed outputs: logs, alarms, events, budgets, parameters, backups."""

from collections.abc import Mapping

from offline.computed import Entry, next_version

_CLOUDWATCH = "arn:aws:cloudwatch:{region}:{account}:"
_EVENTS = "arn:aws:events:{region}:{account}:"

TABLE: Mapping[str, Entry] = {
    "aws:backup/vault:Vault": {
        "id": "{name}",
        "arn": "arn:aws:backup:{region}:{account}:backup-vault:{name}",
        "recoveryPoints": 0,
    },
    "aws:backup/plan:Plan": {
        "id": "{uuid}",
        "arn": "arn:aws:backup:{region}:{account}:backup-plan:{id}",
        "version": "{hex32}",
    },
    "aws:backup/selection:Selection": {"id": "{uuid}"},
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": {
        "id": "{in_backupVaultName}",
        "backupVaultArn": "arn:aws:backup:{region}:{account}:backup-vault:{in_backupVaultName}",
    },
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": {
        "id": "{name}",
        "arn": "arn:aws:backup:{region}:{account}:restore-testing-plan:{name}-{uuid}",
    },
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": {
        "id": "{in_name}:{in_restoreTestingPlanName}"
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        "id": "{name}",
        "arn": "arn:aws:logs:{region}:{account}:log-group:{name}",
    },
    "aws:cloudwatch/logStream:LogStream": {
        "id": "{name}",
        "arn": "arn:aws:logs:{region}:{account}:log-group:{in_logGroupName}:log-stream:{name}",
    },
    "aws:cloudwatch/logDelivery:LogDelivery": {
        "id": "{hex16}",
        "arn": "arn:aws:logs:{region}:{account}:delivery:{id}",
    },
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
        "id": "{name}",
        "arn": "arn:aws:logs:{region}:{account}:delivery-destination:{name}",
    },
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": {
        "id": "{name}",
        "arn": "arn:aws:logs:{region}:{account}:delivery-source:{name}",
        "service": "cloudfront",
    },
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
        # A policy is named, or belongs to one resource.
        "id": lambda facts: facts.text("policyName") or facts.text("resourceArn")
    },
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"id": "{name}"},
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {"id": "cwlsf-{hex10}"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"id": "{name}", "arn": _CLOUDWATCH + "alarm:{name}"},
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
        "id": "{in_alarmName}",
        "arn": _CLOUDWATCH + "alarm:{in_alarmName}",
    },
    "aws:cloudwatch/dashboard:Dashboard": {
        "id": "{in_dashboardName}",
        "dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{in_dashboardName}",
    },
    "aws:cloudwatch/queryDefinition:QueryDefinition": {
        "id": "{uuid}",
        "queryDefinitionId": "{id}",
        "arn": "arn:aws:logs:{region}:{account}:query-definition:{id}",
    },
    "aws:cloudwatch/eventRule:EventRule": {"id": "{name}", "arn": _EVENTS + "rule/{name}"},
    "aws:cloudwatch/eventTarget:EventTarget": {
        "id": "{in_rule}-{hex10}",
        "targetId": "terraform-{hex26}",
    },
    "aws:cloudwatch/eventBus:EventBus": {"id": "{name}", "arn": _EVENTS + "event-bus/{name}"},
    "aws:pipes/pipe:Pipe": {"id": "{name}", "arn": "arn:aws:pipes:{region}:{account}:pipe/{name}"},
    "aws:budgets/budget:Budget": {
        "id": "{account}:{name}",
        "accountId": "{account}",
        "arn": "arn:aws:budgets::{account}:budget/{name}",
    },
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
        "id": "arn:aws:ce::{account}:anomalymonitor/{uuid}",
        "arn": "{id}",
    },
    "aws:costexplorer/anomalySubscription:AnomalySubscription": {
        "id": "arn:aws:ce::{account}:anomalysubscription/{uuid}",
        "arn": "{id}",
    },
    "aws:ssm/parameter:Parameter": {
        "id": "{name}",
        # A path begins with the slash that follows the kind.
        "arn": lambda facts: (
            facts.render("arn:aws:ssm:{region}:{account}:parameter/") + facts["name"].removeprefix("/")
        ),
        "version": next_version("version"),
        "tier": "Standard",
    },
    "aws:xray/group:Group": {
        "id": "arn:aws:xray:{region}:{account}:group/{in_groupName}/{HEX26}",
        "arn": "{id}",
    },
    "aws:xray/samplingRule:SamplingRule": {
        "id": "{in_ruleName}",
        "arn": "arn:aws:xray:{region}:{account}:sampling-rule/{in_ruleName}",
    },
    "aws:cloudtrail/trail:Trail": {
        "id": "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
        "arn": "{id}",
        "homeRegion": "{region}",
    },
    "aws:guardduty/detector:Detector": {
        "id": "{hex32}",
        "accountId": "{account}",
        "arn": "arn:aws:guardduty:{region}:{account}:detector/{id}",
    },
    "aws:guardduty/detectorFeature:DetectorFeature": {"id": "{in_detectorId}/{in_name}"},
    "aws:securityhub/account:Account": {
        "id": "{account}",
        "arn": "arn:aws:securityhub:{region}:{account}:hub/default",
    },
    "aws:securityhub/standardsSubscription:StandardsSubscription": {
        "id": lambda facts: facts.text("standardsArn").replace(
            "::standards/", f":{facts['account']}:subscription/"
        )
    },
    "aws:cfg/rule:Rule": {
        "id": "{name}",
        "arn": "arn:aws:config:{region}:{account}:config-rule/config-rule-{hex6}",
        "ruleId": "config-rule-{hex6}",
    },
    "aws:accessanalyzer/analyzer:Analyzer": {
        "id": "{in_analyzerName}",
        "arn": "arn:aws:access-analyzer:{region}:{account}:analyzer/{in_analyzerName}",
    },
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": {
        "id": "arn:aws:iam::{account}:role/aws-service-role/{in_awsServiceName}/AWSServiceRole",
        "arn": "{id}",
    },
    "aws:ebs/encryptionByDefault:EncryptionByDefault": {"id": "terraform-{hex26}"},
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": {"id": "{account}"},
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": {"id": "iam-account-password-policy"},
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
        "id": "arn:aws:chatbot::{account}:chat-configuration/slack-channel/{in_configurationName}",
        "chatConfigurationArn": "{id}",
    },
    "aws:appautoscaling/scheduledAction:ScheduledAction": {
        "id": "{in_name}-{in_serviceNamespace}-{in_resourceId}",
        "arn": "arn:aws:autoscaling:{region}:{account}:scheduledAction:{uuid}",
    },
    "aws:ssm/document:Document": {
        "id": "{name}",
        "arn": "arn:aws:ssm:{region}:{account}:document/{name}",
        "latestVersion": "1",
        "defaultVersion": "1",
        "status": "Active",
    },
    "aws:synthetics/canary:Canary": {
        "id": "{name}",
        "arn": "arn:aws:synthetics:{region}:{account}:canary:{name}",
        "status": "RUNNING",
    },
    "aws:resourcegroups/group:Group": {
        "id": "{name}",
        "arn": "arn:aws:resource-groups:{region}:{account}:group/{name}",
    },
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": {
        "id": "policy-{hex17}",
        "arn": "arn:aws:dlm:{region}:{account}:policy/{id}",
    },
}
