"""``weight_norm`` and ``spectral_norm``: hooks that are objects.

What it does
    Finds classes that wrap their layers by ``torch.nn.utils.weight_norm`` or ``spectral_norm``.

Why is this bad
    They compute the weight in a hook that runs before ``forward``.  TorchScript compiles hooks too, from the source of
    a function: "'WeightNorm' object has no attribute '__name__'".

Fix safety
    Safe: the class gets ``__prepare_scriptable__``, which ``torch.jit.script`` asks for before it compiles, and which
    makes the dict of hooks one whose ``values`` are functions that compute the same: TorchScript alone asks for those.
    The hooks stay what they are, ``remove_weight_norm`` finds them, and the ``state_dict`` is the same.  Norms with
    other settings than the default ones (and ``dim=None`` for ``weight_norm``), or beside other hooks, stay as they
    are, and transposed convolutions don't
    become scriptable: a hook of theirs would have to take ``output_size`` too, and TorchScript calls it with what the
    call has.

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, add_import, insert, insert_line_before
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, is_compiled
from ._helper import first_definition
from ._reports import function_named
from ._writing import import_standard

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn
from torch.nn.utils import weight_norm


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = weight_norm(nn.Linear(3, 2))

    def forward(self, x):
        return torch.relu(self.fc(x))
""",
        after="""
from collections import OrderedDict
from typing import Tuple

import torch
from torch import nn
from torch.nn.utils import weight_norm
from torch.nn.utils.weight_norm import WeightNorm


def set_normed_weight(self, inputs: Tuple[torch.Tensor]) -> None:
    self.weight = torch._weight_norm(self.weight_v, self.weight_g, 0)


class WeightNormHooks(OrderedDict):
    # TorchScript compiles the `values`, which it wants to be functions; all else goes by the `items`, and those stay
    def values(self):
        return [set_normed_weight if isinstance(hook, WeightNorm) else hook for hook in super().values()]


def weight_norms_as_functions(module):
    for one in module.modules():
        hooks = one._forward_pre_hooks
        if hooks and all(isinstance(h, WeightNorm) and (h.name, h.dim) == ("weight", 0) for _, h in hooks.items()):
            one._forward_pre_hooks = WeightNormHooks(hooks)
    return module


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = weight_norm(nn.Linear(3, 2))

    def __prepare_scriptable__(self):
        return weight_norms_as_functions(self)

    def forward(self, x):
        return torch.relu(self.fc(x))
""",
    ),
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.utils.spectral_norm(nn.Linear(3, 2))

    def forward(self, x):
        return torch.relu(self.fc(x))
""",
        after="""
from collections import OrderedDict
from typing import Tuple

import torch
from torch import nn
from torch.nn.utils.spectral_norm import SpectralNorm


def set_weight_by_spectrum(self, inputs: Tuple[torch.Tensor]) -> None:
    u, v = self.weight_u, self.weight_v
    matrix = self.weight_orig.reshape(self.weight_orig.size(0), -1)
    if self.training:
        with torch.no_grad():
            v.copy_(torch.nn.functional.normalize(torch.mv(matrix.t(), u), dim=0, eps=1e-12))
            u.copy_(torch.nn.functional.normalize(torch.mv(matrix, v), dim=0, eps=1e-12))
            u, v = u.clone(), v.clone()
    self.weight = self.weight_orig / torch.dot(u, torch.mv(matrix, v))


class SpectralNormHooks(OrderedDict):
    # TorchScript compiles the `values`, which it wants to be functions; all else goes by the `items`, and those stay
    def values(self):
        return [set_weight_by_spectrum if isinstance(hook, SpectralNorm) else hook for hook in super().values()]


def is_usual_norm(hook):
    if not isinstance(hook, SpectralNorm):
        return False
    return (hook.name, hook.dim, hook.n_power_iterations, hook.eps) == ("weight", 0, 1, 1e-12)


def spectral_norms_as_functions(module):
    for one in module.modules():
        if one._forward_pre_hooks and all(is_usual_norm(hook) for _, hook in one._forward_pre_hooks.items()):
            one._forward_pre_hooks = SpectralNormHooks(one._forward_pre_hooks)
    return module


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.utils.spectral_norm(nn.Linear(3, 2))

    def __prepare_scriptable__(self):
        return spectral_norms_as_functions(self)

    def forward(self, x):
        return torch.relu(self.fc(x))
""",
    ),
]

VALID = [
    """
from torch import nn
from torch.nn.utils import remove_weight_norm


class Net(nn.Module):
    def __init__(self, fc):
        super().__init__()
        self.fc = remove_weight_norm(fc)

    def forward(self, x):
        return self.fc(x)
