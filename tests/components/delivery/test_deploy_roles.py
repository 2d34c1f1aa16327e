"""The pipeline's permissions: each is there for a type that the stacks make, and AWS knows it."""

import ast
import functools
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import cfnlint
import pulumi
import pytest

from components.delivery.deploy_catalogue import catalogue
from components.delivery.deploy_documents import (
    MAX_POLICIES,
    MAX_POLICY_CHARACTERS,
    StateStore,
    documents,
    state_statements,
)
from components.delivery.deploy_plan import (
    Reach,
    boundary_statements,
    read_statements,
    value_statements,
    write_statements,
)
from components.delivery.deploy_roles import DeployRoles, DeployRolesArgs
from components.security.iam import Statement
from policies.escalation import EXPOSURES
from settings.stack import SYSTEMS
from systems.deploy_roles import NAMED_OTHERWISE
from tests.harness import Deployment, Record, deploy, program, run_program, stack_config
from tests.harness.choices import Choice, choices, covering
from tests.harness.program import REPOSITORY

CATALOGUE = catalogue()
ACCOUNT = "444455556666"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary/deploy-prod"
DATA = Path(cfnlint.__file__).parent / "data"
ROLE = "aws:iam/role:Role"
GITHUB = "token.actions.githubusercontent.com"

CFN_PREFIX = {
    "acm": "CertificateManager", "apigateway": "ApiGateway", "cfg": "Config", "ecr": "ECR", "ecs": "ECS",
    "eks": "EKS", "iam": "IAM", "kms": "KMS", "msk": "MSK", "rds": "RDS", "sns": "SNS", "sqs": "SQS",
    "ssm": "SSM",
    "vpc": "EC2", "ec2": "EC2", "wafv2": "WAFv2", "dynamodb": "DynamoDB", "guardduty": "GuardDuty",
    "elasticache": "ElastiCache", "secretsmanager": "SecretsManager", "accessanalyzer": "AccessAnalyzer",
    "cloudtrail": "CloudTrail", "cloudfront": "CloudFront", "codedeploy": "CodeDeploy", "route53": "Route53",
    "s3": "S3", "scheduler": "Scheduler", "pipes": "Pipes", "lambda": "Lambda", "batch": "Batch",
    "backup": "Backup", "budgets": "Budgets", "dms": "DMS", "chatbot": "Chatbot",
}  # fmt: skip
OTHER_NAMES = {
    "aws:autoscaling/group:Group": "AWS::AutoScaling::AutoScalingGroup",
    "aws:backup/plan:Plan": "AWS::Backup::BackupPlan",
    "aws:backup/vault:Vault": "AWS::Backup::BackupVault",
    "aws:cfg/rule:Rule": "AWS::Config::ConfigRule",
    "aws:cloudwatch/eventBus:EventBus": "AWS::Events::EventBus",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "AWS::Events::EventBusPolicy",
    "aws:cloudwatch/eventRule:EventRule": "AWS::Events::Rule",
    "aws:cloudwatch/logGroup:LogGroup": "AWS::Logs::LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws:lb/listener:Listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws:lb/loadBalancer:LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws:lb/targetGroup:TargetGroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws:rds/cluster:Cluster": "AWS::RDS::DBCluster",
    "aws:rds/instance:Instance": "AWS::RDS::DBInstance",
    "aws:rds/proxy:Proxy": "AWS::RDS::DBProxy",
    "aws:securityhub/account:Account": "AWS::SecurityHub::Hub",
    "aws:sns/topicSubscription:TopicSubscription": "AWS::SNS::Subscription",
}
MEDDLES = re.compile(r"[A-Za-z-]+:(Create|Delete|Register|Deregister|Run|Put|Modify|Update)\w+")

MANAGED_ELSEWHERE = {"aws:autoscaling/policy:Policy", "aws:appautoscaling/policy:Policy"}
"""Actions on them name the group or the target that they belong to."""


