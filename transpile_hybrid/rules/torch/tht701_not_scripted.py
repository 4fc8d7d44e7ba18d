"""A network that is built and run, and never compiled.

What it does
    Finds ``net = Net()`` in a program (module level, or under ``if __name__ == "__main__"``) where the target
    compiles the network as it is, and nothing in the program needs the Python object.

Why is this bad
    Nothing gets faster, and nothing is ready to be saved for C++, before somebody calls the compiler.

Fix safety
    Safe: ``net = torch.jit.script(net)`` (or ``torch.compile``) is put below the assignment.  It is made only where
    every function and submodule that the network reaches is known to compile, where the program does nothing with
    ``net`` but call it and use methods that a compiled module has too, and where the calls pass tensors.

References
    https://docs.pytorch.org/docs/stable/generated/torch.jit.script.html
    https://docs.pytorch.org/docs/stable/generated/torch.compile.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...rewrite.edit import Fix, insert_line_after
from ..rule import Example, Finding, ModuleContext, rule
from ._common import name_for
from ._proof import classes_in, proven_module, refused_classes
from ._reports import module_types
from ._types import TENSOR, UNKNOWN, T

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


def get_net():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU())


if __name__ == "__main__":
    net = get_net()
    print(net(torch.rand(2, 4)).shape)
""",
        after="""
import torch
from torch import nn


def get_net():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU())


if __name__ == "__main__":
    net = get_net()
    net = torch.jit.script(net)
    print(net(torch.rand(2, 4)).shape)
""",
    ),
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return torch.relu(self.fc(x))


net = Net()
net.eval()
y = net(torch.rand(2, 4))
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return torch.relu(self.fc(x))


net = Net()
net = torch.compile(net, fullgraph=True)
net.eval()
y = net(torch.rand(2, 4))
""",
        targets=("torch.compile",),
    ),
]

VALID = [
    """
import torch
from torch import nn

net = nn.Linear(4, 2)
print(net.in_features)
print(net(torch.rand(2, 4)))
""",
    """
import torch
from torch import nn

net = torch.jit.script(nn.Linear(4, 2))
print(net(torch.rand(2, 4)))
""",
]

_METHODS = frozenset(
    ("eval", "train", "parameters", "zero_grad", "requires_grad_", "to", "cuda", "cpu", "float", "double", "half")
)
_SCRIPTED = _METHODS | {"state_dict", "load_state_dict", "named_parameters", "buffers", "named_buffers"}
_CALLS = {"torch.script": ("torch.jit.script", "({})"), "torch.compile": ("torch.compile", "({}, fullgraph=True)")}


@rule(
    "THT701",
    "not-scripted",
    targets=("torch.script", "torch.compile"),
    consequence=Consequence.SPEED,
    fix="sometimes",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    wanted = [target for target in _CALLS if target in ctx.targets]
    if not wanted:
        return
    target = wanted[0]
    assigned = [
        (statement, statement.targets[0])
        for statement in _program(tree)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1
    ]
    if not assigned:
        return
    called = {node.func.id for node in walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    for statement, name in assigned:
        if not isinstance(name, ast.Name) or name.id not in called:
            continue
        types = module_types(ctx.module, ctx.project)
        kind = types.get(id(statement.value), UNKNOWN)
        if kind.kind != "module" or not proven_module(kind, ctx.project):
            continue
        if refused_classes(classes_in(kind, ctx.project, set()), ctx, target):
            continue
        if not _only_compiled_uses(name.id, kind, target, ctx, types):
            continue
        call, arguments = _CALLS[target]
        text = name_for(call, ctx, statement)
        if text is None or text[1]:
            continue
        line = f"{name.id} = {text[0]}{arguments.format(name.id)}"
        yield Finding(
            name,
            f"`{name.id}` is run as Python: nothing compiles it",
            help=f"add `{line}`",
            targets=(target,),
            fix=Fix((insert_line_after(ctx.source, statement, line),)),
        )


def _program(tree: ast.Module) -> Iterator[ast.stmt]:
    for statement in tree.body:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            yield from statement.body
        else:
            yield statement


def _only_compiled_uses(name: str, kind: T, target: str, ctx: ModuleContext, types: dict[int, T]) -> bool:
    """Whether ``name`` is bound once, called with tensors at least once, and used for nothing that needs Python."""
    bindings = ctx.module.scopes.top.bindings.get(name, [])
    if len(bindings) != 1:
        return False
    allowed = _SCRIPTED if target == "torch.script" else _METHODS
    called = False
    for node in walk(ctx.module.tree):
        if not (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)):
            continue
        if ctx.module.scope_at(node) is not ctx.module.scopes.top:
            found = ctx.module.scope_at(node).lookup(name)
            if found is None or found[0] is ctx.module.scopes.top:
                return False
            continue
        parent = ctx.module.parent(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            if not tensors_only(parent, types):
                return False
            called = True
        elif isinstance(parent, ast.Attribute) and parent.attr in allowed:
            if not isinstance(ctx.module.parent(parent), ast.Call):
                return False
        else:
            return False
    return called


def tensors_only(call: ast.Call, types: dict[int, T]) -> bool:
    """Whether a call passes nothing but tensors."""
    for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
        if isinstance(argument, ast.Starred):
            held = types.get(id(argument.value), UNKNOWN)
            if held.kind not in ("list", "tuple") or not held.args or any(one.bare != TENSOR for one in held.args):
                return False
        elif types.get(id(argument), UNKNOWN).bare != TENSOR:
            return False
    return all(keyword.arg is not None for keyword in call.keywords)
