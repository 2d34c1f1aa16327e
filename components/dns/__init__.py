"""Records, certificates and the staged cutover."""
