"""Where a program makes TorchScript of a module, and what it does with the result."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...meaning.classes import Project
from ...meaning.module import Module
from ...meaning.names import Scope
from ...meaning.nodes import walk
from ..rule import ModuleContext
from ._common import in_loop

SCRIPT_MODULE = "torch.jit.ScriptModule"
WRAPPERS = frozenset(("torch.jit.freeze", "torch.jit.optimize_for_inference"))
MAKERS = frozenset(("torch.jit.script", "torch.jit.trace"))
SCRIPT_MODULES = frozenset((SCRIPT_MODULE, "torch.jit.RecursiveScriptModule", "torch.jit.TracedModule"))
# what instances of ScriptModule have and other modules don't
SCRIPT_ONLY = frozenset(
    ("graph", "inlined_graph", "code", "code_with_constants", "original_name", "save", "save_to_buffer", "graph_for")
    + ("_save_for_lite_interpreter", "_save_to_buffer_for_lite_interpreter", "get_debug_state", "_c", "schema")
)
# methods of a module that give the module itself
CHAINED = frozenset(
    ("eval", "train", "to", "cuda", "cpu", "float", "double", "half", "bfloat16", "requires_grad_", "share_memory")
)
_OBJECT = ("obj", "func", "mod")


@dataclass(eq=False)
class Point:
    """A call of ``torch.jit.script`` or ``trace`` (or of both wrappers around them) that stands by itself.

    ``inner`` is what is scripted, ``makers`` the functions that it goes through from outside, ``example`` what a trace
    is made with.  ``names`` are the names (or the attribute) that hold the result, in the scope ``scope``; ``later``
    are the calls that freeze what a name holds, and ``uses`` all other places where one of the names is read.
    """

    call: ast.Call
    inner: ast.expr
    makers: tuple[str, ...]
    example: ast.expr | None
    plain: bool  # whether nothing else is passed that would be lost
    chain: list[str] = field(default_factory=list)  # methods called on the result before it is kept
    names: list[str] = field(default_factory=list)
    attribute: str = ""
    scope: Scope | None = None
    later: list[ast.Call] = field(default_factory=list)
    uses: list[ast.expr] = field(default_factory=list)

    @property
    def only_scripts(self) -> bool:
        """Whether nothing but ``torch.jit.script`` made it: a trace keeps one branch, freezing lets go of gradients."""
        return set(self.makers) == {"torch.jit.script"} and not self.later and self.plain


def migrates(ctx: ModuleContext) -> bool:
    """Whether the code is to leave TorchScript: no target of the run is TorchScript."""
    return "torch.script" not in ctx.targets


def points(module: Module, project: Project) -> list[Point]:
    """Return the places where ``module`` makes TorchScript of what is not known to be a plain function."""
    kept = module.notes.get("torch-scripted")
    if not isinstance(kept, list):
        kept = module.notes["torch-scripted"] = _points(module) if "jit" in module.source.text else []
    return [point for point in kept if not is_function(point.inner, module, project)]


def _points(module: Module) -> list[Point]:
    calls = [node for node in walk(module.tree) if isinstance(node, ast.Call) and _maker(node, module)]
    inside = {id(below) for call in calls for below in walk(call) if below is not call}
    found: list[Point] = []
    for call in calls:
        if id(call) not in inside and not _is_decorator(call, module):
            point = _point(call, module)
            found += [point] if point is not None else []
    for point in found:
        _follow(point, module)
    held = {id(call) for point in found for call in point.later}
    return [point for point in found if id(point.call) not in held and point.makers[-1] in MAKERS]


def _maker(call: ast.Call, module: Module) -> str:
    name = (module.qualified(call.func) or "") if isinstance(call.func, ast.Name | ast.Attribute) else ""
    return name if name in MAKERS or name in WRAPPERS else ""


def _is_decorator(call: ast.Call, module: Module) -> bool:
    parent = module.parent(call)
    return call in getattr(parent, "decorator_list", [])


def _point(call: ast.Call, module: Module) -> Point | None:
    makers: list[str] = []
    example: ast.expr | None = None
    plain = True
    node: ast.expr = call
    while isinstance(node, ast.Call) and (name := _maker(node, module)):
        makers.append(name)
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        first = node.args[0] if node.args else next((keywords[k] for k in _OBJECT if k in keywords), None)
        if first is None or isinstance(first, ast.Starred) or None in keywords:
            return None
        plain = plain and len(node.args) == 1 and not node.keywords
        if name == "torch.jit.trace":
            example = node.args[1] if len(node.args) > 1 else keywords.get("example_inputs")
        node = first
    if any(isinstance(one, ast.Call) and _maker(one, module) for one in walk(node)):
        return None  # something stands between two of them
    return Point(call, node, tuple(makers), example, plain)


def is_function(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether ``node`` is a function: compilers follow scripted functions as they are."""
    if isinstance(node, ast.Lambda):
        return True
    name = module.qualified(node) if isinstance(node, ast.Name | ast.Attribute) else None
    if name is not None and (
        project.kind_named(project.resolve(name)) == "function"
        or name.startswith(("torch.nn.functional.", "builtins.", "math."))
    ):
        return True
    if isinstance(node, ast.Attribute):
        return node.attr == "forward"
    found = module.scope_at(node).lookup(node.id) if isinstance(node, ast.Name) else None
    return found is not None and {one.kind for one in found[1]} == {"def"}


