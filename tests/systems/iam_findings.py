"""What the linter says of our IAM documents and is accepted, each with its reason."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """``type`` ends the resource's type; ``name`` and ``detail`` are patterns, found anywhere."""

    issue: str
    type: str
    reason: str
    name: str = ""
    detail: str = ""

    def covers(self, issue: str, resource_type: str, name: str, detail: str) -> bool:
        return (
            issue == self.issue
            and resource_type.endswith(f":{self.type}")
            and re.search(self.name, name) is not None
            and re.search(self.detail, detail) is not None
        )


_KEY = "in a key policy '*' is the key itself"
_ENDPOINT = "a door for this account's principals alone; what each may do is in its own role"

_BOUNDARY = "a boundary grants nothing: the role's own policies name actions and resources"
_DEPLOYS = "whoever deploys a resource writes its policy; names and tags are the stack's own"

ACCEPTED = (
    *(
        Accepted(issue=issue, type="Policy", name="^deploy-boundary$", reason=_BOUNDARY)
        for issue in (
            "CREDENTIALS_EXPOSURE",
            "PERMISSIONS_MANAGEMENT_ACTIONS",
            "PRIVILEGE_ESCALATION",
            "RESOURCE_STAR",
        )
    ),
    Accepted(
        issue="RESOURCE_STAR",
        type="Policy",
        name="^deploy-read-",
        reason="descriptions of what the account has; what shows data or secrets is named",
    ),
    Accepted(
        issue="RESOURCE_STAR",
        type="Policy",
        name="^deploy-write-",
        detail="cloudfront:CreateDistribution",
        reason="AWS's own list names no resource for what CloudFront makes; the linter's older one does",
    ),
    Accepted(
        issue="RESOURCE_MISMATCH",
        type="Policy",
        name="^deploy-write-",
        reason="a kind written as * is not seen to match; test_deploy_roles compares with real ARNs",
    ),
    Accepted(
        issue="UNKNOWN_ACTION",
        type="Policy",
        name="^deploy-",
        detail="kafka:|ecs:StopServiceDeployment|WebACLAssociation|logs:PutLogGroupDeletionProtection",
        reason="newer than the linter's list; test_deploy_roles checks each with a newer one",
    ),
    Accepted(
        issue="MISMATCHED_TYPE_BUT_USABLE",
        type="Policy",
        name="^deploy-write-",
        reason="IAM documents StringEquals for iam:PermissionsBoundary",
    ),
    Accepted(
        issue="UNKNOWN_FEDERATION_SOURCE",
        type="Role",
        name="^deploy-",
        detail=":oidc-provider/token.actions.githubusercontent.com$",
        reason="GitHub's provider is made beside the roles; the linter knows those of AWS alone",
    ),
    Accepted(issue="PERMISSIONS_MANAGEMENT_ACTIONS", type="Policy", name="^deploy-write-", reason=_DEPLOYS),
    Accepted(
        issue="CREDENTIALS_EXPOSURE",
        type="Policy",
        name="^deploy-write-",
        detail=r"^\['ecr:getauthorizationtoken'\]$",
        reason="pushing an image begins with it; which repositories is said beside it",
    ),
    Accepted(
        issue="MALFORMED", type="Role", detail="Resource", reason="a trust policy's resource is the role"
    ),
    Accepted(
        issue="MALFORMED",
        type="RepositoryPolicy",
        detail="Resource",
        reason="ECR takes no resource in a repository's policy: it is the repository",
    ),
    Accepted(
        issue="PERMISSIONS_MANAGEMENT_ACTIONS",
        type="RolePolicy",
        detail=r"^\['iam:passrole'\]$",
        reason="a schedule starts a task with its two roles; both are named, and for ECS tasks alone",
    ),
    Accepted(issue="RESOURCE_STAR", type="Key", reason=_KEY),
    Accepted(
        issue="PERMISSIONS_MANAGEMENT_ACTIONS", type="Key", reason="the account's own IAM manages the key"
    ),
    Accepted(
        issue="MISMATCHED_TYPE",
        type="Key",
        detail="ArnLike",
        reason='as documented by CloudWatch Logs ("Encrypt log data in CloudWatch Logs using AWS KMS")',
    ),
    Accepted(
        issue="UNKNOWN_CONDITION_FOR_ACTION",
        type="Key",
        detail="EncryptionContext:aws:logs:arn",
        reason="CloudWatch Logs documents Describe* in this statement; KMS ignores the context there",
    ),
    Accepted(
        issue="UNKNOWN_CONDITION_FOR_ACTION",
        type="Key",
        detail="kms:(GrantOperations|EncryptionContext:aws:ecs)",
        reason="ForAllValues holds where the key is absent, as ECS documents for Fargate's storage",
    ),
    Accepted(
        issue="MISMATCHED_TYPE",
        type="RestApiPolicy",
        detail="aws:SourceIp",
        reason="the linter knows a single address only; IAM takes a list of blocks, and IPv6",
    ),
    Accepted(
        issue="CREDENTIALS_EXPOSURE",
        type="RolePolicy",
        detail=r"^\['rds-db:connect'\]$",
        reason="logging in to one database as one user is what the role is for",
    ),
    Accepted(
        issue="CREDENTIALS_EXPOSURE",
        type="RolePolicy",
        detail=r"^\['ecr:getauthorizationtoken'\]$",
        reason="pulling an image begins with it; which images is said beside it",
    ),
    Accepted(
        issue="PERMISSIONS_MANAGEMENT_ACTIONS",
        type="RolePolicy",
        detail=r"^\['rds-db:connect'\]$",
        reason="filed under permissions, though it only logs in; the user's ARN is exact",
    ),
    Accepted(
        issue="RESOURCE_STAR",
        type="RolePolicy",
        detail="ec2:CreateNetworkInterface",
        reason="Lambda checks these before an interface exists; a second statement denies them to the code",
    ),
    Accepted(
        issue="UNKNOWN_CONDITION_FOR_ACTION",
        type="RolePolicy",
        detail="lambda:SourceFunctionArn",
        reason="a global key of calls that a function makes (Lambda Developer Guide, source function ARN)",
    ),
    Accepted(
        issue="RESOURCE_MISMATCH",
        type="RolePolicy",
        detail="logs:DescribeLogGroups",
        reason="the linter's data knows '*' alone; ours is all groups of one Region, so no wider",
    ),
    Accepted(
        issue="RESOURCE_MISMATCH",
        type="RolePolicy",
        name="pipe",
        detail="batch:SubmitJob",
        reason="a job has no ARN before it is submitted; Batch checks queue and definition (Batch Guide, "
        '"Resource: Restrict to a job queue")',
    ),
    Accepted(
        issue="RESOURCE_MISMATCH",
        type="RolePolicy",
        detail="elasticloadbalancing:ModifyRule",
        reason="the linter asks for every kind of rule at once; ours is an application balancer's",
    ),
    Accepted(issue="CREDENTIALS_EXPOSURE", type="VpcEndpoint", reason=_ENDPOINT),
    Accepted(issue="PERMISSIONS_MANAGEMENT_ACTIONS", type="VpcEndpoint", reason=_ENDPOINT),
    Accepted(issue="PRIVILEGE_ESCALATION", type="VpcEndpoint", reason=_ENDPOINT),
)
