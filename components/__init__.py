"""Reusable tiers: one ComponentResource per module, grouped by AWS discipline."""
