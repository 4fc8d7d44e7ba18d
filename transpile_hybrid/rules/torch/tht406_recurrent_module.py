"""``nn.LSTM``, ``nn.GRU`` and ``nn.RNN`` in what ``torch.compile`` reads.

What it does
    Finds where ``forward`` uses one of PyTorch's recurrent modules, and where it packs sequences
    (``pack_padded_sequence``).

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
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
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
]

VALID = [
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
            if names:
                word = names[0].removeprefix("torch.")
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
