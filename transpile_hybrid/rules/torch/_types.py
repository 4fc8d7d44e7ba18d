"""Types as TorchScript has them, and the signatures of PyTorch's own functions.

A :class:`T` is a TorchScript type, or ``UNKNOWN``.  ``vary`` is an attribute whose type differs from instance to
instance: TorchScript compiles each instance by itself, so every alternative is a type of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

NO = object()  # no constant is known


@dataclass(frozen=True, slots=True)
class T:
    """A type: ``kind``, its arguments, for modules, functions and classes a qualified ``name``, and a constant."""

    kind: str
    args: tuple[T, ...] = ()
    name: str = ""
    const: Any = NO

    @property
    def known(self) -> bool:
        return self.kind not in ("?", "vary")

    @property
    def bare(self) -> T:
        """The type without its constant."""
        return self if self.const is NO else replace(self, const=NO)

    @property
    def alternatives(self) -> tuple[T, ...]:
        """The types that it is in one instance or another: itself, unless it varies."""
        return self.args if self.kind == "vary" else (self,)

    def is_(self, *kinds: str) -> bool:
        return self.kind in kinds

    def __str__(self) -> str:
        if self.kind == "optional":
            return f"Optional[{self.args[0]}]"
        if self.kind == "list":
            return f"List[{self.args[0]}]" if self.args else "List"
        if self.kind == "union":
            return f"Union[{', '.join(map(str, self.args))}]"
        if self.kind == "tuple":
            return f"Tuple[{', '.join(map(str, self.args))}]"
        return {"tensor": "Tensor", "none": "None"}.get(self.kind, self.kind)


UNKNOWN, TENSOR, INT, FLOAT, BOOL, STR, NONE = (T(k) for k in ("?", "tensor", "int", "float", "bool", "str", "none"))
NUMBERS = ("int", "float", "bool")
PLAIN = (*NUMBERS, "str")
_NO_VALUES = ("module", "function", "method", "class")
_ROWS_OF_TENSORS = ("torch.nn.ParameterList", "torch.nn.ParameterDict")
DTYPE, DEVICE, SCALAR = T("dtype"), T("device"), T("scalar")
_WORDS = {
    "Tensor": TENSOR, "int": INT, "SymInt": INT, "float": FLOAT, "bool": BOOL, "str": STR, "None": NONE,
    "NoneType": NONE,
    "Scalar": SCALAR, "ScalarType": DTYPE, "Device": DEVICE, "number": SCALAR,
}  # fmt: skip


def list_of(element: T) -> T:
    return T("list", (element.bare,))


def tuple_of(elements: Iterable[T]) -> T:
    return T("tuple", tuple(elements))


def optional(inner: T) -> T:
    return inner if inner.kind in ("optional", "none", "?", "vary") else T("optional", (inner.bare,))


def constant(value: object) -> T:
    """Return the type of a Python constant."""
    for kind, word in ((bool, BOOL), (int, INT), (float, FLOAT), (str, STR)):
        if type(value) is kind:
            return replace(word, const=value)
    return replace(NONE, const=None) if value is None else UNKNOWN


def has_no_value(held: T) -> bool:
    """Whether ``held`` is a module or something to call, which no parameter can take."""
    return held.kind in _NO_VALUES and held.name not in _ROWS_OF_TENSORS


RECURRENT = ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN")
CONTAINERS = ("torch.nn.ModuleList", "torch.nn.Sequential")  # ``args`` are their items, where they are known


def emptied(held: T) -> T:
    """Return what is known of a row of modules once others may have come to it."""
    row = held.kind == "modulelist" or held.kind == "module" and held.name in CONTAINERS
    return replace(held, args=()) if row and held.args else held


def vary(types: Iterable[T]) -> T:
    """Return what an attribute is that has one of ``types``, instance by instance."""
    flat: list[T] = []
    for one in types:
        flat += one.alternatives
    unique = list(dict.fromkeys(flat))
    if not unique:
        return UNKNOWN
    return unique[0] if len(unique) == 1 else T("vary", tuple(unique))


def unify(a: T, b: T) -> T | None:
    """Return the type of a variable that is ``a`` on one path and ``b`` on another; ``None`` where there is none."""
    if a == b:
        return a
    if a.bare == b.bare:
        return a.bare
    if not a.known or not b.known or "union" in (a.kind, b.kind):
        return UNKNOWN
    if a.kind == "none" or b.kind == "none":
        other = b if a.kind == "none" else a
        return UNKNOWN if other.kind in ("module", "function", "class") else optional(other)
    if a.kind == "optional" or b.kind == "optional":
        left, right = (t.args[0] if t.kind == "optional" else t.bare for t in (a, b))
        inner = unify(left, right)
        return None if inner is None else optional(inner)
    if a.kind == b.kind == "tuple" and len(a.args) == len(b.args):
        parts = [unify(x, y) for x, y in zip(a.args, b.args, strict=True)]
        return None if any(part is None for part in parts) else tuple_of(p for p in parts if p is not None)
    if a.kind == b.kind == "list" and (not a.args[0].known or not b.args[0].known):
        return T("list", (UNKNOWN,))
    if {a.kind, b.kind} & {"module", "function", "class", "iter", "moduleiter", "object", "dict", "namespace"}:
        return UNKNOWN
    return None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a signature; ``sized`` is a list that one number stands for (``int[2]``)."""

    name: str
    type: T
    default: bool = False
    keyword_only: bool = False
    sized: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    parameters: tuple[Parameter, ...]
    returns: T


