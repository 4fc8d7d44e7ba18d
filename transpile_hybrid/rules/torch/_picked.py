"""Calls of modules that are picked by a computed index or key: what they are made of, and the method that takes them.

TorchScript indexes modules by literals only, but writes a loop over them out.  So ``self.layers[e](x)`` becomes
``self._call_layers_at(e, x)``, a method that goes over the layers in TorchScript and indexes them in Python.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Part, insert, shares_line
from ..rule import UnitContext
from ._classes import class_model, self_name
from ._common import block_of, name_for
from ._reports import Report
from ._types import CONTAINERS, TENSOR, UNKNOWN, T, optional
from ._writing import of_torch, writable

TABLE = "torch.nn.ModuleDict"
_SAID = "TorchScript goes over modules, and indexes them by literals only."
_OWN = frozenset({"enumerate", "len", "IndexError", "KeyError"})  # what the method itself names


@dataclass(frozen=True)
class Picked:
    """A path from the instance to what is called: ``.layers``, an index, ``.norm``.

    ``texts`` are what stands before, between and behind the computed ``indices``; ``tables`` says which of those are
    keys.
    """

    texts: tuple[str, ...]
    indices: tuple[ast.expr, ...] = ()
    tables: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Given:
    """An argument of the call: the keyword, the annotation of the parameter for it, or the text that is always given.

    ``name`` is what the parameter may be called.
    """

    keyword: str
    annotation: str
    text: str = ""
    name: str = ""


@dataclass(eq=False)
class Site:
    """A call of a picked module.  ``imports`` are the edits that the annotations need."""

    call: ast.Call
    path: Picked
    given: tuple[Given, ...]
    returns: str
    owner: ClassInfo
    function: FunctionNode
    imports: tuple[Edit, ...] = ()

    @property
    def shape(self) -> tuple[object, ...]:
        """What calls that share a method have in common."""
        given = tuple(replace(one, name="") for one in self.given)
        return self.owner.qualified, self_name(self.function), self.path.texts, self.path.tables, given, self.returns


def literal_index(node: ast.Subscript) -> str | None:
    """Return the literal that an index of literals, or of the length of what is indexed, comes to."""
    index = node.slice
    if isinstance(index, ast.BinOp) and isinstance(index.op, ast.Sub) and _number(index.right) == 1:
        length = index.left
        if isinstance(length, ast.Call) and ast.unparse(length.func) == "len" and len(length.args) == 1:
            plain = all(isinstance(n, ast.Name | ast.Attribute | ast.expr_context) for n in walk(node.value))
            return "-1" if plain and ast.unparse(length.args[0]) == ast.unparse(node.value) else None
    number = _number(index) if isinstance(index, ast.BinOp) else None
    return str(number) if number is not None else None


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return -inner if inner is not None else None
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left), _number(node.right)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add | ast.Sub):
            return left + right if isinstance(node.op, ast.Add) else left - right
        return left * right if isinstance(node.op, ast.Mult) else None
    return None


def chosen_index(node: ast.Subscript, ctx: UnitContext) -> ast.Call | None:
    """Return the call of what ``node`` picks, or of something in it."""
    inner: ast.AST = node
    outer = ctx.module.parent(inner)
    while isinstance(outer, ast.Attribute | ast.Subscript) and outer.value is inner:
        inner, outer = outer, ctx.module.parent(outer)
    return outer if isinstance(outer, ast.Call) and outer.func is inner else None


def path_to(node: ast.expr, me: str, report: Report) -> Picked | None:
    """Return the path from the instance to ``node``; ``None`` where it is not one through modules."""
    if isinstance(node, ast.Name):
        return Picked(("",)) if node.id == me and me else None
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return None
    path = path_to(node.value, me, report)
    if path is None:
        return None
    *before, last = path.texts
    if isinstance(node, ast.Attribute):
        return replace(path, texts=(*before, f"{last}.{node.attr}"))
    if not path.texts[0] or isinstance(node.slice, ast.Slice | ast.Tuple):
        return None
    if isinstance(node.slice, ast.Constant) or _number(node.slice) is not None:
        return replace(path, texts=(*before, f"{last}[{ast.unparse(node.slice)}]"))
    held, index = report.type(node.value), report.type(node.slice)
    name = _container(held)
    wanted = ("str",) if name == TABLE else ("int", "bool", "tensor")
    if name is None or any(one.known and one.kind not in wanted for one in index.alternatives):
        return None
    return Picked((*path.texts, ""), (*path.indices, node.slice), (*path.tables, name == TABLE))


def _container(held: T) -> str | None:
    """Return which of PyTorch's containers a module is, in all instances that have it."""
    names = {one.name for one in held.alternatives if one.kind not in ("none", "missing")}
    name = names.pop() if len(names) == 1 else None
    return name if name in (*CONTAINERS, TABLE) else None


