"""Python iterates over a tensor other than by a plain ``for``.

What it does
    Finds ``enumerate``, ``zip``, ``sum``, ``max``, ``min``, ``any``, ``all``, ``map``, ``sorted``, ``list`` and
    comprehensions over a tensor, ``t in ...``, unpacking, and tensors as index of a list, key of a dict or element of
    a set.

Why is this bad
    AutoGraph turns ``for row in tensor`` into a graph loop.  Everything else that iterates needs a length and values
    that a symbolic tensor doesn't have: ``OperatorNotAllowedInGraphError``.

Fix safety
    What is iterated over becomes ``tf.unstack(t)`` where the trace knows its length (an argument that eager code
    gives, or what ops make of it whose shape follows from it), and nothing else keeps the function from being
    compiled: the loop runs in Python while the graph is traced, over the same elements as before, and the graph grows
    with it. An argument that may as well be a list is asked for what it is (``tf.is_tensor``).

    ``any(t)`` in a condition becomes ``tf.reduce_any(t)``, and ``max(a, b)`` of scalars ``tf.where(b > a, b, a)``,
    which is the same beside NaN, too.

    Where no fix is made:
    ``tf.reduce_sum(t, axis=0)`` for ``sum(t)``, ``tf.maximum`` for ``max(a, b)``, ``tf.map_fn`` for a
    comprehension, ``tf.gather`` for an index.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.values import Value
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._program import Program, program_of
from ._reads import fix_of_choice
from ._report import TARGETS, unit_name
from ._static import unstacked

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def normalized(x):
    length = tf.norm(x)
    if all(tf.reshape(x, [-1]) == 0.0):
        return x
    return x / max(length, 1e-6)


print(normalized(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def normalized(x):
    length = tf.norm(x)
    if tf.reduce_all(tf.reshape(x, [-1]) == 0.0):
        return x
    return x / tf.where(1e-6 > length, 1e-6, length)


print(normalized(tf.ones((2, 3))))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def weighted(x):
    total = tf.zeros(3)
    for i, row in enumerate(x):
        total = total + tf.nn.relu(row) * i
    return total


print(weighted(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def weighted(x):
    total = tf.zeros(3)
    for i, row in enumerate(tf.unstack(x)):
        total = total + tf.nn.relu(row) * i
    return total


print(weighted(tf.ones((2, 3))))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def rows(x, keep):
    return tf.stack([tf.nn.relu(row) for row in tf.boolean_mask(x, keep)])
""",
    ),
    Example(
        before="""
import tensorflow as tf


def spread(x):
    seen = set()
    for value in tf.unstack(x):
        seen.add(float(value))
    return tf.nn.relu(x) * len(seen)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def rows(x):
    total = tf.zeros(3)
    for i, row in enumerate(tf.unstack(x, num=4)):
        total = total + tf.nn.relu(row) * i
    return total + sum([total, total])
""",
    """
import tensorflow as tf


def sgd(params, grads, lr):
    for param, grad in zip(params, grads):
        param.assign_sub(lr * grad)


def adagrad(params, grads, states, settings):
    for param, state, grad in zip(params, states, grads):
        state[:].assign(state + tf.square(grad))
        param[:].assign(param - settings["lr"] * grad / tf.sqrt(state + 1e-6))
""",
    """
import tensorflow as tf


class Mixer(tf.keras.layers.Layer):
    def call(self, inputs):
        x = tf.nn.relu(inputs["image"])
        if "mask" in inputs:
            x = x * inputs["mask"]
        for name in list(inputs.keys()):
            x = x + tf.reduce_sum(inputs[name])
        return x
""",
    """
import tensorflow as tf


def crop(image, boxes):
    drawn = tf.image.stateless_sample_distorted_bounding_box(tf.shape(image), boxes, seed=(1, 2))
    begin, size, _ = drawn
    return tf.slice(image, begin, size)


def clipped(grads, variables):
    small, norm = tf.clip_by_global_norm(grads, 1.0)
    for grad, variable in zip(small, variables):
        variable.assign_sub(grad * norm)
""",
]


_HELP = {
    "enumerate": "loop over `tf.range(tf.shape(t)[0])` and index the tensor",
    "zip": "loop over `tf.range(tf.shape(t)[0])` and index the tensors",
    "sum": "use `tf.reduce_sum(t, axis=0)`",
    "max": "use `tf.reduce_max` or `tf.maximum`",
    "min": "use `tf.reduce_min` or `tf.minimum`",
    "any": "use `tf.reduce_any`",
    "all": "use `tf.reduce_all`",
    "map": "use `tf.map_fn`",
    "list": "use `tf.unstack(t, num=n)`",
    "tuple": "use `tf.unstack(t, num=n)`",
    "filter": "use `tf.boolean_mask`",
    "reversed": "use `tf.reverse(t, axis=[0])`",
    "iter": "use a `for` loop over the tensor",
}
_KEYED = (ast.Set, ast.SetComp, ast.Dict, ast.DictComp)
_KEY_HELP = "use `tf.unique` for distinct values and `tf.gather` for a look-up"
_CHOICE_HELP = "choose by `tf.where`, `tf.boolean_mask` or `tf.argsort` on tensors"
_MANY = frozenset({"max", "min", "zip"})
_ELEMENTS = frozenset({"enumerate", "zip", "sum", "list", "tuple", "reversed", "map"})
"""Of these, the ones that do with a list of the elements what they do with the tensor."""


