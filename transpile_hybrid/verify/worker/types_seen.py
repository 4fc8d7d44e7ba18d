"""The types of values at run time, as data, and the types that functions of one file were called with."""

from __future__ import annotations

import contextlib
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

from .adapter import Adapter

MOST = 6  # different types of one parameter: after that it has none that could be written down
_DEPTH = 4
_PLAIN = {int: "int", float: "float", bool: "bool", str: "str", type(None): "none"}
Type = Any  # a word, or [word, parts...]; an empty word for what has no name here


def type_of(adapter: Adapter, value: Any, depth: int = 0) -> Type:
    """Return the type of a value: ``int``, ``float``, ``bool``, ``str``, ``none``, ``tensor``, ``dtype``, ``device``,
    ``["list", type]``, ``["tuple", type, ...]``, ``["dict", type, type]``; an empty word for anything else.

    Of an empty list or dict the type of its items is an empty word.
    """
    kind = type(value)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if depth > _DEPTH:
        return ""
    if (word := adapter.word_for(value)) is not None:
        return word
    if kind is list:
        return ["list", _common(adapter, value, depth)]
    if isinstance(value, tuple):
        if kind is not tuple:
            return ""
        parts = [type_of(adapter, one, depth + 1) for one in value]
        return "" if "" in parts else ["tuple", *parts]
    if kind is dict:
        return ["dict", _common(adapter, value.keys(), depth), _common(adapter, value.values(), depth)]
    return ""


def _common(adapter: Adapter, values: Any, depth: int) -> Type:
    found: list[Type] = []
    for value in values:
        one = type_of(adapter, value, depth + 1)
        if one not in found:
            found.append(one)
    return found[0] if len(found) == 1 else ""


class TypesSeen:
    """What the functions of one file were given: ``functions`` maps ``line:name`` to types by parameter.

    The line is that of a function's first line, with its decorators, in the text that ran.
    """

    def __init__(self, adapter: Adapter, file: str) -> None:
        self.adapter, self.file = adapter, file
        self.functions: dict[str, dict[str, list[Type]]] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Note the calls of the file's functions."""
        before = sys.getprofile()
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _note(self, frame: types.FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_filename != self.file or code.co_flags & inspect.CO_GENERATOR:
            return
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        given = self.functions.setdefault(f"{code.co_firstlineno}:{code.co_name}", {})
        for name in names:
            seen = given.setdefault(name, [])
            if name in frame.f_locals and len(seen) <= MOST:
                _add(seen, type_of(self.adapter, frame.f_locals[name]))


def _add(seen: list[Type], one: Type) -> None:
    if one not in seen:
        seen.append(one)


def attributes_seen(adapter: Adapter, net: Any, module: str, seen: dict[str, dict[str, list[Type]]]) -> None:
    """Add to ``seen``, by class and attribute, the types of what the parts of a model hold that are of classes of
    ``module``."""
    for _, part in adapter.parts(net):
        if type(part).__module__ != module:
            continue
        held = seen.setdefault(type(part).__qualname__, {})
        for name, value in adapter.attributes(part).items():
            if not name.startswith("_") and name not in adapter.own_attributes():
                _add(held.setdefault(name, []), type_of(adapter, value))