""",
]

_NORMS = ("weight_norm", "spectral_norm")


@rule("THT610", "norm-hook", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or not is_compiled(unit, ctx) or ctx.project.method(unit.cls, "__prepare_scriptable__"):
        return
    found: dict[str, ast.expr] = {}
    spoken = any(word in ctx.source.text for word in _NORMS)
    for method in unit.cls.methods.values():
        if method not in unit.region:
            for node in walk(method):
                if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                    for word in _norms(node, ctx, spoken):
                        found.setdefault(word, node)
    if found:
        yield Finding(
            next(iter(found.values())),
            f"`{next(iter(found))}` sets a hook that is no function, and TorchScript compiles hooks",
            help="exchange it for a function in `__prepare_scriptable__`, which `torch.jit.script` calls",
            fix=_fix(sorted(found, reverse=True), unit, ctx),
        )


def _norms(node: ast.expr, ctx: UnitContext, spoken: bool) -> Iterator[str]:
    """Yield the norms that ``node`` names, itself or by a function of the repository that applies them.

    ``spoken`` is whether the file has one of their names.
    """
    called = isinstance(ctx.module.parent(node), ast.Call)
    if not called and not spoken:
        return
    name = ctx.qualified(node)
    if name is None:
        return
    if (word := _norm(name)) is not None:
        yield word
        return
    function = function_named(name, ctx.module, ctx.project) if called else None
    if function is not None:
        for inner in walk(function[0]):
            if isinstance(inner, ast.Call):
                word = _norm(function[1].qualified(inner.func) or "")
                if word is not None:
                    yield word


def _norm(name: str) -> str | None:
    head, _, word = name.rpartition(".")
    return word if word in _NORMS and head in ("torch.nn.utils", f"torch.nn.utils.{word}") else None


def _fix(words: list[str], unit: Unit, ctx: UnitContext) -> Fix | None:
    first, init = first_definition(ctx), unit.init
    assert unit.cls is not None
    if first is None or unit.cls.module is not ctx.module or init is None or init not in unit.cls.methods.values():
        return None
    top = ctx.module.scopes.top.bindings
    if not _imported("torch", "torch", ctx) or unit.entry is None:
        return None
    edits: list[Edit] = []
    calls = unit.self_name
    for word in words:
        text = _WHOLE if word == "weight_norm" and _norms_whole(ctx) else _TEXTS[word]
        tree = ast.parse(text)
        for name in (one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)):
            if name in top and not _same(name, tree, ctx):
                return None
        calls = f"{word}s_as_functions({calls})"
        if f"{word}s_as_functions" in top:
            continue
        kind = "WeightNorm" if word == "weight_norm" else "SpectralNorm"
        if kind not in top:
            edits.append(add_import(ctx.source, f"from torch.nn.utils.{word} import {kind}"))
        elif not _imported(kind, f"torch.nn.utils.{word}.{kind}", ctx):
            return None
        start = ctx.source.line_starts[min([first.lineno, *(d.lineno for d in first.decorator_list)]) - 1]
        edits.append(insert(start, text.replace("\n", ctx.source.newline) + ctx.source.newline * 2))
    if len(edits) > 0:
        imports = _standard_imports(ctx)
        if imports is None:
            return None
        edits += imports
    lines = ("def __prepare_scriptable__(self):", f"    return {calls}")
    return Fix((*edits, _method(lines, unit, ctx)))


def _norms_whole(ctx: UnitContext) -> bool:
    """Whether the file has a ``weight_norm(..., dim=None)``."""
    for node in walk(ctx.module.tree):
        if isinstance(node, ast.Call) and _norm(ctx.qualified(node.func) or "") == "weight_norm":
            given = [*node.args[2:], *(keyword.value for keyword in node.keywords if keyword.arg == "dim")]
            if any(isinstance(one, ast.Constant) and one.value is None for one in given):
                return True
    return False


def _standard_imports(ctx: UnitContext) -> list[Edit] | None:
    """Return the imports of ``OrderedDict`` and ``Tuple``; ``None`` where one of the names is something else."""
    top = ctx.module.scopes.top.bindings
    missing: list[str] = []
    for name, home in (("OrderedDict", "collections"), ("Tuple", "typing")):
        if name not in top:
            missing.append(f"from {home} import {name}")
        elif not _imported(name, f"{home}.{name}", ctx):
            return None
    return [import_standard(ctx.source.newline.join(missing), ctx)] if missing else []


def _method(lines: tuple[str, ...], unit: Unit, ctx: UnitContext) -> Edit:
    """Write a method above the entry of the class."""
    assert unit.entry is not None and isinstance(unit.entry, ast.FunctionDef | ast.AsyncFunctionDef)
    entry = unit.entry if unit.cls is not None and unit.entry in unit.cls.methods.values() else unit.init
    assert isinstance(entry, ast.FunctionDef | ast.AsyncFunctionDef)
    indent = ctx.source.indent_of(entry)
    joint = ctx.source.newline + indent
    edit = insert_line_before(ctx.source, entry, joint.join(lines))
    return Edit(edit.start, edit.end, (*edit.parts, ctx.source.newline))


def _imported(name: str, qualified: str, ctx: UnitContext) -> bool:
    bound = ctx.module.scopes.top.bindings.get(name, ())
    return bool(bound) and all(one.kind == "import" and one.target == qualified for one in bound)


def _same(name: str, tree: ast.Module, ctx: UnitContext) -> bool:
    """Whether the file defines ``name`` as the rewrite does."""
    bound = ctx.module.scopes.top.bindings[name]
    mine = next(one for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef) and one.name == name)
    return len(bound) == 1 and ast.unparse(bound[0].node) == ast.unparse(mine)


_TEXTS = {
    "weight_norm": """\
