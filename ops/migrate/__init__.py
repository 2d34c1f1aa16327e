"""``ops migrate``: PostgreSQL to PostgreSQL without losing a row."""
