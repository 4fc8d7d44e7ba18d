"""What a value is inside a forward, with symbolic shapes: sharper than kinds, because a Symbol has no shape to ask.

A *dim* is a product of factors in a normal form, so that ``b * h`` and ``h * b`` are one dim.  A factor is an ``int``,
``("d", tensor, axis)`` for an unknown dimension of a named tensor, or ``("c", text)`` for a number from configuration.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Factor = int | tuple[str, str, int] | tuple[str, str]
Dim = tuple[Factor, ...]
EMPTY: frozenset[str] = frozenset()
OUTSIDE = "<outside>"


def dim(*factors: Factor | Dim) -> Dim:
    """Return the product of ``factors`` in normal form."""
    number = 1
    rest: list[Factor] = []
    for factor in factors:
        single = isinstance(factor, int) or bool(factor) and isinstance(factor[0], str)
        parts = [factor] if single else list(factor)  # type: ignore[arg-type]
        for part in parts:
            if isinstance(part, int):
                number *= part
            else:
                rest.append(part)  # type: ignore[arg-type]
    for factor in list(rest):
        whole, part = QUOTIENTS.get(factor, ((), ()))
        if factor in rest and part and _divides(part, number, rest):
            rest.remove(factor)
            for piece in part:
                if isinstance(piece, int):
                    number //= piece
                else:
                    rest.remove(piece)
            return dim(number, tuple(rest), whole)
    rest.sort(key=repr)
    return tuple(([number] if number != 1 or not rest else []) + rest)


# Sizes known as a quotient: ``c // 2`` of a reshape that splits ``c`` in two; times 2 it is ``c`` again.
QUOTIENTS: dict[Factor, tuple[Dim, Dim]] = {}


def _divides(part: Dim, number: int, rest: list[Factor]) -> bool:
    left = list(rest)
    for piece in part:
        if isinstance(piece, int):
            if piece == 0 or number % piece:
                return False
        elif piece in left:
            left.remove(piece)
        else:
            return False
    return True


def ratio(whole: Dim, part: Dim) -> Dim:
    """Return ``whole / part`` where it is known to go into it without a rest."""
    exact = quotient(whole, part)
    if exact is not None:
        return exact
    common = [f for f in part if not isinstance(f, int) and f in whole]
    if common:
        reduced = quotient(whole, tuple(common)), quotient(part, tuple(common))
        if reduced[0] is not None and reduced[1] is not None:
            return ratio(reduced[0], reduced[1])
    factor: Factor = ("d", f"{whole!r}/{part!r}", 0)
    QUOTIENTS[factor] = (whole, part)
    return (factor,)


def quotient(a: Dim, b: Dim) -> Dim | None:
    """Return ``a // b`` where ``b`` is a factor of ``a``, else ``None``."""
    left = list(a)
    for factor in b:
        if isinstance(factor, int):
            if left and isinstance(left[0], int) and factor and left[0] % factor == 0:
                left[0] //= factor
                continue
            return None if factor != 1 else dim(*left)
        if factor not in left:
            return None
        left.remove(factor)
    return dim(*left) if left else (1,)


@dataclass(frozen=True)
class Shape:
    """The shape of a tensor named ``name``; ``dims`` is ``None`` where the rank is not known."""

    name: str
    dims: tuple[Dim, ...] | None = None

    @property
    def rank(self) -> int | None:
        return None if self.dims is None else len(self.dims)

    def at(self, axis: int) -> Dim:
        """Return one dimension (its own symbol where nothing is known of it)."""
        if self.dims is not None and -len(self.dims) <= axis < len(self.dims):
            return self.dims[axis]
        return (("d", self.name, axis),)

    def same(self, other: Shape) -> bool:
        """Whether the two are provably the same shape."""
        if self.dims is not None and other.dims is not None:
            return self.dims == other.dims
        return self.name == other.name and (self.dims is None) == (other.dims is None)


def ranked(name: str, rank: int) -> Shape:
    """Return a shape of which only the rank is known."""
    return Shape(name, tuple((("d", name, axis),) for axis in range(rank)))


