"""What holds for every component and every system, without anyone remembering."""
