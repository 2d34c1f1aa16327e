"""What every test shares."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine makes single examples slow; the suite's own time limit is the one that counts.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """The SDK warns of its own old types when it is imported; a use of one still shows."""
    config.addinivalue_line("filterwarnings", "ignore:.*deprecated in favor of:DeprecationWarning:pulumi_aws")
