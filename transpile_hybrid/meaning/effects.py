"""Effects: what a function reads and writes beyond its locals."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .classes import ClassInfo, Project
from .engine import Engine, engine_of
from .infer import UnitFacts, function_facts, owner_of
from .module import Module
from .names import FunctionNode, statements
from .stores import first_parameter

if TYPE_CHECKING:
    from .values import Value

_MAX_DEPTH = 4
_MAX_EFFECTS = 200
_CHANGES = frozenset({"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "add", "update",
                      "discard", "setdefault",
                      "popitem", "appendleft", "popleft"})  # fmt: skip
_PRINTS = frozenset({"builtins.print", "pprint.pprint", "sys.stdout.write", "sys.stderr.write"})
_TIME = ("time.", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today", "timeit.")
_IO = frozenset({"builtins.open", "builtins.input", "os.remove", "os.makedirs", "os.mkdir", "os.rename", "os.replace",
                 "shutil.rmtree",
                 "torch.save", "torch.load", "numpy.save", "numpy.load", "numpy.savetxt", "numpy.loadtxt",
                 "pickle.dump", "pickle.load",
                 "json.dump", "json.load", "mxnet.nd.save", "mxnet.nd.load", "mxnet.npx.save", "mxnet.npx.load",
                 "os.system",
                 "matplotlib.pyplot.show", "matplotlib.pyplot.savefig", "subprocess.run",
                 "subprocess.Popen"})  # fmt: skip
_PURE_NUMPY_RANDOM = frozenset({"numpy.random.RandomState", "numpy.random.default_rng", "numpy.random.Generator"})
_LOG_METHODS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log"})
_LOG_NAMES = frozenset({"logger", "log", "logging", "_logger", "LOGGER", "LOG"})


@dataclass(frozen=True)
class Effect:
    """One thing that a function does beyond computing its result.

    ``kind`` is one of ``print``, ``log``, ``io``, ``global-write``, ``nonlocal-write``, ``attribute-write``,
    ``container-mutation``, ``argument-mutation``, ``python-random``, ``numpy-random``, ``time``, ``global-read``,
    ``iterator-next``, ``env``.  ``node`` is where it happens, in ``function`` of ``module``; ``call`` is the call in
    the function that was asked about through which it is reached (``node`` itself when it happens there).
    """

    kind: str
    node: ast.AST
    name: str
    reason: str
    function: FunctionNode
    module: Module
    call: ast.AST


def effects(function: FunctionNode, module: Module, project: Project) -> tuple[Effect, ...]:
    """Return the effects of ``function`` in the order of the file, those of repository functions it calls included."""
    return _effects(function, module, engine_of(project), 0, ())


def _effects(
    function: FunctionNode, module: Module, engine: Engine, depth: int, path: tuple[int, ...]
) -> tuple[Effect, ...]:
    key = ("effects", id(function))
    found = engine.answers.get(key)
    if isinstance(found, tuple):
        return found
    if depth > _MAX_DEPTH or id(function) in path:
        return ()
    facts = function_facts(function, module, engine.project)
    own = _Own(function, module, facts, owner_of(function, module, engine.project))
    result: list[Effect] = []
    for node in own_nodes(function):
        result += own.look(node)
        if isinstance(node, ast.Call):
            target = _callee(engine, facts, module, node)
            if target is not None and target[0] is not function:
                inner = _effects(target[0], target[1], engine, depth + 1, (*path, id(function)))
                result += [replace(effect, call=node) for effect in inner if _reaches_out(effect)]
    unique = {(id(effect.node), effect.kind, id(effect.call)): effect for effect in result[:_MAX_EFFECTS]}
    ordered = tuple(
        sorted(unique.values(), key=lambda e: (getattr(e.call, "lineno", 0), getattr(e.call, "col_offset", 0)))
    )
    if depth == 0:
        engine.answers[key] = ordered
    return ordered


def _reaches_out(effect: Effect) -> bool:
    return effect.kind != "nonlocal-write"


def own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    """Yield the nodes that run when ``function`` is called, lambdas and comprehensions included, nested defs not."""
    work: list[ast.AST] = list(reversed(function.body))
    while work:
        node = work.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        work.extend(reversed(list(ast.iter_child_nodes(node))))


def _callee(engine: Engine, facts: UnitFacts, module: Module, node: ast.Call) -> tuple[FunctionNode, Module] | None:
    value: Value = facts.value(node.func)
    if value.is_("function") and value.site:
        definition = engine.definition(value)
        return (definition[0], definition[1]) if definition is not None else None
    if value.is_("module", "object") and value.cls:
        info = engine.project.class_named(value.cls)
        if info is not None:
            for name in ("forward", "hybrid_forward", "call", "__call__"):
                method = engine.project.method(info, name)
                if method is not None:
                    return method[1], method[0].module
    qualified = module.qualified(node.func)
    if qualified is not None:
        found = engine.project.function_named(qualified)
        if found is not None:
            return found[1], found[0]
    return None


class _Own:
    """The effects that stand in one function's own code."""

    def __init__(self, function: FunctionNode, module: Module, facts: UnitFacts, owner: ClassInfo | None) -> None:
        self.function, self.module, self.facts, self.owner = function, module, facts, owner
        self.scope = module.scopes.of(function)
        spec = function.args
        self.parameters = {a.arg for a in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]}
        first = first_parameter(function)
        self.self_name = first if owner is not None else ""
        self.constructor = owner is not None and function.name in ("__init__", "build", "__new__")
        self.changing = _changing_globals(module)

    def made(self, kind: str, node: ast.AST, name: str, reason: str) -> list[Effect]:
        return [Effect(kind, node, name, reason, self.function, self.module, node)]

    def look(self, node: ast.AST) -> list[Effect]:
        """Return the effects of one node."""
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.Assign):
            return [effect for target in node.targets for effect in self.target(target, node)]
        if isinstance(node, ast.AugAssign | ast.AnnAssign):
            return [] if isinstance(node, ast.AnnAssign) and node.value is None else self.target(node.target, node)
        if isinstance(node, ast.For):
            return self.target(node.target, node)
        if isinstance(node, ast.Delete):
            return [effect for target in node.targets for effect in self.target(target, node)]
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            return self.read(node)
        if isinstance(node, ast.Attribute) and node.attr == "environ" and self.module.qualified(node) == "os.environ":
            return self.made("env", node, "os.environ", "reads the environment")
        return []

    def target(self, target: ast.expr, node: ast.AST) -> list[Effect]:
        if isinstance(target, ast.Tuple | ast.List):
            return [effect for part in target.elts for effect in self.target(part, node)]
        if isinstance(target, ast.Starred):
            return self.target(target.value, node)
        if isinstance(target, ast.Name):
            if target.id in self.scope.globals:
                return self.made("global-write", node, target.id, f"assigns the global `{target.id}`")
            if target.id in self.scope.nonlocals:
                return self.made("nonlocal-write", node, target.id, f"assigns `{target.id}` of the function around it")
            if isinstance(node, ast.AugAssign) and target.id in self.parameters and self.shared_kind(target):
                return self.made("argument-mutation", node, target.id, f"changes the argument `{target.id}` in place")
            return []
        if isinstance(target, ast.Attribute):
            return self.attribute(target, node)
        if isinstance(target, ast.Subscript):
            return self.mutation(target.value, node, "assigns an element of")
        return []

    def shared_kind(self, node: ast.expr) -> bool:
        value = self.facts.value(node)
        return value.may_be("list", "dict", "set", "array") or value.is_tensor and value.framework != "tensorflow"

    def attribute(self, target: ast.Attribute, node: ast.AST) -> list[Effect]:
        text = ast.unparse(target)
        root = _root(target)
        if self.constructor and isinstance(root, ast.Name) and root.id == self.self_name:
            return []
        if isinstance(root, ast.Name) and self.is_own(root.id):
            return []
        return self.made("attribute-write", node, text, f"sets `{text}`, which stays after the call")

    def is_own(self, name: str) -> bool:
        """Whether a name holds an object that this call made itself."""
        if (
            name in self.parameters
            or name in self.scope.globals
            or name in self.scope.nonlocals
            or name not in self.scope.bindings
        ):
            return False
        for binding in self.scope.bindings[name]:
            value = binding.value
            if not isinstance(
                value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp | ast.Call
            ):
                return False
            if isinstance(value, ast.Call) and not _makes(self.facts.value(value.func)):
                return False
        return True

    def mutation(self, container: ast.expr, node: ast.AST, does: str) -> list[Effect]:
        root = _root(container)
        text = ast.unparse(container)
        value = self.facts.value(container)
        if isinstance(root, ast.Name):
            if self.constructor and root.id == self.self_name:
                return []
            if root.id in self.parameters and root.id != self.self_name:
                if value.is_tensor and value.framework == "tensorflow" or value.is_("int", "float", "str"):
                    return []
                return self.made("argument-mutation", node, text, f"{does} `{text}`, which the caller gave")
            if (
                root.id in self.scope.bindings
                and root.id != self.self_name
                and root.id not in self.scope.globals | self.scope.nonlocals
            ):
                return []
        return self.made("container-mutation", node, text, f"{does} `{text}`, which stays after the call")

    def read(self, node: ast.Name) -> list[Effect]:
        if node.id in self.changing and node.id not in self.scope.bindings and node.id not in self.scope.globals:
            found = self.scope.lookup(node.id)
            if found is not None and found[0].is_module:
                return self.made(
                    "global-read", node, node.id, f"reads the global `{node.id}`, which other code changes"
                )
        return []

    def call(self, node: ast.Call) -> list[Effect]:
        name = self.module.qualified(node.func) or ""
        if name in _PRINTS:
            return self.made("print", node, name.removeprefix("builtins."), "prints")
        if name.startswith(("logging.", "warnings.warn")) and name != "logging.getLogger":
            return self.made("log", node, name, "writes to the log")
        if name.startswith("random.") and name != "random.Random":
            return self.made("python-random", node, name, "draws from Python's random generator")
        if name.startswith("numpy.random.") and name not in _PURE_NUMPY_RANDOM:
            return self.made("numpy-random", node, name, "draws from NumPy's random generator")
        if name.startswith(_TIME):
            return self.made("time", node, name, "reads the clock or waits")
        if name in _IO:
            return self.made("io", node, name.removeprefix("builtins."), "reads or writes outside the program")
        if name == "os.getenv":
            return self.made("env", node, name, "reads the environment")
        if name == "builtins.next":
            return self.made("iterator-next", node, "next", "takes the next item of an iterator, which stays taken")
        if name in ("builtins.setattr", "builtins.delattr") and node.args:
            text = ast.unparse(node.args[0])
            inside = self.constructor and text == self.self_name
            return [] if inside else self.made("attribute-write", node, text, f"sets an attribute of `{text}`")
        if isinstance(node.func, ast.Attribute):
            return self.method(node, node.func)
        return []

    def method(self, node: ast.Call, func: ast.Attribute) -> list[Effect]:
        value = self.facts.value(func.value)
        root = _root(func.value)
        is_logger = isinstance(root, ast.Name) and root.id in _LOG_NAMES or value.cls == "logging.Logger"
        if func.attr in _LOG_METHODS and is_logger and not value.is_tensor:
            return self.made("log", node, ast.unparse(func), "writes to the log")
        if value.cls is not None and value.cls.startswith("numpy.random") and value.is_("object"):
            return self.made("numpy-random", node, ast.unparse(func), "draws from a NumPy generator")
        if func.attr in _CHANGES and not value.is_tensor and not value.is_("str", "array", "namespace"):
            if value.is_("module") and func.attr in ("update",):
                return []
            if value.may_be("list", "dict", "set", "object", "iterator"):
                return self.mutation(func.value, node, f"calls `.{func.attr}()` on")
        if (
            func.attr.endswith("_")
            and not func.attr.startswith("_")
            and value.is_tensor
            and value.framework != "tensorflow"
        ):
            return (
                self.mutation(func.value, node, "changes in place")
                if not isinstance(root, ast.Name) or (root.id in self.parameters or root.id not in self.scope.bindings)
                else []
            )
        return []


def _makes(callee: Value) -> bool:
    """Whether calling it makes a new object (a class, a builtin container)."""
    return (
        callee.is_("class")
        or callee.is_("opaque")
        and callee.cls is not None
        and callee.cls.rsplit(".", 1)[-1][:1].isupper()
    )


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _changing_globals(module: Module) -> frozenset[str]:
    """Module-level names that are bound more than once or by a function's ``global``."""
    top = module.scopes.top
    found = set(module.scopes.rebound_globals)
    for name, bindings in top.bindings.items():
        kinds = [binding.kind for binding in bindings]
        if kinds.count("assign") + kinds.count("augassign") > 1 and "import" not in kinds and "def" not in kinds:
            found.add(name)
    return frozenset(found)


__all__ = ["Effect", "effects", "own_nodes", "statements"]
