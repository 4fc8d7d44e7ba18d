"""Notes constructor arguments and the shapes and dtypes of inputs of every model of the user's that runs.

Standard library only, and the syntax of Python 3.9: it runs in the user's interpreter.  No tensor's contents are kept.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.machinery
import inspect
import json
import os
import sys
from collections.abc import Callable
from typing import Any

MOST_INPUTS = 4  # kinds of inputs that are kept of one class
_TEXT = 64
_DEPTH = 6
_FRAMEWORKS = ("torch", "tensorflow", "keras", "mxnet")


class Recorder:
    """What was seen, by file and class; written to a file of this process' own when it ends."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.seen: dict[str, dict[str, Any]] = {}
        self.files: dict[type, str] = {}
        self.building: set[int] = set()

    def file_of(self, cls: type) -> str:
        """Return the file that defines a class if that is the user's own, else an empty string."""
        if cls not in self.files:
            module = sys.modules.get(cls.__module__)
            file = os.path.abspath(getattr(module, "__file__", None) or "") if module is not None else ""
            own = bool(file) and cls.__module__.partition(".")[0] not in _FRAMEWORKS and "<" not in cls.__qualname__
            installed = any(part in ("site-packages", "dist-packages") for part in file.split(os.sep))
            if not own or installed or not os.path.isfile(file):
                file = ""
            self.files[cls] = file
        return self.files[cls]

    def entry(self, cls: type) -> dict[str, Any] | None:
        """Return where a class's notes go."""
        file = self.file_of(cls)
        if not file or "." in cls.__qualname__:
            return None
        units = self.seen.setdefault(file, {})
        found: dict[str, Any] = units.setdefault(cls.__qualname__, {"init": None, "inputs": []})
        return found

    def built(self, model: Any, args: Any, kwargs: Any) -> None:
        """Note what a model was built with; the first time counts."""
        entry = self.entry(type(model))
        if entry is not None and entry["init"] is None:
            entry["init"] = {"args": [note(v) for v in args], "kwargs": {k: note(v) for k, v in kwargs.items()}}

    def called(self, model: Any, args: Any, kwargs: Any) -> None:
        """Note what a model was called with."""
        entry = self.entry(type(model))
        if entry is None:
            return
        inputs = {"args": [note(v) for v in args], "kwargs": {k: note(v) for k, v in kwargs.items()}}
        if len(entry["inputs"]) < MOST_INPUTS and inputs not in entry["inputs"]:
            entry["inputs"].append(inputs)

    def write(self) -> None:
        """Write the notes, whole or not at all."""
        kept = {file: {n: e for n, e in units.items() if e["inputs"]} for file, units in self.seen.items()}
        path = os.path.join(self.folder, f"{os.getpid()}.json")
        try:
            with open(path + ".part", "w", encoding="utf-8") as out:
                json.dump({file: units for file, units in kept.items() if units}, out)
            os.replace(path + ".part", path)
        except OSError as exc:
            print(f"transpile-hybrid record: {path}: not written: {exc}", file=sys.stderr)


