"""What an RDS instance is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pulumi

from components.data import rds_instance_plan, rds_plan
from components.data.rds_instance_plan import RdsEngine
from components.data.rds_master import MasterFunction, SecretCopy
from components.data.rds_plan import InsightsMode
from components.protocols import HasSecurityGroup


@dataclass(frozen=True)
class RdsManagedMaster:
    """RDS makes the master secret and rotates it every seven days. RDS refuses read replicas beside it."""


@dataclass(frozen=True, kw_only=True)
class HandedOverMaster:
    """RDS makes the first password; ``function`` then puts a new one in a secret of ours, and rotates it.

    For a database with read replicas: RDS creates none while it manages the secret itself. No password passes
    through the program or its state.
    """

    function: MasterFunction
    every_days: int = 30
    secret_name: str | None = None
    """A physical name, where the application knows it."""
    secret_copies: Sequence[SecretCopy] = ()
    """In other regions, for a replica there."""


Master: TypeAlias = RdsManagedMaster | HandedOverMaster


@dataclass(frozen=True, kw_only=True)
class RdsInstanceArgs:
    """One database. Times are UTC."""

    engine: RdsEngine
    engine_version: str
    """In standard support. ``17`` or ``8.4`` takes the newest minor version and the upgrades that follow;
    ``17.6`` pins the start, and must follow each automatic upgrade by hand."""
    identifier: str
    """The physical name, unique in the account and region. It must be known beforehand because the exported
    logs go to groups named after it, which have to exist first to be encrypted and to expire."""
    database_name: str
    master_username: str
    master: Master = field(default_factory=RdsManagedMaster)
    instance_class: str
    """Of the t, m or r families. Where Intel's t3 was planned, Graviton's t4g has the same size for less."""
    allocated_storage_gb: int
    """gp3; 400 and above brings 12,000 IOPS in place of 3,000."""
    max_allocated_storage_gb: int | None = None
    """How far RDS may grow the storage by itself. It never shrinks."""
    multi_az: bool = True
    read_replicas: int = 0
    """Each in another zone as far as zones go, with an endpoint of its own."""
    replica_instance_class: str | None = None
    """That of the primary unless said."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    availability_zones: Sequence[str]
    """The zones of the subnets."""
    clients: Mapping[str, HasSecurityGroup] = field(default_factory=dict[str, HasSecurityGroup])
    """Who may connect, by a stable key. ``allow_from`` and ``security_group.connect`` add later ones."""
    port: int | None = None
    """The engine's own unless said. Another port hides nothing from whoever is already in the network."""
    kms_key_arn: pulumi.Input[str]
    """Encrypts the storage and the insights, and the master secret and logs unless those have their own."""
    secret_kms_key_arn: pulumi.Input[str] | None = None
    log_kms_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 30
    source_account: str
    """The account this is made in; guards the monitoring role against a confused deputy."""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Parameters beside those that force TLS and feed the logs."""
    insights_mode: InsightsMode = "standard"
    backup_retention_days: int = 7
    backup_window: str = "17:00-18:00"
    """02:00 in Seoul."""
    maintenance_window: str = "sun:18:30-sun:19:30"
    """Monday 03:30 in Seoul, after the backup."""
    deletion_protection: bool = True
    """The engine's protection, the service's own, and a final snapshot, all together. Replicas are copies and
    have none, so that they come and go with a setting."""

    def __post_init__(self) -> None:
        rds_plan.check_identifier("identifier", self.identifier)
        rds_plan.check_master_username(self.master_username)
        rds_plan.check_backup_retention(
            self.backup_retention_days, deletion_protection=self.deletion_protection
        )
        rds_plan.check_windows(self.backup_window, self.maintenance_window)
        rds_instance_plan.check_storage(self.allocated_storage_gb, self.max_allocated_storage_gb)
        for instance_class in (self.instance_class, self.replica_class):
            rds_instance_plan.memory_gib(instance_class)
            rds_instance_plan.check_insights(self.engine, instance_class, self.insights_mode)
        if self.read_replicas:
            last = self.replica_identifier(f"replica-{rds_instance_plan.MAX_REPLICAS}")
            rds_plan.check_identifier("identifier, with a replica's suffix", last)
        rds_instance_plan.replica_placements(self.availability_zones, replicas=self.read_replicas)
        if self.read_replicas and isinstance(self.master, RdsManagedMaster):
            raise ValueError(
                f"read_replicas: got {self.read_replicas} with RdsManagedMaster; RDS creates no replica of a "
                f"{self.engine} instance whose master secret it manages: give master=HandedOverMaster(...)"
            )

    def replica_identifier(self, key: str) -> str:
        """The physical name of a read replica."""
        return f"{self.identifier}-{key}"

    @property
    def replica_class(self) -> str:
        """The class of the read replicas."""
        return self.replica_instance_class or self.instance_class
