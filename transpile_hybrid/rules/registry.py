"""Load rules: every module of ``rules/<framework>/`` is a rule; a name that starts with ``_`` is a helper.

Other packages add rules by an entry point in the group ``transpile_hybrid.rules`` that names a module: importing it
registers what it holds (docs/plugins.md).
"""

from __future__ import annotations

import pkgutil
import sys
from functools import cache
from importlib import import_module

from .rule import REGISTRY, Rule

_FOLDERS = ("common", "torch", "tensorflow", "mxnet")
GROUP = "transpile_hybrid.rules"


class PluginError(Exception):
    """A package with rules that can't be loaded; the message names it and the cause."""


@cache
def load_plugins() -> tuple[str, ...]:
    """Import the rules of other packages, once; return the files that they come from.  Raises :class:`PluginError`."""
    from importlib.metadata import entry_points

    files: list[str] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        before = set(sys.modules)
        try:
            import_module(entry.module)
        except Exception as exc:  # whatever a stranger's module does
            raise PluginError(f"plugin {entry.name!r} ({entry.value}): {type(exc).__name__}: {exc}") from exc
        new = [sys.modules[name] for name in set(sys.modules) - before] + [sys.modules[entry.module]]
        root = entry.module.split(".", 1)[0]
        for module in new:
            file = getattr(module, "__file__", None)
            if file and module.__name__.split(".", 1)[0] == root:
                files.append(file)
    return tuple(sorted(set(files)))


@cache
def load(framework: str) -> tuple[Rule, ...]:
    """Import and return the rules of one folder (``common`` or a framework), by code."""
    package = import_module(f"{__package__}.{framework}")
    for entry in pkgutil.iter_modules(package.__path__):
        if not entry.name.startswith("_"):
            import_module(f"{package.__name__}.{entry.name}")
    load_plugins()
    return tuple(REGISTRY[code] for code in sorted(REGISTRY) if REGISTRY[code].framework == framework)


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
