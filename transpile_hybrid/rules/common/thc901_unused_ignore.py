"""A `# hybrid: ignore[...]` that suppresses nothing.

What it does
    Finds comments ``# hybrid: ignore[CODE]`` and ``# hybrid: ignore-file[CODE]`` whose codes are not found where they
    stand, or that name a code that no rule has.

    Only codes that were judged for all of their targets count: a comment for ``torch.compile`` isn't called unused by a
    run for ``torch.script``.

Why is this bad
    A comment that outlives its reason hides the next finding of the same code at that place.

Fix safety
    Safe: only the comment, or the useless codes in it, are removed.

References
    docs/suppressing.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...targets import TARGETS
from ..rule import Example, Finding, ModuleContext, rule

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return torch.relu(x)  # hybrid: ignore[THT101]
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return torch.relu(x)
""",
        targets=("all",),
    ),
]

VALID = [
    """
import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x, scale=2.0):  # hybrid: ignore[THT502]
        return x * scale


TEXT = "# hybrid: ignore[THT101]"
""",
]


@rule("THC901", "unused-ignore", targets=tuple(TARGETS), consequence=Consequence.SPEED, fix="always", scope="comments")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    """Found where comments are applied (``run/suppress.py``), after all other rules."""
    yield from ()