def split(text: str, sign: str = ",") -> list[str]:
    """Split ``text`` where ``sign`` stands outside of brackets and quotes."""
    parts, depth, start = [], 0, 0
    quote = False
    for index, char in enumerate(text):
        if char == '"':
            quote = not quote
        if quote:
            continue
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == sign and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def read_type(text: str) -> T:
    """Return the type that a schema writes as ``text``."""
    text = re.sub(r"\([a-z][^)]*\)", "", text).strip() if not text.startswith("(") else text
    if text.endswith("?"):
        return optional(read_type(text[:-1])) if len(text) > 1 else UNKNOWN
    if match := re.fullmatch(r"(.*)\[\d*\]", text):
        return T("list", (read_type(match[1]),))
    if text == "()":
        return NONE
    if text.startswith("("):
        return tuple_of(read_type(part if " " not in part else part.rsplit(" ", 1)[0]) for part in split(text[1:-1]))
    return _WORDS.get(text, UNKNOWN)


@lru_cache(maxsize=4096)
def read_signature(text: str) -> Signature:
    """Read ``(Tensor self, int dim=0) -> Tensor``."""
    arguments, returns = text.rsplit(" -> ", 1) if not text.endswith(")") else _cut(text)
    arguments = re.sub(r"\([a-z][a-z0-9!|> *-]*\)", "", arguments[1:-1])
    parameters: list[Parameter] = []
    keyword_only = False
    for part in split(arguments):
        if part == "*":
            keyword_only = True
            continue
        head, _, default = part.partition("=")
        word, _, name = head.strip().rpartition(" ")
        sized = bool(re.search(r"\[\d+\]", word))
        parameters.append(Parameter(name, read_type(word or "?"), bool(default), keyword_only, sized))
    return Signature(tuple(parameters), read_type(re.sub(r"\([a-z][a-z0-9!|> *-]*\)", "", returns)))


def _cut(text: str) -> tuple[str, str]:
    at = text.index(") -> ")
    while text.count("(", 0, at + 1) != text.count(")", 0, at + 1):
        at = text.index(") -> ", at + 1)
    return text[: at + 1], text[at + 5 :]


@cache
def tables() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((Path(__file__).parent / "_signatures.json").read_text(encoding="utf-8"))
    data["methods"] = frozenset(data["methods"])
    return data


@cache
def function_signatures(name: str) -> tuple[Signature, ...]:
    """Return the signatures of the PyTorch or ``math`` function ``name``; none where TorchScript has none."""
    found: list[str] = []
    for text in tables()["functions"].get(name, ()):
        found += tables()["ops"].get(text[1:], ()) if text.startswith("@") else [text]
    return tuple(read_signature(text) for text in found if "..." not in text)


SHARED_METHODS = frozenset(
    ("sort", "index", "count", "values", "keys", "items", "get", "format", "split", "update", "pop", "append", "lower")
    + ("upper", "join", "replace", "copy", "real", "imag", "item", "conjugate", "add", "remove", "type", "name", "data")
    + ("float", "int", "bool", "clear", "fill", "forward")
)
"""Methods that a list, dict, str or number has too: they tell nothing of what has them."""


@cache
def method_signatures(name: str) -> tuple[Signature, ...]:
    """Return the signatures of the tensor method ``name``, ``self`` first."""
    signatures = (read_signature(text) for text in tables()["ops"].get(name, ()) if "..." not in text)
    return tuple(s for s in signatures if s.parameters and s.parameters[0].type == TENSOR)


@cache
def module_signature(name: str) -> Signature | None:
    """Return the signature of ``forward`` of PyTorch's own module class ``name``."""
    text = tables()["modules"].get(name)
    return read_signature(text) if text else None


def accepts(parameter: Parameter, given: T) -> bool | None:
    """Whether TorchScript passes ``given`` to ``parameter``; ``None`` where that is not known."""
    return _fits(parameter.type, given, parameter.sized)


def _fits(wanted: T, given: T, sized: bool = False) -> bool | None:
    if not wanted.known or not given.known:
        return None
    if wanted.bare == given.bare:
        return True
    if wanted.kind == "union":
        return None
    if wanted.kind == "optional":
        return True if given.kind == "none" else _fits(wanted.args[0], _inner(given), sized)
    if given.kind == "optional":
        return False
    if wanted.kind == "scalar":
        return given.kind in ("int", "float", "bool", "scalar", "complex", "tensor")
    if given.kind == "tensor":
        return wanted.kind in ("int", "float", "bool")
    if given.kind == "scalar":
        return wanted.kind in ("int", "float") or None
    if wanted.kind == "dtype":
        return given.kind in ("dtype", "int") or None
    if wanted.kind == "device":
        return given.kind in ("device", "str") or None
    if wanted.kind == "list":
        if sized and given.kind in ("int", "float", "bool"):
            return _fits(wanted.args[0], given)
        if given.kind == "list" and given.args[0].kind == "tensor" and wanted.args[0].kind != "tensor":
            return False  # a single tensor is converted, one in a list is not
        if given.kind == "list":
            return _fits(wanted.args[0], given.args[0]) if given.args[0].known else None
        if given.kind == "tuple":
            if wanted.args[0].kind != "tensor" and any(one.kind == "tensor" for one in given.args):
                return False
            answers = [_fits(wanted.args[0], one) for one in given.args]
            return False if False in answers else None if None in answers else True
    return False


def _inner(given: T) -> T:
    return given.args[0] if given.kind == "optional" else given
