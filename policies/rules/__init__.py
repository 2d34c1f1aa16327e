"""One module for each service. Importing a module registers its rules."""