REFUSED = {
    r"\.recovery\.(region\.)?r[tp]oMinutes=0$": "no store is back at once, or loses nothing",
    r"^currencyTravel\.recovery\.region=": "its stores do not leave the region",
    r"\.database\.maxAcu=0$": "a size: a cluster without capacity",
    r"^sesami\.database\.readReplicas=1$": "its application knows one address",
}
"""Choices that the schema offers and no stack can make, as tests/harness/choices.py writes them."""

UNUSED = {
    "aws:batch/schedulingPolicy:SchedulingPolicy": "jobs of Sesami have one queue and no shares",
    "aws:eks/fargateProfile:FargateProfile": "one cluster has nodes, the other Auto Mode",
}
"""Types of components that no system takes with this option."""

MAX_INLINE_CHARACTERS = 10_240
"""Of all the inline policies of a role together, as IAM counts them."""

ARNS = ("arn", "endpointArn", "chatConfigurationArn", "replicationSubnetGroupArn", "certificateArn")
"""Outputs with a resource's own ARN, the first of them; an endpoint has its certificate's too."""


@functools.cache
def covered() -> tuple[list[dict[str, Any]], list[Choice]]:
    return covering("dev")


@functools.cache
def recorded() -> tuple[Deployment, ...]:
    """Both shipped stacks, and stacks that between them make every choice that the settings offer."""
    return (program("dev"), program("prod"), *(run_program(config) for config in covered()[0]))


def resources() -> Iterator[Record]:
    return (r for deployment in recorded() for r in deployment if r.type.startswith("aws:"))


def reach() -> Reach:
    extra: dict[str, list[str]] = {}
    for services in NAMED_OTHERWISE.values():
        for service, ends in services.items():
            extra.setdefault(service, []).extend(ends)
    names = [re.sub(r"(?<!^)([A-Z])", r"-\1", key).lower() + "-*" for key in SYSTEMS]
    return Reach(account_id=ACCOUNT, boundary_arn=BOUNDARY, names=["account-*", *names], extra=extra)


@functools.cache
def aws() -> Mapping[str, Any]:
    """AWS's own list of actions by service, as cfn-lint carries it; actions in lower case."""
    return json.loads((DATA / "AdditionalSpecs" / "Policies.json").read_text())


@functools.cache
def handlers() -> Mapping[str, Mapping[str, Any]]:
    """CloudFormation's resource handlers by type, with the permissions that they ask for."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted((DATA / "schemas" / "resources").glob("*.json")):
        schema = json.loads(file.read_text())
        if schema.get("handlers"):
            found.setdefault(schema["typeName"].lower(), schema["handlers"])
    return found


def every_action() -> list[tuple[str, str, str]]:
    return sorted(
        (kind, action, verb)
        for kind, calls in CATALOGUE.types.items()
        for verb, actions in (("read", calls.read), ("write", calls.write))
        for action in actions
    )


def test_every_choice_is_made_by_some_stack() -> None:
    unmade = [str(choice) for choice in covered()[1]]
    assert [each for each in unmade if not any(re.search(reason, each) for reason in REFUSED)] == []
    assert [reason for reason in REFUSED if not any(re.search(reason, each) for each in unmade)] == []
    assert len(choices()) > 250


def test_every_type_that_any_settings_make_is_known_and_no_other() -> None:
    made = {r.type for r in resources()}
    assert made - set(CATALOGUE.types) == set(), "add a row to deploy_actions.yaml"
    assert set(CATALOGUE.types) - made == set(), "no settings make it any more: take the row out"


def test_no_code_makes_a_type_that_is_not_known() -> None:
    """Whatever the settings: what the program could make at all, read from its source."""
    built = set(built_types())
    assert built - set(CATALOGUE.types) - set(UNUSED) == set(), "add a row, or say why nothing makes it"
    assert set(UNUSED) <= built - set(CATALOGUE.types)
    assert set(CATALOGUE.types) <= built


def built_types() -> Iterator[str]:
    for folder in ("components", "systems"):
        for file in (REPOSITORY / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            known = dict(_imported(tree))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (made := _called(node.func, known)) is not None:
                    yield made.pulumi_type


def _imported(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """What a module calls the parts of the AWS SDK."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pulumi_aws":
            module = importlib.import_module(str(node.module))
            yield from ((name.asname or name.name, getattr(module, name.name)) for name in node.names)
        elif isinstance(node, ast.Import):
            for name in node.names:
                assert not name.name.startswith("pulumi_aws"), "imported in a way that this does not follow"


