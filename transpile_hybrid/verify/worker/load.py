"""Loading the user's file and finding a unit in it."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import io
import linecache
import os
import sys
import types
from collections.abc import Sequence
from typing import Any, NamedTuple

from . import observe
from .adapter import Adapter


class NotRunnable(Exception):
    """The unit can't be run, through nobody's fault: no inputs known, no way to construct it.  Not a difference."""


class Missing(Exception):
    """The file has no unit of that name."""


def place(path: str) -> tuple[str, str]:
    """Return the import name of the file at ``path`` (dotted inside a package) and the folder it is imported from."""
    folder, name = os.path.split(os.path.abspath(path))
    parts = [os.path.splitext(name)[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    return ".".join(parts), folder


LOADED: set[str] = set()


class Loader:
    """Runs a text as if it were the file at ``path``: imports of neighbours work, and compilers find the source.

    ``neighbours`` are texts, by absolute path, that stand for other files while they are imported.
    """

    def __init__(self, text: str, path: str, shown: str = "", neighbours: dict[str, str] | None = None) -> None:
        self.text, self.path = text, os.path.abspath(path)
        self.neighbours = neighbours or {}
        self.shown = self._write(shown)  # the file name that tracebacks and source look-ups see
        self.name, self.folder = place(path)
        if self.name == "__init__":
            self.name = "module_under_test"
        self._known = set(sys.modules)
        if self.folder not in sys.path:
            sys.path.insert(0, self.folder)

    def _write(self, label: str) -> str:
        """Put the text where compilers find it.

        They read source from the disk, past linecache's entries (AutoGraph does so for each function), and what lies
        at ``path`` may be another text: that of the original.
        """
        home = os.path.dirname(observe.START)  # beside the working directory that user code starts in
        folder = os.path.join(home, "source" + ("-" + label if label else ""))
        os.makedirs(folder, exist_ok=True)
        file = os.path.join(folder, os.path.basename(self.path))
        with open(file, "w", encoding="utf-8", errors="surrogatepass", newline="") as out:
            out.write(self.text)
        return file

    def forget_neighbours(self) -> None:
        """Drop the user's own modules from the import cache, so that the next load starts afresh."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None) or ""
            own = file.startswith(self.folder + os.sep) and "site-packages" not in file
            if name not in LOADED and name not in self._known and own:
                del sys.modules[name]

    def load(self, name: str = "") -> types.ModuleType:
        """Execute the text as a fresh module.  Whatever user code raises comes through."""
        self.forget_neighbours()
        name = name or self.name
        LOADED.add(name)
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Neighbours)]
        if self.neighbours:
            sys.meta_path.insert(0, _Neighbours(self.neighbours))
        lines = _lines(self.text)
        # without a modification time, linecache takes these lines for the file whatever is on the disk
        linecache.cache[self.shown] = (len(self.text), None, lines, self.shown)
        linecache.cache[self.path] = (len(self.text), None, lines, self.path)
        package = name.rpartition(".")[0]
        if package:
            with contextlib.suppress(ImportError):  # of a package that can't be imported, relative imports will say so
                importlib.import_module(package)
        spec = importlib.util.spec_from_loader(name, loader=None, origin=self.path)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        module.__file__ = self.path  # user code looks for its data beside it
        if package:
            module.__package__ = package
        sys.modules[name] = module
        code = compile(self.text, self.shown, "exec", dont_inherit=True)
        exec(code, module.__dict__)
        return module


def _lines(text: str) -> list[str]:
    """Return lines as Python counts them: ``str.splitlines`` would also split at form feeds and U+2028."""
    return io.StringIO(text, newline=None).readlines()


class _Neighbours(importlib.abc.MetaPathFinder):
    """Finds modules whose files other texts stand for; everything else is found as ever."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = {os.path.realpath(path): text for path, text in texts.items()}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or os.path.realpath(spec.origin) not in self.texts:
            return None
        spec.loader = _TextLoader(fullname, spec.origin, self.texts[os.path.realpath(spec.origin)])
        return spec


class _TextLoader(importlib.machinery.SourceFileLoader):
    """Loads a module from a text in place of its file."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self.text = text

    def get_code(self, fullname: str) -> types.CodeType:
        # without a modification time, linecache takes these lines for the file whatever is on the disk
        linecache.cache[self.path] = (len(self.text), None, _lines(self.text), self.path)
        return compile(self.text, self.path, "exec", dont_inherit=True)

    def get_source(self, fullname: str) -> str:
        return self.text


class Unit(NamedTuple):
    """A unit as found: ``kind`` is ``class``, ``factory`` (called without arguments it gives a model), ``model`` (an
    instance) or ``function``."""

    name: str
    kind: str
    value: Any


def parameters_of(function: Any) -> list[inspect.Parameter] | None:
    """Return all parameters, ``None`` where there is no signature."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def keyword_parameters(function: Any) -> list[inspect.Parameter]:
    """Return the parameters that have a name for callers; none where there is no signature."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p for p in parameters_of(function) or [] if p.kind in kinds]


def required(function: Any) -> list[inspect.Parameter] | None:
    """Return the parameters without default that a call must give, ``None`` where there is no signature."""
    parameters = parameters_of(function)
    if parameters is None:
        return None
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p for p in parameters if p.default is inspect.Parameter.empty and p.kind not in kinds]


def find_unit(adapter: Adapter, module: types.ModuleType, name: str) -> Unit:
    """Return the unit ``name`` of the module.  Raises :class:`Missing` or :class:`NotRunnable`."""
    if name not in vars(module):
        raise Missing("the unit is missing")
    value = vars(module)[name]
    if adapter.is_model_class(value):
        return Unit(name, "class", value)
    if isinstance(value, type):
        raise NotRunnable(f"a class that is no {adapter.name} model")
    if adapter.is_model(value):
        return Unit(name, "model", value)
    if not callable(value):
        raise NotRunnable("neither a class nor a function")
    parameters = required(value)
    return Unit(name, "factory" if parameters is not None and not parameters else "function", value)


def call_with_known(function: Any, offered: dict[str, Any]) -> Any:
    """Call ``function`` with those of ``offered`` that it has parameters for."""
    parameters = inspect.signature(function).parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return function(**offered)
    return function(**{key: value for key, value in offered.items() if key in parameters})


def accepts(function: Any, name: str) -> bool:
    """Whether ``function`` has a parameter ``name``."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())


def fits(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether ``function`` can be called with these arguments, as far as its signature tells."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def takes_more(method: Any) -> bool:
    """Whether a method takes positional arguments at all, required or not."""
    parameters = parameters_of(method)
    return parameters is None or any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters[1:])
