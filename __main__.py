"""The Pulumi program: load this stack's settings, build the systems it lists, export what they publish."""

import gc

import pulumi

import systems
from settings import loader
from systems.settling import settle

# All that a plan makes lives until its end: looking for garbage doubles the time and finds 3% of the memory.
gc.disable()

for key, exports in systems.build(loader.load()).items():
    pulumi.export(key, dict(exports))

pulumi.run(settle)
