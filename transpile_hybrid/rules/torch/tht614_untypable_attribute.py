"""An attribute that holds something TorchScript has no type for.

What it does
    Finds attributes that ``__init__`` sets to a ``set``, a ``range``, a NumPy array, a ``functools.partial``, or a list
    or dict whose values have several types, and lists and dicts in the body of the class, where TorchScript reads them.

Why is this bad
    The attributes of a module are typed when it is scripted: what has no type is left out, and reading it ends with
    "Module has no attribute (this attribute exists on the Python module, but we failed to convert its type)".

Fix safety
    None is made.  A list may be used for a set, a tuple for a list of several types, ``register_buffer`` for an array,
    and a method for a partial; a list of the class is set in ``__init__``.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#supported-type
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.settings = [2, 0.5, "mean"]

    def forward(self, x):
        return x * self.settings[0]
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.settings = (2, 0.5, "mean")
        self.sizes = [2, None]

    def forward(self, x):
        return x * self.settings[0]
""",
]


@rule("THT614", "untypable-attribute", targets=SCRIPT, consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, _ in problems(unit, ctx, "untypable-attribute"):
        assert isinstance(problem.node, ast.Attribute)
        yield Finding(
            problem.node,
            f"TorchScript has no type for what `{ast.unparse(problem.node)}` holds",
            help="set it in `__init__` to a tuple, a list of one type, a buffer or a module",
        )
