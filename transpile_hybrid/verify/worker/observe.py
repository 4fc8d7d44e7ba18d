"""What a call leaves behind besides its result: text, attributes, process-wide settings, replaced functions, files."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import locale
import logging
import math
import os
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from .adapter import Adapter, State
from .tree import without_addresses, without_lines

MAX_TEXT = 1 << 20
_DEEPEST, _WIDEST = 3, 64  # how far objects of the user's are looked into, and at how many attributes
_SCALARS = (bool, int, float, complex, str, bytes, type(None))


class Stdout:
    """Reads what has been written to file descriptor 1, which the parent opened as a file, since the last look."""

    def __init__(self) -> None:
        self._pread, self._fstat, self._stream = os.pread, os.fstat, sys.stdout
        self._flush_c: Callable[[], Any] = lambda: None
        try:
            libc = ctypes.CDLL(None)
            self._flush_c = lambda: libc.fflush(None)
        except (OSError, TypeError):  # no C library to ask: only text from C code may come late
            pass
        self._fd = os.dup(1)
        self._at = self._fstat(self._fd).st_size

    def take(self) -> str:
        """Return the new text (at most a megabyte), without memory addresses."""
        for stream in (self._stream, sys.stdout):
            with contextlib.suppress(AttributeError, OSError, ValueError):  # user code replaced or closed it
                stream.flush()
        self._flush_c()
        size = self._fstat(self._fd).st_size
        data = self._pread(self._fd, min(size - self._at, MAX_TEXT), self._at) if size > self._at else b""
        self._at = size
        text = without_lines(without_addresses(data.decode("utf-8", "replace")))
        return text.replace(START, ".").replace(os.path.dirname(START), "..")


def settings(adapter: Adapter) -> dict[str, str]:
    """Return the process-wide settings that user code could have changed."""
    np = adapter.np
    found = {
        "numpy error state": repr(sorted(np.geterr().items())),
        "numpy print options": repr(sorted((k, v) for k, v in np.get_printoptions().items() if k != "formatter")),
        "recursion limit": str(sys.getrecursionlimit()),
        "garbage collection": str(gc.isenabled()),
        "locale": str(locale.setlocale(locale.LC_ALL)),
        "working directory changed": str(os.getcwd() != START),
        "stdout replaced": str(sys.stdout is not sys.__stdout__),
    }
    found["warning filters"] = without_addresses(repr([one for one in warnings.filters if not _of_library(one[2])]))
    found["logging switched off below"] = str(logging.root.manager.disable)
    found["level of the root logger"] = str(logging.root.level)
    found.update(adapter.settings())
    found.update({f"environment {k}": v for k, v in os.environ.items() if k not in _OURS and START not in v})
    return found


def _of_library(category: Any) -> bool:
    """Whether a warning is of a library's own kind, for which the library sets a filter when it is imported."""
    module = getattr(category, "__module__", "builtins")
    return module != "builtins" and "site-packages" in (getattr(sys.modules.get(module), "__file__", None) or "")


START = os.getcwd()
_OURS = ("TRANSPILE_HYBRID_WORKER", "TMPDIR", "PWD", "OLDPWD", "TORCHINDUCTOR_CACHE_DIR")


class Watch:
    """Notes which functions of the framework, numpy and Python user code has replaced since the watch was made."""

    def __init__(self, adapter: Adapter) -> None:
        np = adapter.np
        self._package = adapter.package
        spaces: list[tuple[str, Any]] = [("builtins", vars(builtins)), ("math", vars(math)), ("random", vars(random))]
        spaces += [("time", vars(time)), ("os", vars(os)), ("sys", {"exit": sys.exit}), ("numpy", vars(np))]
        spaces += [("numpy.testing", vars(np.testing)), ("numpy.random", vars(np.random))]
        spaces += adapter.watched()
        self._spaces = [(name, space, dict(space)) for name, space in spaces]

    def replaced(self, theirs: str = "") -> list[str]:
        """Return the full names of what is no longer the object it was; additions don't count.

        ``theirs`` is a package that may replace its own functions (a framework while it compiles).
        """
        found = []
        for name, space, before in self._spaces:
            now = dict(space)
            for key, value in before.items():
                if callable(value) and key in now and now[key] is not value and key != "_":
                    by = (getattr(now[key], "__module__", None) or "").partition(".")[0]
                    # private names a framework patches itself, as soon as its compiler is imported
                    if by and (by == theirs or (by == self._package and key.startswith("_"))):
                        continue
                    found.append(name + "." + key)
        return sorted(found)


