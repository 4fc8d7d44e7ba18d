#!/usr/bin/env python3
# ruff: noqa: E501
"""Make ``transpile_hybrid/meaning/tables/*.json`` from the installed frameworks.

    python tools/introspect.py torch mxnet tensorflow numpy

Run it in an environment that has the frameworks; the product itself never imports them.  Result kinds are written in a
small notation that ``transpile_hybrid/meaning/specs.py`` reads:

    T tensor  A host array  i int  f float  b bool  s str  c complex  N None  S shape  d dtype  v device  V variable
    p parameter  M dict  L list  P tuple  I iterator  F function  X module  o some other object (no tensor)  ? anything
    L[T] list of tensors   P[T] tuple of tensors   (T,i) a pair   T|N one of several   X<name> / o<name> with its class
    = the first argument   u a NumPy ufunc: an array if an argument is one, else a number

A function with several signatures that differ in their result is a list of ``[parameters, result]``, each parameter
``[name, accepted kinds, required]``.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parent.parent / "transpile_hybrid" / "meaning" / "tables"
FORMAT = 1


def public_members(module: types.ModuleType) -> list[str]:
    """Names that ``from module import *`` gives."""
    exported = getattr(module, "__all__", None)
    names = list(exported) if exported is not None else [name for name in vars(module) if not name.startswith("_")]
    return sorted(name for name in set(names) if isinstance(name, str))


def walk_modules(root: str, wanted: Callable[[str], bool]) -> Iterator[types.ModuleType]:
    """Import ``root`` and yield it with the modules below it that ``wanted`` lets through."""
    work, seen = [root], set()
    while work:
        name = work.pop(0)
        if name in seen:
            continue
        seen.add(name)
        try:
            module = importlib.import_module(name)
        except Exception as exc:
            print(f"  {name}: {type(exc).__name__}", file=sys.stderr)
            continue
        yield module
        children = {name + "." + info.name for info in pkgutil.iter_modules(getattr(module, "__path__", []))}
        for key, value in list(vars(module).items()):
            if isinstance(value, types.ModuleType) and sys.modules.get(f"{name}.{key}") is value:
                children.add(f"{name}.{key}")
        work += sorted(child for child in children if wanted(child))


_NAMED = {
    "Tensor": "T", "torch.Tensor": "T", "int": "i", "float": "f", "bool": "b", "str": "s", "complex": "c", "None": "N",
    "NoneType": "N", "dict": "M", "list": "L", "tuple": "P", "ndarray": "T", "NDArray": "T", "Module": "X",
    "torch.nn.Module": "X", "Size": "S", "torch.Size": "S", "dtype": "d", "_dtype": "d", "Number": "i|f|b",
}  # fmt: skip


def annotation_spec(annotation: Any) -> str:
    """Translate an annotation (object or text) to a spec; ``?`` where it says nothing."""
    if annotation is None:
        return "N"
    if isinstance(annotation, str):
        return _NAMED.get(annotation.strip(), "?")
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        parts = {annotation_spec(arg) for arg in args}
        return "?" if "?" in parts else "|".join(sorted(parts))
    if origin is typing.Literal:
        return annotation_spec(type(args[0])) if len({type(arg) for arg in args}) == 1 else "?"
    if origin in (list, tuple) and args:
        letter = "L" if origin is list else "P"
        if origin is tuple and Ellipsis not in args:
            return "(" + ",".join(annotation_spec(arg) for arg in args) + ")"
        return f"{letter}[{annotation_spec(args[0])}]"
    if origin is dict:
        return "M"
    name = getattr(annotation, "__name__", "")
    module = getattr(annotation, "__module__", "")
    if module in ("builtins", "torch", "torch.nn.modules.module"):
        return _NAMED.get(name, "?")
    return "?"


def signature_parameters(function: Callable[..., Any]) -> list[list[Any]] | None:
    """Return ``[name, kinds, required]`` of a function's parameters after ``self``."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        return None
    rows: list[list[Any]] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            return None
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        rows.append([parameter.name, annotation_spec(parameter.annotation), parameter.default is parameter.empty])
    return rows


