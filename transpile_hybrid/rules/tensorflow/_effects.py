"""What a function does beyond its result: the things that a trace does once and a graph never."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...meaning.names import Binding, Scope
from ._flow import first_call_only, on_tensor
from ._kinds import Kinds
from ._program import FUNCTIONS, AnyFunction, Program, walk

MUTATORS = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "update", "add", "discard", "setdefault", "popitem",
     "sort",
     "reverse", "appendleft", "popleft", "write", "writelines", "put", "write_text", "write_bytes"}
)  # fmt: skip
_GIVE_NONE = frozenset({"append", "extend", "insert", "remove", "clear", "update", "add", "discard", "sort", "reverse"})
"""Of these, the ones that give ``None`` whatever container has them."""
_KERAS_STATE = frozenset({"add_loss", "add_metric", "add_update"})
_LOG_ROOTS = ("logging.", "absl.logging.", "tensorflow.logging.", "tensorflow.compat.v1.logging.",
              "loguru.",
              "tqdm.", "wandb.")  # fmt: skip
_IO = frozenset({"builtins.open", "builtins.input", "os.remove", "os.makedirs", "os.mkdir", "os.system", "pickle.dump",
                 "json.dump", "numpy.save", "numpy.savez", "shutil.copy", "numpy.savetxt"})  # fmt: skip
_OUTSIDE = frozenset(
    {"os.environ", "os.getenv", "os.environb", "os.getcwd", "os.listdir", "os.scandir", "os.walk", "os.path.exists",
     "os.path.isfile", "os.path.isdir", "os.path.getmtime", "os.path.getsize", "os.getpid", "os.stat", "glob.glob",
     "glob.iglob", "numpy.load", "numpy.loadtxt", "numpy.genfromtxt", "numpy.fromfile", "pickle.load", "json.load",
     "sys.stdin", "socket.gethostname", "subprocess.run", "subprocess.check_output", "urllib.request.urlopen",
     "requests.get", "requests.post", "joblib.load", "psutil.cpu_percent", "psutil.virtual_memory"}
)  # fmt: skip
"""What the world outside of the program answers: its environment, files, other processes."""
_CLOCK = frozenset({"time.time", "time.perf_counter", "time.monotonic", "time.process_time", "time.time_ns",
                    "time.sleep",
                    "time.perf_counter_ns", "timeit.default_timer", "datetime.datetime.now", "datetime.datetime.utcnow",
                    "datetime.date.today", "time.strftime", "time.localtime", "uuid.uuid4", "os.urandom"})  # fmt: skip
_ITERATORS = frozenset(
    {"builtins.iter", "builtins.zip", "builtins.map", "builtins.filter", "builtins.enumerate", "builtins.open",
     "itertools.count", "itertools.cycle", "itertools.chain", "csv.reader"}
)  # fmt: skip
"""Calls whose result is used up by iterating over it."""
_FRESH = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call, ast.BinOp, ast.Tuple)


@dataclass(frozen=True)
class Effect:
    """One effect: its kind, where it stands, and the name of what is written or read."""

    kind: str
    node: ast.AST
    name: str
    detail: str = ""


def effects_in(program: Program, function: AnyFunction) -> Iterator[Effect]:
    """Yield the effects in the text of ``function`` (not those of functions that it calls)."""
    module = program.module
    for node in walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete | ast.For | ast.AsyncFor):
            for target in _targets(node):
                yield from _store(program, function, node, target)
            if isinstance(node, ast.For) and _spent(program, function, node.iter):
                yield Effect("iterator-next", node.iter, ast.unparse(node.iter), "loop")
        elif isinstance(node, ast.Call):
            yield from _call(program, function, node)
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            name = module.qualified(node) or ""
            if name in _OUTSIDE:
                yield Effect("outside-read", node, name)


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    work: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        work = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For | ast.AsyncFor):
        work = [node.target]
    elif isinstance(node, ast.Delete):
        work = list(node.targets)
    while work:
        target = work.pop(0)
        if isinstance(target, ast.Tuple | ast.List):
            work[:0] = target.elts
        elif isinstance(target, ast.Starred):
            work.insert(0, target.value)
        else:
            yield target


def _store(program: Program, function: AnyFunction, node: ast.AST, target: ast.expr) -> Iterator[Effect]:
    scope = program.module.scope_at(target)
    if isinstance(target, ast.Name):
        found = scope.lookup(target.id)
        if found is not None and _outside(program, found[0], function):
            kind = "global-write" if found[0].is_module else "nonlocal-write"
            yield Effect(kind, node, target.id)
        return
    root = root_name(target)
    if root is None:
        return
    if isinstance(target, ast.Attribute):
        if _own_attribute(program, function, target):
            return
        owner = program.kinds.value(target.value)
        if owner.is_("object") and owner.cls and owner.cls.startswith("tensorflow."):
            return
        if owner.cls == "keras.optimizer" and target.attr in ("learning_rate", "lr"):
            return  # it assigns to the optimizer's variable, which the graph does as well
        if is_local_object(program, function, root, scope, root_of(target)):
            return
        if _lasting(program, node) and first_call_only(program.module, node):
            return
        yield Effect("attribute-write", node, ast.unparse(target))
    elif isinstance(target, ast.Subscript):
        value = program.kinds.value(target.value)
        if value.is_tensor:
            return  # fails eagerly too; another rule
        if is_local_object(program, function, root, scope, root_of(target)):
            return
        yield Effect("container-write", node, ast.unparse(target.value))


def _own_attribute(program: Program, function: AnyFunction, target: ast.Attribute) -> bool:
    """Whether a constructor writes ``self.name``: of an object that is made by this very call."""
    if not isinstance(function, ast.FunctionDef) or function.name != "__init__" or not function.args.args:
        return False
    own = function.args.args[0].arg
    return id(function) in program.kinds.owner and isinstance(target.value, ast.Name) and target.value.id == own


def _lasting(program: Program, node: ast.AST) -> bool:
    """Whether what ``node`` assigns means the same behind a trace as in it: variables, layers and Python values."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    value = program.kinds.value(node.value)
    return value.is_("variable", "module", "int", "float", "bool", "str", "shape")