def outermost(call: ast.Call, module: Module) -> tuple[ast.expr, list[str]]:
    """Return the chain ``call.eval().to(...)`` that begins with ``call``, and its methods."""
    node: ast.expr = call
    methods: list[str] = []
    while True:
        above = module.parent(node)
        if not (isinstance(above, ast.Attribute) and above.attr in CHAINED):
            return node, methods
        around = module.parent(above)
        if not (isinstance(around, ast.Call) and around.func is above):
            return node, methods
        methods.append(above.attr)
        node = around


def target_of(node: ast.expr, module: Module) -> ast.expr | None:
    """Return the only name or attribute that a statement gives the value ``node``."""
    parent = module.parent(node)
    if isinstance(parent, ast.Assign) and parent.value is node and len(parent.targets) == 1:
        return parent.targets[0]
    if isinstance(parent, ast.AnnAssign) and parent.value is node:
        return parent.target
    return None


def _follow(point: Point, module: Module) -> None:
    """Fill in what holds the result of ``point``, and where that is read."""
    whole, point.chain = outermost(point.call, module)
    target = target_of(whole, module)
    if isinstance(target, ast.Name):
        point.scope = module.scope_at(point.call)
        point.names = [target.id]
        for name in point.names:
            for use in reads(name, point.call, module):
                holder = module.parent(use)
                if isinstance(holder, ast.Call) and use in holder.args[:1] and _maker(holder, module) in WRAPPERS:
                    point.later.append(holder)
                    again = target_of(outermost(holder, module)[0], module)
                    if not isinstance(again, ast.Name):
                        point.uses.append(holder)
                    elif again.id not in point.names:
                        point.names.append(again.id)
                elif not any(below is use for below in walk(point.call)):
                    point.uses.append(use)
    elif isinstance(target, ast.Attribute):
        point.attribute = target.attr
        point.uses = list(attribute_reads(target, point.call, module))
    else:
        point.uses = [whole]


def reads(name: str, at: ast.AST, module: Module) -> Iterator[ast.Name]:
    """Yield where the variable ``name`` of the scope of ``at`` is read behind ``at`` (anywhere, in other scopes)."""
    scope = module.scope_at(at)
    for node in walk(scope.node if not scope.is_module else module.tree):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            here = module.scope_at(node)
            found = here.lookup(name)
            if found is None or found[0] is not scope:
                continue
            if here is not scope or node.lineno >= getattr(at, "lineno", 0) or in_loop(at, module):
                yield node


def attribute_reads(target: ast.Attribute, at: ast.AST, module: Module) -> Iterator[ast.Attribute]:
    """Yield where an attribute of that name is read in the class that ``at`` stands in (else in the file)."""
    around = next((one for one in module.ancestors(at) if isinstance(one, ast.ClassDef)), None)
    inside = {id(below) for below in walk(at)}
    for node in walk(around or module.tree):
        if not isinstance(node, ast.Attribute) or node.attr != target.attr:
            continue
        if isinstance(node.ctx, ast.Load) and id(node) not in inside:
            yield node


def is_read_as_script(use: ast.expr, module: Module) -> bool:
    """Whether what is done with ``use`` needs TorchScript: its graph, its code, its file, its type."""
    whole, _ = outermost(use, module) if isinstance(use, ast.Call) else (use, [])
    parent = module.parent(whole)
    if isinstance(parent, ast.Attribute):
        return parent.attr in SCRIPT_ONLY
    if isinstance(parent, ast.Call) and parent.func is not whole:
        name = module.qualified(parent.func) or ""
        return name.startswith(("torch.jit.", "torch.utils.mobile")) or name == "builtins.isinstance"
    return False


def in_module_class(node: ast.AST, ctx: ModuleContext) -> bool:
    """Whether ``node`` stands in a method of an ``nn.Module``."""
    around = next((one for one in ctx.module.ancestors(node) if isinstance(one, ast.ClassDef)), None)
    if around is None:
        return False
    info = next((one for one in ctx.project.classes_of(ctx.module) if one.node is around), None)
    base = ctx.project.framework_base(info) if info is not None else None
    return base is not None and base.role == "module"


def is_part(point: Point, ctx: ModuleContext) -> bool:
    """Whether what ``point`` makes becomes a part of a module (and isn't the module itself that is saved)."""
    saved = not point.attribute and any(is_read_as_script(use, ctx.module) for use in point.uses)
    return in_module_class(point.call, ctx) and not saved
