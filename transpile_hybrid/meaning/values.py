"""What an expression is at run time, as far as it can be told without running it.

A :class:`Value` is a point in a lattice: ``NOTHING`` (no run reaches it) at the bottom, ``UNKNOWN`` at the top.  Values
are immutable and compare by content; :func:`join` gives the least value that covers two others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, IntFlag
from functools import lru_cache
from typing import Final, TypeVar


class _NoConst(Enum):
    NOCONST = "NOCONST"

    def __repr__(self) -> str:
        return "NOCONST"


NOCONST: Final = _NoConst.NOCONST
"""Stands in :attr:`Value.const` where no constant is known."""


class Depends(IntFlag):
    """What decides a value.  ``NOTHING`` for a literal."""

    NOTHING = 0
    VALUE = 1  # on the numbers in a tensor
    SHAPE = 2  # on a tensor's shape, dtype or device
    CONFIG = 4  # on constructor arguments or attributes set in the constructor
    PARAM = 8  # on an argument of the call that is no tensor (or may be none)
    STATE = 16  # on something that changes between calls (an attribute set in forward, a global, randomness, time)
    UNKNOWN = 32


KINDS = frozenset(
    {"tensor", "array", "module", "parameter", "variable", "function", "class", "namespace", "list", "tuple", "dict"}
    | {"set", "shape", "int", "float", "bool", "str", "bytes", "complex", "none", "dtype", "device", "iterator"}
    | {"slice", "ellipsis", "object", "opaque", "unknown"}
)
"""All kinds.  ``opaque`` is *something that is no tensor*, ``unknown`` is *anything*; ``object`` is an instance of a
class that is none of the others (``cls`` names it), ``namespace`` an imported module; ``iterator`` includes
generators."""

TENSORS = frozenset({"tensor", "variable"})
_NUMBERS = frozenset({"int", "float", "bool", "complex"})
_MAX_ELEMENTS = 16
_MAX_DEPTH = 3
_NO_KINDS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value.

    ``kinds`` holds every kind that it can have.  ``const`` is its Python value where that is known, ``elements`` the
    values in a list, tuple or shape of known length, ``element`` the join of all elements (also of a set, an iterator,
    a dict's values) and ``keys`` the values of a dict whose keys are known strings.  ``rank`` and ``dims`` belong to a
    tensor.  ``cls`` is the qualified name of the class of a module or object, or of the function, class or namespace
    itself.  ``assumed`` marks what rests on a convention (an un-annotated parameter of ``forward`` is a tensor) and not
    on evidence.  ``options`` are the alternatives where a module,
    class or function is one of several known ones (``cls``
    is then ``None``).  ``site`` is the ``id`` of the node that made a container, function or lambda (0: not one place).
    """

    kinds: frozenset[str]
    const: object = NOCONST
    elements: tuple[Value, ...] | None = None
    element: Value | None = None
    keys: tuple[tuple[str, Value], ...] | None = None
    rank: int | None = None
    dims: tuple[int | None, ...] | None = None
    cls: str | None = None
    depends: Depends = Depends.NOTHING
    framework: str = ""
    assumed: bool = False
    site: int = 0
    options: tuple[Value, ...] | None = None

    @property
    def known(self) -> bool:
        """Whether every kind that it can have is known."""
        return "unknown" not in self.kinds and "opaque" not in self.kinds and bool(self.kinds)

    @property
    def kind(self) -> str:
        """The only kind that it can have, or ``unknown``."""
        return next(iter(self.kinds)) if len(self.kinds) == 1 else "unknown"

    def is_(self, *kinds: str) -> bool:
        """Whether it certainly has one of ``kinds``."""
        return bool(self.kinds) and self.kinds.issubset(kinds)

    def may_be(self, *kinds: str) -> bool:
        """Whether it can have one of ``kinds``; always true for an unknown value."""
        return (
            "unknown" in self.kinds
            or not self.kinds.isdisjoint(kinds)
            or "opaque" in self.kinds
            and any(kind not in TENSORS for kind in kinds)
        )

    @property
    def is_tensor(self) -> bool:
        """Certainly a tensor of the framework (``torch.Tensor``, ``NDArray``, ``tf.Tensor``, ``tf.Variable``)."""
        return bool(self.kinds) and self.kinds <= TENSORS

    @property
    def may_be_tensor(self) -> bool:
        """Can be a tensor; true for an unknown value (ask :attr:`known` to tell them apart)."""
        return "unknown" in self.kinds or not self.kinds.isdisjoint(TENSORS)

    @property
    def has_tensor(self) -> bool:
        """Is, or is known to contain at any depth, a tensor."""
        if not self.kinds.isdisjoint(TENSORS):
            return True
        return any(part.has_tensor for part in self.parts)

    @property
    def parts(self) -> list[Value]:
        """All that is known of what it holds: elements, values by key, and the join of all elements."""
        parts = [*(self.elements or ()), *(v for _, v in self.keys or ())]
        return parts if self.element is None else [*parts, self.element]

    @property
    def is_none(self) -> bool:
        """Certainly ``None``."""
        return self.kinds == {"none"}

    @property
    def may_be_none(self) -> bool:
        """Can be ``None``; true for an unknown value."""
        return self.may_be("none")

    @property
    def is_number(self) -> bool:
        """Certainly a Python number."""
        return bool(self.kinds) and self.kinds <= _NUMBERS

    @property
    def is_static(self) -> bool:
        """Decided when the model was built or by tensor shapes alone: a tracer sees one value per signature."""
        return not self.depends & (Depends.VALUE | Depends.PARAM | Depends.STATE | Depends.UNKNOWN)

    @property
    def is_config(self) -> bool:
        """Decided when the model was built."""
        return not self.depends & ~Depends.CONFIG

    @property
    def has_const(self) -> bool:
        """Whether :attr:`const` is known."""
        return self.const is not NOCONST

    @property
    def truth(self) -> bool | None:
        """``bool(value)`` where that is known."""
        if self.const is not NOCONST:
            return bool(self.const)
        if self.kinds == {"none"}:
            return False
        if self.elements is not None and self.is_("list", "tuple", "shape"):
            return bool(self.elements)
        return True if self.is_("function", "class", "namespace") else None

    def without(self, *kinds: str) -> Value:
        """Return the value with ``kinds`` ruled out (by a test such as ``x is not None``)."""
        left = self.kinds.difference(kinds)
        if left == self.kinds:
            return self
        return replace(self, kinds=left, const=NOCONST if "none" in kinds and self.const is None else self.const)

    def but(self, depends: Depends) -> Value:
        """Return the value with ``depends`` added to what decides it."""
        return self if self.depends | depends == self.depends else replace(self, depends=self.depends | depends)

    def settled(self) -> Value:
        """Return the value without the mark that it was assumed."""
        return replace(self, assumed=False) if self.assumed else self

    def __str__(self) -> str:
        return describe(self)