def site_of(call: ast.Call, callee: ast.expr, function: FunctionNode, report: Report, ctx: UnitContext) -> Site | None:
    """Return the call of a picked module; ``callee`` says what is called, in one expression."""
    path = path_to(callee, self_name(function), report)
    node = ctx.module.scopes.of(function).parent
    owner = next((i for i in ctx.project.classes_of(ctx.module) if node is not None and i.node is node.node), None)
    result = report.type(call)
    if path is None or not path.indices or owner is None or ctx.module.enclosing_function(call) is not function:
        return None
    if result.kind == "vary" and sum(one.known for one in result.args) > 1:
        return None
    imports: list[Edit] = []
    given: list[Given] = []
    arguments = [("", one) for one in call.args] + [(k.arg or "**", k.value) for k in call.keywords]
    for keyword, value in arguments:
        one = _given(keyword, value, report, function, ctx)
        if one is None:
            return None
        given.append(one[0])
        imports += one[1]
    returns = writable(result.bare, ctx, function) if result.known else None
    if returns is not None:
        imports += returns[1]
    text = returns[0] if returns is not None else ""
    return Site(call, path, tuple(given), text, owner, function, tuple(imports))


def _given(
    keyword: str, value: ast.expr, report: Report, function: FunctionNode, ctx: UnitContext
) -> tuple[Given, tuple[Edit, ...]] | None:
    if keyword == "**" or isinstance(value, ast.Starred):
        return None
    if isinstance(value, ast.Constant) and value.value is None:
        return Given(keyword, "", text="None"), ()
    name = keyword or (value.id if isinstance(value, ast.Name) else "")
    kind = _one_type(report.type(value).bare)
    if kind is None:
        return None
    if kind in (TENSOR, UNKNOWN):  # what has no annotation is a tensor to TorchScript
        return Given(keyword, "", name=name), ()
    written = writable(kind, ctx, function)
    return (Given(keyword, written[0], name=name), written[1]) if written is not None else None


def _one_type(kind: T) -> T | None:
    """Return the type of a parameter that takes what is of type ``kind`` in one instance or another."""
    if kind.kind != "vary":
        return None if kind.kind in ("none", "conflict", "module", "missing") else kind
    known = {one.bare for one in kind.args if one.known and one.kind not in ("none", "missing")}
    if len(known) > 1 or not known and any(one.kind == "none" for one in kind.args):
        return None
    only = known.pop() if known else UNKNOWN
    if any(one.kind == "none" for one in kind.args) and only.kind != "optional":
        return optional(only)
    return only


