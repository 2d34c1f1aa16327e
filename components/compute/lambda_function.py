"""A Lambda function with everything that belongs to it alone: role, log group, network door, alias."""

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_

from components import runtime_owned
from components.compute.lambda_args import ImageCode, LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.package import sha256_base64
from components.delivery.codedeploy_rollout import AllAtOnce, Rollout
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.observability.log_group import log_group
from components.security import grants
from components.security.iam import Statement, policy_document
from components.security.service_role import ServiceRole, ServiceRoleArgs


class LambdaFunction(pulumi.ComponentResource):
    """A function whose published versions are called through one alias.

    Built: role with an inline policy, encrypted log group in JSON, active tracing, encrypted environment,
    security group without rules when in a VPC, alias, and where asked provisioned concurrency and a
    destination for failed events. Under ``AllAtOnce`` the alias follows each version. Under a shift it is
    made at the first version and CodeDeploy moves it from there: see ``LambdaDeploymentGroup``, which is
    a component of its own because its alarms need the function's name first.

    Left out: function URLs (a second door beside the API), SnapStart (its snapshots exclude provisioned
    concurrency), triggers, and rules of the security group, which the caller who knows both ends adds.
    """

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]
    published_version: pulumi.Output[str]
    alias_name: pulumi.Output[str]
    alias_arn: pulumi.Output[str]
    invoke_arn: pulumi.Output[str]
    """Of the alias, for an API integration."""
    role_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]
    rollout: Rollout
    timeout_seconds: int

    def __init__(
        self, name: str, args: LambdaFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:compute:LambdaFunction", name, None, opts)
        self._name = name
        self._args = args
        self.rollout = args.rollout
        self.timeout_seconds = args.timeout_seconds
        self.log_group = log_group(
            self, f"{name}-logs", retention_days=args.log_retention_days, kms_key_arn=args.kms_key_arn
        )
        self._security_group = self._build_security_group(args.vpc) if args.vpc else None
        self.role = self._build_role(self.log_group)
        self.function = self._build_function(self.role, self.log_group)
        self.alias = self._build_alias(self.function)
        if args.vpc:
            self._build_network_denial(self.function)
        if args.provisioned_concurrency:
            self._build_provisioned_concurrency(self.alias)
        if args.failure_queue_arn is not None:
            self._build_failure_destination(self.alias, args.failure_queue_arn)
        self._publish()

    @property
    def security_group(self) -> SecurityGroup:
        """The function's own, for rules. Raises ValueError for a function in no VPC."""
        if self._security_group is None:
            raise ValueError(f"{self._name}: the function is in no VPC; give vpc=VpcPlacement(...)")
        return self._security_group

    @property
    def security_group_id(self) -> pulumi.Output[str]:
        """Raises ValueError for a function in no VPC."""
        return self.security_group.security_group_id

    def allow_invoke(
        self,
        role: str,
        *,
        principal: str,
        source_arn: pulumi.Input[str],
        source_account: str | None = None,
    ) -> lambda_.Permission:
        """Let one source call the alias. ``role`` ends the logical name and says who.

        ``source_account`` goes with a source whose ARN has none, such as an S3 bucket.
        """
        return lambda_.Permission(
            f"{self._name}-invoke-{role}",
            action="lambda:InvokeFunction",
            function=self.function.name,
            qualifier=self.alias.name,
            principal=principal,
            source_arn=source_arn,
            source_account=source_account,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_security_group(self, vpc: VpcPlacement) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=vpc.vpc_id, description=f"Function {self._name}"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_role(self, logs: cloudwatch.LogGroup) -> ServiceRole:
        statements = [
            grants.write_logs(logs.arn),
            grants.xray_write(),
            grants.kms_decrypt(self._args.kms_key_arn),
        ]
        if self._args.vpc:
            statements.append(grants.vpc_network_interfaces())
        if self._args.failure_queue_arn is not None:
            statements.append(grants.send_messages(self._args.failure_queue_arn))
        return ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="lambda.amazonaws.com",
                description=f"Function {self._name}",
                statements=[*statements, *self._args.statements],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_function(self, role: ServiceRole, logs: cloudwatch.LogGroup) -> lambda_.Function:
        args, code = self._args, self._args.code
        package = code if isinstance(code, ZipCode) else None
        return lambda_.Function(
            f"{self._name}-function",
            description=args.description,
            role=role.role_arn,
            package_type="Zip" if package else "Image",
            image_uri=code.image_uri if isinstance(code, ImageCode) else None,
            image_config={"commands": list(code.command)}
            if isinstance(code, ImageCode) and code.command
            else None,
            code=pulumi.FileArchive(str(package.path)) if package else None,
            source_code_hash=sha256_base64(package.path) if package else None,
            handler=package.handler if package else None,
            runtime=package.runtime if package else None,
            layers=list(package.layers) if package and package.layers else None,
            architectures=[args.architecture],
            memory_size=args.memory_mb,
            timeout=args.timeout_seconds,
            publish=True,
            reserved_concurrent_executions=args.reserved_concurrency,
            kms_key_arn=args.kms_key_arn,
            environment={"variables": dict(args.environment)} if args.environment else None,
            tracing_config={"mode": "Active"},
            logging_config={
                "log_format": "JSON",
                "log_group": logs.name,
                "application_log_level": "INFO",
                "system_log_level": "WARN",
            },
            vpc_config={
                "subnet_ids": list(args.vpc.subnet_ids),
                "security_group_ids": [self.security_group_id],
            }
            if args.vpc
            else None,
            # Lambda checks the role's network permissions when it makes the function.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )

    def _build_alias(self, function: lambda_.Function) -> lambda_.Alias:
        follows = isinstance(self._args.rollout, AllAtOnce)
        return lambda_.Alias(
            f"{self._name}-alias",
            name=self._args.alias_name,
            description="The version that callers reach",
            function_name=function.name,
            function_version=function.version,
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=[] if follows else runtime_owned.ignore_changes("aws:lambda/alias:Alias"),
            ),
        )

    def _build_network_denial(self, function: lambda_.Function) -> iam.RolePolicy:
        """Lambda itself needs the network grants; the code, under the same role, must not have them."""
        callers = [function.arn, pulumi.Output.concat(function.arn, ":*")]
        return iam.RolePolicy(
            f"{self._name}-network-denial",
            role=self.role.role_name,
            policy=policy_document(
                Statement(
                    effect="Deny",
                    actions=grants.vpc_network_interfaces().actions,
                    resources=["*"],
                    conditions={"ArnLike": {"lambda:SourceFunctionArn": callers}},
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_provisioned_concurrency(self, alias: lambda_.Alias) -> lambda_.ProvisionedConcurrencyConfig:
        """On the alias, so that CodeDeploy waits for warm environments of a new version before it shifts."""
        return lambda_.ProvisionedConcurrencyConfig(
            f"{self._name}-provisioned",
            function_name=self.function.name,
            qualifier=alias.name,
            provisioned_concurrent_executions=self._args.provisioned_concurrency,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_failure_destination(
        self, alias: lambda_.Alias, queue_arn: pulumi.Input[str]
    ) -> lambda_.FunctionEventInvokeConfig:
        return lambda_.FunctionEventInvokeConfig(
            f"{self._name}-failures",
            function_name=self.function.name,
            qualifier=alias.name,
            destination_config={"on_failure": {"destination": queue_arn}},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _publish(self) -> None:
        self.function_name = self.function.name
        self.function_arn = self.function.arn
        self.published_version = self.function.version
        self.alias_name = self.alias.name
        self.alias_arn = self.alias.arn
        self.invoke_arn = self.alias.invoke_arn
        self.role_arn = self.role.role_arn
        self.role_name = self.role.role_name
        self.log_group_name = self.log_group.name
        self.log_group_arn = self.log_group.arn
        self.register_outputs(
            {
                "functionName": self.function_name,
                "functionArn": self.function_arn,
                "publishedVersion": self.published_version,
                "aliasArn": self.alias_arn,
                "roleArn": self.role_arn,
                "logGroupName": self.log_group_name,
            }
        )
