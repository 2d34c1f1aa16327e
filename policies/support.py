"""Versions that their vendor still supports, each with the day on which standard support ends."""

from typing import Final

LAMBDA_RUNTIMES: Final = {
    "python3.11": "2027-06-30",
    "python3.12": "2028-10-31",
    "python3.13": "2029-06-30",
    "python3.14": "2029-06-30",
    "nodejs22.x": "2027-04-30",
    "nodejs24.x": "2028-04-30",
    "java17": "2027-06-30",
    "java21": "2029-06-30",
    "java25": "2029-06-30",
    "dotnet10": "2028-11-14",
    "ruby3.3": "2027-03-31",
    "ruby3.4": "2028-03-31",
    "provided.al2023": "2029-06-30",
}
"""Runtime to the day AWS deprecates it (Lambda developer guide, supported runtimes, read 2026-05; those added
since, read 2026-11 from endoflife.date/aws-lambda). dotnet8, nodejs20.x, python3.10 and provided.al2 ended in
2026."""

ENGINE_VERSIONS: Final = {
    "aurora-postgresql": {"14": "2027-02-28", "15": "2028-02-29", "16": "2029-02-28", "17": "2030-02-28"},
    "aurora-mysql": {"8.0": "2028-04-30"},
    "postgres": {
        "14": "2027-02-28",
        "15": "2028-02-29",
        "16": "2029-02-28",
        "17": "2030-02-28",
        "18": "2031-02-28",
    },
    "mysql": {"8.4": "2029-07-31"},
}
"""Engine to major version to the end of standard support (release calendars of RDS and Aurora, read 2026-05;
PostgreSQL 18 by their rule, the end of February after the community's fifth year). MySQL 8.0 left standard
support on 2026-07-31. An engine that is not listed is not judged."""

EKS_VERSIONS: Final = {"1.34": "2026-12-02", "1.35": "2027-03-27"}
"""Kubernetes version to the end of standard support (EKS release calendar, read 2026-11; 1.33 left on
2026-07-29)."""