# ------------------------------------------------------------------------------------------- a variable for the module
def later_calls(
    statement: ast.Assign, node: ast.Subscript, function: FunctionNode, report: Report, ctx: UnitContext
) -> list[tuple[ast.Call, ast.expr]] | None:
    """Return the calls of the variable that ``statement`` puts a picked module into, each with what it calls.

    ``None`` where it is used otherwise, where its index may be another by then, or where a call may be left out (then
    nothing would tell of an index out of range).
    """
    target = statement.targets[0]
    block = block_of(statement, ctx.module)
    if len(statement.targets) != 1 or not isinstance(target, ast.Name) or statement.value is not node or not block:
        return None
    if shares_line(ctx.source, statement) or not _settled(node.slice, report, ctx):
        return None
    name, found, sure = target.id, list[tuple[ast.Call, ast.expr]](), False
    if name in {a.arg for a in walk(function.args) if isinstance(a, ast.arg)}:
        return None
    following = _until_next(name, block, statement)
    for use in (n for one in following for n in walk(one) if isinstance(n, ast.Name) and n.id == name):
        call = chosen_callee(use, ctx)
        if call is None or ctx.module.enclosing_function(use) is not function:
            return None
        found.append((call, _put_in(call.func, use, node)))
        sure = sure or _always_runs(use, following, ctx)
    inside = {id(n) for one in following for n in walk(one)}
    if not sure or not _reached_elsewhere(name, inside, function, ctx):
        return None
    names = {n.id for n in walk(node.slice) if isinstance(n, ast.Name)}
    changed = {n.id for one in following for n in walk(one) if isinstance(n, ast.Name) and _stores(n)}
    return None if names & changed else found


