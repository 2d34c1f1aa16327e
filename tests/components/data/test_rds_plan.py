"""What RDS asks of names, windows and retention."""

import pytest

from components.data import rds_plan


@pytest.mark.parametrize("name", ["Safework", "safework--db", "safework-", "1safework", "a" * 58, ""])
def test_identifiers_that_rds_rejects(name: str) -> None:
    with pytest.raises(ValueError, match="cluster_identifier"):
        rds_plan.check_identifier("cluster_identifier", name)


@pytest.mark.parametrize("name", ["admin", "Postgres", "root", "safe-work", "9owner", "a" * 17])
def test_master_names_that_are_guessed_or_refused(name: str) -> None:
    with pytest.raises(ValueError, match="master_username"):
        rds_plan.check_master_username(name)


def test_protected_data_is_kept_a_week() -> None:
    rds_plan.check_backup_retention(7, deletion_protection=True)
    rds_plan.check_backup_retention(1, deletion_protection=False)
    with pytest.raises(ValueError, match="allowed 7 to 35 while deletion_protection is on"):
        rds_plan.check_backup_retention(6, deletion_protection=True)


@pytest.mark.parametrize(
    ("backup", "maintenance"),
    [
        ("17:00-18:00", "sun:18:00-sun:19:00"),
        ("23:30-00:30", "sun:00:30-sun:01:30"),
        ("03:00-04:00", "sun:23:30-mon:00:30"),
    ],
)
def test_windows_that_do_not_meet(backup: str, maintenance: str) -> None:
    rds_plan.check_windows(backup, maintenance)


@pytest.mark.parametrize(
    ("backup", "maintenance", "message"),
    [
        ("17:00-18:00", "sun:17:30-sun:18:30", "overlaps"),
        ("17:00-18:00", "sun:16:30-sun:17:30", "overlaps"),
        ("23:30-00:30", "mon:00:00-mon:01:00", "overlaps"),
        ("17:00-17:15", "sun:18:30-sun:19:30", "backup_window: got 15 minutes"),
        ("5pm-6pm", "sun:18:30-sun:19:30", "needs hh:mm-hh:mm"),
        ("17:00-18:00", "Sunday", "needs ddd:hh:mm-ddd:hh:mm"),
    ],
)
def test_windows_that_rds_rejects(backup: str, maintenance: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rds_plan.check_windows(backup, maintenance)
