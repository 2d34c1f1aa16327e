"""Objects inside a Kubernetes cluster."""
