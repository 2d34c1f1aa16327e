"""A release on hosts: the idle group is filled, proven, given the traffic, watched, and the other emptied.

The moves of the traffic are those of ``ops.rollout``: journal, lock, watch and way back.
"""
