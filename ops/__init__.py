"""Operator tools: what people run beside `pulumi up`."""