def _make(kind: str, depends: Depends = Depends.NOTHING) -> Value:
    return Value(frozenset({kind}), depends=depends)


UNKNOWN = _make("unknown", Depends.UNKNOWN)
OPAQUE = _make("opaque", Depends.UNKNOWN)
NOTHING = Value(frozenset())
NONE = Value(frozenset({"none"}), const=None)
TENSOR = _make("tensor", Depends.VALUE | Depends.SHAPE)
ARRAY = _make("array")
INT = _make("int")
FLOAT = _make("float")
BOOL = _make("bool")
STR = _make("str")
DTYPE = _make("dtype")
DEVICE = _make("device")

_CONST_KINDS: dict[type, str] = {
    int: "int", float: "float", bool: "bool", str: "str", bytes: "bytes", complex: "complex",
    type(None): "none", type(...): "ellipsis",
}  # fmt: skip


@lru_cache(maxsize=4096)  # values can't be changed, and the same few are made again and again
def of(*kinds: str, depends: Depends = Depends.NOTHING, cls: str | None = None, framework: str = "") -> Value:
    """Return the value that can have ``kinds``."""
    return Value(frozenset(kinds), depends=depends, cls=cls, framework=framework)


def constant(value: object, depends: Depends = Depends.NOTHING) -> Value:
    """Return the value of a Python constant."""
    kind = _CONST_KINDS.get(type(value))
    if kind is None:
        return UNKNOWN
    # 0.0 and -0.0 are one key, and not one constant
    return Value(frozenset({kind}), const=value, depends=depends) if kind == "float" else _kept(kind, value, depends)


@lru_cache(maxsize=4096, typed=True)
def _kept(kind: str, value: object, depends: Depends) -> Value:
    return Value(frozenset({kind}), const=value, depends=depends)


def tensor(framework: str = "", rank: int | None = None, dims: tuple[int | None, ...] | None = None) -> Value:
    """Return a tensor of ``framework``."""
    return Value(TENSOR.kinds, rank=rank, dims=dims, framework=framework, depends=TENSOR.depends)


def sequence(kind: str, elements: Iterable[Value]) -> Value:
    """Return a list, tuple or shape with exactly ``elements``."""
    items = tuple(elements)
    depends = Depends.NOTHING
    for item in items:
        depends |= item.depends
    if len(items) > _MAX_ELEMENTS:
        return Value(frozenset({kind}), element=join_all(items), depends=depends)
    return Value(frozenset({kind}), elements=items, depends=depends)


def sequence_of(kind: str, element: Value) -> Value:
    """Return a list, tuple, set or iterator of unknown length whose elements are all covered by ``element``."""
    return Value(frozenset({kind}), element=element, depends=element.depends)


def element_of(value: Value) -> Value:
    """Return what every element of a sequence is covered by (``UNKNOWN`` where nothing is known)."""
    if value.element is not None:
        return value.element
    if value.elements is not None:
        return join_all(value.elements) if value.elements else NOTHING
    if value.kinds == {"shape"}:
        return Value(INT.kinds, depends=value.depends)
    return UNKNOWN


