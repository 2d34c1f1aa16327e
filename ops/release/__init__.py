"""A release by digest: migrate, deploy the system alone, verify, and back to what ran before."""