def _called(function: ast.expr, known: Mapping[str, Any]) -> Any:
    if isinstance(function, ast.Name):
        found = known.get(function.id)
    elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        found = getattr(known.get(function.value.id), function.attr, None)
    else:
        found = None
    makes = isinstance(found, type) and issubclass(found, pulumi.CustomResource)
    return found if makes and not issubclass(found, pulumi.ProviderResource) else None


def test_every_action_exists() -> None:
    unknown = {
        action
        for _, action, _ in every_action()
        if action.partition(":")[2].lower() not in aws()[action.partition(":")[0]]["Actions"]
    }
    assert unknown == set()
    assert {
        each
        for each in CATALOGUE.key_actions
        if each.partition(":")[2].lower() not in aws()["kms"]["Actions"]
    } == set()
    assert set(CATALOGUE.boundary) <= set(aws())


def test_an_action_is_without_resource_where_aws_takes_none_and_nowhere_else() -> None:
    for _, action, verb in every_action():
        service, _, name = action.partition(":")
        takes = bool(aws()[service]["Actions"][name.lower()].get("Resources"))
        if verb == "write":
            assert (name in CATALOGUE.services[service].unscoped) is not takes, action


def _cloudformation_name(kind: str) -> str:
    _, module, name = kind.split(":")
    prefix = CFN_PREFIX.get(module.partition("/")[0], "")
    return OTHER_NAMES.get(kind, f"AWS::{prefix}::{name}").lower()


NOT_ASKED = {
    "contents, which a deployment leaves alone": [
        "codedeploy:CreateDeployment",
        "codedeploy:RegisterApplicationRevision",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "elasticloadbalancing:RegisterTargets",
    ],
    "features that no stack uses": [
        "autoscaling:PutNotificationConfiguration",
        "backup:PutBackupVaultAccessPolicy",
        "backup:PutBackupVaultNotifications",
        "cloudfront:CreateConnectionGroup",
        "cloudtrail:PutEventConfiguration",
        "codedeploy:RegisterOnPremisesInstance",
        "dynamodb:CreateTableReplica",
        "dynamodb:PutResourcePolicy",
        "dynamodb:UpdateContributorInsights",
        "elasticloadbalancing:ModifyCapacityReservation",
        "lambda:PutFunctionRecursionConfig",
        "lambda:PutFunctionScalingConfig",
        "lambda:PutRuntimeManagementConfig",
        "logs:DeleteDataProtectionPolicy",
        "logs:PutBearerTokenAuthentication",
        "logs:PutDataProtectionPolicy",
        "logs:PutIndexPolicy",
        "sns:PutDataProtectionPolicy",
    ],
    "no action of AWS's own list: CreateDistribution covers it": ["cloudfront:CreateDistributionWithTags"],
    "the pipeline makes no user, group or managed policy": [
        "iam:DeleteGroupPolicy",
        "iam:DeleteUserPolicy",
        "iam:PutGroupPolicy",
        "iam:PutUserPolicy",
    ],
}
"""What CloudFormation's handlers call on a type's own service that this program does not, and why."""


def test_what_cloudformation_changes_with_a_type_is_granted_for_it() -> None:
    """The verbs that change something of the type's own service; other services have types of their own."""
    compared = 0
    missing: dict[str, set[str]] = {}
    everything = {action.lower() for _, action, _ in every_action()}
    for kind in CATALOGUE.types:
        known = handlers().get(_cloudformation_name(kind))
        if known is None:
            continue
        compared += 1
        asked = {
            action for verb in ("create", "delete") for action in known.get(verb, {}).get("permissions", ())
        }
        own = {each.partition(":")[0] for each in (*CATALOGUE.types[kind].read, *CATALOGUE.types[kind].write)}
        for action in asked:
            service, _, name = action.partition(":")
            plain = f"{service.lower()}:{name}"
            if service.lower() in own and MEDDLES.fullmatch(plain) and plain.lower() not in everything:
                missing.setdefault(kind, set()).add(plain)
    assert compared > 90
    excused = {action for actions in NOT_ASKED.values() for action in actions}
    assert {action for actions in missing.values() for action in actions} == excused, missing


