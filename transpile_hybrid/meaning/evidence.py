"""How a function uses its parameters: what that tells about them where nothing else does."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import tables

if TYPE_CHECKING:
    from .classes import Project
    from .module import Module
    from .names import FunctionNode


@dataclass(slots=True)
class Uses:
    """``kind`` is what the uses prove (empty: nothing), ``tensor`` that one only suits tensors, ``doubt`` that one
    suits lists, tuples or Python values just as well, ``none`` that it is compared with ``None``."""

    kind: str = ""
    tensor: bool = False
    doubt: bool = False
    none: bool = False


NO_USES = Uses()
_DOUBTFUL = frozenset(
    {"state", "states", "hidden", "hidden_state", "hidden_states", "hx", "memory", "cache", "past_key_values"}
)
"""Names of what recurrent models carry along: a tensor in one model, a list or tuple of them in the next."""
_SHAPE_METHODS = frozenset(
    {"view", "reshape", "expand", "repeat", "permute", "new_zeros", "new_ones", "tile", "unflatten"}
)
_SIZE_FUNCTIONS = frozenset(
    f"torch.{name}" for name in ("zeros", "ones", "rand", "randn", "empty", "arange", "eye", "randperm")
)
_BOTH = frozenset({"shape", "dtype", "ndim", "size", "T", "data", "sum", "mean", "max", "min", "copy", "reshape",
                   "astype", "item",
                   "tolist", "index", "split", "sort", "count", "std", "numpy", "device", "to", "type", "transpose",
                   "flatten",
                   "squeeze", "repeat", "any", "all", "values", "update", "apply", "name", "names", "grad", "float",
                   "cuda", "cpu",
                   "half", "double", "requires_grad_", "clone"})  # fmt: skip


_MAX_DEPTH = 4


def uses(
    function: FunctionNode, module: Module, framework: str, project: Project | None = None, depth: int = 0
) -> dict[str, Uses]:
    """Return what the body says about each parameter that is never rebound before (all uses in the body count)."""
    if project is None:
        return _uses(function, module, framework, None, depth)
    held = project.uses.get(id(function))
    if held is None:
        project.uses[id(function)] = {}
        held = project.uses[id(function)] = _uses(function, module, framework, project, depth)
        if depth:
            del project.uses[id(function)]  # cut short below: not the last word
    return held  # type: ignore[return-value]


def _uses(
    function: FunctionNode, module: Module, framework: str, project: Project | None, depth: int
) -> dict[str, Uses]:
    spec = function.args
    names = {argument.arg for argument in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]}
    scope = module.scopes.of(function)
    rebound = {name for name in names if len(scope.bindings.get(name, ())) > 1}
    found = {name: Uses(doubt=name in _DOUBTFUL) for name in names}
    kinds: dict[str, set[str]] = {name: set() for name in names}
    work: list[ast.AST] = list(function.body)
    while work:
        node = work.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        _look(node, found, kinds, module, framework)
        if project is not None and depth < _MAX_DEPTH and isinstance(node, ast.Call):
            _passed_on(node, found, kinds, module, framework, project, depth)
        work.extend(ast.iter_child_nodes(node))
    for name, seen in kinds.items():
        if name in rebound:
            found[name].doubt = found[name].doubt or bool(seen - {"tensor"})
            continue
        if len(seen) == 1:
            found[name].kind = seen.pop()
        elif seen and "tensor" not in seen:
            found[name].kind = "opaque"
        elif seen:
            found[name].doubt = True
    return found


def _look(node: ast.AST, found: dict[str, Uses], kinds: dict[str, set[str]], module: Module, framework: str) -> None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in found:
        table = tables.table(framework) if framework else None
        if table is None or node.attr.startswith("__"):
            return
        known = node.attr in table.attributes or node.attr in table.methods
        if not known:
            kinds[node.value.id].add("opaque")
        elif node.attr not in _BOTH or node.attr in ("shape", "size", "device", "dtype", "mean", "transpose", "ndim"):
            found[node.value.id].tensor = True
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in found:
        index = node.slice
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            kinds[node.value.id].add("opaque")
        elif isinstance(index, ast.Tuple | ast.Slice):
            found[node.value.id].doubt = found[node.value.id].doubt or isinstance(index, ast.Slice)
            found[node.value.id].tensor = found[node.value.id].tensor or isinstance(index, ast.Tuple)
        else:
            found[node.value.id].doubt = True
    elif isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper):
            if isinstance(bound, ast.Name) and bound.id in found:
                kinds[bound.id].add("int")
    elif isinstance(node, ast.For | ast.comprehension):
        if isinstance(node.iter, ast.Name) and node.iter.id in found:
            found[node.iter.id].doubt = True
    elif isinstance(node, ast.Assign):
        if (
            isinstance(node.value, ast.Name)
            and node.value.id in found
            and isinstance(node.targets[0], ast.Tuple | ast.List)
        ):
            found[node.value.id].doubt = True
    elif isinstance(node, ast.Starred):
        if isinstance(node.value, ast.Name) and node.value.id in found:
            found[node.value.id].doubt = True
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        _test(node.test, found)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            _test(part, found)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _test(node.operand, found)
    elif isinstance(node, ast.BinOp):
        simple = isinstance(node.op, ast.FloorDiv) and isinstance(node.right, ast.Constant | ast.Name)
        if simple and isinstance(node.left, ast.Name) and node.left.id in found:
            kinds[node.left.id].add("int")
    elif isinstance(node, ast.Compare):
        _compare(node, found, kinds)
    elif isinstance(node, ast.Call):
        _call(node, found, kinds, module)


def _passed_on(
    node: ast.Call,
    found: dict[str, Uses],
    kinds: dict[str, set[str]],
    module: Module,
    framework: str,
    project: Project,
    depth: int,
) -> None:
    """A parameter handed on to a class of the repository: what that class's constructor does with it."""
    pairs = [
        (index, "", arg.id) for index, arg in enumerate(node.args) if isinstance(arg, ast.Name) and arg.id in found
    ]
    pairs += [
        (-1, k.arg, k.value.id)
        for k in node.keywords
        if k.arg and isinstance(k.value, ast.Name) and k.value.id in found
    ]
    if not pairs or any(isinstance(arg, ast.Starred) for arg in node.args):
        return
    info = project.class_named(module.qualified(node.func))
    method = project.method(info, "__init__") if info is not None else None
    if method is None:
        return
    inner = uses(method[1], method[0].module, framework, project, depth + 1)
    names = [argument.arg for argument in [*method[1].args.posonlyargs, *method[1].args.args]][1:]
    for index, keyword, name in pairs:
        target = keyword or (names[index] if index < len(names) else "")
        use = inner.get(target, NO_USES)
        if use.kind and use.kind not in ("tensor", "opaque"):
            kinds[name].add(use.kind)


