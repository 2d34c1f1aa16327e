"""What an Aurora Serverless v2 cluster is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from components.data import aurora_plan, rds_plan
from components.data.aurora_plan import AuroraEngine
from components.protocols import HasSecurityGroup


@dataclass(frozen=True, kw_only=True)
class AuroraServerlessArgs:
    """One cluster. Times are UTC."""

    engine: AuroraEngine
    engine_version: str
    """In standard support. ``16`` or ``8.0`` takes the newest minor version and the upgrades that follow;
    ``16.8`` or ``8.0.mysql_aurora.3.10.0`` pins the start, and must follow each automatic upgrade by hand."""
    cluster_identifier: str
    """The physical name, unique in the account and region. It must be known beforehand because the exported
    logs go to groups named after it, which have to exist first to be encrypted and to expire."""
    database_name: str
    master_username: str
    min_acu: float
    """In steps of 0.5. With 0 the cluster pauses when idle; the next connection waits about 15 s."""
    max_acu: float
    seconds_until_auto_pause: int | None = None
    """With ``min_acu`` 0 only, where it is 300 unless said."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    availability_zones: Sequence[str]
    """The zones of the subnets. The writer takes the first, readers the next ones in turn."""
    readers: int = 1
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
    """Cluster parameters beside those that force TLS and feed the logs."""
    data_api: bool = True
    insights_mode: Literal["standard", "advanced"] = "standard"
    backup_retention_days: int = 7
    backup_window: str = "17:00-18:00"
    """02:00 in Seoul."""
    maintenance_window: str = "sun:18:30-sun:19:30"
    """Monday 03:30 in Seoul, after the backup."""
    final_snapshot: bool = True
    """Whether a deletion leaves a snapshot and the automated backups behind. Unlocking does not change it."""
    deletion_protection: bool = True
    """The engine's protection, the service's own, and a final snapshot, all together."""

    def __post_init__(self) -> None:
        rds_plan.check_identifier("cluster_identifier", self.cluster_identifier)
        rds_plan.check_master_username(self.master_username)
        aurora_plan.check_capacity(self.min_acu, self.max_acu, self.seconds_until_auto_pause)
        rds_plan.check_backup_retention(
            self.backup_retention_days, deletion_protection=self.deletion_protection
        )
        rds_plan.check_windows(self.backup_window, self.maintenance_window)
