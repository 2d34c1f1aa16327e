"""The control matrix in docs is the rules as they are."""

from policies import matrix


def test_matrix_is_current() -> None:
    assert matrix.FILE.read_text(encoding="utf-8") == matrix.render(), "run: python -m policies.matrix"


def test_controls_sort_by_number() -> None:
    assert sorted(["RDS.10", "RDS.2", "CIS 5.2", "CIS 1.16", "CIS 1.2"], key=matrix._by_number) == [
        "CIS 1.2",
        "CIS 1.16",
        "CIS 5.2",
        "RDS.2",
        "RDS.10",
    ]
