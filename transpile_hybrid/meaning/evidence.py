"""How a function uses its parameters: what that tells about them where nothing else does."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import tables
from .names import FunctionNode, statements
from .nodes import children, walk
from .stores import first_parameter

if TYPE_CHECKING:
    from .classes import ClassInfo, Project
    from .module import Module


@dataclass(slots=True)
class Uses:
    """``kind`` is what the uses prove (empty: nothing), ``tensor`` that one only suits tensors, ``doubt`` that one
    suits lists, tuples or Python values just as well, ``none`` that it is compared with ``None``, ``tested`` that its
    class is asked for, ``truth`` that it is a condition by itself (of tensors, only those of one element can be),
    ``size`` that it is a dimension in a shape (a number, or in TensorFlow a tensor), ``keyed`` that
    it is a dict with names as its keys, ``fed`` that an attribute of ``self`` (a layer, not a method) is called with it
    first."""

    kind: str = ""
    tensor: bool = False
    doubt: bool = False
    none: bool = False
    tested: bool = False
    truth: bool = False
    size: bool = False
    keyed: bool = False
    fed: bool = False


NO_USES = Uses()


@dataclass(slots=True, eq=False)
class Told:
    """What is known of functions, by their ``id``: all that can be told (``whole``), or as much as looking on to a
    certain depth told (``cut``).  While some are looked at (``running``), ``met`` are those of them that were come upon
    again, of which nothing can be told yet, and ``shallow`` says that the depth came to its end."""

    whole: dict[int, dict[str, Uses]] = field(default_factory=dict)
    cut: dict[tuple[int, int], dict[str, Uses]] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    met: set[int] = field(default_factory=set)
    shallow: bool = False


_DOUBTFUL = frozenset(
    {"state", "states", "hidden", "hidden_state", "hidden_states", "hx", "memory", "cache", "past_key_values"}
)
"""Names of what recurrent models carry along: a tensor in one model, a list or tuple of them in the next."""
_SHAPE_METHODS = frozenset(
    {"view", "reshape", "expand", "repeat", "permute", "new_zeros", "new_ones", "tile", "unflatten"}
)
_SIZE_FUNCTIONS = frozenset(
    f"torch.{name}" for name in ("zeros", "ones", "rand", "randn", "empty", "arange", "eye", "randint")
)
_BOTH = frozenset({"shape", "dtype", "ndim", "size", "T", "data", "sum", "mean", "max", "min", "copy", "reshape",
                   "astype", "item",
                   "tolist", "index", "split", "sort", "count", "std", "numpy", "device", "to", "type", "transpose",
                   "flatten",
                   "squeeze", "repeat", "any", "all", "values", "update", "apply", "name", "names", "grad", "float",
                   "cuda", "cpu",
                   "half", "double", "requires_grad_", "clone"})  # fmt: skip


_MAX_DEPTH = 4
_TEXT_METHODS = frozenset({"lower", "upper", "startswith", "endswith", "strip", "lstrip", "rstrip", "capitalize"})
_NUMBERS = frozenset({"int", "float"})
_PLAIN = frozenset({"shape", "size", "device", "dtype", "mean", "transpose", "ndim", "reshape", "view", "squeeze"})
"""Of what arrays have too, this counts as a sign of a tensor in code that uses a framework."""


def uses(
    function: FunctionNode, module: Module, framework: str, project: Project | None = None, depth: int = 0
) -> dict[str, Uses]:
    """Return what the body says about each parameter that is never rebound before (all uses in the body count)."""
    if project is None:
        return _uses(function, module, framework, None, depth)
    told, key = project.uses, id(function)
    if key in told.whole:
        return told.whole[key]
    if key in told.running:
        told.met.add(key)
        return {}
    if (key, depth) in told.cut:
        told.shallow = True
        return told.cut[key, depth]
    met, shallow = told.met, told.shallow
    told.met, told.shallow = set(), False
    told.running.add(key)
    found = _uses(function, module, framework, project, depth)
    told.running.discard(key)
    told.met.discard(key)
    if not depth or not told.met and not told.shallow:
        told.whole[key] = found
    elif not told.met:
        told.cut[key, depth] = found
    told.met |= met
    told.shallow = told.shallow or shallow
    return found


@dataclass(eq=False)
class _Look:
    """One scan: ``found`` and ``kinds`` are keyed by a parameter's name, or ``self.name`` for an attribute."""

    module: Module
    framework: str
    project: Project | None
    depth: int
    found: dict[str, Uses]
    kinds: dict[str, set[str]]
    init: bool = False
    first: str = ""
    layers: frozenset[str] = frozenset()

    def key(self, node: ast.AST | None) -> str:
        """Return the key that ``node`` reads, or an empty text."""
        if isinstance(node, ast.Name):
            return node.id if node.id in self.found else ""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            path = f"{node.value.id}.{node.attr}"
            return path if path in self.found else ""
        return ""

    def qualified(self, node: ast.expr) -> str | None:
        """Return the qualified name of a callee, followed through the repository (Gluon's ``F`` is ``mxnet.nd``)."""
        if isinstance(node, ast.Attribute) and self.framework == "mxnet" and self.key(node.value) == "F":
            return f"mxnet.nd.{node.attr}"
        name = self.module.qualified(node)
        return name if name is None or self.project is None else self.project.resolve(name)


