"""``nn.LSTM``, ``nn.GRU`` and ``nn.RNN`` in what ``torch.compile`` reads.

What it does
    Finds where ``forward`` uses one of PyTorch's recurrent modules, and where it packs sequences
    (``pack_padded_sequence``).  So is a module that the constructor makes by a name, ``getattr(nn, rnn_type)(...)``,
    where that can be no other kind: no other takes ``bidirectional``, and a name is called after what it names.

Why is this bad
    Dynamo breaks the graph at each of them: "Attempted to wrap RNN, GRU, or LSTM".  What they run is one call of the
    library either way, so nothing is won there.  With ``fullgraph=True`` nothing compiles.

Fix safety
    There is no fix: with ``torch._dynamo.config.allow_rnn = True`` ``nn.GRU`` and ``nn.RNN`` compile, and compute the
    same; ``nn.LSTM`` fails in the backend even so (PyTorch 2.13 on CPU).  Compile the parts around it.  The cells
    (``nn.LSTMCell``) and ``torch.export`` take no harm.

References
    ``torch/_dynamo/variables/builder.py``, ``torch/_dynamo/config.py``
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model
from ._common import reports
from ._reached import where_reached
from ._types import RECURRENT

EXAMPLES = [
    Example(
        before="""
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(4, 8, batch_first=True)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True)
        _, (h, c) = self.rnn(packed)
        return h[-1]
""",
    ),
    Example(
        before="""
from torch import nn


class Encoder(nn.Module):
    def __init__(self, kind, both: bool = False):
        super().__init__()
        self.rnn = getattr(nn, kind.upper())(4, 8, bidirectional=both)

    def forward(self, x):
        return self.rnn(x)[0]
""",
    ),
]

VALID = [
    """
from torch import nn


class Encoder(nn.Module):
    def __init__(self, activation="ReLU"):
        super().__init__()
        self.activation = getattr(nn, activation)()

    def forward(self, x):
        return self.activation(x)
""",
    """
from torch import nn


class Step(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(4, 8)
        self.unused = nn.LSTM(4, 8)

    def forward(self, x, h, c):
        return self.cell(x, (h, c))
""",
]

_PACKS = frozenset({"torch.nn.utils.rnn.pack_padded_sequence", "torch.nn.utils.rnn.pack_sequence"})


@rule("THT406", "recurrent-module", targets=("torch.compile",), consequence=Consequence.ERROR, scope="unit")
@where_reached(("torch.compile",))
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in (one for statement in function.body for one in walk(statement)):
            if not isinstance(node, ast.Call) or id(node) not in report.types:
                continue
            kinds = report.type(node.func).alternatives
            names = [one.name for one in kinds if one.kind == "module" and one.name in RECURRENT]
            word = names[0].removeprefix("torch.") if names else _made_by_name(node.func, unit, ctx)
            if word:
                yield Finding(
                    node.func,
                    f"torch.compile breaks the graph at `{word}`",
                    help="compile what is around it"
                    if word == "nn.LSTM"
                    else "compile what is around it, or set `torch._dynamo.config.allow_rnn = True`",
                )
            elif isinstance(node.func, ast.Name | ast.Attribute) and ctx.qualified(node.func) in _PACKS:
                yield Finding(
                    node.func,
                    f"torch.compile breaks the graph at `{ast.unparse(node.func)}`",
                    help="pack outside of what is compiled",
                )


def _made_by_name(callee: ast.expr, unit: Unit, ctx: UnitContext) -> str:
    """Return what ``self.rnn`` is where the constructor made it by a name, if that is a recurrent module; or ''."""
    if unit.cls is None or not (isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name)):
        return ""
    if callee.value.id != unit.self_name:
        return ""
    writes = class_model(unit.cls, ctx.project).constructed(callee.attr)
    made = [_by_name(write.value, write.owner.module) for write in writes]
    return next((word for word in made if word), "")


def _by_name(made: ast.expr | None, module: Module) -> str:
    if not isinstance(made, ast.Call) or not isinstance(made.func, ast.Call):
        return ""
    asked = made.func
    if module.qualified(asked.func) != "builtins.getattr" or len(asked.args) != 2:
        return ""
    if module.qualified(asked.args[0]) != "torch.nn":
        return ""
    named = ast.unparse(asked.args[1]).lower()
    recurrent = "rnn" in named and "cell" not in named
    if recurrent or any(keyword.arg == "bidirectional" for keyword in made.keywords):
        return ast.unparse(asked)
    return ""
