"""Load rules: every module of ``rules/<framework>/`` is a rule; a name that starts with ``_`` is a helper."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from .rule import REGISTRY, Rule

_FOLDERS = ("common", "torch", "tensorflow", "mxnet")


@cache
def load(framework: str) -> tuple[Rule, ...]:
    """Import and return the rules of one folder (``common`` or a framework), by code."""
    package = import_module(f"{__package__}.{framework}")
    for entry in pkgutil.iter_modules(package.__path__):
        if not entry.name.startswith("_"):
            import_module(f"{package.__name__}.{entry.name}")
    letter = {"common": "C", "torch": "T", "tensorflow": "F", "mxnet": "M"}[framework]
    return tuple(REGISTRY[code] for code in sorted(REGISTRY) if code[2] == letter)


def rules_for(framework: str) -> tuple[Rule, ...]:
    """Return the rules that are run on code of ``framework``: the common ones and its own."""
    return load("common") + load(framework)


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by code."""
    for folder in _FOLDERS:
        load(folder)
    return tuple(REGISTRY[code] for code in sorted(REGISTRY))


def find_rule(code: str) -> Rule | None:
    """Return the rule with ``code`` (any case), or ``None``."""
    return next((rule for rule in all_rules() if rule.code == code.upper()), None)
