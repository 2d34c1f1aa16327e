"""How fast the program and its tools are, always as a ratio to something measured in the same run."""
