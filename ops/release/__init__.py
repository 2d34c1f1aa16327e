"""A release by digest: push, migrate, deploy the system alone, verify, and back to what ran before."""
