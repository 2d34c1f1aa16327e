"""The policy pack: what a planned resource must be, checked without sharing code with what makes it."""
