"""Traffic shifting and budgets."""
