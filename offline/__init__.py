"""The real engine without a cloud: simulated providers, and the schema they check programs against."""
