"""Facts about the frameworks' own names, kept as data in ``tables/*.json`` (made by ``tools/introspect.py``).

A table is read when the first name of its framework is asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .canonical import canonical

_FOLDER = Path(__file__).parent / "tables"
_TABLE_OF_ROOT = {
    "torch": "torch", "mxnet": "mxnet", "tensorflow": "tensorflow", "keras": "tensorflow",
    "numpy": "host", "math": "host", "random": "host", "time": "host", "os": "host", "sys": "host", "copy": "host",
    "warnings": "host", "functools": "host", "collections": "host", "itertools": "host", "operator": "host",
    "logging": "host", "re": "host", "json": "host", "pathlib": "host", "uuid": "host", "datetime": "host",
    "inspect": "host", "argparse": "host", "string": "host", "hashlib": "host", "typing": "host",
}  # fmt: skip


@dataclass(frozen=True)
class FrameworkClass:
    """A class that a framework ships.

    ``role`` is ``module`` for what can hold parameters and be called (torch ``nn.Module``, gluon ``Block``, Keras
    ``Layer`` and ``Model``); ``root`` is the qualified name of the root that it derives from; ``hybrid`` tells, for
    Gluon only, whether it is a ``HybridBlock``.
    """

    name: str
    framework: str
    role: str
    root: str
    hybrid: bool = False


_ROOTS = {
    "torch.nn.Module": FrameworkClass("torch.nn.Module", "torch", "module", "torch.nn.Module"),
    "torch.jit.ScriptModule": FrameworkClass("torch.jit.ScriptModule", "torch", "module", "torch.nn.Module"),
    "mxnet.gluon.Block": FrameworkClass("mxnet.gluon.Block", "mxnet", "module", "mxnet.gluon.Block"),
    "mxnet.gluon.nn.Block": FrameworkClass("mxnet.gluon.nn.Block", "mxnet", "module", "mxnet.gluon.Block"),
    "mxnet.gluon.HybridBlock": FrameworkClass(
        "mxnet.gluon.HybridBlock", "mxnet", "module", "mxnet.gluon.HybridBlock", True
    ),
    "mxnet.gluon.nn.HybridBlock": FrameworkClass(
        "mxnet.gluon.nn.HybridBlock", "mxnet", "module", "mxnet.gluon.HybridBlock", True
    ),
    "keras.Model": FrameworkClass("keras.Model", "tensorflow", "module", "keras.Model"),
    "keras.models.Model": FrameworkClass("keras.models.Model", "tensorflow", "module", "keras.Model"),
    "keras.Sequential": FrameworkClass("keras.Sequential", "tensorflow", "module", "keras.Model"),
    "keras.Layer": FrameworkClass("keras.Layer", "tensorflow", "module", "keras.layers.Layer"),
    "keras.layers.Layer": FrameworkClass("keras.layers.Layer", "tensorflow", "module", "keras.layers.Layer"),
    "tensorflow.Module": FrameworkClass("tensorflow.Module", "tensorflow", "module", "tensorflow.Module"),
}


@dataclass(slots=True)
class Table:
    """One framework's table as it is in the file."""

    modules: dict[str, frozenset[str]] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    methods: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    variable: dict[str, str] = field(default_factory=dict)
    base_attributes: dict[str, str] = field(default_factory=dict)
    base_methods: dict[str, str] = field(default_factory=dict)
    sharing: frozenset[str] = frozenset()
    inplace_flag: frozenset[str] = frozenset()


@cache
def table(name: str) -> Table:
    """Return a table by its name (``torch``, ``mxnet``, ``tensorflow``, ``host``); empty where there is none."""
    path = _FOLDER / f"{name}.json"
    if not path.exists():
        return Table()
    data = json.loads(path.read_text(encoding="utf-8"))
    return Table(
        modules={module: frozenset(names) for module, names in data["modules"].items()},
        variable=data.get("variable") or data.get("parameter") or {},
        **{key: data[key] for key in ("classes", "aliases", "functions", "constants", "methods", "attributes")},
        base_attributes=data["base_attributes"],
        base_methods=data["base_methods"],
        sharing=frozenset(data.get("sharing", ())),
        inplace_flag=frozenset(data.get("inplace_flag", ())),
    )


def table_of(qualified: str) -> Table | None:
    """Return the table in which a qualified name would be found."""
    name = _TABLE_OF_ROOT.get(qualified.split(".", 1)[0])
    return table(name) if name else None


@lru_cache(maxsize=4096)
def framework_class(name: str) -> FrameworkClass | None:
    """Return what is known about the class with this canonical qualified name, or ``None``."""
    if name in _ROOTS:
        return _ROOTS[name]
    found = class_entry(name)
    if found is None:
        return _packages().get(name)
    canonical, entry = found
    framework = _TABLE_OF_ROOT[canonical.split(".", 1)[0]]
    return FrameworkClass(canonical, framework, "module", entry["root"], bool(entry.get("hybrid")))


def is_root(qualified: str) -> bool:
    """Whether a class of this qualified name, as it stands in a framework's own sources, is one of its roots."""
    if qualified.split(".", 1)[0] not in _TABLE_OF_ROOT:
        return False
    name = canonical(qualified)
    found = table_of(name)
    return name in _ROOTS or found is not None and found.aliases.get(name) in _ROOTS


@lru_cache(maxsize=1)
def _packages() -> dict[str, FrameworkClass]:
    """Bases that well-known packages ship on top of a framework."""
    path = _FOLDER / "packages.json"
    if not path.exists():
        return {}
    found: dict[str, FrameworkClass] = {}
    for root, names in json.loads(path.read_text(encoding="utf-8"))["bases"].items():
        base = framework_class(root)
        assert base is not None, root
        for name in names:
            found[name] = FrameworkClass(name, base.framework, base.role, base.root, base.hybrid)
    return found


def class_entry(name: str) -> tuple[str, dict[str, Any]] | None:
    """Return the canonical name and the table row (``call``, ``params``, ``attrs``) of a framework's module class."""
    found = table_of(name)
    if found is None:
        return None
    public = public_name(name)
    entry = found.classes.get(public)
    return None if entry is None else (public, entry)


def public_name(name: str) -> str:
    """Return the name by which a framework offers the class of this canonical name; others stay as they are."""
    found = table_of(name)
    return name if found is None else found.aliases.get(name, name)


def function_spec(qualified: str) -> Any:
    """Return the result spec (or signatures) of a framework's function, or ``None``."""
    found = table_of(qualified)
    return None if found is None else found.functions.get(qualified)


def constant_spec(qualified: str) -> str | None:
    """Return the spec of a framework's module-level constant, or ``None``."""
    found = table_of(qualified)
    return None if found is None else found.constants.get(qualified)


def has_member(module: str, name: str) -> bool:
    """Whether the framework module ``module`` has a public member ``name`` (for star imports)."""
    found = table_of(module)
    return found is not None and name in found.modules.get(module, ())
