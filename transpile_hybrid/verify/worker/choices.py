"""What to try for an argument: nodes as a recording holds them (:mod:`.recorded`), and some more.

Nodes, not values, so that the other side can make the same of its own classes.  For a constructor's parameter they are
what its own code names: the constants that it compares with, the keys of tables, the classes beside it.  More kinds
than a recording has: ``{"guess": ["config" | "layer" | "layer class", width]}`` and ``{"made": [module, class]}``.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Iterator
from typing import Any

from . import infer
from .adapter import Adapter
from .load import required
from .recorded import MakeTensor, rebuilt
from .search import Choice, Node

DEFAULT: Node = {"default": True}  # a parameter is left to its default
_STRINGS, _NUMBERS, _CLASSES = 24, 16, 12  # at most that many of each are tried
_NUMBERS_SAID = 6  # of an error message
_LARGEST = 512  # a number from the code or a message that is tried as a size
_ELEMENTS = 2**20  # of a tensor whose size a message gave
_SIZES = (24, 8, 12, 16, 28, 32, 40, 48, 64, 84, 96, 112, 128, 160, 192, 224, 227, 256, 299)
_FLAT = re.compile(r"cannot be multiplied|is invalid for input of size|mismatch|[Kk]ernel size|too small|match")


def made(adapter: Adapter, node: Node, module: Any, tensor: MakeTensor) -> Any:
    """Return the value that a node stands for.  Raises what a class of the user's raises that is built for it."""
    if "guess" in node:
        kind, width = node["guess"]
        if kind == "config":
            return infer.GuessedConfig(width)
        return adapter.layer() if kind == "layer" else adapter.layer_class()
    if "made" in node:
        cls = rebuilt({"name": node["made"]}, module, tensor)
        return cls(*(infer.value_for(p.name, p.annotation, infer.WIDTHS[0]) for p in required(cls) or []))
    return rebuilt(node, module, tensor)


def described(node: Node) -> str:
    """Return an argument for people: ``float32 [2, 8]``, ``'relu'``, ``a configuration``."""
    if "shape" in node:
        return f"{node['dtype']} {list(node['shape'])}"
    if "guess" in node:
        return {"config": "a configuration", "layer": "a layer"}.get(node["guess"][0], "a class of layers")
    if "name" in node or "made" in node:
        return str(node["name"][1]) if "name" in node else f"{node['made'][1]}(...)"
    for kind, brackets in (("list", "[{}]"), ("tuple", "({})")):
        if kind in node:
            return brackets.format(", ".join(described(item) for item in node[kind]))
    if "dict" in node:
        return "{" + ", ".join(f"{key!r}: {described(item)}" for key, item in node["dict"].items()) + "}"
    return repr(float.fromhex(node["float"]) if "float" in node else node.get("v"))


def holds_tensor(node: Node) -> bool:
    """Whether an argument is a tensor, or a list or tuple with one."""
    return "shape" in node or any(holds_tensor(item) for kind in ("list", "tuple") for item in node.get(kind, ()))


def words_of(cls: type, module: Any) -> tuple[list[Any], list[str]]:
    """Return the constants that a class's own code names, those of its constructor first, and the module's classes.

    Of tables of the module that it names, the keys count too.
    """
    functions = [f for f in vars(cls).values() if isinstance(f, types.FunctionType)]
    functions.sort(key=lambda f: f.__name__ != "__init__")
    found: dict[Any, None] = {}
    for function in functions:
        for code in _codes(function.__code__):
            for constant in code.co_consts:
                values = constant if isinstance(constant, (tuple, frozenset)) else (constant,)
                found.update(dict.fromkeys(v for v in values if isinstance(v, (str, int)) and not isinstance(v, bool)))
            for name in code.co_names:
                table = vars(module).get(name)
                if isinstance(table, dict):
                    found.update(dict.fromkeys(key for key in table if isinstance(key, (str, int))))
    classes = [
        name for name, value in vars(module).items()
        if isinstance(value, type) and value is not cls and value.__module__ == module.__name__
    ]  # fmt: skip
    return list(found), classes


