"""The Pulumi program: load this stack's settings, build the systems it lists, export what they publish."""

import pulumi

import systems
from settings import loader
from systems.settling import settle

for key, exports in systems.build(loader.load()).items():
    pulumi.export(key, dict(exports))

pulumi.run(settle)