def simple(value: Any, depth: int = 0) -> bool:
    """Whether ``value`` is plain Python data, small enough to be kept as text."""
    if isinstance(value, _SCALARS):
        return True
    if depth > 3:
        return False
    if isinstance(value, (list, tuple, set, frozenset)):
        return len(value) <= 64 and all(simple(v, depth + 1) for v in value)
    if isinstance(value, dict):
        return len(value) <= 64 and all(simple(k, depth + 1) and simple(v, depth + 1) for k, v in value.items())
    return False


def _note(adapter: Adapter, where: str, value: Any, found: dict[str, Any]) -> None:
    if (
        simple(value)
        or adapter.host(value) is not None
        or isinstance(value, (list, tuple))
        and len(value) <= 16
        and all(adapter.host(v) is not None for v in value)
    ):
        found[where] = value
    elif isinstance(value, (list, dict, set)):
        found[f"len({where})"] = len(value)


def attributes(adapter: Adapter, net: Any, module: Any) -> dict[str, Any]:
    """Return the plain and tensor attributes of the user's own sub-models, and the module's global variables."""
    found: dict[str, Any] = {}
    own = adapter.own_attributes()
    state = {id(entry.value) for entry in adapter.state(net).values()}
    for path, part in adapter.parts(net):
        for key, value in list(adapter.attributes(part).items()):
            if key not in own and id(value) not in state:
                _note_all(adapter, (path + "." if path else "self.") + key, value, module, found)
        for cls in type(part).__mro__:
            if cls.__module__ == module.__name__:
                for key, value in list(vars(cls).items()):
                    if not key.startswith("__") and not callable(value) and not hasattr(type(value), "__get__"):
                        _note(adapter, f"{cls.__name__}.{key}", value, found)
    found.update({f"the model's {name}": value for name, value in adapter.extras(net).items()})
    for key, value in _globals(module):
        _note_all(adapter, "global " + key, value, module, found)
    return found


def _note_all(adapter: Adapter, where: str, value: Any, module: Any, found: dict[str, Any]) -> None:
    """Note a value, and what an object of the user's holds, floats apart: many of them are times."""
    _note(adapter, where, value, found)
    for name, inner in _held(adapter, where, value, module):
        if not isinstance(inner, float):
            _note(adapter, name, inner, found)


def _held(
    adapter: Adapter, where: str, value: Any, module: Any, depth: int = 0, seen: frozenset[int] = frozenset()
) -> Iterator[tuple[str, Any]]:
    """Yield what a plain object of a class of the module's holds, and the objects in it."""
    plain = type(value).__module__ == module.__name__ and not adapter.is_model(value) and id(value) not in seen
    if not plain or depth > _DEEPEST:
        return
    for key, inner in list(getattr(value, "__dict__", {}).items())[:_WIDEST]:
        name = f"{where}.{key}"
        yield name, inner
        yield from _held(adapter, name, inner, module, depth + 1, seen | {id(value)})


def states_elsewhere(adapter: Adapter, net: Any, module: Any) -> dict[str, State]:
    """Return the states of the module's other models and metrics, also of those that its objects hold, named as in
    ``attributes``: what a function that trains one changes."""
    every = [(f"global {key}", value) for key, value in _globals(module)]
    every += [inner for where, value in every for inner in _held(adapter, where, value, module)]
    return {
        f"{where}.{name}": entry
        for where, value in every
        if value is not net
        for name, entry in (adapter.state(value) if adapter.is_model(value) else adapter.counts(value)).items()
        if entry.value is not None
    }


def _globals(module: Any) -> list[tuple[str, Any]]:
    named = vars(module).items()
    return [(key, value) for key, value in named if not key.startswith("__") and key != "INPUT_SHAPES"]


def files(folder: str) -> dict[str, int]:
    """Return the files below the working directory, with their sizes in bytes."""
    found: dict[str, int] = {}
    for base, _, names in os.walk(folder):
        for name in names[:100]:
            path = os.path.join(base, name)
            try:
                found[os.path.relpath(path, folder)] = os.path.getsize(path)
            except OSError:  # gone meanwhile
                continue
        if len(found) > 100:
            break
    return {name: size for name, size in found.items() if "__pycache__" not in name}