def strings_of(constants: list[Any]) -> list[str]:
    """Return those of the constants that may be words of an interface, and no messages."""
    return [c for c in constants if isinstance(c, str) and 0 < len(c) <= 40 and "\n" not in c]


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def constructor_options(
    adapter: Adapter, words: tuple[list[Any], list[str]], module: Any, name: str, width: int
) -> list[Node]:
    """Return what to try for a constructor's parameter, likeliest first; ``words`` are :func:`words_of` its class."""
    constants, classes = words
    strings = strings_of(constants)
    numbers = [c for c in constants if isinstance(c, int) and 0 < c <= _LARGEST]
    word = re.sub(r"[^a-z]", "", name.lower())
    classes = sorted(classes, key=lambda c: word not in c.lower())
    several = [width] * 4
    options: list[Node] = [{"v": n} for n in (width, *numbers[:_NUMBERS], 1, 2, 3, 4, 16, 32, 64, 10, 18, 50)]
    options += [{"v": text} for text in strings[:_STRINGS]]
    options += [infer.as_node(value) for value in ((width, width), [width, width], several, [2] * 4, [several] * 4)]
    options += [{"name": [module.__name__, one]} for one in classes[:_CLASSES]]
    options += [{"guess": [kind, width]} for kind in ("config", "layer", "layer class")]
    options += [{"name": one} for one in adapter.usual_layers()]
    options += [{"v": None}, {"v": True}, {"v": False}, {"float": (0.5).hex()}, infer.as_node({})]
    options += [{"made": [module.__name__, one]} for one in classes[:_CLASSES]]
    options += [tensor_node((width, width)), tensor_node((width,))]
    return options


def tensor_node(shape: tuple[int, ...], dtype: str = "float32") -> Node:
    """Return a tensor of a shape and dtype as a node."""
    return {"shape": list(shape), "dtype": dtype, "kind": "tensor"}


def mended(choice: Choice, error: Exception) -> Choice:
    """Return the inputs that an error message asks for, ``choice`` itself where it asks for none."""
    shapes = [tuple(node["shape"]) if "shape" in node else None for node in choice]
    if len(set(shapes)) != 1 or shapes[0] is None:
        return choice
    shape = infer.repaired(str(error), shapes[0])
    return choice if shape is None else tuple(dict(node, shape=list(shape)) for node in choice)


def input_options(guesses: list[infer.Spec], place: int, choice: Choice, error: Exception) -> Iterator[Node]:
    """Yield what to try for the input ``choice[place]``."""
    mine, said = choice[place], str(error)
    shape = tuple(mine.get("shape", ()))
    if len(shape) > 3 and _FLAT.search(said):
        for size in _SIZES:
            yield tensor_node((*shape[:2], *[size] * (len(shape) - 2)))
    yield from with_numbers(mine, said)
    near = [tuple(node["shape"]) for node in choice if "shape" in node]
    for other in dict.fromkeys(near):
        batch, *rest = other or (2,)
        alone, column, first = (1, *rest), (batch, 1), (batch, *rest[:1])
        for related in ((batch,), (*rest,), other, alone, column, first, (batch, *rest[1:]), other[:2] * 2):
            yield tensor_node(related)
            yield tensor_node(related, "int64")
    for guess in guesses:
        yield tensor_node(*guess)
    for guess in guesses[:12]:
        yield tensor_node(guess[0], "int64")
    for value in (1, 2, None, True, 0.5):
        yield {"v": value}
    for guess in guesses[:8]:
        for count in (2, 3, 4):
            for kind in ("list", "tuple"):
                yield {kind: [tensor_node(*guess)] * count}
    for guess in guesses[:4]:
        yield tensor_node(guess[0], "bool")
    for kind in ("list", "tuple"):
        for i, item in enumerate(mine.get(kind, ())):
            for part in [*with_numbers(item, said), *(tensor_node(*guess) for guess in guesses)]:
                yield {kind: [*mine[kind][:i], part, *mine[kind][i + 1 :]]}


def with_numbers(node: Node, said: str) -> Iterator[Node]:
    """Yield a tensor with one dimension changed to a number of the message, or one dimension more of that size."""
    shape = node.get("shape", ())
    numbers = dict.fromkeys(int(n) for n in re.findall(r"\d+", said) if 0 < len(n) < 5)
    for size in list(numbers)[:_NUMBERS_SAID]:
        changed = [[*shape[:i], size, *shape[i + 1 :]] for i in range(len(shape))] + [[*shape, size]]
        for one in changed if 0 < size <= _LARGEST else ():
            if math.prod(one) <= _ELEMENTS:
                yield {**node, "shape": one}
