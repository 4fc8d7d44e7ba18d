"""What a call costs when it is run op by op, and what a call of a graph costs, in additions of two tensors.

Measured (TensorFlow 2.21, CPU, tensors of a few numbers, where only the overhead counts): an addition takes 9
microseconds, a call of a graph 8 to 17 times that (by the number of threads), and more with each argument that has to
be looked at.  The benefit of the doubt is given from 12 on, for a function of one tensor.  In a notebook it takes
more: each run of its cell makes the function anew and traces it again.  Where the gradient of it is taken, less: two
layers with weights, at batches of 1, 32 and 256, take 0.71, 0.77 and 0.88 of the graph's time, with their gradients
0.91, 1.00 and 1.04.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...meaning.nodes import FIELDS
from . import _tables as tables
from ._defaults import default_of
from ._flow import ends
from ._program import AnyFunction, Program

_CALL, _CALL_IN_CELLS, _CALL_ON_TAPE = 10.0, 13.0, 8.0
_TENSOR, _PYTHON, _COLLECTION = 2.0, 3.0, 8.0
"""What a parameter adds to a call of a graph: a tensor, a number or text, a collection; given or by its default."""
_MANY = 100.0
_ROUNDS = 10.0
"""How often a loop runs of which that isn't known."""
_VARIABLE = 1.3
"""A variable as an operand, which is read first."""
_NUMBER = 0.5
"""A Python number beside a tensor, which is made one first: ``x + 1`` is 1.5."""
_SLICE = 4.5
"""What ``x[..., 0]`` costs: it is written in Python around an op with four arguments."""
_LIGHT_LAYER = 2.0
"""A layer of ``_LIGHT``: the call of it is Python around one op at most."""
_OP = 0.9
"""An op that isn't in the table."""
_COSTS = {
    name: cost
    for cost, names in (
        (0.2, "constant convert_to_tensor name_scope rank"),
        (0.6, "atan2 cos dynamic_stitch exp is_finite is_inf is_nan l2_loss log logical_and logical_not logical_or"
              " maximum minimum negative relu sin sqrt square squared_difference tanh"),
        (1.2, "cast einsum matmul max_pool max_pool2d pow reduce_all reduce_any reduce_mean reduce_sum stack unstack"),
        (1.7, "assign clip_by_value conv2d gather image.adjust_contrast image.adjust_hue one_hot random.uniform size"
              " transpose"),
        (2.2, "broadcast_to fill ones range reshape reverse tile zeros"),
        (3.5, "embedding_lookup eye gather_nd image.central_crop image.convert_image_dtype image.flip_left_right"
              " image.flip_up_down pad tensordot"),
        (4.5, "image.adjust_brightness image.adjust_saturation l2_normalize scatter_nd"),
        (6.0, "dropout gelu image.resize linalg.inv linalg.norm moments norm random.normal reduce_std reduce_variance"
              " segment_sum"),
        (9.0, "argsort reduce_logsumexp sigmoid_cross_entropy_with_logits sort"
              " sparse_softmax_cross_entropy_with_logits"),
        (20.0, "meshgrid"),
        (33.0, "boolean_mask linspace repeat softmax_cross_entropy_with_logits"),
        (_MANY, "foldl foldr map_fn scan vectorized_map while_loop"),
    )
    for name in names.split()
}  # fmt: skip
_COMPOSITE = ("tensorflow.signal.", "tensorflow.image.", "keras.losses.", "keras.metrics.", "keras.applications.")
"""Functions that are many ops each (measured: one of them alone is faster in a graph)."""
_LIGHT = frozenset(
    f"keras.layers.{name}"
    for name in ("Activation", "Dropout", "ELU", "Flatten", "GaussianNoise", "Identity", "LeakyReLU", "Permute", "ReLU")
    + ("RepeatVector", "Reshape", "Softmax", "SpatialDropout1D", "SpatialDropout2D")
)
"""Layers that are one op or none (measured: an addition and dropout are slower in a graph)."""
_GRADIENTS = (".GradientTape", ".gradients")


def is_small(program: Program, function: AnyFunction) -> bool:
    """Whether an eager call of ``function`` costs less than a call of a graph would."""
    if program.module.source.is_of_cells:
        bound = _CALL_IN_CELLS
    else:
        bound = _CALL_ON_TAPE if _is_on_tape(program, function) else _CALL
    bound += _arguments(program, function)
    meter = _Meter(program)
    cost = meter.function(function)
    for other in program.reach(function):  # what it hands on, and what nobody saw it call
        if cost >= bound:
            return False
        cost += 0.0 if id(other) in meter.called else meter.function(other)
    return cost < bound