def _call(program: Program, function: AnyFunction, node: ast.Call) -> Iterator[Effect]:
    kinds = program.kinds
    name = program.module.qualified(node.func) or ""
    if name == "builtins.print":
        yield Effect("print", node, "print")
    elif name in _IO:
        yield Effect("io", node, name.removeprefix("builtins."))
    elif name.startswith(_LOG_ROOTS):
        yield Effect("log", node, ast.unparse(node.func))
    elif name.startswith("warnings."):
        if _hangs_on_tensor(program, function, node):
            yield Effect("log", node, ast.unparse(node.func))
    elif name.startswith("random.") or name.startswith("secrets."):
        yield Effect("python-random", node, name)
    elif name.startswith("numpy.random.") and not name.endswith((".Generator", ".seed")):
        yield Effect("numpy-random", node, name)
    elif name.startswith("numpy.") and (out := _out(node)) is not None:
        root = root_name(out)
        if root is None or not is_local_object(program, function, root, program.module.scope_at(node), root_of(out)):
            yield Effect("container-write", node, ast.unparse(out))
    elif name in _CLOCK:
        yield Effect("time", node, name)
    elif name == "builtins.next" and node.args and not _dataset_iterator(kinds, node.args[0]):
        known = kinds.value(node.args[0]).known
        yield Effect("iterator-next", node, ast.unparse(node.args[0]), "" if known else "unknown")
    elif name in ("builtins.setattr", "builtins.delattr"):
        yield Effect("attribute-write", node, ast.unparse(node.args[0]) if node.args else "")
    elif isinstance(node.func, ast.Attribute):
        yield from _method(program, function, node, node.func)


def _hangs_on_tensor(program: Program, function: AnyFunction, node: ast.AST) -> bool:
    """Whether a tensor decides if ``node`` runs: a trace runs it in any case, once.

    Of warnings that is all that differs: Python shows the same one of the same place once only.
    """
    for parent in program.module.ancestors(node):
        if parent is function:
            return False
        if isinstance(parent, ast.If | ast.IfExp | ast.While) and on_tensor(program.kinds, parent.test):
            return True
    return False


def _out(node: ast.Call) -> ast.expr | None:
    """Return the array that a function of NumPy writes to (``out=``; the first of ``np.copyto`` and its like)."""
    for keyword in node.keywords:
        if keyword.arg == "out" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None):
            return keyword.value
    last = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return node.args[0] if last in ("copyto", "put", "place", "putmask", "fill_diagonal") and node.args else None