def _uses(
    function: FunctionNode, module: Module, framework: str, project: Project | None, depth: int
) -> dict[str, Uses]:
    spec = function.args
    names = {argument.arg for argument in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]}
    scope = module.scopes.of(function)
    rebound = {name for name in names if len(scope.bindings.get(name, ())) > 1}
    look = _Look(module, framework, project, depth, {name: Uses(doubt=name in _DOUBTFUL) for name in names},
                 {name: set() for name in names}, function.name == "__init__")  # fmt: skip
    owner = scope.outer.node if scope.outer is not None and scope.outer.is_class else None
    look.first = first_parameter(function) if owner is not None else ""
    if isinstance(owner, ast.ClassDef) and framework:
        look.layers = _made(owner)
    _scan(look, function.body)
    if function.name == "__init__" and isinstance(owner, ast.ClassDef):
        _through_attributes(look, function, owner)
    _conclude(look, rebound)
    return look.found


def _made(owner: ast.ClassDef) -> frozenset[str]:
    """Attributes to which the constructor (or ``build``) gives what a call made."""
    found: set[str] = set()
    for method in owner.body:
        if isinstance(method, ast.FunctionDef) and method.name in ("__init__", "build"):
            for node in statements(method.body):
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                    found |= {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
    return frozenset(found)


def _scan(look: _Look, body: list[ast.stmt]) -> None:
    work: list[ast.AST] = list(body)
    while work:
        node = work.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        _look(node, look)
        if look.project is not None and isinstance(node, ast.Call):
            _passed_on(node, look)
        work += children(node)


def _conclude(look: _Look, rebound: set[str]) -> None:
    for name, seen in look.kinds.items():
        if name in rebound:
            look.found[name].doubt = look.found[name].doubt or bool(seen - {"tensor"})
            continue
        if seen and seen <= _NUMBERS:
            look.found[name].kind = "int" if "int" in seen else "float"
        elif len(seen) == 1:
            look.found[name].kind = next(iter(seen))
        elif seen and "tensor" not in seen:
            look.found[name].kind = "opaque"
        elif seen:
            look.found[name].doubt = True


def _through_attributes(look: _Look, init: FunctionNode, owner: ast.ClassDef) -> None:
    """``self.heads = heads`` and nothing else sets it: what the methods do with ``self.heads`` tells of ``heads``."""
    first = first_parameter(init)
    given: dict[str, str] = {}
    sets: dict[str, int] = {}
    methods = [node for node in owner.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for method in methods:
        for node in statements(method.body):
            for target in node.targets if isinstance(node, ast.Assign) else ():
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                    sets[target.attr] = sets.get(target.attr, 0) + 1
                    if method is init and target.value.id == first and isinstance(node, ast.Assign):
                        name = look.key(node.value)
                        if name and "." not in name:
                            given[target.attr] = name
    wanted = {attr: name for attr, name in given.items() if sets[attr] == 1}
    if not wanted:
        return
    inner = _Look(look.module, look.framework, look.project, look.depth, {}, {})
    for method in methods:
        own = first_parameter(method)
        keys = {f"{own}.{attr}": attr for attr in wanted}
        inner.found = {key: Uses() for key in keys}
        inner.kinds = {key: set() for key in keys}
        _scan(inner, method.body)
        for key, attr in keys.items():
            look.kinds[wanted[attr]] |= inner.kinds[key]
            held, use = look.found[wanted[attr]], inner.found[key]
            held.tensor, held.doubt = held.tensor or use.tensor, held.doubt or use.doubt
            held.none, held.size = held.none or use.none, held.size or use.size


def no_tensors(methods: list[tuple[FunctionNode, Module]], attrs: set[str], framework: str) -> dict[str, bool]:
    """Those of ``attrs`` that methods use as no tensor can be used, and whether it is as only layers are used."""
    table = tables.table(framework)
    kinds: dict[str, set[str]] = {attr: set() for attr in attrs}
    called: set[str] = set()
    layers: set[str] = set()
    for method, module in methods:
        first = first_parameter(method)
        for node in walk(method):
            inner = node.func if isinstance(node, ast.Call) else node.value if isinstance(node, ast.Attribute) else None
            if not isinstance(inner, ast.Attribute) or inner.attr not in attrs or not _is(inner.value, first):
                continue
            if isinstance(node, ast.Call):
                called.add(inner.attr)
                continue
            assert isinstance(node, ast.Attribute)
            if node.attr in _OF_LAYERS and (node.attr in table.base_methods or node.attr in table.base_attributes):
                layers.add(inner.attr)
            look = _Look(module, framework, None, 0, {inner.attr: Uses()}, kinds)
            _member(node.attr, inner.attr, look)
    return {
        attr: attr in layers and attr in called for attr in attrs if kinds[attr] & {"opaque", "str"} or attr in called
    }


_OF_LAYERS = frozenset({"build", "built", "compute_output_shape", "trainable_weights", "count_params", "weights"})


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _look(node: ast.AST, look: _Look) -> None:
    found, kinds = look.found, look.kinds
    if isinstance(node, ast.Attribute):
        name = look.key(node.value)
        if name:
            _member(node.attr, name, look)
    elif isinstance(node, ast.Subscript):
        name = look.key(node.value)
        index = node.slice
        if not name:
            return
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            kinds[name].add("opaque")
            found[name].keyed = True
        elif isinstance(index, ast.Tuple | ast.Slice):
            found[name].doubt = found[name].doubt or isinstance(index, ast.Slice)
            found[name].tensor = found[name].tensor or isinstance(index, ast.Tuple)
        else:
            found[name].doubt = True
    elif isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper):
            if name := look.key(bound):
                kinds[name].add("int")
    elif isinstance(node, ast.For | ast.comprehension):
        _doubt(node.iter, look)
    elif isinstance(node, ast.Assign):
        if isinstance(node.targets[0], ast.Tuple | ast.List):
            _doubt(node.value, look)
    elif isinstance(node, ast.Starred):
        _doubt(node.value, look)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        _truth(node.test, look)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            _truth(part, look)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _truth(node.operand, look)
    elif isinstance(node, ast.BinOp):
        name = look.key(node.left)
        whole = isinstance(node.right, ast.Constant) or look.init and isinstance(node.right, ast.Name)
        if name and whole and isinstance(node.op, ast.FloorDiv):
            kinds[name].add("int")
    elif isinstance(node, ast.Compare):
        _compare(node, look)
    elif isinstance(node, ast.Call):
        _call(node, look)


def _member(attr: str, name: str, look: _Look) -> None:
    table = tables.table(look.framework) if look.framework else None
    if table is None or attr.startswith("__"):
        return
    if attr in _TEXT_METHODS:
        look.kinds[name].add("str")
    elif attr not in table.attributes and attr not in table.methods:
        if attr not in table.variable and f"{attr}()" not in table.variable:
            look.kinds[name].add("opaque")
    elif attr not in _BOTH or attr in _PLAIN:
        look.found[name].tensor = True


def _doubt(node: ast.expr, look: _Look) -> None:
    if name := look.key(node):
        look.found[name].doubt = True


def _truth(node: ast.expr, look: _Look) -> None:
    if name := look.key(node):
        look.found[name].doubt = look.found[name].truth = True


def _passed_on(node: ast.Call, look: _Look) -> None:
    """A parameter handed on to a function or class of the repository: what is done with it there."""
    pairs = [(index, "", name) for index, arg in enumerate(node.args) if (name := look.key(arg))]
    pairs += [(-1, k.arg, name) for k in node.keywords if k.arg and (name := look.key(k.value))]
    if not pairs or any(isinstance(arg, ast.Starred) for arg in node.args):
        return
    if look.depth == _MAX_DEPTH:
        if look.project is not None:
            look.project.uses.shallow = True
        return
    method = _callee(node.func, look)
    if method is None:
        return
    function, home, skip = method
    inner = uses(function, home, look.framework, look.project, look.depth + 1)
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]][skip:]
    for index, keyword, name in pairs:
        use = inner.get(keyword or (names[index] if index < len(names) else ""), NO_USES)
        if use.kind and use.kind not in ("tensor", "opaque"):
            look.kinds[name].add(use.kind)
        look.found[name].tensor = look.found[name].tensor or use.tensor and not use.doubt and not use.kind
        look.found[name].doubt = look.found[name].doubt or use.tested or use.truth
        look.found[name].truth = look.found[name].truth or use.truth
        look.found[name].size = look.found[name].size or use.size


