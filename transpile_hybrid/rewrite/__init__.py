"""Edits, fixes, and the loop that applies them to a fixed point."""
