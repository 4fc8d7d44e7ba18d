"""The rules: one file each, by framework.  See :mod:`transpile_hybrid.rules.rule` for what a rule is."""