def shallow(value: Value, depth: int = _MAX_DEPTH) -> Value:
    """Return ``value`` with nesting cut off at ``depth``, so that a loop which nests lists comes to an end."""
    if value.elements is None and value.element is None and value.keys is None:
        return value
    if depth == 0:
        return Value(value.kinds, cls=value.cls, depends=value.depends, framework=value.framework, site=value.site)
    return replace(
        value,
        elements=None if value.elements is None else tuple(shallow(v, depth - 1) for v in value.elements),
        element=None if value.element is None else shallow(value.element, depth - 1),
        keys=None if value.keys is None else tuple((k, shallow(v, depth - 1)) for k, v in value.keys),
    )


def join(a: Value, b: Value) -> Value:
    """Return the least value that covers ``a`` and ``b``."""
    if a is b or a == b:
        return a
    if not a.kinds:
        return b
    if not b.kinds:
        return a
    depends = a.depends | b.depends
    if "unknown" in a.kinds or "unknown" in b.kinds:
        return Value(a.kinds | b.kinds, depends=depends, framework=a.framework or b.framework)
    elements: tuple[Value, ...] | None = None
    element: Value | None = None
    if a.elements is not None and b.elements is not None and len(a.elements) == len(b.elements):
        elements = tuple(join(x, y) for x, y in zip(a.elements, b.elements, strict=True))
    elif _holds(a) and _holds(b):
        element = join(element_of(a), element_of(b))
    elif _holds(a) and not _sequence(b):  # Optional[list]: what the list holds is still known
        elements, element = a.elements, a.element
    elif _holds(b) and not _sequence(a):
        elements, element = b.elements, b.element
    same = type(a.const) is type(b.const) and a.const == b.const
    return Value(
        a.kinds | b.kinds,
        const=a.const if same else NOCONST,
        elements=elements,
        element=element,
        keys=_join_keys(a, b),
        rank=_agree(a, b, a.rank, b.rank),
        dims=_join_dims(a, b),
        cls=_agree(a, b, a.cls, b.cls),
        depends=depends,
        framework=a.framework if a.framework == b.framework else a.framework or b.framework,
        assumed=a.assumed or b.assumed,
        options=_options(a, b),
        site=a.site if a.site == b.site or b.kinds == NONE.kinds else b.site if a.kinds == NONE.kinds else 0,
    )


_CALLABLE = frozenset({"module", "class", "function", "none"})
_MAX_OPTIONS = 8


def _options(a: Value, b: Value) -> tuple[Value, ...] | None:
    """Several known modules, classes or functions: what a call gives can still be told."""
    if not a.kinds <= _CALLABLE or not b.kinds <= _CALLABLE or a.cls == b.cls and a.site == b.site:
        return a.options if a.options == b.options else None
    if a.kinds == NONE.kinds or b.kinds == NONE.kinds:
        return a.options or b.options
    merged = list(a.options or (a.without("none"),))
    merged += [option for option in b.options or (b.without("none"),) if option not in merged]
    known = all(option.cls is not None or option.site for option in merged)
    return tuple(merged) if known and len(merged) <= _MAX_OPTIONS else None


def _holds(value: Value) -> bool:
    return value.elements is not None or value.element is not None


def _sequence(value: Value) -> bool:
    return not value.kinds.isdisjoint({"list", "tuple", "set", "shape", "dict", "iterator", "opaque", "unknown"})


_T = TypeVar("_T")


def _agree(a: Value, b: Value, left: _T | None, right: _T | None) -> _T | None:
    if left == right:
        return left
    if a.kinds == NONE.kinds:
        return right
    return left if b.kinds == NONE.kinds else None


def _join_keys(a: Value, b: Value) -> tuple[tuple[str, Value], ...] | None:
    if a.keys is None or b.keys is None:
        return None
    if [k for k, _ in a.keys] != [k for k, _ in b.keys]:
        return None
    return tuple((k, join(x, y)) for (k, x), (_, y) in zip(a.keys, b.keys, strict=True))


def _join_dims(a: Value, b: Value) -> tuple[int | None, ...] | None:
    if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
        return None
    return tuple(x if x == y else None for x, y in zip(a.dims, b.dims, strict=True))


def join_all(values: Iterable[Value]) -> Value:
    """Return the least value that covers all ``values`` (``NOTHING`` for none)."""
    result = NOTHING
    for value in values:
        result = join(result, value)
    return result


def describe(value: Value) -> str:
    """Return a short text for people: ``tensor[4d]``, ``list of module(torch.nn.Linear)``, ``int or None``."""
    if not value.kinds:
        return "never"
    if value.const is not NOCONST and value.const is not None:
        return f"{value.kind} = {value.const!r}"
    parts: list[str] = []
    for kind in sorted(value.kinds, key=lambda k: (k == "none", k)):
        text = "None" if kind == "none" else kind
        if kind in TENSORS and value.rank is not None:
            text += f"[{value.rank}d]"
        elif kind in ("module", "object", "function", "class", "namespace") and value.cls:
            text += f"({value.cls})"
        elif kind in ("list", "tuple", "shape") and value.elements is not None and len(value.elements) <= 4:
            text += "(" + ", ".join(describe(item) for item in value.elements) + ")"
        elif kind in ("list", "tuple", "set", "iterator", "dict") and value.element is not None:
            text += f" of {describe(value.element)}"
        parts.append(text)
    return " or ".join(parts)
