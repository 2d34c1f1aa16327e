"""One end of a DMS replication: a PostgreSQL server, found and opened by a secret."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import dms

from components.security.grants import read_secret
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True)
class Encrypted:
    """TLS, or no connection; whose certificate it is goes unchecked."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """TLS with a certificate of this authority, for the host name in the secret."""

    authority_pem: str

    def __post_init__(self) -> None:
        if "-----BEGIN CERTIFICATE-----" not in self.authority_pem:
            raise ValueError(
                "authority_pem: no certificate in it; the authority's certificate as PEM: export it with "
                "openssl x509 -outform pem"
            )


Tls: TypeAlias = Encrypted | Verified


@dataclass(frozen=True, kw_only=True)
class PostgresEndpointArgs:
    """``secret_arn`` holds ``host``, ``port``, ``username`` and ``password`` as JSON, encrypted by
    ``secret_key_arn``. ``kms_key_arn`` encrypts what DMS keeps of the connection.
    """

    endpoint_id: str
    end: Literal["source", "target"]
    engine: Literal["postgres", "aurora-postgresql"]
    database_name: str
    secret_arn: pulumi.Input[str]
    secret_key_arn: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    tls: Tls
    account_id: str
    region: str


class PostgresEndpoint(pulumi.ComponentResource):
    """An endpoint, and a role with which DMS reads this endpoint's one secret.

    Changes are read by ``test_decoding``, which every server has; a heartbeat on the source keeps an idle
    slot from holding its log. Changes of the schema are not carried over: a move freezes it. On the target,
    triggers and foreign keys rest in DMS's session (``session_replication_role``): the source has run them.
    """

    endpoint: dms.Endpoint
    endpoint_arn: pulumi.Output[str]
    role: ServiceRole

    def __init__(
        self, name: str, args: PostgresEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:migration:PostgresEndpoint", name, None, opts)
        self._name = name
        self._args = args
        self.role = self._build_role()
        self.endpoint = self._build_endpoint(self._build_certificate())
        self.endpoint_arn = self.endpoint.endpoint_arn
        self.register_outputs({"endpointArn": self.endpoint_arn})

    def _build_role(self) -> ServiceRole:
        args = self._args
        return ServiceRole(
            f"{self._name}-access",
            ServiceRoleArgs(
                # The regional principal: DMS user guide, "Using secrets to access endpoints".
                service=f"dms.{args.region}.amazonaws.com",
                description=f"DMS reads the secret of the {args.end}",
                source_account=args.account_id,
                source_arn=f"arn:aws:dms:{args.region}:{args.account_id}:*",
                statements=[
                    read_secret(args.secret_arn),
                    Statement(
                        actions=["kms:Decrypt", "kms:DescribeKey"],
                        resources=[args.secret_key_arn],
                        conditions={
                            "StringEquals": {"kms:ViaService": f"secretsmanager.{args.region}.amazonaws.com"}
                        },
                    ),
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_certificate(self) -> dms.Certificate | None:
        match self._args.tls:
            case Verified(authority_pem=pem):
                return dms.Certificate(
                    f"{self._name}-authority",
                    certificate_id=f"{self._args.endpoint_id}-authority",
                    certificate_pem=pem,
                    opts=pulumi.ResourceOptions(parent=self),
                )
            case Encrypted():
                return None

    def _build_endpoint(self, certificate: dms.Certificate | None) -> dms.Endpoint:
        args = self._args
        return dms.Endpoint(
            f"{self._name}-endpoint",
            endpoint_id=args.endpoint_id,
            endpoint_type=args.end,
            engine_name=args.engine,
            database_name=args.database_name,
            secrets_manager_arn=args.secret_arn,
            secrets_manager_access_role_arn=self.role.role_arn,
            kms_key_arn=args.kms_key_arn,
            ssl_mode="verify-full" if certificate else "require",
            certificate_arn=certificate.certificate_arn if certificate else None,
            postgres_settings=_source_settings() if args.end == "source" else _target_settings(),
            # DMS opens the secret when the endpoint is made.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role]),
        )


def _source_settings() -> dms.EndpointPostgresSettingsArgs:
    return dms.EndpointPostgresSettingsArgs(
        plugin_name="test-decoding",
        capture_ddls=False,
        heartbeat_enable=True,
        heartbeat_frequency=1,
        fail_tasks_on_lob_truncation=True,
    )


def _target_settings() -> dms.EndpointPostgresSettingsArgs:
    return dms.EndpointPostgresSettingsArgs(
        after_connect_script="SET session_replication_role='replica'",
    )
