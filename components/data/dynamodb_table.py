"""A DynamoDB table."""

import re
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import dynamodb

from components.protection import stateful

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")


@dataclass(frozen=True, kw_only=True)
class KeyAttribute:
    """An attribute that items are found by: ``S`` text, ``N`` number, ``B`` bytes."""

    name: str
    type: Literal["S", "N", "B"] = "S"


@dataclass(frozen=True, kw_only=True)
class DynamoDbTableArgs:
    """``table_name`` where the code knows it; without, the engine makes one."""

    partition_key: KeyAttribute
    sort_key: KeyAttribute | None = None
    expires_attribute: str | None = None
    """DynamoDB deletes an item after the time in it, in seconds since 1970, within some days."""
    table_name: str | None = None
    kms_key_arn: pulumi.Input[str]
    recovery_days: int = 35
    """How far back the table can be restored to any second: 1 to 35, what DynamoDB allows."""
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        if self.table_name is not None and not _NAME.fullmatch(self.table_name):
            raise ValueError(
                f"table_name: got {self.table_name!r}; 3 to 255 letters, digits, underscores, dots and dashes"
            )
        if not 1 <= self.recovery_days <= 35:
            raise ValueError(f"recovery_days: got {self.recovery_days}; DynamoDB allows 1 to 35")
        names = [key.name for key in (self.partition_key, self.sort_key) if key]
        if self.expires_attribute in names or len(set(names)) != len(names):
            raise ValueError(
                f"keys: got {names} and {self.expires_attribute!r} to expire by; each is an attribute "
                "of its own"
            )


class DynamoDbTable(pulumi.ComponentResource):
    """A table that is paid by the request, encrypted with our key, and can be restored to any second.

    Left out: provisioned capacity (it throttles at the worst moment, and the loads here come in waves);
    indexes (the two keys answer what the services ask); streams and global tables (nothing reads a stream,
    and no system writes in two regions).
    """

    table: dynamodb.Table
    table_name: pulumi.Output[str]
    table_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: DynamoDbTableArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:data:DynamoDbTable", name, None, opts)
        self._name = name
        self._args = args
        self.table = self._build_table()
        self.table_name = self.table.name
        self.table_arn = self.table.arn
        self.register_outputs({"tableName": self.table_name, "tableArn": self.table_arn})

    def _build_table(self) -> dynamodb.Table:
        args = self._args
        keys = [key for key in (args.partition_key, args.sort_key) if key]
        return dynamodb.Table(
            f"{self._name}-table",
            name=args.table_name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=args.partition_key.name,
            range_key=args.sort_key.name if args.sort_key else None,
            attributes=[dynamodb.TableAttributeArgs(name=key.name, type=key.type) for key in keys],
            ttl=dynamodb.TableTtlArgs(attribute_name=args.expires_attribute, enabled=True)
            if args.expires_attribute
            else None,
            point_in_time_recovery=dynamodb.TablePointInTimeRecoveryArgs(
                enabled=True, recovery_period_in_days=args.recovery_days
            ),
            server_side_encryption=dynamodb.TableServerSideEncryptionArgs(
                enabled=True, kms_key_arn=args.kms_key_arn
            ),
            deletion_protection_enabled=args.deletion_protection,
            opts=stateful(
                self,
                protected=args.deletion_protection,
                # A name that is given must be free before another table can take it.
                delete_before_replace=args.table_name is not None,
            ),
        )
