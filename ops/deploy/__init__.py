"""A commit of main to one stack: guarded, deployed, verified, and the commit before it on a failure."""
