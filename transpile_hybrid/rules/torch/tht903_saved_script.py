"""TorchScript that is saved to a file or loaded from one, in code on its way to ``torch.export``.

What it does
    Finds ``torch.jit.save(torch.jit.script(net), file)``, ``traced.save(file)`` and ``torch.jit.load(file)``.  It is
    told where TorchScript is no target of the run.

Why is this bad
    TorchScript is deprecated since PyTorch 2.11.  ``torch.export.save`` writes a graph that is loaded without the
    classes it came from, too.

Fix safety
    Unsafe: the file is another one, which only ``torch.export.load`` and AOTInductor read (it keeps its name; PyTorch
    asks in its log for ``.pt2``), and the exported graph takes inputs of the example's shapes only, unless
    ``dynamic_shapes`` says what may vary, in the mode (``eval``) that the network was exported in.  The example is the
    one of the trace, or that of a call that stands above.  Loading is rewritten where saving under the same name is.
    Not rewritten: where no example is known, or the result is used for more than saving and calls.

References
    https://docs.pytorch.org/docs/stable/export.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Fix, delete_statement, operand, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._common import block_of, name_for
from ._exported import Saving, example_text, savings
from ._scripted import SCRIPT_ONLY, attribute_reads, migrates, outermost, reads, target_of

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn

net = nn.Linear(4, 2).eval()
x = torch.rand(1, 4)
traced = torch.jit.trace(net, x)
traced.save("net.pt")

loaded = torch.jit.load("net.pt")
loaded.eval()
print(loaded(x).shape)
""",
        after="""
import torch
from torch import nn

net = nn.Linear(4, 2).eval()
x = torch.rand(1, 4)
traced = torch.export.export(net, (x,))
torch.export.save(traced, "net.pt")

loaded = torch.export.load("net.pt").module()
print(loaded(x).shape)
""",
        unsafe=True,
    ),
    Example(
        title="no example is known",
        before="""
import torch


def deploy(net, file):
    torch.jit.save(torch.jit.script(net), file)
""",
    ),
]

VALID = [
    """
import torch
from torch import nn

net = nn.Linear(4, 2)
torch.save(net.state_dict(), "net.pt")
net.load_state_dict(torch.load("net.pt"))
""",
]

_HELP = "export with example inputs: `torch.export.save(torch.export.export(net, (x,)), file)`"
_LOAD_HELP = "`torch.export.load(file).module()` loads what `torch.export.save` has written"