@rule(
    "THF308",
    "python-iteration",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
    stage=2,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    value = program.kinds.value
    types = (ast.Match, ast.Call, ast.comprehension, ast.Compare, ast.Subscript, ast.Assign, ast.NamedExpr, *_KEYED)
    for function, node in compiled_nodes(ctx, *types):
        found: tuple[ast.AST, str, str] | None = None
        iterated: list[ast.expr] = []
        if isinstance(node, ast.Match):
            if value(node.subject).is_tensor:
                found = (
                    node.subject,
                    "`match` of a tensor needs its value",
                    "use `if` and `tf.equal`, or `tf.switch_case`",
                )
        elif any(value(key).is_tensor for key in _keys(program, node)):
            found = (node, "a set or dict needs the hash of what it is keyed by, and a tensor has none", _KEY_HELP)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            name = (ctx.qualified(node.func) or "").removeprefix("builtins.")
            if name == "sorted" and _decides(program, name, node):
                found = (node, "`sorted` decides in Python by what a function gives, a tensor", _CHOICE_HELP)
            elif name in _HELP:
                args = node.args if name in _MANY else node.args[1:] if name in ("map", "filter") else node.args[:1]
                bad = any(value(arg).is_tensor for arg in args)
                if name in ("max", "min", "any", "all") and len(node.args) == 1 and not bad:
                    inner = value(node.args[0])
                    bad = inner.is_("list", "tuple", "iterator") and inner.has_tensor
                if not bad and _decides(program, name, node):
                    found = (node, f"`{name}` decides in Python by what a function gives, a tensor", _CHOICE_HELP)
                if bad:
                    iterated = [arg for arg in args if value(arg).is_tensor] if name in _ELEMENTS else []
                    found = (node, f"`{name}` over a tensor needs its length or values", _HELP[name])
        elif isinstance(node, ast.comprehension) and any(value(test).is_tensor for test in node.ifs):
            found = (node.iter, "the condition of a comprehension is a tensor", _CHOICE_HELP)
        elif isinstance(node, ast.comprehension) and value(node.iter).is_tensor:
            iterated = [node.iter]
            found = (node.iter, "a comprehension over a tensor", "use `tf.map_fn`, or `tf.unstack(t, num=n)`")
        elif isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            sides = [value(node.left), *(value(side) for side in node.comparators)]
            if sides[0].is_tensor or sides[-1].is_tensor:
                found = (node, "`in` with a tensor needs its value", "use `tf.reduce_any(tf.equal(...))`")
        elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Tuple):
            base = value(node.value)
            index = node.slice
            parts = [index.lower, index.upper, index.step] if isinstance(index, ast.Slice) else [index]
            by_tensor = any(part is not None and value(part).is_tensor for part in parts)
            if by_tensor and base.is_("list", "tuple", "dict", "array", "str"):
                found = (node, f"a {base.kind} is indexed by a tensor", "use `tf.gather(tf.stack(...), index)`")
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List):
            if value(node.value).is_tensor and _one_tensor(value(node.value), node.value):
                iterated = [node.value]
                found = (node, "a tensor is unpacked, which needs its length", "use `tf.unstack(t, num=n)`")
        elif isinstance(node, ast.NamedExpr) and value(node.value).is_tensor:
            condition = isinstance(ctx.module.parent(node), ast.While | ast.If | ast.Compare)
            if condition:
                found = (node, "`:=` in a condition on a tensor isn't understood by AutoGraph", "assign before it")
        if found is not None:
            fix = unstacked(ctx, function, iterated) if iterated else None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and fix is None:
                fix = fix_of_choice(ctx, function, node, node.func.id)
            yield Finding(found[0], found[1], help=found[2], fix=fix, unit=unit_name(program, function))


def _decides(program: Program, name: str, node: ast.Call) -> bool:
    """Whether a function that gives tensors says what ``filter`` keeps, or how ``sorted`` and ``max`` order."""
    keys = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
    for handed in keys or (node.args[:1] if name == "filter" else []):
        key = program.kinds.value(handed).cls or ""
        function = program.kinds.functions.get(key) if key.startswith("fn:") else None
        given = program.kinds.returns.get(id(function)) if function is not None else None
        if given is not None and given.is_tensor:
            return True
    return False


def _keys(program: Program, node: ast.AST) -> list[ast.expr]:
    """Return the expressions whose values ``node`` puts into a set, or looks up or stores as keys of a dict."""
    if isinstance(node, ast.Set):
        return node.elts
    if isinstance(node, ast.SetComp):
        return [node.elt]
    if isinstance(node, ast.DictComp):
        return [node.key]
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        owner = program.kinds.value(node.func.value)
        if (owner.is_("set") and node.func.attr in ("add", "discard", "remove")) or (
            owner.is_("dict") and node.func.attr in ("get", "setdefault", "pop")
        ):
            return node.args[:1]
    return []


def _one_tensor(value: Value, node: ast.expr) -> bool:
    """Whether what is unpacked is a tensor for sure, and not the result of a call that may give several."""
    return not isinstance(node, ast.Call) and (not value.assumed or isinstance(node, ast.BinOp))