@dataclass(frozen=True)
class Val:
    """What is known about a value.

    ``kind``: tensor, int, number (any Python number, string or bool), none, shape, seq, module, either (one of several
    modules), param, function,
    context, dtype, array (host NumPy), F, dict, config (decided in the constructor, else unknown), unknown.
    ``whole`` marks a tensor of integers, ``integer`` a number that comes from a shape.  ``bases`` names the storage
    that it may share; ``free`` marks a value that is decided when the model is built.
    """

    kind: str
    shape: Shape | None = None
    dim: Dim | None = None
    items: tuple[Val, ...] | None = None
    item: Val | None = None
    cls: str = ""
    const: object = None
    bases: frozenset[str] = EMPTY
    free: bool = False
    none: bool = False
    integer: bool = False
    boolean: bool = False
    whole: bool = False
    assumed: bool = False

    @property
    def is_tensor(self) -> bool:
        return self.kind == "tensor"

    def but(self, **changes: object) -> Val:
        """Return a copy with ``changes``."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def contents(self) -> list[Val]:
        """Return the known elements of a sequence."""
        return [*(self.items or ()), *([self.item] if self.item else [])]

    @property
    def holds_tensor(self) -> bool:
        """Whether it is, or holds at any depth, a tensor."""
        return self.kind == "tensor" or any(part.holds_tensor for part in self.contents())

    def storage(self) -> frozenset[str]:
        """Return the storage of it and of everything in it."""
        out = self.bases
        for part in self.contents():
            out |= part.storage()
        return out


UNKNOWN = Val("unknown", bases=frozenset({OUTSIDE}))
CONFIG = Val("config", free=True, bases=frozenset({OUTSIDE}))
NONE = Val("none", free=True)
NUMBER = Val("number", free=True)


def number(value: object) -> Val:
    """Return a Python constant."""
    if value is None:
        return NONE
    if isinstance(value, int) and not isinstance(value, bool):
        return Val("int", dim=(value,), const=value, free=True)
    return Val("number", const=value, free=True)


def seq(items: list[Val]) -> Val:
    """Return a list or tuple of known elements."""
    if len(items) > 24:
        return Val("seq", item=join_all(items), free=all(i.free for i in items))
    return Val("seq", items=tuple(items), free=all(i.free for i in items))


def join(a: Val, b: Val, name: str) -> Val:
    """Return what covers both; a tensor of two shapes gets the shape name ``name``."""
    if a == b:
        return a
    bases = a.bases | b.bases
    if a.kind == "none" or b.kind == "none":
        other = b if a.kind == "none" else a
        return other.but(none=True, free=a.free and b.free, bases=bases)
    if a.kind == "tensor" and b.kind == "tensor":
        shape = a.shape if a.shape and b.shape and a.shape.same(b.shape) else _join_shape(a.shape, b.shape, name)
        return Val(
            "tensor",
            shape=shape,
            bases=bases,
            none=a.none or b.none,
            integer=a.integer and b.integer,
            boolean=a.boolean or b.boolean,
            whole=a.whole or b.whole,
            assumed=a.assumed or b.assumed,
        )
    if a.kind == "seq" and b.kind == "seq":
        if a.items is not None and b.items is not None and len(a.items) == len(b.items):
            items = tuple(join(x, y, f"{name}.{i}") for i, (x, y) in enumerate(zip(a.items, b.items, strict=True)))
            return Val("seq", items=items, bases=bases, none=a.none or b.none)
        parts = a.contents() + b.contents()
        return Val("seq", item=join_all(parts, name) if parts else None, bases=bases, none=a.none or b.none)
    if {a.kind, b.kind} <= {"module", "either"}:
        ways = [*(a.items or () if a.kind == "either" else (a,)), *(b.items or () if b.kind == "either" else (b,))]
        ways = [way.but(none=False) for way in ways]
        return Val(
            "either", items=tuple(dict.fromkeys(ways)), bases=bases, free=a.free and b.free, none=a.none or b.none
        )
    if {a.kind, b.kind} <= {"int", "number"}:
        kind = "int" if a.kind == b.kind == "int" else "number"
        return Val(kind, free=a.free and b.free, none=a.none or b.none)
    if a.kind == b.kind and a.kind not in ("unknown", "config"):
        return a.but(
            cls=a.cls if a.cls == b.cls else "",
            const=None,
            dim=None,
            items=None,
            item=None,
            bases=bases,
            shape=a.shape if a.shape == b.shape else None,
            free=a.free and b.free,
            none=a.none or b.none,
        )
    free = a.free and b.free
    return Val("config" if free else "unknown", bases=bases | {OUTSIDE}, free=free, none=a.none or b.none)


def _join_shape(a: Shape | None, b: Shape | None, name: str) -> Shape:
    if a is not None and b is not None and a.dims is not None and b.dims is not None and len(a.dims) == len(b.dims):
        dims = zip(a.dims, b.dims, strict=True)
        return Shape(name, tuple(x if x == y else (("d", name, i),) for i, (x, y) in enumerate(dims)))
    return Shape(name)


def join_all(values: list[Val], name: str = "join") -> Val:
    """Return what covers all ``values`` (unknown for none)."""
    if not values:
        return UNKNOWN
    out = values[0]
    for value in values[1:]:
        out = join(out, value, name)
    return out


@dataclass(eq=False)
class Env:
    """Locals at a point.  ``dead`` marks code after a return or raise."""

    names: dict[str, Val] = field(default_factory=dict)
    dead: bool = False

    def copy(self) -> Env:
        return Env(dict(self.names), self.dead)


def merge(a: Env, b: Env, name: str) -> Env:
    """Return the environment behind a branch."""
    if a.dead:
        return b
    if b.dead:
        return a
    out = Env()
    for key in [*a.names, *(k for k in b.names if k not in a.names)]:
        left, right = a.names.get(key), b.names.get(key)
        if left is None or right is None:
            out.names[key] = left or right  # type: ignore[assignment]
        else:
            out.names[key] = join(left, right, f"{name}:{key}")
    return out