@dataclass
class _Meter:
    """Adds up what code costs op by op, on the mean of the ways through it; from ``_MANY`` on any number will do."""

    program: Program
    called: dict[int, float] = field(default_factory=dict)
    """What the functions that were asked for cost: 0 to those that call themselves."""
    inner: set[int] = field(default_factory=set)
    """The functions that are made on the way: they cost what they cost once, where they are made."""

    def function(self, function: AnyFunction) -> float:
        """Return what a call of ``function`` costs."""
        if (known := self.called.get(id(function))) is None:
            self.called[id(function)] = 0.0
            body = function.body
            known = self.block(body) if isinstance(body, list) else self.node(body)
            self.called[id(function)] = known
        return known

    def block(self, nodes: Sequence[ast.AST]) -> float:
        """Return what nodes cost that run one after the other; what follows ``if ...: return`` is its other way."""
        cost = 0.0
        for index, node in enumerate(nodes):
            if cost >= _MANY:
                break
            if not isinstance(node, ast.If):
                cost += self.node(node)
                continue
            cost += self.node(node.test)
            rest = nodes[index + 1 :]
            if ends(node.body):
                return cost + self.either(node.body, [*node.orelse, *rest])
            if ends(node.orelse):
                return cost + self.either(node.orelse, [*node.body, *rest])
            cost += self.either(node.body, node.orelse)
        return cost

    def either(self, one: Sequence[ast.AST], other: Sequence[ast.AST]) -> float:
        """Return the mean of two ways, of which no one knows how often each is taken; one that raises isn't."""
        if one and isinstance(one[-1], ast.Raise):
            return self.block(other)
        if other and isinstance(other[-1], ast.Raise):
            return self.block(one)
        return (self.block(one) + self.block(other)) / 2

    def loop(self, over: ast.expr, *below: ast.AST) -> float:
        """Return what it costs to run ``below`` once for each part of ``over``."""
        if self.program.kinds.value(over).is_tensor:
            return _MANY
        times = _times(self.program, over)
        return self.node(over) + (_ROUNDS if times is None else times) * self.block(below)

    def node(self, node: ast.AST) -> float:
        """Return what a statement or expression costs with all that is in it."""
        if isinstance(node, ast.IfExp):
            return self.node(node.test) + self.either([node.body], [node.orelse])
        if isinstance(node, ast.For):
            return self.loop(node.iter, *node.body)
        if isinstance(node, ast.While):
            return _ROUNDS * self.block([node.test, *node.body])
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            tests = [test for generator in node.generators for test in generator.ifs]
            return self.loop(node.generators[0].iter, *parts, *tests, *(one.iter for one in node.generators[1:]))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            self.inner.add(id(node))
            return self.function(node)
        cost = _cost(self.program, node)
        if isinstance(node, ast.Call):
            callees = [one for one in self.program.kinds.callees(node) if id(one) not in self.inner]
            cost += max((self.function(one) for one in callees), default=0.0)
        for name in FIELDS[type(node)]:
            if cost >= _MANY:
                break
            held = getattr(node, name, None)
            if isinstance(held, list):
                cost += self.block(held)
            elif held is not None:
                cost += self.node(held)
        return cost


def _times(program: Program, node: ast.expr) -> int | None:
    """Return how many parts ``node`` has to loop over, where that is known."""
    if isinstance(node, ast.Call) and program.module.qualified(node.func) in ("builtins.enumerate", "builtins.zip"):
        return min((times for arg in node.args if (times := _times(program, arg)) is not None), default=None)
    value = program.kinds.value(node)
    return len(value.elements) if value.is_("tuple", "list") and value.elements is not None else None


def _arguments(program: Program, function: AnyFunction) -> float:
    """Return what the arguments of ``function`` cost a call of a graph: a tensor at least."""
    unit = program.units.get(id(function))
    cost = 0.0
    for name, value in program.parameters(unit).items() if unit is not None else ():
        default = default_of(function, name)
        made = value if default is None else program.kinds.value(default)
        if value.is_("list", "tuple", "dict") or made.is_("list", "tuple", "dict"):
            cost += _COLLECTION
        else:
            cost += _TENSOR if made.is_tensor or not made.known else _PYTHON
    return max(cost, _TENSOR)


def _is_on_tape(program: Program, function: AnyFunction) -> bool:
    """Whether a call of ``function`` stands below a ``with tf.GradientTape()``."""
    for node, _ in program.kinds.sites(function):
        above: ast.AST = node
        while not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module):
            if isinstance(above, ast.With) and any(
                isinstance(item.context_expr, ast.Call)
                and program.module.qualified(item.context_expr.func) == "tensorflow.GradientTape"
                for item in above.items
            ):
                return True
            above = program.module.parent(above)
    return False


def _cost(program: Program, node: ast.AST) -> float:
    """Return what ``node`` itself costs, in additions.

    Much is a loop, gradients, a layer or model (whose call is much Python), a composite.
    """
    value = program.kinds.value
    match node:
        case ast.Subscript():
            key = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
            return _SLICE if isinstance(node.ctx, ast.Load) and value(node.value).is_tensor and not key else 0.0
        case ast.BinOp() if value(node).is_tensor:
            sides = (node.left, node.right)
            numbers = sum(not value(side).is_tensor for side in sides)
            return 1.0 + numbers * _NUMBER + _variables(program, sides)
        case ast.UnaryOp() | ast.Compare():
            return 0.6 if value(node).is_tensor else 0.0
        case ast.Call():
            return _call(program, node)
    return 0.0


def _call(program: Program, node: ast.Call) -> float:
    called = program.kinds.value(node.func)
    if called.is_("module"):
        return _LIGHT_LAYER if called.cls in _LIGHT else _MANY
    if called.cls in ("tensor.assign", "tensor.assign_add", "tensor.assign_sub"):
        return _COSTS["assign"]
    name = program.module.qualified(node.func) or ""
    if name.startswith("tensorflow.") and (cost := _COSTS.get(tables.leaf(name))) is not None:
        return cost + _variables(program, node.args)
    if name.endswith(_GRADIENTS) or name.startswith(_COMPOSITE):
        return _MANY
    makes = name.startswith(("tensorflow.", "keras.ops.", "keras.activations.", "keras.backend."))
    return _OP + _variables(program, node.args) if makes and program.kinds.value(node).has_tensor else 0.0


def _variables(program: Program, operands: Iterable[ast.expr]) -> float:
    return sum(_VARIABLE for node in operands if program.kinds.value(node).is_("variable"))
