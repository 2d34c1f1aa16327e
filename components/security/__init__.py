"""Keys, secrets, IAM documents."""
