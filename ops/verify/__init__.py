"""Does what runs match what was planned?"""