def _granting(statements: list[Statement], action: str) -> list[Statement]:
    return [
        s for s in statements if s.effect == "Allow" and any(fnmatchcase(action, each) for each in s.actions)
    ]


def _reaches(statement: Statement, arn: str) -> bool:
    return any(fnmatchcase(arn, str(pattern)) for pattern in statement.resources)


def test_what_has_an_arn_can_be_deleted_by_it() -> None:
    """The deletion of every recorded resource is granted on the resource's own ARN."""
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    checked = 0
    for r in resources():
        arn = next((str(r.outputs[key]) for key in ARNS if r.outputs.get(key)), "")
        parts = arn.split(":")
        if len(parts) < 6 or r.type in MANAGED_ELSEWHERE or "DeployRoles" in r.urn:
            continue
        ours = ":".join([*parts[:4], parts[4] and ACCOUNT, *parts[5:]])
        own = [each for each in CATALOGUE.types[r.type].write if each.startswith(f"{parts[2]}:")]
        removing = [
            each for each in own if re.search(r":(Delete|Deregister|Deactivate|Schedule|DELETE)", each)
        ]
        for action in removing:
            checked += 1
            assert any(_reaches(s, ours) for s in _granting(statements, action)), (
                f"{r.name}: {action} on {ours}"
            )
    assert checked > 1_000


def test_what_belongs_to_others_is_out_of_reach() -> None:
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    for action, arn in {
        "dynamodb:DeleteTable": f"arn:aws:dynamodb:ap-northeast-2:{ACCOUNT}:table/payroll",
        "iam:UpdateAssumeRolePolicy": f"arn:aws:iam::{ACCOUNT}:role/administrator",
        "lambda:UpdateFunctionCode": f"arn:aws:lambda:ap-northeast-2:{ACCOUNT}:function:payroll",
        "rds:DeleteDBInstance": f"arn:aws:rds:ap-northeast-2:{ACCOUNT}:db:payroll",
        "s3:PutBucketPolicy": "arn:aws:s3:::payroll",
        "secretsmanager:DeleteSecret": f"arn:aws:secretsmanager:ap-northeast-2:{ACCOUNT}:secret:payroll",
        "ssm:PutParameter": f"arn:aws:ssm:ap-northeast-2:{ACCOUNT}:parameter/payroll",
    }.items():
        granting = _granting(statements, action)
        assert granting, action
        assert not any(_reaches(s, arn) for s in granting), action


def test_what_opens_a_resource_to_others_names_it_wherever_aws_lets_it() -> None:
    """The waiver of the deploy role's policies is for one action, and covers no other."""
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    everywhere = {
        action
        for action in EXPOSURES
        for statement in _granting(statements, action)
        if "*" in statement.resources
    }
    assert everywhere == {"events:PutPermission"}
    assert aws()["events"]["Actions"]["putpermission"] == {}


RELEASE = {
    "ecr": [
        "BatchCheckLayerAvailability",
        "BatchGetImage",
        "CompleteLayerUpload",
        "DescribeImages",
        "InitiateLayerUpload",
        "PutImage",
        "UploadLayerPart",
    ],
    "ecs": ["RunTask"],
}
"""What `ops release` calls that changes something or shows an image. ECR's guide: permissions for pushing."""