_STATED = {"int": "i", "integer": "i", "float": "f", "bool": "b", "boolean": "b", "str": "s", "string": "s"}
_STATEMENT = re.compile(
    r"^\s*(\w+)\s*:\s*(?:an? |positive |non-negative |optional )*(int|integer|float|bool|boolean|str|string)\b(?! or| of|/|\s*\|)"
    r"(?![^.\n]{0,40}(?: or |/)(?:an? )?(?:list|tuple|str|int|float|none))",
    re.I | re.M,
)


def document_parameters(cls: type, rows: list[list[Any]] | None) -> list[list[Any]] | None:
    """Fill in what the documentation says of constructor parameters that have no annotation."""
    if rows is None:
        return None
    text = (inspect.getdoc(cls) or "") + "\n" + (inspect.getdoc(cls.__init__) or "")
    stated = {match.group(1): _STATED[match.group(2).lower()] for match in _STATEMENT.finditer(text)}
    return [[name, stated.get(name, spec) if spec == "?" else spec, required] for name, spec, required in rows]


def annotated_attributes(cls: type) -> dict[str, str]:
    """Return the annotated attributes of ``cls`` and its bases, with a spec each."""
    found: dict[str, str] = {}
    for owner in reversed(cls.__mro__):
        for name, annotation in inspect.get_annotations(owner).items():
            spec = annotation_spec(annotation)
            if spec != "?" and not name.startswith("__"):
                found[name] = spec
    return found


def class_name(cls: type, names: list[str], prefer: tuple[str, ...]) -> str:
    """Choose the name that users know a class by: a preferred module first, then the shortest."""
    private = [name for name in names if "._" in name]
    candidates = [name for name in names if name not in private] or names
    for prefix in prefer:
        hits = [name for name in candidates if name.rsplit(".", 1)[0] == prefix]
        if hits:
            return sorted(hits, key=lambda name: (name.rsplit(".", 1)[1] != cls.__name__, name))[0]
    return sorted(candidates, key=lambda name: (len(name), name))[0]


def find_classes(modules: list[types.ModuleType], roots: tuple[type, ...]) -> dict[type, list[str]]:
    """Return every subclass of ``roots`` that is reachable in ``modules``, with all its qualified names.

    The place of its definition is one of them: who reads a framework's own sources meets it there.
    """
    found: dict[type, list[str]] = {}
    for module in modules:
        for name, value in list(vars(module).items()):
            if isinstance(value, type) and issubclass(value, roots):
                names = found.setdefault(value, [f"{value.__module__}.{value.__qualname__}"])
                names.append(f"{module.__name__}.{name}")
    return {cls: sorted(set(names)) for cls, names in found.items()}


def write(framework: str, table: dict[str, Any]) -> None:
    """Write one table, its keys sorted, a line an entry, so that a new version shows as a readable difference."""
    OUT.mkdir(exist_ok=True)
    lines = ["{"]
    for index, (key, value) in enumerate(table.items()):
        comma = "," if index < len(table) - 1 else ""
        if isinstance(value, dict) and value:
            lines.append(f" {json.dumps(key)}: {{")
            rows = sorted(value.items())
            for row, (name, entry) in enumerate(rows):
                end = "," if row < len(rows) - 1 else ""
                lines.append(f"  {json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}{end}")
            lines.append(f" }}{comma}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}{comma}")
    lines.append("}")
    (OUT / f"{framework}.json").write_text("\n".join(lines) + "\n")
    sizes = {key: len(value) for key, value in table.items() if isinstance(value, dict)}
    print(framework, sizes, (OUT / f"{framework}.json").stat().st_size)


def main() -> None:
    """Write the tables that are named on the command line (all by default)."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    for framework in sys.argv[1:] or ["torch", "numpy", "mxnet", "tensorflow"]:
        importlib.import_module(f"introspect_{framework}").build()


if __name__ == "__main__":
    main()