def _method(program: Program, function: AnyFunction, node: ast.Call, func: ast.Attribute) -> Iterator[Effect]:
    value = program.kinds.value(func.value)
    scope = program.module.scope_at(node)
    root = root_name(func)
    if func.attr in _KERAS_STATE and root is not None and not program.kinds.callees(node):
        yield Effect("attribute-write", node, ast.unparse(func))
        return
    source = _binding_call(program, func.value)
    if source.startswith(("logging.", "absl.logging.")):
        yield Effect("log", node, ast.unparse(func))
        return
    if source.startswith(("contextvars.", "queue.", "multiprocessing.", "socket.", "sqlite3.")):
        yield Effect("outside-read", node, ast.unparse(func))
        return
    if source.startswith(("random.Random", "numpy.random.")):
        yield Effect("python-random" if source.startswith("random") else "numpy-random", node, ast.unparse(func))
        return
    if func.attr not in MUTATORS or program.kinds.callees(node):
        return
    if func.attr in _GIVE_NONE and not value.kinds & {"list", "dict", "set"} and _is_used(program, node):
        return  # ``x = self.add([x, y])``: no container's method, those give ``None``
    found = scope.lookup(func.value.id) if isinstance(func.value, ast.Name) else None
    if source == "tensorflow.TensorArray" and found is not None and not _outside(program, found[0], function):
        return  # whatever else the name stands for behind (``out = out.stack()``)
    if (program.module.qualified(func) or "").startswith(("tensorflow.", "keras.", "numpy.", "operator.")):
        return
    if (value.is_tensor and not value.assumed) or (
        value.is_("object", "module") and (value.cls or "").startswith(("tensorflow.", "keras."))
    ):
        return
    if value.is_("namespace"):
        return
    if func.attr == "write" and len(node.args) + len(node.keywords) == 2:
        return  # an index and a value: a ``TensorArray``, whose ``write`` gives a new one, and no file
    if root is not None and not is_local_object(program, function, root, scope, root_of(func)):
        kind = "io" if func.attr.startswith("write") else "container-write"
        yield Effect(kind, node, ast.unparse(func.value))


def _is_used(program: Program, node: ast.Call) -> bool:
    """Whether something is done with the result of ``node`` that nobody does with ``None``."""
    parent = program.module.parent(node)
    if isinstance(parent, ast.Assign):
        return isinstance(parent.targets[0], ast.Name)
    return isinstance(parent, ast.BinOp | ast.Attribute) or (isinstance(parent, ast.Call) and node in parent.args)


def _binding_call(program: Program, node: ast.expr) -> str:
    """Return the qualified name of the call that the name or attribute ``node`` is bound to once, or ''."""
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        if found is not None:
            for binding in found[1]:
                if isinstance(binding.value, ast.Call):
                    return program.module.qualified(binding.value.func) or ""
                if isinstance(binding.value, ast.Attribute):
                    return (program.module.qualified(binding.value) or "") + "."
    elif isinstance(node, ast.Attribute):
        return program.made_attributes.get(node.attr, "")
    return ""


def _spent(program: Program, function: AnyFunction, node: ast.expr) -> bool:
    """Whether ``node`` names an iterator made outside of ``function``: a loop over it goes on where the last ended."""
    root = root_name(node)
    if root is None or isinstance(node, ast.Call | ast.Subscript):
        return False
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        if found is None or not _outside(program, found[0], function):
            return False
        return any(isinstance(binding.value, ast.GeneratorExp) for binding in found[1]) or (
            _binding_call(program, node) in _ITERATORS
        )
    return program.made_attributes.get(node.attr, "") in _ITERATORS if isinstance(node, ast.Attribute) else False


def _dataset_iterator(kinds: Kinds, node: ast.expr) -> bool:
    """Whether ``node`` is an iterator that the graph knows: one over a ``tf.data.Dataset``."""
    if isinstance(node, ast.Call) and node.args:
        return _dataset_iterator(kinds, node.args[0])
    value = kinds.value(node)
    return bool(value.cls and value.cls.startswith("tensorflow.data"))


