"""Functions and the packages they run."""
