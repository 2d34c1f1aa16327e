"""Stores and what stands in front of them."""