def _callee(func: ast.expr, look: _Look) -> tuple[FunctionNode, Module, int] | None:
    """Return the definition that a call runs, its module, and how many parameters the call doesn't give."""
    project = look.project
    assert project is not None
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call | ast.Name):
        base = func.value
        above = isinstance(base, ast.Call) and isinstance(base.func, ast.Name) and base.func.id == "super"
        own = isinstance(base, ast.Name) and base.id == look.first
        info = _class_around(func, look, project) if above or own else None
        if info is not None:
            found = project.next_method(info, info, func.attr) if above else project.method(info, func.attr)
            plain = found is not None and (above or not found[1].decorator_list)
            return (found[1], found[0].module, 1) if found is not None and plain else None
    qualified = look.qualified(func)
    if qualified is None:
        return None
    info = project.class_named(qualified)
    if info is not None:
        method = project.method(info, "__init__")
        return None if method is None else (method[1], method[0].module, 1)
    function = project.function_named(qualified)
    return None if function is None else (function[1], function[0], 0)


def _class_around(node: ast.expr, look: _Look, project: Project) -> ClassInfo | None:
    scope = look.module.scope_at(node)
    while scope.parent is not None and not scope.is_class:
        scope = scope.parent
    prefix = f"{scope.module}." if scope.module else ""
    return project.class_named(prefix + scope.name) if isinstance(scope.node, ast.ClassDef) else None


