"""Rules for every framework."""