def test_a_release_pushes_and_migrates_in_the_stacks_own_alone() -> None:
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    looking = read_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    place = f"ap-northeast-2:{ACCOUNT}"
    for service, own, foreign in (
        ("ecr", f"arn:aws:ecr:{place}:repository/sesami-api-images-1a2b", "repository/payroll"),
        (
            "ecs",
            f"arn:aws:ecs:{place}:task-definition/work-redesign-migration:3",
            "task-definition/payroll:3",
        ),
    ):
        for action in RELEASE[service]:
            granting = _granting(statements, f"{service}:{action}")
            assert any(_reaches(s, own) for s in granting), action
            assert not any(_reaches(s, f"arn:aws:{service}:{place}:{foreign}") for s in granting), action
            assert _granting(looking, f"{service}:{action}") == [], "not for pull requests"
    [token] = _granting(statements, "ecr:GetAuthorizationToken")
    assert (list(token.actions), token.resources) == (["ecr:GetAuthorizationToken"], ["*"])
    assert all(_granting(looking, f"ecs:{action}") for action in ("DescribeTasks", "ListTasks"))


def test_no_role_is_made_or_given_anything_without_the_boundary() -> None:
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"):
        for statement in _granting(statements, f"iam:{action}"):
            assert statement.conditions == {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}, action
    never = (
        "DeleteRolePermissionsBoundary",
        "CreatePolicy",
        "CreatePolicyVersion",
        "CreateUser",
        "CreateAccessKey",
    )
    assert [each for each in never if _granting(statements, f"iam:{each}")] == []


@pytest.mark.parametrize(
    "arn",
    [
        "role/deploy-prod-apply",
        "policy/boundary/deploy-prod",
        "policy/deploy-prod-write-1",
        f"oidc-provider/{GITHUB}",
    ],
)
def test_the_pipeline_cannot_change_what_it_consists_of(arn: str) -> None:
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    denied = [s for s in statements if s.effect == "Deny"]
    for action in (
        "iam:PutRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeleteOpenIDConnectProvider",
        "iam:PassRole",
    ):
        full = f"arn:aws:iam::{ACCOUNT}:{arn}"
        assert any(any(fnmatchcase(action, each) for each in s.actions) and _reaches(s, full) for s in denied)
        assert not any(_reaches(s, full) for s in _granting(statements, action))


def test_reading_shows_no_data() -> None:
    statements = read_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    for action in (
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
        "dynamodb:GetItem",
        "logs:GetLogEvents",
        "kms:Decrypt",
    ):
        assert _granting(statements, action) == []
    for statement in statements:
        assert not any(
            re.search(r":(Create|Delete|Put|Update|Modify|Tag)", each) for each in statement.actions
        )
    assert _granting(statements, "ssm:GetParameter") == []
    keys = "arn:aws:apigateway:ap-northeast-2::/apikeys/abc"
    assert not any(_reaches(s, keys) for s in _granting(statements, "apigateway:GET"))
    assert any(
        _reaches(s, keys.replace("apikeys", "restapis")) for s in _granting(statements, "apigateway:GET")
    )


def test_a_refresh_reads_keys_and_parameters_of_the_stack_alone() -> None:
    statements = value_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    [parameters] = _granting(statements, "ssm:GetParameter")
    own = f"arn:aws:ssm:ap-northeast-2:{ACCOUNT}:parameter/currency-service/api/bok-key"
    assert _reaches(parameters, own)
    assert not _reaches(parameters, own.replace("currency-service", "payroll"))
    [decrypting] = _granting(statements, "kms:Decrypt")
    assert decrypting.conditions is not None
    assert decrypting.conditions["StringLike"] == {"kms:ViaService": "ssm.*.amazonaws.com"}
    assert [s.resources for s in _granting(statements, "apigateway:GET")] == [
        ["arn:aws:apigateway:*::/apikeys", "arn:aws:apigateway:*::/apikeys/*"]
    ]
    for role, sees in {"preview": False, "drift": True, "apply": True}.items():
        names = {r.name for r in _deployed()}
        assert (f"deploy-{role}-values" in names) is sees


def test_roles_are_passed_to_the_services_that_they_trust() -> None:
    trusted = set()
    for r in resources():
        if r.type == ROLE:
            for statement in json.loads(r["assumeRolePolicy"])["Statement"]:
                named = statement["Principal"].get("Service", [])
                trusted |= {named} if isinstance(named, str) else set(named)
    without_region = {re.sub(r"\.[a-z]{2}(-[a-z]+)+-\d\.", ".*.", each) for each in trusted}
    assert set(CATALOGUE.passed_to) == without_region


