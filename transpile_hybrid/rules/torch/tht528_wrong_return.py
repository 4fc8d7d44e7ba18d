"""An annotation of a result that the function doesn't return.

What it does
    Finds functions that are annotated to return a Tensor, or a tuple of some length, and in which a ``return`` stands
    with a tuple, list or dict that is none.

Why is this bad
    Python reads no annotation, TorchScript goes by it: "Return value was annotated as having type Tensor but is
    actually of type Tuple[Tensor, Tensor]".

Fix safety
    Safe: an annotation changes nothing at run time.  What all returns give is written, where it is known.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#return-statements
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._annotations import annotation_type
from ._common import SCRIPT, is_scripted, reports
from ._reports import Report
from ._types import UNKNOWN, T, unify
from ._writing import writable

EXAMPLES = [
    Example(
        before="""
from torch import Tensor, nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean, self.scale = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        mean = self.mean(x)
        return mean, self.scale(x).exp()
""",
        after="""
from typing import Tuple

from torch import Tensor, nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean, self.scale = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        mean = self.mean(x)
        return mean, self.scale(x).exp()
""",
    ),
    Example(
        title="of a helper",
        before="""
from typing import List, Tuple

from torch import Tensor, nn


class Net(nn.Module):
    def parts(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        low, middle, high = x.chunk(3)
        return low, middle, high

    def sizes(self, x: Tensor) -> Tensor:
        return [x.shape[0], x.shape[1]]

    def forward(self, x: Tensor) -> Tensor:
        low, _, high = self.parts(x)
        return (low + high).new_ones(self.sizes(x))
""",
        after="""
from typing import List, Tuple

from torch import Tensor, nn


class Net(nn.Module):
    def parts(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        low, middle, high = x.chunk(3)
        return low, middle, high

    def sizes(self, x: Tensor) -> List[int]:
        return [x.shape[0], x.shape[1]]

    def forward(self, x: Tensor) -> Tensor:
        low, _, high = self.parts(x)
        return (low + high).new_ones(self.sizes(x))
""",
    ),
]

VALID = [
    """
from typing import List, Optional, Tuple, Union

from torch import Tensor, nn


class Net(nn.Module):
    def maybe(self, x: Tensor) -> Optional[Tensor]:
        return x if x.dim() > 2 else None

    def either(self, x: Tensor, several: bool) -> Union[Tensor, Tuple[Tensor, Tensor]]:
        return (x, x) if several else x

    def rows(self, x: Tensor) -> List[Tensor]:
        return [x, x]

    def forward(self, x: Tensor) -> Tuple[Tensor, int]:
        return self.rows(x)[0], x.shape[0]
""",
]


@rule("THT528", "wrong-return", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if function.returns is None or report.module is not ctx.module or is_scripted(function, ctx):
            continue
        declared = annotation_type(function.returns, ctx.module)
        # what a call gives is known by another annotation, as good as this one
        shown = [kind for one, kind in report.returned if isinstance(one.value, _DISPLAYS)]
        wrong = next((kind for kind in shown if _contradict(declared, kind)), None)
        if wrong is None:
            continue
        kind = _returned(report)
        text = writable(kind, ctx, function) if kind.known and _is_plain(function) else None
        yield Finding(
            function.returns,
            f"`{function.name}` is annotated to return {declared}, and returns {wrong.bare}",
            help=f"annotate it `-> {text[0]}`" if text is not None else "say what it returns",
            fix=Fix((replace(ctx.source, function.returns, text[0]), *text[1])) if text is not None else None,
        )


def _returned(report: Report) -> T:
    """Return the one type that all returns give."""
    kinds = [kind.bare for _, kind in report.returned]
    result = kinds[0]
    for kind in kinds[1:]:
        merged = unify(result, kind)
        if merged is None:
            return UNKNOWN
        result = merged
    return result if _is_whole(result) else UNKNOWN


def _is_whole(kind: T) -> bool:
    """Whether nothing in a type is unknown."""
    return kind.known and kind.kind in _KINDS and all(_is_whole(one) for one in kind.args)


def _is_plain(function: FunctionNode) -> bool:
    """Whether nothing but the compiler goes by the annotations of a function, as some decorators do."""
    return not function.decorator_list and not isinstance(function, ast.AsyncFunctionDef)


_DISPLAYS = (ast.Tuple, ast.List, ast.Dict, ast.ListComp, ast.DictComp)
_ROWS = frozenset({"tuple", "list", "dict"})
_KINDS = _ROWS | {"tensor", "int", "float", "bool", "str", "optional"}


def _contradict(declared: T, given: T) -> bool:
    """Whether TorchScript refuses ``given`` as a result of the declared type, whatever isn't known of both."""
    declared, given = declared.bare, given.bare
    if declared.kind not in _KINDS - {"optional"} or given.kind not in _KINDS - {"optional"}:
        return False  # an optional result may be known not to be None where it is returned
    if declared.kind != given.kind:
        return bool({declared.kind, given.kind} & (_ROWS | {"str"}))
    if declared.kind == "tuple":
        return len(declared.args) != len(given.args) or any(map(_contradict, declared.args, given.args))
    return False
