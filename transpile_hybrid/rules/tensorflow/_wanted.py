"""Whether a function is worth compiling by itself: it takes tensors, computes on them, and nothing else runs it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.values import TENSORS, element_of
from . import _tables as tables

if TYPE_CHECKING:
    from ._program import Program, Unit

ENTRY_METHODS = frozenset({"call", "__call__"})
NO_GRAPH_FORM = "generators and coroutines have no graph form"
OTHER_DECORATOR = "another decorator decides how it is called"


def why_not(program: Program, unit: Unit) -> str:
    """Return in words why ``unit`` is no candidate, or ''."""
    function = unit.function
    name = function.name
    if unit.hybrid is not None:
        return "it is a tf.function"
    if isinstance(function, ast.AsyncFunctionDef) or any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in walk(function)
    ):
        return NO_GRAPH_FORM
    if name.startswith("__") and name != "__call__":
        return "a special method is called by Python itself"
    if any(_other_decorator(program, d) for d in function.decorator_list):
        return OTHER_DECORATOR
    if unit.info is not None and name not in ENTRY_METHODS:
        base = program.project.framework_base(unit.info)
        keras = base is not None and base.framework == "tensorflow"
        unknown = base is None and program.project.unresolved_bases(unit.info)
        if (keras or unknown or keras_hook(unit.info)) and not program.called_by_program(function):
            return "it is part of a Keras object, which is compiled as a whole"
    plain = unit.info is not None and not program.kinds.is_layer(unit.info)
    if unit.info is not None and plain and name == "call" and program.project.unresolved_bases(unit.info):
        return "its base class isn't known"
    if unit.info is not None and name in ENTRY_METHODS and keras_hook(unit.info):
        return "Keras compiles it with the loss or metric that it belongs to"
    if program.is_legacy:
        return "the file is written for TensorFlow 1"
    if any(_is_of_graphs(program, call) for call in program.calls_in(function)):
        return "it builds a graph of TensorFlow 1"
    if _builds_symbolic(program, function):
        return "it builds a Keras model"
    if _of_shapes(program, function):
        return "it tells Keras what a result looks like, and computes none"
    if _gives_function(program, function):
        return "it returns a function, which is no value of a graph"
    if _gives_size(program, function):
        return "it returns a size, which is a number to Python and a tensor from a graph"
    values = program.parameters(unit)
    from ._pins import pinned

    if not any(value.has_tensor for value in values.values()) and not pinned(program, unit):
        return "no parameter is known to be a tensor"
    if program.computes(function) == 0:
        return "it computes nothing on tensors"
    if _drives(program, function):
        return "it drives other functions in Python"
    return ""


def _is_of_graphs(program: Program, call: ast.Call) -> bool:
    """Whether a call below ``tf.compat.v1`` makes variables by name, feeds a graph, or runs one."""
    name = program.module.qualified(call.func) or ""
    return name.startswith("tensorflow.compat.v1.") and tables.short(name).split(".")[0] in tables.REMOVED


def _of_shapes(program: Program, function: FunctionNode) -> bool:
    """Whether Keras asks ``function`` for shapes, or it returns a symbolic tensor that it makes."""
    if function.name in ("compute_output_spec", "compute_output_shape"):
        return True
    return any(
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.Call)
        and (program.module.qualified(node.value.func) or "").endswith(".KerasTensor")
        for node in walk(function)
    )


_SIZES = frozenset({"shape", "get_shape", "as_list", "rank", "ndims"})


def _gives_size(program: Program, function: FunctionNode) -> bool:
    """Whether a result is a static shape, a number of one, or a list of whole numbers of Python's.

    ``isinstance(size, tf.Tensor)``, ``[x] * size`` and what a graph knows of shapes hang on what it is.  A number that
    is counted in the function is no size: it becomes a tensor, which is equal.
    """
    for returned in _returned(program, function):
        for part in _results(returned):
            value = program.kinds.value(part)
            row = value.is_("list", "tuple")
            value = element_of(value) if row else value
            if value.has_const or not value.is_("int", "shape", "none", *TENSORS):
                continue
            if value.kinds & {"shape"}:
                if not (isinstance(part, ast.Attribute) and value.is_("shape")):  # THF506 tells of that
                    return True
            elif value.kinds & {"int"} and (row or _of_a_shape(program, part)):
                return True
    return False


def _of_a_shape(program: Program, node: ast.expr) -> bool:
    """Whether a number is read out of a shape, there or where its name was given it."""
    nodes: list[ast.expr] = [node]
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        nodes = [one.value for one in found[1] if one.value is not None] if found is not None else []
    parts = [part for one in nodes for part in ast.walk(one)]
    return any(
        isinstance(part, ast.Attribute)
        and part.attr in _SIZES
        and not (program.module.qualified(part) or "").startswith("tensorflow.")
        or isinstance(part, ast.Call)
        and program.module.qualified(part.func) == "builtins.len"
        for part in parts
    )


def _returned(program: Program, function: FunctionNode) -> Iterator[ast.expr]:
    """Yield what ``function`` itself returns, and no function inside of it."""
    for node in walk(function):
        own = isinstance(node, ast.Return) and program.module.enclosing_function(node) is function
        if own and isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def _results(node: ast.expr) -> list[ast.expr]:
    """Return what is returned, the parts of a tuple or list apart."""
    if isinstance(node, ast.Tuple | ast.List):
        return [part for item in node.elts for part in _results(item)]
    return [node]


def _gives_function(program: Program, function: FunctionNode) -> bool:
    """Whether ``function`` returns a function, and not as the gradient that ``tf.custom_gradient`` takes."""
    for node in _returned(program, function):
        parts = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
        if any(program.makes_function(function, part) for part in parts):
            return True
    return False


def _builds_symbolic(program: Program, function: FunctionNode) -> bool:
    """Whether ``function`` makes layers and calls them at once: ``Dense(4)(x)`` is how models are put together."""
    for call in program.calls_in(function):
        if isinstance(call.func, ast.Call):
            name = program.module.qualified(call.func.func) or ""
            if name.startswith("keras.layers.") and name.rsplit(".", 1)[-1][:1].isupper():
                return True
    return False


def _other_decorator(program: Program, node: ast.expr) -> bool:
    if isinstance(node, ast.Name) and node.id in ("staticmethod", "classmethod"):
        return False
    name = program.module.qualified(node.func if isinstance(node, ast.Call) else node) or ""
    return not name.startswith(
        ("tensorflow.custom_gradient", "typing.", "functools.wraps", "abc.", "builtins.")
    ) or name in ("builtins.property", "abc.abstractmethod")


def _drives(program: Program, function: FunctionNode) -> bool:
    """A training or plotting loop: it feeds batches to functions of its own, saves, plots, trains."""
    for node in walk(function):
        if isinstance(node, ast.Call):
            name = program.module.qualified(node.func) or ""
            if name.startswith(("matplotlib.", "PIL.", "cv2.", "tqdm.", "pandas.", "seaborn.")):
                return True
        if isinstance(node, ast.For):
            value = program.kinds.value(node.iter)
            if value.cls and value.cls.startswith("tensorflow.data"):
                return True
            if value.cls == "keras.dataset":
                return True
    return False


def keras_hook(info: ClassInfo) -> bool:
    """Whether ``info`` is a loss, metric, callback or optimizer: Keras calls its methods, compiled."""
    roots = ("keras.losses.", "keras.metrics.", "keras.callbacks.", "keras.optimizers.", "keras.initializers.",
             "keras.constraints.", "keras.regularizers.", "tensorflow.losses.", "unittest.",
             "tensorflow.test.")  # fmt: skip
    return any(base is not None and base.startswith(roots) for base in info.bases)