@rule(
    "THT903",
    "saved-script",
    targets=("torch.export",),
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    if not migrates(ctx):
        return
    for saving in savings(ctx.module, ctx.project):
        edits = _saved(saving, ctx)
        yield Finding(
            saving.saves[0],
            "this file holds TorchScript, which is deprecated",
            help=_HELP,
            fix=Fix(edits, "unsafe") if edits else None,
        )
    for node in walk(tree):
        if isinstance(node, ast.Call) and ctx.qualified(node.func) == "torch.jit.load":
            edits = _loaded(node, ctx)
            yield Finding(
                node,
                "this file holds TorchScript, which is deprecated",
                help=_LOAD_HELP,
                fix=Fix(edits, "unsafe") if edits else None,
            )


def _saved(saving: Saving, ctx: ModuleContext) -> tuple[Edit, ...]:
    point = saving.point
    export, save = (name_for(f"torch.export.{word}", ctx, point.call) for word in ("export", "save"))
    loads = [call for file in saving.files for call in _loads(file, ctx)]
    if (
        not saving.fits
        or not all(_loaded(call, ctx) for call in loads)
        or export is None
        or save is None
        or export[1]
        or save[1]
    ):
        return ()
    source = ctx.source
    before, after = example_text(saving)
    assert saving.example is not None
    parts = (f"{export[0]}(", point.inner, ", ", before, saving.example, after, ")")
    edits = [replace(source, point.call, *parts)]
    for call, what, file in zip(saving.saves, saving.saved, saving.files, strict=True):
        edits.append(replace(source, call, f"{save[0]}(", what, ", ", file, ")"))
    edits += [replace(source, use, use, ".module()") for use in saving.called]
    for call in point.later:
        target, kept = target_of(call, ctx.module), call.args[0]
        if isinstance(target, ast.Name) and isinstance(kept, ast.Name) and target.id == kept.id:
            statement = ctx.module.statement_of(call)
            edits.append(delete_statement(source, statement, block_of(statement, ctx.module) or [statement]))
        elif call not in saving.saved:
            edits.append(replace(source, call, operand(kept)))
        else:
            return ()
    return tuple(edits)


def _loaded(call: ast.Call, ctx: ModuleContext) -> tuple[Edit, ...]:
    load = name_for("torch.export.load", ctx, call)
    if load is None or load[1] or len(call.args) != 1 or isinstance(call.args[0], ast.Starred):
        return ()
    savers = _savers(call.args[0], ctx)
    on_cpu = not any("cuda" in module.source.text for module in (ctx.module, *savers))
    if not savers or any(one.arg != "map_location" or not _is_cpu(one.value) or not on_cpu for one in call.keywords):
        return ()
    whole, methods = outermost(call, ctx.module)
    if any(method != "eval" for method in methods):
        return ()
    target = target_of(whole, ctx.module)
    if isinstance(target, ast.Name):
        uses: list[ast.expr] = list(reads(target.id, call, ctx.module))
    elif isinstance(target, ast.Attribute):
        uses = list(attribute_reads(target, call, ctx.module))
    else:
        uses = []
    edits = [replace(ctx.source, whole, f"{load[0]}(", call.args[0], ").module()")]
    for use in uses:
        parent = ctx.module.parent(use)
        if not isinstance(parent, ast.Attribute):
            continue
        around = ctx.module.parent(parent)
        statement = ctx.module.parent(around) if isinstance(around, ast.Call) else around
        if parent.attr == "eval" and isinstance(statement, ast.Expr):
            edits.append(delete_statement(ctx.source, statement, block_of(statement, ctx.module) or [statement]))
        elif parent.attr in ("eval", "train") or parent.attr in SCRIPT_ONLY:
            return ()
    return tuple(edits)


def _is_cpu(node: ast.expr) -> bool:
    return ast.unparse(node) in ("'cpu'", "torch.device('cpu')")


def _loads(file: ast.expr, ctx: ModuleContext) -> list[ast.Call]:
    """Return the calls of this module that load ``file`` as TorchScript: both are rewritten or none."""
    return [
        node
        for node in walk(ctx.module.tree)
        if isinstance(node, ast.Call)
        and node.args
        and ctx.qualified(node.func) == "torch.jit.load"
        and _is_same_file(node.args[0], ctx.module, file, ctx.module)
    ]


def _is_same_file(one: ast.expr, here: Module, other: ast.expr, there: Module) -> bool:
    """Whether two expressions give the same file: the same text, or a variable of the same scope."""
    if isinstance(one, ast.Name) and isinstance(other, ast.Name) and one.id == other.id and here is there:
        found, again = (here.scope_at(name).lookup(one.id) for name in (one, other))
        return found is not None and again is not None and found[0] is again[0] and len(found[1]) == 1
    return isinstance(one, ast.Constant) and isinstance(other, ast.Constant) and one.value == other.value


def _savers(file: ast.expr, ctx: ModuleContext) -> list[Module]:
    """Return the modules that save by ``torch.export`` what is loaded from ``file``, or will when rewritten."""
    found = []
    for module in dict.fromkeys((ctx.module, *ctx.project.using("save"))):
        files = [name for one in savings(module, ctx.project) if one.fits for name in one.files]
        if any(_is_same_file(file, ctx.module, name, module) for name in [*files, *_exported(module)]):
            found.append(module)
    return found


def _exported(module: Module) -> list[ast.expr]:
    """Return the files that a module saves by ``torch.export`` already."""
    return [
        node.args[1]
        for node in walk(module.tree)
        if isinstance(node, ast.Call) and len(node.args) > 1 and module.qualified(node.func) == "torch.export.save"
    ]
