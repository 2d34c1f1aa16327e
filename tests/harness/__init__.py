"""Run a builder, or the whole program, without an engine, and look at what it registered.

    result = deploy(lambda: Vpc("net", VpcArgs(...)))
    assert result.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"] == "10.0.0.0/16"

``deploy`` returns when everything has run, callbacks of ``apply`` too, and raises what went wrong in them. So
tests assert on plain values, outside any callback.
"""

from tests.harness.program import PROJECT, program, run_program, stack_config, system, with_system
from tests.harness.record import UNKNOWN, Deployment, Options, Record
from tests.harness.run import HarnessError, deploy

__all__ = [
    "PROJECT",
    "UNKNOWN",
    "Deployment",
    "HarnessError",
    "Options",
    "Record",
    "deploy",
    "program",
    "run_program",
    "stack_config",
    "system",
    "with_system",
]
