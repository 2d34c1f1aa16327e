"""Weighted traffic in stages: plan, journal, lock, gates, watch and way back, for a balancer of two sides.

``plan`` and ``record`` decide and know no cloud; ``runner`` drives the ports of ``ports``. A verb brings the
balancer, the deployment and its gates: see ``ops/cutover``.
"""