def _compare(node: ast.Compare, look: _Look) -> None:
    sides = [node.left, *node.comparators]
    text = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides)
    none = any(isinstance(side, ast.Constant) and side.value is None for side in sides)
    for side in sides:
        name = look.key(side)
        if not name:
            continue
        if text and not isinstance(node.ops[0], ast.In | ast.NotIn):
            look.kinds[name].add("str")
        elif none and isinstance(node.ops[0], ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            look.found[name].none = True
        elif isinstance(node.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot):
            look.found[name].doubt = True


def _call(node: ast.Call, look: _Look) -> None:
    if called := look.key(node.func):
        look.kinds[called].add("opaque")
    for part in (*node.args, *(k.value for k in node.keywords)):
        if isinstance(part, ast.Tuple | ast.List):
            _shape(node, part, look)
    names = [look.key(arg) for arg in node.args]
    keywords = {k.arg: name for k in node.keywords if k.arg and (name := look.key(k.value))}
    if not any(names) and not keywords:
        return
    qualified = look.qualified(node.func)
    if names and names[0] and isinstance(node.func, ast.Attribute) and node.func.attr in look.layers:
        look.found[names[0]].fed = look.found[names[0]].fed or _is(node.func.value, "self")
    if isinstance(node.func, ast.Attribute) and node.func.attr == "register_buffer" and len(names) > 1 and names[1]:
        look.found[names[1]].tensor = True
    if isinstance(node.func, ast.Attribute) and node.func.attr in _SHAPE_METHODS and qualified is None:
        direct = len(node.args) > 1
        for name in filter(None, names):
            if direct:
                look.kinds[name].add("int")
            else:
                look.found[name].doubt = True
        return
    if qualified is None:
        return
    if qualified in ("builtins.range", "torch.randperm") or qualified in _SIZE_FUNCTIONS and len(node.args) > 1:
        for name in filter(None, names):
            look.kinds[name].add("int")
        return
    if qualified.startswith("builtins."):
        for name in filter(None, names):
            look.found[name].doubt = True
            if qualified == "builtins.isinstance":
                look.kinds[name] |= {"tensor", "opaque"}  # tells of both: no single kind
                look.found[name].tested = True
        return
    entry = tables.class_entry(qualified)
    if entry is not None:
        _constructor(entry[1].get("params"), names, keywords, look.kinds)
    elif tables.function_spec(qualified) == "T" and qualified.startswith(
        ("torch.nn.functional.", "torch.", "tensorflow.", "mxnet.")
    ):
        plain = not any(isinstance(arg, ast.Starred) for arg in node.args)
        last = qualified.rsplit(".", 1)[-1]
        if names and names[0] and plain and last not in _TAKES_MORE and ".random." not in qualified:
            look.found[names[0]].tensor = True
        if len(names) > 1 and names[1] and plain and last in _BOTH_TENSORS:
            look.found[names[1]].tensor = True


def _shape(call: ast.Call, shape: ast.Tuple | ast.List, look: _Look) -> None:
    """Names in ``reshape(x, (2, heads, -1))`` and ``zeros((rows, 3))`` are dimensions."""
    names = [name for part in shape.elts if (name := look.key(part))]
    if not names:
        return
    last = call.func.attr if isinstance(call.func, ast.Attribute) else (look.qualified(call.func) or "").split(".")[-1]
    if last in _TAKES_SHAPE:
        for name in names:
            look.found[name].size = True
            if look.framework != "tensorflow":
                look.kinds[name].add("int")


_TAKES_SHAPE = frozenset({"reshape", "zeros", "ones", "full", "empty", "broadcast_to", "normal", "uniform", "rand",
                          "randn", "view", "expand", "new_zeros", "new_ones", "tile"})  # fmt: skip
_BOTH_TENSORS = frozenset({"dot", "matmul", "batch_dot", "bmm", "mm"})
_TAKES_MORE = frozenset({"cat", "concat", "stack", "tensor", "as_tensor", "from_numpy", "zeros", "ones", "full",
                         "arange", "rand", "randn", "randint", "randperm", "tri", "logspace", "tril_indices",
                         "triu_indices", "bartlett_window", "blackman_window", "hamming_window", "hann_window",
                         "kaiser_window", "empty_strided", "sparse_coo_tensor", "block_diag", "broadcast_tensors",
                         "meshgrid", "cartesian_prod", "complex", "from_file", "truncated_normal", "set_default_dtype",
                         "empty", "linspace", "constant", "convert_to_tensor", "concatenate", "array", "range",
                         "fill", "eye", "hstack",
                         "vstack", "einsum", "Tensor", "FloatTensor", "LongTensor", "normal", "uniform", "add_n",
                         "Variable"})  # fmt: skip


def _constructor(
    parameters: list[list[object]] | None, names: list[str], keywords: dict[str, str], kinds: dict[str, set[str]]
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
