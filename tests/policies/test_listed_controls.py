"""What the pack promises to hold, control by control: a rule with that level and that reach is there.

Controls of the AWS Foundational Security Best Practices, and demands of our own. M is mandatory, A advises, S
follows references through the stack.
"""

import re

import pytest

from policies.rule import Enforcement, all_rules

FSBP = """
RDS.2 M, RDS.3 M, RDS.27 M, RDS.5 M, RDS.15 M S, RDS.6 A, RDS.7 M, RDS.8 M, RDS.34 M, RDS.36 M, RDS.37 M,
RDS.10 A, RDS.12 A, RDS.11 M, RDS.13 A, RDS.35 A, RDS.16 A, RDS.17 A, RDS.23 A, RDS.24 A, RDS.25 A,
RDS.38 M S, RDS.39 M S, RDS.43 M
ElastiCache.1 M, ElastiCache.2 A, ElastiCache.3 M, ElastiCache.4 M, ElastiCache.5 M, ElastiCache.6 M,
ElastiCache.7 M
DynamoDB.1 A, DynamoDB.2 M, DynamoDB.4 A S, DynamoDB.6 M
MSK.1 M, MSK.2 A, MSK.4 M, MSK.6 M
EKS.1 M, EKS.2 M, EKS.3 M, EKS.8 M
ECS.1 M, ECS.2 M, ECS.3 M, ECS.4 M, ECS.5 M, ECS.8 M, ECS.9 M, ECS.10 A, ECS.12 A
ECR.1 M, ECR.2 M, ECR.3 A S
Lambda.1 M, Lambda.2 M, Lambda.3 A, Lambda.5 M
APIGateway.1 M S, APIGateway.2 A, APIGateway.3 A, APIGateway.4 M S, APIGateway.5 M, APIGateway.8 M,
APIGateway.9 M
ELB.1 M, ELB.4 M, ELB.5 M, ELB.6 M, ELB.12 M, ELB.13 M, ELB.16 M S, ELB.17 M, ELB.18 M
EC2.2 M, EC2.3 M, EC2.181 M, EC2.6 M S, EC2.8 M, EC2.170 M, EC2.9 M, EC2.25 M, EC2.13 M, EC2.14 M, EC2.15 M,
EC2.18 M, EC2.19 M, EC2.21 M
AutoScaling.1 M, AutoScaling.2 M, AutoScaling.6 A, AutoScaling.9 M
S3.2 M S, S3.3 M S, S3.8 M S, S3.5 M S, S3.6 M, S3.9 A, S3.12 A, S3.13 A, S3.14 M, S3.17 A
CloudFront.1 A, CloudFront.3 M, CloudFront.5 M, CloudFront.6 M, CloudFront.7 M, CloudFront.9 M,
CloudFront.10 M, CloudFront.13 M, CloudFront.15 M
KMS.1 M, KMS.2 M, KMS.4 M, KMS.5 M, KMS.3 A
SecretsManager.1 A S
SNS.1 M, SNS.4 M, SQS.1 M, SQS.3 M
WAF.10 M, WAF.11 M S, WAF.12 A
CloudTrail.1 M, CloudTrail.2 M, CloudTrail.4 M, CloudTrail.5 M
EventBridge.3 A, ACM.2 M, Route53.2 A
IAM.1 M, IAM.21 M, IAM.2 M
"""

CIS = ("1.15", "5.2", "5.3")

OWN = """
rds-master-password-managed M, rds-final-snapshot M, rds-version-supported M
elasticache-serverless-user-group M, elasticache-own-key A, dynamodb-own-key A
msk-tls-to-clients M, msk-logged M, eks-access-entries-only M
ecs-circuit-breaker M, container-image-by-digest M
batch-not-privileged M, batch-job-role M, batch-logged M, batch-private-subnets M S, batch-spot-retried M
pipe-logged M, pipe-dead-letter M S
lambda-permission-not-public M, lambda-traced M, lambda-no-secret-in-environment M, lambda-url-not-open M,
lambda-environment-key A, lambda-failures-kept A
apigateway-tls M, apigateway-one-door M, apigateway-throttled M
s3-no-force-destroy M, sqs-redrive M, sqs-tls-only A, backup-vault-key M,
log-group-retention M, log-group-key A
cloudflare-strict-tls M, cloudflare-proxied M, cloudflare-minimum-tls M, cloudflare-pool-monitored M,
cloudflare-fallback M
iam-no-full-access M, iam-no-service-wildcard M, iam-trust-not-public M, iam-trust-not-confusable M,
iam-no-escalation M, iam-role-no-escalation M S, iam-data-on-named-resources M
tags-required M, region-allowed M, data-store-protected M S
data-store-unreachable M S, sqs-consumed-with-dead-letters M S, sqs-visibility M S, alarm-acts M S,
alarm-metric-exists M S, lambda-reaches-its-services M S, rds-proxy-waits-for-writer M S,
lambda-log-group-made M S, ecs-log-group-made M S, apigateway-log-group-made M S, rds-log-group-made M S,
eks-log-group-made M S,
codebuild-log-group-made M S, acm-validated-here M S, certificate-in-use-is-ours M S, recovery-time-met M S,
recovery-point-met M S
"""

RULES = all_rules()
BY_ID = {rule.id: rule for rule in RULES}


def _listed(text: str) -> list[tuple[str, str, bool]]:
    found = re.findall(r"([\w.-]+) ([MA])( S)?(?=,|\n)", text)
    return [(name, level, bool(stack)) for name, level, stack in found]


@pytest.mark.parametrize(("control", "level", "stack"), _listed(FSBP))
def test_a_control_of_aws_is_held(control: str, level: str, *, stack: bool) -> None:
    holding = [rule for rule in RULES if control in rule.fsbp]
    assert holding
    assert Enforcement.M in {rule.enforcement for rule in holding} or level == "A"
    assert level == "M" or Enforcement.A in {rule.enforcement for rule in holding}
    assert any(rule.stack for rule in holding) or not stack


@pytest.mark.parametrize(("rule", "level", "stack"), _listed(OWN))
def test_a_demand_of_our_own_is_held(rule: str, level: str, *, stack: bool) -> None:
    assert str(BY_ID[rule].enforcement) in {level, "always"}
    assert BY_ID[rule].stack or not stack


@pytest.mark.parametrize("control", CIS)
def test_a_control_of_cis_is_held(control: str) -> None:
    assert any(control in rule.cis for rule in RULES)


def test_there_are_as_many_as_promised() -> None:
    assert len(RULES) >= 110
    assert all(rule.severity and rule.why and rule.fix for rule in RULES)
