"""The recovery drill: what to promote, in which order, what to check, how to come back."""