def set_normed_weight(self, inputs: Tuple[torch.Tensor]) -> None:
    self.weight = torch._weight_norm(self.weight_v, self.weight_g, 0)


class WeightNormHooks(OrderedDict):
    # TorchScript compiles the `values`, which it wants to be functions; all else goes by the `items`, and those stay
    def values(self):
        return [set_normed_weight if isinstance(hook, WeightNorm) else hook for hook in super().values()]


def weight_norms_as_functions(module):
    for one in module.modules():
        hooks = one._forward_pre_hooks
        if hooks and all(isinstance(h, WeightNorm) and (h.name, h.dim) == ("weight", 0) for _, h in hooks.items()):
            one._forward_pre_hooks = WeightNormHooks(hooks)
    return module
""",
    "spectral_norm": """\
def set_weight_by_spectrum(self, inputs: Tuple[torch.Tensor]) -> None:
    u, v = self.weight_u, self.weight_v
    matrix = self.weight_orig.reshape(self.weight_orig.size(0), -1)
    if self.training:
        with torch.no_grad():
            v.copy_(torch.nn.functional.normalize(torch.mv(matrix.t(), u), dim=0, eps=1e-12))
            u.copy_(torch.nn.functional.normalize(torch.mv(matrix, v), dim=0, eps=1e-12))
            u, v = u.clone(), v.clone()
    self.weight = self.weight_orig / torch.dot(u, torch.mv(matrix, v))


class SpectralNormHooks(OrderedDict):
    # TorchScript compiles the `values`, which it wants to be functions; all else goes by the `items`, and those stay
    def values(self):
        return [set_weight_by_spectrum if isinstance(hook, SpectralNorm) else hook for hook in super().values()]


def is_usual_norm(hook):
    if not isinstance(hook, SpectralNorm):
        return False
    return (hook.name, hook.dim, hook.n_power_iterations, hook.eps) == ("weight", 0, 1, 1e-12)


def spectral_norms_as_functions(module):
    for one in module.modules():
        if one._forward_pre_hooks and all(is_usual_norm(hook) for _, hook in one._forward_pre_hooks.items()):
            one._forward_pre_hooks = SpectralNormHooks(one._forward_pre_hooks)
    return module
""",
}

# `dim=None` is kept as -1, and means the norm of the whole weight (torch/nn/utils/weight_norm.py)
_WHOLE = """\
def set_normed_weight(self, inputs: Tuple[torch.Tensor]) -> None:
    self.weight = torch._weight_norm(self.weight_v, self.weight_g, 0)


def set_wholly_normed_weight(self, inputs: Tuple[torch.Tensor]) -> None:
    self.weight = torch._weight_norm(self.weight_v, self.weight_g, -1)


def weight_norm_as_function(hook):
    if not isinstance(hook, WeightNorm):
        return hook
    return set_wholly_normed_weight if hook.dim == -1 else set_normed_weight


class WeightNormHooks(OrderedDict):
    # TorchScript compiles the `values`, which it wants to be functions; all else goes by the `items`, and those stay
    def values(self):
        return [weight_norm_as_function(hook) for hook in super().values()]


def is_usual_weight_norm(hook):
    return isinstance(hook, WeightNorm) and hook.name == "weight" and hook.dim in (0, -1)


def weight_norms_as_functions(module):
    for one in module.modules():
        if one._forward_pre_hooks and all(is_usual_weight_norm(hook) for _, hook in one._forward_pre_hooks.items()):
            one._forward_pre_hooks = WeightNormHooks(one._forward_pre_hooks)
    return module
"""
