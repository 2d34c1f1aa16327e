"""VPC, subnets, endpoints."""
