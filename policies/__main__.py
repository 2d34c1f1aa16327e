"""Serves the pack to the engine. ``PolicyPack`` does not return, and owns stdout."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi_policy import PolicyPack  # noqa: E402 - the pack's own folder must leave the path first

from policies.engine import make_policies, make_session  # noqa: E402
from policies.server import install  # noqa: E402

session = make_session()
rules = make_policies(session)
install(rules, session)
PolicyPack(name="seoul-platform", policies=rules)