def test_service_linked_roles_belong_to_types_that_ask_for_one() -> None:
    asking = {kind for kind, calls in CATALOGUE.types.items() if "iam:CreateServiceLinkedRole" in calls.write}
    assert set(CATALOGUE.linked_roles) == asking


def test_a_role_of_a_service_is_made_for_the_services_in_use_alone() -> None:
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    for verb in ("CreateServiceLinkedRole", "DeleteServiceLinkedRole"):
        [statement] = _granting(statements, f"iam:{verb}")
        path = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role"
        assert _reaches(statement, f"{path}/rds.amazonaws.com/AWSServiceRoleForRDS")
        assert not _reaches(statement, f"{path}/organizations.amazonaws.com/AWSServiceRoleForOrganizations")
        assert not _reaches(statement, f"arn:aws:iam::{ACCOUNT}:role/administrator")


def test_who_is_given_a_key_may_use_it() -> None:
    given = {r.type for r in resources() if any(_keys(dict(r.inputs)))}
    assert given == set(CATALOGUE.key_users) | CATALOGUE.key_strangers


def _keys(value: object, at: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _keys(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item, at)
    elif value and "kms" in at.lower():
        yield at


def test_the_boundary_holds_what_the_systems_roles_are_given() -> None:
    """Services of every inline policy are inside; each inside is there for one, or for AWS's own policies."""
    used: set[str] = set()
    for r in resources():
        if r.type == "aws:iam/rolePolicy:RolePolicy" and "DeployRoles" not in r.urn:
            for statement in json.loads(r["policy"])["Statement"]:
                actions = statement["Action"] if statement["Effect"] == "Allow" else []
                used |= {
                    each.partition(":")[0] for each in ([actions] if isinstance(actions, str) else actions)
                }
    managed = {
        "autoscaling",
        "backup",
        "backup-storage",
        "ec2messages",
        "eks",
        "eks-auth",
        "ssmmessages",
        "tag",
    }
    assert used - {"iam"} <= set(CATALOGUE.boundary)
    assert set(CATALOGUE.boundary) - used == managed
    most = boundary_statements(ACCOUNT, CATALOGUE)
    for action in (
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "sts:AssumeRole",
        "organizations:LeaveOrganization",
    ):
        assert _granting(most, action) == []


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_role_of_the_shipped_stacks_has_the_boundary(stack: str) -> None:
    deployment = program(stack)
    account = stack_config(stack)["seoul-platform:stack"]["accountId"]
    roles = [r for r in deployment.of_type(ROLE) if not r.name.startswith("deploy-")]
    assert len(roles) > 40
    assert {r.get("permissionsBoundary") for r in roles} == {
        f"arn:aws:iam::{account}:policy/boundary/deploy-{stack}"
    }


def test_the_policies_fit_the_limits_of_iam() -> None:
    measured = 0
    for deployment in recorded():
        policies = [r for r in deployment.of_type("aws:iam/policy:Policy") if r.name.startswith("deploy-")]
        assert all(_length(r) <= MAX_POLICY_CHARACTERS for r in policies)
        for role in ("preview", "drift", "apply"):
            own = [r for r in deployment if r.name.startswith(f"deploy-{role}-")]
            assert len([r for r in own if r.type.endswith(":RolePolicyAttachment")]) <= MAX_POLICIES
            assert sum(_length(r) for r in own if r.type.endswith(":RolePolicy")) <= MAX_INLINE_CHARACTERS
        measured += len(policies)
    assert measured > 30


def _length(policy: Record) -> int:
    return len(re.sub(r"\s", "", policy["policy"]))


def test_policies_are_filled_before_another_is_begun() -> None:
    statements = write_statements(sorted(CATALOGUE.types), reach(), CATALOGUE)
    found = documents(statements)
    assert sum(map(len, found)) / len(found) > 0.9 * MAX_POLICY_CHARACTERS
    assert sorted(s["Sid"] for text in found for s in json.loads(text)["Statement"]) == sorted(
        str(s.sid) for s in statements
    )


def test_a_statement_that_no_policy_can_hold_is_refused() -> None:
    statement = Statement(sid="Long", actions=["s3:GetObject"], resources=["arn:aws:s3:::" + "x" * 6_200])
    with pytest.raises(ValueError, match=r"Long: got \d+ characters; a managed policy holds 6144"):
        documents([statement])


def test_more_systems_than_a_role_can_hold_are_refused() -> None:
    args = DeployRolesArgs(
        account_id=ACCOUNT,
        label="deploy-prod",
        repository="example/platform",
        branch="main",
        environment="prod",
        names=[f"system-number-{number}-*" for number in range(12)],
    )
    with pytest.raises(ValueError, match="policies; IAM attaches 10: give the stack fewer systems"):
        deploy(lambda: DeployRoles("deploy", args))


def test_an_unknown_type_says_where_to_add_it() -> None:
    with pytest.raises(ValueError, match=r"got aws:foo/bar:Bar; deploy_actions\.yaml does not say"):
        CATALOGUE.calls(["aws:foo/bar:Bar"])


def _deployed(**changes: Any) -> Deployment:
    args = DeployRolesArgs(
        account_id=ACCOUNT,
        label="deploy-prod",
        repository="example/platform",
        branch="main",
        environment="prod",
        names=["sesami-*"],
    )
    return deploy(lambda: DeployRoles("deploy", replace(args, **changes)))


@pytest.mark.parametrize(
    ("role", "subjects"),
    [
        ("preview", ["repo:example/platform:pull_request"]),
        ("drift", ["repo:example/platform:ref:refs/heads/main"]),
        ("apply", ["repo:example/platform:environment:prod"]),
    ],
)
def test_a_role_takes_exact_tokens_of_one_repository(role: str, subjects: list[str]) -> None:
    trust = json.loads(_deployed().one(ROLE, f"deploy-{role}")["assumeRolePolicy"])["Statement"]
    assert [s["Action"] for s in trust] == [["sts:AssumeRoleWithWebIdentity"]]
    assert trust[0]["Condition"] == {
        "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subjects}
    }


def test_only_the_deploy_role_writes() -> None:
    attached = [r for r in _deployed() if r.type.endswith(":RolePolicyAttachment")]
    preview = {r.name for r in attached if r.name.startswith("deploy-preview")}
    assert preview
    assert all("-read-" in name for name in preview)
    assert not any("-write-" in r.name for r in attached if r.name.startswith("deploy-drift"))
    assert any("-write-" in r.name for r in attached if r.name.startswith("deploy-apply"))


@pytest.mark.parametrize("writes", [True, False])
def test_state_is_written_by_the_deploy_role_alone(writes: bool) -> None:
    store = StateStore(bucket="example-state", key_arn=f"arn:aws:kms:ap-northeast-2:{ACCOUNT}:key/1")
    actions = {each for s in state_statements(store, writes=writes) for each in s.actions}
    assert ("s3:PutObject" in actions) is writes
    assert ("kms:Encrypt" in actions) is writes
    assert {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"} <= actions


def test_a_stack_beside_the_one_with_the_roles_names_their_boundary() -> None:
    config = stack_config("dev")
    stack = {**config["seoul-platform:stack"], "boundedRoles": True, "ownsAccountSettings": False}
    del stack["deployRoles"]
    sesami = {"sesami": config["seoul-platform:systems"]["sesami"]}
    deployment = run_program({**config, "seoul-platform:stack": stack, "seoul-platform:systems": sesami})
    assert not [r for r in deployment if r.name.startswith("deploy")]
    assert {r.get("permissionsBoundary") for r in deployment.of_type(ROLE)} == {
        "arn:aws:iam::111122223333:policy/boundary/deploy-dev"
    }


def test_names_of_the_pipeline_are_no_systems() -> None:
    assert not any(key.lower().startswith("deploy") for key in SYSTEMS)