def _test(node: ast.expr, found: dict[str, Uses]) -> None:
    if isinstance(node, ast.Name) and node.id in found:
        found[node.id].doubt = True


def _compare(node: ast.Compare, found: dict[str, Uses], kinds: dict[str, set[str]]) -> None:
    sides = [node.left, *node.comparators]
    text = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides)
    for side in sides:
        if isinstance(side, ast.Name) and side.id in found:
            if text and not isinstance(node.ops[0], ast.In | ast.NotIn):
                kinds[side.id].add("str")
            elif isinstance(node.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot):
                found[side.id].doubt = True
                if any(isinstance(other, ast.Constant) and other.value is None for other in sides):
                    found[side.id].none = True


def _call(node: ast.Call, found: dict[str, Uses], kinds: dict[str, set[str]], module: Module) -> None:
    names = [arg.id if isinstance(arg, ast.Name) and arg.id in found else None for arg in node.args]
    if isinstance(node.func, ast.Name) and node.func.id in found:
        kinds[node.func.id].add("opaque")
    if not any(names) and not node.keywords:
        return
    keywords = {
        k.arg: k.value.id for k in node.keywords if k.arg and isinstance(k.value, ast.Name) and k.value.id in found
    }
    if not any(names) and not keywords:
        return
    qualified = module.qualified(node.func)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _SHAPE_METHODS and qualified is None:
        direct = len(node.args) > 1
        for name in names:
            if name and direct:
                kinds[name].add("int")
            elif name:
                found[name].doubt = True
        return
    if qualified is None:
        return
    if qualified == "builtins.range" or qualified in _SIZE_FUNCTIONS and len(node.args) > 1:
        for name in filter(None, names):
            kinds[name].add("int")
        return
    if qualified.startswith("builtins."):
        for name in filter(None, names):
            found[name].doubt = True
            if qualified == "builtins.isinstance":
                kinds[name] |= {"tensor", "opaque"}  # tells of both: no single kind
        return
    entry = tables.class_entry(qualified)
    if entry is not None:
        _constructor(entry[1].get("params"), names, keywords, kinds)
    elif tables.function_spec(qualified) == "T" and qualified.startswith(
        ("torch.nn.functional.", "torch.", "tensorflow.", "mxnet.")
    ):
        plain = not any(isinstance(arg, ast.Starred) for arg in node.args)
        if names and names[0] and plain and qualified.rsplit(".", 1)[-1] not in _TAKES_MORE:
            found[names[0]].tensor = True


_TAKES_MORE = frozenset({"cat", "concat", "stack", "tensor", "as_tensor", "from_numpy", "zeros", "ones", "full",
                         "arange", "rand", "randn",
                         "empty", "linspace", "constant", "convert_to_tensor", "concatenate", "array", "range",
                         "fill", "eye", "hstack",
                         "vstack", "einsum", "Tensor", "FloatTensor", "LongTensor", "normal", "uniform", "add_n",
                         "Variable"})  # fmt: skip


def _constructor(
    parameters: list[list[object]] | None, names: list[str | None], keywords: dict[str, str], kinds: dict[str, set[str]]
) -> None:
    by_name = {str(row[0]): str(row[1]) for row in parameters or ()}
    pairs = [(name, str(row[1])) for name, row in zip(names, parameters or (), strict=False) if name]
    pairs += [(name, by_name.get(key, "?")) for key, name in keywords.items()]
    for name, spec in pairs:
        if spec == "i":
            kinds[name].add("int")
        elif spec == "f":
            kinds[name].add("float")
        elif spec == "b":
            kinds[name].add("bool")
        elif spec == "s":
            kinds[name].add("str")
