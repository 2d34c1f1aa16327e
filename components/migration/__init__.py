"""What moves a database into the account, and goes when it has."""