def note(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON: plain values as they are, tensors as shape and dtype, other things by name."""
    if value is None or isinstance(value, (bool, int)):
        return {"v": value}
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, str):
        return {"v": value} if len(value) <= _TEXT else {"opaque": "str"}
    if _has(value, "shape") and _has(value, "dtype"):
        try:
            shape = [None if n is None else int(n) for n in value.shape]
        except (TypeError, ValueError):  # of unknown rank
            return {"opaque": type(value).__name__}
        kind = "numpy" if type(value).__module__ == "numpy" else "tensor"
        return {"shape": shape, "dtype": dtype_name(value.dtype), "kind": kind}
    if depth > _DEPTH:
        return {"opaque": type(value).__name__}
    if isinstance(value, (list, tuple)) and len(value) <= 256:
        return {"list" if isinstance(value, list) else "tuple": [note(v, depth + 1) for v in value]}
    if isinstance(value, dict) and len(value) <= 256 and all(isinstance(k, str) for k in value):
        return {"dict": {k: note(v, depth + 1) for k, v in value.items()}}
    if type(value).__module__ == "torch" and type(value).__name__ == "dtype":
        return {"name": ["torch", dtype_name(value)]}
    if type(value).__name__ in ("SimpleNamespace", "Namespace"):
        return {"namespace": {k: note(v, depth + 1) for k, v in vars(value).items()}}
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields and not isinstance(value, type):
        inner = {name: note(getattr(value, name, None), depth + 1) for name, f in fields.items() if f.init}
        return {"dataclass": name_of(type(value)), "fields": inner}
    if isinstance(value, type) or callable(value) and _has(value, "__qualname__"):
        name = name_of(value)
        if "<" not in name[1]:
            return {"name": name}
    return {"opaque": type(value).__name__}


def _has(value: Any, name: str) -> bool:
    """Whether a value has an attribute, without asking its ``__getattr__``, which may raise anything."""
    return inspect.getattr_static(value, name, None) is not None


def name_of(value: Any) -> list[str]:
    """Return ``[module, qualified name]``."""
    return [str(getattr(value, "__module__", "")), str(value.__qualname__)]


def dtype_name(dtype: Any) -> str:
    """Return ``float32`` for any framework's dtype."""
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    return str(name).replace("torch.", "")


def watch(recorder: Recorder, base: Any, compiling: Callable[[], bool], calls: bool = True) -> None:
    """Make ``base`` tell the recorder of every subclass of the user's that is built and, with ``calls``, called."""
    inherited = base.__dict__.get("__init_subclass__")

    def init_subclass(cls: Any, /, **more: Any) -> None:
        if inherited is not None:
            inherited.__get__(None, cls)(**more)
        else:
            super(base, cls).__init_subclass__(**more)
        if cls.__module__.partition(".")[0] in _FRAMEWORKS:
            return
        if "__init__" in cls.__dict__:
            cls.__init__ = _noting_init(recorder, cls.__dict__["__init__"])
        if not calls and "__call__" in cls.__dict__:
            cls.__call__ = _noting_call(recorder, cls.__dict__["__call__"], compiling)

    base.__init_subclass__ = classmethod(init_subclass)
    if calls:
        base.__call__ = _noting_call(recorder, base.__call__, compiling)


def _like(function: Any) -> Callable[[Any], Any]:
    """Make a wrapper pass for ``function``.

    Frameworks look at constructors, and not all that do so look through wrappers (``inspect.getfullargspec`` doesn't).
    """

    def dressed(wrapper: Any) -> Any:
        wrapper = functools.wraps(function)(wrapper)
        with contextlib.suppress(TypeError, ValueError):
            wrapper.__signature__ = inspect.signature(function)
        return wrapper

    return dressed


def _noting_init(recorder: Recorder, init: Any) -> Any:
    @_like(init)
    def noting(self: Any, *args: Any, **kwargs: Any) -> Any:
        if id(self) in recorder.building:
            return init(self, *args, **kwargs)  # a base class's
        recorder.building.add(id(self))
        try:
            recorder.built(self, args, kwargs)  # before: what is popped from a dictionary is there still
            return init(self, *args, **kwargs)
        finally:
            recorder.building.discard(id(self))

    return noting


def _noting_call(recorder: Recorder, call: Any, compiling: Callable[[], bool]) -> Any:
    @_like(call)
    def noting(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not compiling():
            recorder.called(self, args, kwargs)
        return call(self, *args, **kwargs)

    return noting


def _torch(recorder: Recorder, module: Any) -> None:
    def compiling() -> bool:
        compiler = sys.modules.get("torch.compiler")
        return bool(compiler is not None and compiler.is_compiling())

    watch(recorder, module.Module, compiling)


def _layer(recorder: Recorder, module: Any) -> None:
    watch(recorder, module.Layer, lambda: False)


def _tf_module(recorder: Recorder, module: Any) -> None:
    watch(recorder, module.Module, lambda: False, calls=False)


def _block(recorder: Recorder, module: Any) -> None:
    watch(recorder, module.Block, lambda: False)


_WHERE: dict[str, Callable[[Recorder, Any], None]] = {
    "torch.nn.modules.module": _torch,
    "keras.src.layers.layer": _layer,
    "tensorflow.python.module.module": _tf_module,
    "mxnet.gluon.block": _block,
}


class _Finder:
    """Sees to it that a framework's base class is watched as soon as it exists."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        patch = _WHERE.get(name)
        if patch is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            try:
                patch(self.recorder, module)
            except Exception as exc:  # the user's program goes on, unrecorded
                print(f"transpile-hybrid record: {name}: {type(exc).__name__}: {exc}", file=sys.stderr)

        setattr(spec.loader, "exec_module", exec_module)  # noqa: B010  (on this one instance)
        return spec


def start(folder: str) -> None:
    """Record from now on, and write to ``folder`` when the process ends."""
    recorder = Recorder(folder)
    finder: Any = _Finder(recorder)
    sys.meta_path.insert(0, finder)
    atexit.register(recorder.write)