def _stores(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _until_next(name: str, block: list[ast.stmt], statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements behind ``statement`` up to the one that gives ``name`` another value."""
    found: list[ast.stmt] = []
    for one in block[block.index(statement) + 1 :]:
        if _is_new(one, name):
            break
        found.append(one)
    return found


def _is_new(statement: ast.stmt, name: str) -> bool:
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    own = any(isinstance(n, ast.Name) and n.id == name for n in walk(statement.value))
    return isinstance(target, ast.Name) and target.id == name and not own


def chosen_callee(use: ast.Name, ctx: UnitContext) -> ast.Call | None:
    """Return the call of a variable, or of something in it."""
    inner: ast.AST = use
    outer = ctx.module.parent(inner)
    while isinstance(outer, ast.Attribute) and outer.value is inner:
        inner, outer = outer, ctx.module.parent(outer)
    return outer if isinstance(outer, ast.Call) and outer.func is inner and isinstance(use.ctx, ast.Load) else None


def _put_in(callee: ast.expr, use: ast.Name, node: ast.Subscript) -> ast.expr:
    if callee is use:
        return node
    assert isinstance(callee, ast.Attribute)
    return ast.copy_location(ast.Attribute(_put_in(callee.value, use, node), callee.attr, ast.Load()), callee)


def _always_runs(use: ast.Name, following: list[ast.stmt], ctx: UnitContext) -> bool:
    """Whether ``use`` is evaluated whenever the statements behind the assignment are."""
    for parent in ctx.module.ancestors(use):
        if isinstance(parent, ast.stmt):
            straight = isinstance(parent, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return)
            before = following[: following.index(parent)] if parent in following else []
            ends = any(isinstance(n, ast.Return | ast.Break | ast.Continue) for one in before for n in walk(one))
            return straight and parent in following and not ends
        if isinstance(parent, ast.IfExp | ast.BoolOp | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp):
            return False
    return False


def _reached_elsewhere(name: str, inside: set[int], function: FunctionNode, ctx: UnitContext) -> bool:
    """Whether every other use of ``name`` follows an assignment in its own block."""
    covered = set(inside)
    for one in walk(function):
        if isinstance(one, ast.Assign) and _is_new(one, name):
            covered |= {id(n) for s in _until_next(name, block_of(one, ctx.module), one) for n in walk(s)}
            covered.add(id(one.targets[0]))
    return all(id(n) in covered for n in walk(function) if isinstance(n, ast.Name) and n.id == name)


def _settled(index: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether evaluating ``index`` a little later gives the same: names, literals and what construction decided."""
    model = class_model(report.info, ctx.project) if report.info is not None else None
    for node in walk(index):
        if isinstance(node, ast.Attribute):
            if model is None or node.attr in model.later or not isinstance(node.value, ast.Name):
                return False
        elif isinstance(node, ast.Call):
            if ast.unparse(node.func) != "len":
                return False
        elif not isinstance(
            node, ast.Name | ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop | ast.expr_context
        ):
            return False
    return True


# ------------------------------------------------------------------------------------------------- the method
@dataclass
class _Method:
    name: str
    edits: tuple[Edit, ...]


@dataclass
class _Names:
    """The names in one method."""

    taken: set[str] = field(default_factory=set)

    def free(self, *wanted: str) -> str:
        """Return the first of ``wanted`` that is free, or one made of the last; it is taken then."""
        name, count = next((one for one in wanted if one not in self.taken), wanted[-1]), 2
        while name in self.taken:
            name, count = f"{wanted[-1]}_{count}", count + 1
        self.taken.add(name)
        return name


def add_methods(sites: list[Site], ctx: UnitContext) -> dict[int, tuple[Edit, ...] | None]:
    """Return, for the ``id`` of each site, the edits that call a method there and define it."""
    found: dict[int, tuple[Edit, ...] | None] = {}
    methods: dict[tuple[object, ...], _Method | None] = {}
    given: dict[str, set[str]] = {}
    for site in sorted(sites, key=lambda one: (one.call.lineno, one.call.col_offset)):
        if site.shape not in methods:
            methods[site.shape] = _method(site, given.setdefault(site.owner.qualified, set()), ctx)
        method = methods[site.shape]
        call = _called(site, method.name, ctx) if method is not None else None
        found[id(site)] = (*call, *method.edits) if call is not None and method is not None else None
    return found


def _called(site: Site, name: str, ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Return the edits that turn the call into one of the method."""
    source, call = ctx.source, site.call
    start, behind = source.span(call.func).start, source.span(call.func).end
    between = source.text[behind:]
    opened = behind + len(between) - len(between.lstrip(" \t"))
    if source.text[opened : opened + 1] != "(":
        return None
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    kept = [one for one, given in zip(arguments, site.given, strict=True) if not given.text]
    parts: list[Part] = [f"{self_name(site.function)}.{name}("]
    for number, index in enumerate(site.path.indices):
        parts += [", ", index] if number else [index]
    if len(kept) == len(arguments):
        broken = source.text[opened + 1 :].lstrip(" \t")[:1] in ("\n", "\r")
        parts += ["," if broken else ", "] if arguments else []
        return (Edit(start, opened + 1, tuple(parts)),)
    for one in kept:
        parts += [", ", f"{one.arg}=", one.value] if isinstance(one, ast.keyword) else [", ", one]
    return (Edit(start, source.span(call).end, (*parts, ")")),)


def _method(site: Site, given: set[str], ctx: UnitContext) -> _Method | None:
    """Return the method that makes the call of ``site``; ``given`` are the names that others of its class got."""
    word = name_for("torch.jit.is_scripting", ctx, site.function)
    if word is not None and word[1]:
        word = of_torch("torch.jit.is_scripting", ctx, site.function)
    if word is None:
        return None
    name, text = "", ""
    for name in _candidates(site, ctx):
        text = "\n".join(_lines(name, site, word[0]))
        if name not in given and _is_free(name, text, site, ctx):
            break
    given.add(name)
    imports = (*site.imports, *word[1])
    if name in site.owner.methods:
        return _Method(name, imports)
    return _Method(name, (_below(site, text, ctx), *imports))


def _candidates(site: Site, ctx: UnitContext) -> Iterator[str]:
    words = "_".join(word.strip("_") for word in re.findall(r"\w+", "".join(site.path.texts)))
    name = f"_call_{words}_at"
    if not any(_indexes(base, site.path.texts[0], ctx) for base in ctx.project.mro(site.owner)[1:]):
        yield name
    name += f"_in_{site.owner.name.lower()}" if len(ctx.project.mro(site.owner)) > 1 else ""
    count = 1
    while True:
        yield name if count == 1 else f"{name}_{count}"
        count += 1


def _indexes(base: ClassInfo, text: str, ctx: UnitContext) -> bool:
    """Whether a base class picks modules in the same place: it may get a method for that."""
    attribute = text.rpartition(".")[2]
    return any(
        isinstance(n, ast.Subscript) and isinstance(n.value, ast.Attribute) and n.value.attr == attribute
        for n in walk(base.node)
    )


def _is_free(name: str, text: str, site: Site, ctx: UnitContext) -> bool:
    """Whether the class can have a method ``name``, or has this one already, and no class related to it knows one."""
    own = site.owner.methods.get(name)
    if own is not None:
        return ast.unparse(own) == ast.unparse(ast.parse(text))
    for module in ctx.project.using(name):
        for info in ctx.project.classes_of(module):
            related = info in ctx.project.mro(site.owner) or site.owner in ctx.project.mro(info)
            if related and (name in info.methods or name in info.level or any(name in s for s in info.stores.values())):
                return False
    return True


def _lines(name: str, site: Site, scripting: str) -> Iterator[str]:
    """Yield the lines of the method, at the left margin."""
    me, path = self_name(site.function), site.path
    names = _Names({me, scripting.split(".")[0], *_OWN, *(one.keyword for one in site.given if one.keyword)})
    indices = [names.free("key" if table else "index") for table in path.tables]
    parameters, arguments = [me], list[str]()
    for index, table in zip(indices, path.tables, strict=True):
        parameters.append(f"{index}: {'str' if table else 'int'}")
    for one in site.given:
        word = one.text
        if not word:
            word = one.keyword or names.free(*filter(None, (one.name, "x")))
            parameters.append(f"{word}: {one.annotation}" if one.annotation else word)
        arguments.append(f"{one.keyword}={word}" if one.keyword else word)
    called = f"({', '.join(arguments)})"
    direct = me + path.texts[0]
    for index, text in zip(indices, path.texts[1:], strict=True):
        direct += f"[{index}]{text}"
    yield f"def {name}({', '.join(parameters)}){f' -> {site.returns}' if site.returns else ''}:"
    yield f'    """Call `{direct}`: {_SAID}"""'
    yield f"    if not {scripting}():"
    yield f"        return {direct}{called}"
    yield from _loops(me + path.texts[0], 0, indices, called, path, names)


def _loops(owner: str, level: int, indices: list[str], called: str, path: Picked, names: _Names) -> Iterator[str]:
    """Yield the loop over the modules in ``owner``, and what is in it."""
    indent = "    " * (2 * level + 1)
    if level == len(indices):
        yield f"{indent}return {owner}{called}"
        return
    index, table = indices[level], path.tables[level]
    word = re.findall(r"[A-Za-z_]\w*", owner)[-1].strip("_") or "module"
    single = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else f"one_{word}"
    if word.endswith("ches"):
        single = word[:-2]
    number, item = names.free("name" if table else "number"), names.free(single)
    yield f"{indent}for {number}, {item} in {f'{owner}.items()' if table else f'enumerate({owner})'}:"
    yield f"{indent}    if {number} == {index}{'' if table else f' or {number} - len({owner}) == {index}'}:"
    yield from _loops(item + path.texts[level + 1], level + 1, indices, called, path, names)
    yield f"{indent}raise " + (f"KeyError({index})" if table else f'IndexError(f"index {{{index}}} is out of range")')


def _below(site: Site, text: str, ctx: UnitContext) -> Edit:
    """Define the method below the one that calls it."""
    source, function = ctx.source, site.function
    indent, newline = source.indent_of(function), source.newline
    step = source.indent_of(function.body[0]).removeprefix(indent) or "    "
    last = function.end_lineno or function.lineno
    lines = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        lines.append(indent + step * ((len(line) - len(bare)) // 4) + bare)
    block = newline + newline.join(lines) + newline
    if last < len(source.line_starts):
        return insert(source.line_starts[last], block)
    ends = source.text.endswith(("\n", "\r"))
    return insert(len(source.text), ("" if ends else newline) + block)