def root_of(node: ast.expr) -> ast.Name | None:
    """Return where a chain of attributes, subscripts and calls starts, if that is a name."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node if isinstance(node, ast.Name) else None


def root_name(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes, subscripts and calls starts at."""
    root = root_of(node)
    return root.id if root is not None else None


def _outside(program: Program, owner: Scope, function: AnyFunction) -> bool:
    """Whether a name bound in ``owner`` lives outside of ``function`` (and of what is nested in it)."""
    node = owner.node
    if node is function:
        return False
    if owner.is_module or owner.is_class:
        return True
    first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0) or 0
    here = getattr(node, "lineno", 0)
    if isinstance(node, FUNCTIONS) and not first <= here <= last:
        # an enclosing function that is traced too has its own locals at trace time
        return not any(node is other for other in program.traced)
    return not first <= here <= last


def is_local_object(
    program: Program, function: AnyFunction, root: str, scope: Scope, at: ast.Name | None = None
) -> bool:
    """Whether what ``root`` names was made by this very call of ``function``: nobody else sees a write to it.

    ``at`` is where it is named: only what reaches that place counts.
    """
    found = scope.lookup(root)
    if found is None or _outside(program, found[0], function):
        return False
    reached = program.kinds.reached.get(id(at)) if at is not None else None
    here = {one for one, _ in reached} if reached is not None else None
    for binding in found[1]:
        if here is not None and _bound_by(binding) not in here:
            continue
        if binding.kind == "param":
            if at is not None and _gathered(program, scope, binding, at):
                continue
            return False
        if binding.kind == "assign" and binding.value is None and isinstance(binding.node, ast.Name):
            if _fresh_part(program, binding.node):
                continue
            return False  # a loop's or an unpacked value: somebody else's object
        if binding.kind == "assign" and binding.value is not None and not _is_fresh(program, binding.value):
            other = binding.value
            if isinstance(other, ast.Name) and other.id != root and _bound_once(scope, root):
                if is_local_object(program, function, other.id, scope):
                    continue  # another name for what was made here
                return False
            value = program.kinds.value(binding.value)
            if not isinstance(binding.value, ast.Constant) and not value.is_("int", "float", "str", "bool", "none"):
                return False
    return True


def _is_fresh(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` makes a new object, whichever way it goes."""
    if isinstance(node, ast.IfExp):
        return all(isinstance(side, ast.Constant) or _is_fresh(program, side) for side in (node.body, node.orelse))
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return program.kinds.value(node.value).is_("list", "shape")  # a copy; of an array it is a view
    return isinstance(node, _FRESH)


def _gathered(program: Program, scope: Scope, binding: Binding, at: ast.Name) -> bool:
    """Whether ``at`` names ``**kwargs``, a dict that each call makes, and this dict itself is what changes."""
    found = scope.lookup(at.id)
    owner = found[0].node if found is not None else None
    if not isinstance(owner, ast.FunctionDef) or owner.args.kwarg is None or binding.node is not owner.args.kwarg:
        return False
    around = program.module.parent(at)
    if isinstance(around, ast.Subscript):
        return not isinstance(around.ctx, ast.Load)
    return isinstance(around, ast.Attribute) and isinstance(program.module.parent(around), ast.Call)


def _bound_by(binding: Binding) -> int:
    """Return the id by which :mod:`._reaching` knows ``binding``."""
    node = binding.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return id(node.targets[0])
    return id(node.target) if isinstance(node, ast.AnnAssign | ast.AugAssign) else id(node)


def _bound_once(scope: Scope, name: str) -> bool:
    """Whether ``name`` is bound in one place, so that following it comes to an end."""
    found = scope.lookup(name)
    return found is not None and len(found[1]) == 1


def _fresh_part(program: Program, target: ast.Name) -> bool:
    """Whether ``target`` gets a new object in ``a, b = [], []``."""
    around = program.module.parent(target)
    statement = program.module.parent(around) if isinstance(around, ast.Tuple) else None
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Tuple):
        return False
    assert isinstance(around, ast.Tuple)
    parts = statement.value.elts
    if len(parts) != len(around.elts) or any(isinstance(part, ast.Starred) for part in [*parts, *around.elts]):
        return False
    return any(one is target and isinstance(part, _FRESH) for one, part in zip(around.elts, parts, strict=True))
