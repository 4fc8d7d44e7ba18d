"""A walk over a class's constructor and forward that keeps, for every expression, what is known of its value."""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.units import Unit
from ._added import is_added
from ._attribute import Attribute, Inplace
from ._locals import Defined
from ._names import meant
from ._seeds import SeedMixin
from ._uses import is_public, outside_uses
from ._values import NONE, OUTSIDE, UNKNOWN, Env, Shape, Val, join, join_all, merge, ranked, seq

MAX_CALLS = 3000  # calls that are read with their arguments, a class


class Interp(SeedMixin):
    """The analysis of one unit.  ``values`` maps ``id(node)`` to what was found.

    ``assume`` admits what unsafe fixes admit; ``assumed`` tells whether it was needed.
    """

    def __init__(
        self, unit: Unit, module: Module, project: Project, *, assume: bool = False, is_np: bool = False
    ) -> None:
        self.unit, self.module, self.project, self.is_np = unit, module, project, is_np
        self.assume, self.assumed = assume, False
        self.info: ClassInfo | None = unit.cls
        self.values: dict[int, Val] = {}
        self.attrs: dict[str, Attribute] = {}
        self.inplace: dict[int, Inplace] = {}
        self.calls: dict[int, list[dict[str, Val]]] = {}
        self.ranks: dict[str, int] = {}
        self.embedded: dict[str, str] = {}  # the shape of what an Embedding gives: that of its indices
        self.recording = False
        self.path = ""
        self.depth = 0
        self.returned: list[Val] = []
        self.built_by: set[str] = set()
        self.added: dict[str, list[Val]] = {}
        self.registered: list[Val] = []
        self.constants: set[str] = set()
        self.built: dict[int, Val] = {}
        self.escaped: set[str] = set()  # blocks that others hold: what is added to them there isn't seen
        self.result = UNKNOWN
        self.hoisted: dict[str, str] = {}
        self.handed: list[str] = []  # arrays of the block that its forward hands to the graph as inputs
        self.budget = MAX_CALLS
        self.refreshing: set[str] = set()
        self.running: list[FunctionNode] = []
        self.function: FunctionNode | None = None
        self.method_name = ""
        self.classes_given: dict[str, str] = {}
        self.locals: dict[int, Defined] = {}
        self.inside: list[int] = []
        self.frames: list[Env] = []

    def qualified(self, node: ast.expr) -> str | None:
        """Return what a name stands for in the module that is being read."""
        return meant(node, self.module, self.project, self.is_np)

    # -- driving

    def run(self) -> None:
        """Analyse the constructor, then the region, until nothing new is learned about ranks."""
        self.construct()
        for _ in range(3):
            before = dict(self.ranks)
            self.values.clear()
            self.inplace.clear()
            self.calls.clear()
            self.recording = True
            entry = self.unit.entry
            if entry is not None:
                self.result = self.call_function(entry, self.entry_arguments(entry), record=True)
            done = {id(entry)}
            for _ in range(len(self.unit.region) + 1):
                todo = [f for f in self.unit.region if id(f) not in done]
                ready = [f for f in todo if id(f) in self.calls]
                for function in ready or todo[:1]:
                    done.add(id(function))
                    seeds = self.joined_arguments(function)
                    self.call_function(function, seeds, record=True)
            if self.ranks == before:
                return

    def named_shape(self, name: str) -> Shape:
        """Return the shape of the input ``name``, with the rank learned so far."""
        return ranked(name, self.ranks[name]) if name in self.ranks else Shape(name)

    def self_of(self, function: FunctionNode) -> str | None:
        """Return the name of ``self`` in a method of the region, ``None`` in a plain function."""
        scope = self.module.scopes.of(function)
        method = scope.parent is not None and scope.parent.is_class
        method = method or self.unit.cls is not None and is_added(function, self.module, self.project)
        if not method or not function.args.args or is_static(function):
            return None
        return function.args.args[0].arg

    def learn_rank(self, value: Val, rank: int) -> None:
        """Note that a tensor certainly has ``rank`` dimensions (its shape is unpacked, a layer demands it)."""
        if value.shape is not None and value.shape.dims is None and value.shape.name not in self.ranks:
            self.ranks[value.shape.name] = rank
            if value.shape.name in self.embedded:
                self.ranks.setdefault(self.embedded[value.shape.name], rank - 1)

    def sized(self, shape: Shape | None) -> Shape | None:
        """Return ``shape`` with the rank that was learned elsewhere."""
        if shape is not None and shape.dims is None and shape.name in self.ranks:
            return ranked(shape.name, self.ranks[shape.name])
        return shape

    def joined_arguments(self, function: FunctionNode) -> dict[str, Val]:
        """Return the parameters of a helper over all its calls."""
        calls = self.calls.get(id(function))
        if not calls:
            names = [a.arg for a in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]]
            first = bool(names) and names[0] in ("self",) and not is_static(function)
            return {name: Val("self") if first and i == 0 else UNKNOWN for i, name in enumerate(names)}
        env = dict(calls[0])
        for other in calls[1:]:
            for name, value in other.items():
                env[name] = join(env[name], value, f"{function.name}:{name}") if name in env else value
        if self.used_elsewhere(function):
            # What others hand in has the same kinds, but may have other shapes.
            env = {n: v.but(shape=Shape(f"{function.name}:{n}")) if v.is_tensor else v for n, v in env.items()}
        # The caller can see what a helper writes into its arguments.
        return {name: value.but(bases=value.bases | {OUTSIDE}) for name, value in env.items()}

    def used_elsewhere(self, function: FunctionNode) -> bool:
        """Whether a helper of a class that is to be converted is called from outside of its region too.

        A function that a package offers may be, by files that aren't here; with ``assume`` it is taken to be used here
        only.
        """
        entry = self.unit.entry
        if entry is None or entry.name != "forward" or function is entry:
            return False
        if outside_uses(function, self.unit, self.project):
            return True
        public = is_public(function, self.unit, self.project)
        self.assumed = self.assumed or public and self.assume
        return public and not self.assume

    def call_function(
        self, function: FunctionNode, env: dict[str, Val], *, record: bool = False, name: str = ""
    ) -> Val:
        """Run a function's body on ``env`` and return its result."""
        saved = (self.recording, self.returned, self.function, self.method_name, self.path)
        self.recording, self.returned, self.function = record, [], function
        self.method_name = name or function.name
        self.depth += 1
        try:
            state = Env(dict(env))
            self.frames.append(state)
            try:
                self.block(function.body, state)
            finally:
                self.frames.pop()
            if record:
                self.read_locals(function, state)
            if not state.dead:
                self.returned.append(NONE)
            return join_all(self.returned, f"{self.path}ret:{function.name}")
        finally:
            self.depth -= 1
            self.recording, self.returned, self.function, self.method_name, self.path = saved

    # -- statements

    def block(self, body: list[ast.stmt], env: Env) -> None:
        for statement in body:
            if env.dead:
                return
            self.statement(statement, env)

    def statement(self, node: ast.stmt, env: Env) -> None:
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(node.value, ast.Lambda) and len(node.targets) == 1 and isinstance(target, ast.Name):
                value = self.define(node.value, target.id, env)
            else:
                value = self.eval(node.value, env)
            for target in node.targets:
                self.assign(target, value, env, node)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.assign(node.target, self.eval(node.value, env), env, node)
        elif isinstance(node, ast.AugAssign):
            self.augmented(node, env)
        elif isinstance(node, ast.Return):
            self.returned.append(self.eval(node.value, env) if node.value is not None else NONE)
            env.dead = True
        elif isinstance(node, ast.Expr):
            self.eval(node.value, env)
        elif isinstance(node, ast.If):
            self.branch(node, env)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            self.loop(node, env)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                value = self.eval(item.context_expr, env)
                if item.optional_vars is not None:
                    self.assign(item.optional_vars, value, env, node)
            self.block(node.body, env)
        elif isinstance(node, ast.Try):
            before = env.copy()
            self.block(node.body, env)
            after = merge(before, env, f"{self.path}try{node.lineno}") if node.handlers else env
            out = after.copy()
            for handler in node.handlers:
                inner = after.copy()
                inner.dead = False
                if handler.name:
                    inner.names[handler.name] = Val("object")
                self.block(handler.body, inner)
                out = merge(out, inner, f"{self.path}exc{handler.lineno}")
            self.block(node.orelse, out)
            env.names, env.dead = out.names, out.dead
            self.block(node.finalbody, env)
        elif isinstance(node, ast.Raise):
            if node.exc is not None:
                self.eval(node.exc, env)
            env.dead = True
        elif isinstance(node, ast.Assert):
            self.eval(node.test, env)
            if node.msg is not None:
                self.eval(node.msg, env)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            env.names[node.name] = self.define(node, node.name, env)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    env.names.pop(target.id, None)
        elif isinstance(node, ast.Continue | ast.Break):
            pass

    def branch(self, node: ast.If, env: Env) -> None:
        self.eval(node.test, env)
        yes, no = env.copy(), env.copy()
        name, is_none = none_test(node.test)
        if name is not None and name in env.names and env.names[name].none:
            value = env.names[name]
            (no if is_none else yes).names[name] = value.but(none=False)
            (yes if is_none else no).names[name] = NONE
        listed = self.sequence_test(node.test)
        if listed is not None and listed in env.names and env.names[listed].kind in ("tensor", "unknown"):
            yes.names[listed] = Val("seq", item=UNKNOWN, bases=env.names[listed].bases)
        self.block(node.body, yes)
        self.block(node.orelse, no)
        out = merge(yes, no, f"{self.path}if{node.lineno}")
        env.names, env.dead = out.names, yes.dead and no.dead

    def sequence_test(self, test: ast.expr) -> str | None:
        """Return ``name`` for ``isinstance(name, (list, tuple))``."""
        if not isinstance(test, ast.Call) or len(test.args) != 2 or not isinstance(test.args[0], ast.Name):
            return None
        if self.qualified(test.func) != "builtins.isinstance":
            return None
        classes = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
        known = ("builtins.list", "builtins.tuple", "builtins.dict")
        return test.args[0].id if all(self.qualified(c) in known for c in classes) else None

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, env: Env) -> None:
        source = UNKNOWN
        if isinstance(node, ast.While):
            self.eval(node.test, env)
        else:
            source = self.eval(node.iter, env)
        name = f"{self.path}loop{node.lineno}"
        for _ in range(3):
            before = dict(env.names)
            inner = env.copy()
            if not isinstance(node, ast.While):
                self.assign(node.target, self.element(source, f"{name}.item"), inner, node)
            self.block(node.body, inner)
            inner.dead = False
            for key, value in inner.names.items():
                if key not in env.names:
                    env.names[key] = value.but(shape=Shape(f"{name}:{key}")) if value.is_tensor else value
                else:
                    env.names[key] = join(env.names[key], value, f"{name}:{key}")
            if isinstance(node, ast.While):
                self.eval(node.test, env)
            if env.names == before:
                break
        self.block(node.orelse, env)

    def augmented(self, node: ast.AugAssign, env: Env) -> None:
        target = node.target
        load = self.eval(as_load(target), env)
        value = self.eval(node.value, env)
        if isinstance(target, ast.Name):
            if load.is_tensor or load.kind in ("unknown", "config", "param"):
                self.note_inplace(node, target.id, load, env)
                if load.is_tensor:
                    env.names[target.id] = self.binary_result(node, load, value).but(bases=load.bases)
                    return
                env.names[target.id] = load.but(const=None, dim=None)
            elif load.kind == "seq":
                parts = load.contents() + value.contents()
                env.names[target.id] = Val("seq", item=join_all(parts) if parts else None, bases=load.bases)
            else:
                env.names[target.id] = self.binary_result(node, load, value)
        elif isinstance(target, ast.Subscript):
            base = self.eval(target.value, env)
            self.note_inplace(node, root_name(target), base, env)
        elif isinstance(target, ast.Attribute):
            self.assign(target, value.but(const=None, dim=None), env, node)

    def note_inplace(self, node: ast.stmt, name: str, value: Val, env: Env) -> None:
        """Find out whether an in-place write can be seen through anything but ``name``."""
        mine = value.storage()
        others = [key for key, other in env.names.items() if key != name and other.storage() & mine - {OUTSIDE}]
        answer = Inplace(OUTSIDE in mine or not mine, others)
        old = self.inplace.get(id(node))
        if old is not None:
            answer = Inplace(answer.outside or old.outside, [*old.others, *(o for o in others if o not in old.others)])
        self.inplace[id(node)] = answer

    def assign(self, target: ast.expr, value: Val, env: Env, statement: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            if value.kind == "unknown" and value.shape is None:
                value = value.but(shape=Shape(self.name_of(target)))  # so that it has the same sizes at each use
            env.names[target.id] = value
            if self.recording:
                self.values[id(target)] = value
        elif isinstance(target, ast.Tuple | ast.List):
            self.unpack(target, value, env, statement)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, Val("seq", item=value, bases=value.bases), env, statement)
        elif isinstance(target, ast.Attribute):
            holder = self.eval(target.value, env)
            if holder.kind == "self" and self.method_name == "__init__":
                self.bind_attribute(target.attr, value, "__init__", target)
            elif value.kind == "module":
                self.escaped |= value.bases
        elif isinstance(target, ast.Subscript):
            base = self.eval(target.value, env)
            self.eval(target.slice, env)
            self.note_inplace(statement, root_name(target), base, env)
            if base.kind in ("seq", "dict"):
                grown = Val(base.kind, item=join_all([*base.contents(), value]), bases=base.bases)
                self.grow(target.value, grown.but(free=base.free and value.free), env)

    def grow(self, holder: ast.expr, value: Val, env: Env) -> None:
        """Note what a list or dict holds now, which is a variable, or while it is constructed an attribute."""
        if isinstance(holder, ast.Name) and holder.id in env.names:
            old, env.names[holder.id] = env.names[holder.id], value
            for known in self.attrs.values() if self.method_name == "__init__" else ():
                if known.value is old:  # another name of the same list
                    known.value = value
        elif isinstance(holder, ast.Attribute) and self.method_name == "__init__":
            found = self.attrs.get(holder.attr) if self.eval(holder.value, env).kind == "self" else None
            if found is not None and found.value.kind in ("seq", "dict"):
                found.value = value

    def unpack(self, target: ast.Tuple | ast.List, value: Val, env: Env, statement: ast.stmt) -> None:
        count = len(target.elts)
        starred = any(isinstance(e, ast.Starred) for e in target.elts)
        if value.kind == "shape" and not starred:
            self.learn_rank(Val("tensor", shape=value.shape), count)
        for index, element in enumerate(target.elts):
            if value.items is not None and len(value.items) == count and not starred:
                part = value.items[index]
            elif value.kind == "shape" and value.shape is not None and not starred:
                part = Val("int", dim=value.shape.at(index), integer=True)
            else:
                part = self.element(value, f"{self.path}{statement.lineno}.{index}")
            self.assign(element, part, env, statement)

    def bind_attribute(self, name: str, value: Val, setter: str, node: ast.AST) -> None:
        found = self.attrs.get(name)
        if found is None or found.value == value or "<class>" in found.setters or found.value.kind == "none":
            if found is not None and found.value.kind == "none" and value.kind != "none":
                value = value.but(none=True)
            self.attrs[name] = Attribute(value, {setter}, [*(found.nodes if found else []), node])
        else:
            found.value = join(found.value, value, f"self.{name}")
            found.setters.add(setter)
            found.nodes.append(node)


def is_static(function: FunctionNode) -> bool:
    """Whether a method is a ``staticmethod``."""
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)


def none_test(test: ast.expr) -> tuple[str | None, bool]:
    """Return (name, is_none) for ``name is None`` and its opposite."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.left, ast.Name):
        right = test.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None and isinstance(test.ops[0], ast.Is | ast.IsNot):
            return test.left.id, isinstance(test.ops[0], ast.Is)
    return None, False


def root_name(node: ast.expr) -> str:
    """Return the variable at the root of ``a[..][..]`` or ``a.b`` (empty where there is none)."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def as_load(node: ast.expr) -> ast.expr:
    """Return the same expression; reading it evaluates it."""
    return node


__all__ = ["Attribute", "Inplace", "Interp", "is_static", "root_name", "seq"]
