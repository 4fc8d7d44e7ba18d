"""The command line: a thin face over :mod:`transpile_hybrid.api`, one file a verb."""
