"""A class whose base stays a Block becomes hybrid behind it: ``class Net(Base, nn.HybridBlock)``.

Python then finds HybridBlock between the last class of the repository and Block, so that constructors and methods of
the bases run as before, and every constructor that hands on with ``super()`` reaches that of HybridBlock.  Where a base
has a ``forward``, it would be found first: the class takes that of HybridBlock (``forward = nn.HybridBlock.forward``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.classes import ClassInfo, Project
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.tables import FrameworkClass
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert, shares_line, text_behind
from ._added import methods_of, region_of
from ._ancestry import constructor, is_super_call, named_base
from ._imports import hybrid_block
from ._mixin import OURS
from ._plan import Plan, Reader, find
from ._uses import subclasses_of

_OURS = OURS | {
    "register_op_hook", "hybrid_forward", "__call__", "__new__", "__setattr__", "__getattr__", "__getattribute__",
}  # fmt: skip


def behind(plan: Plan, unsafe: bool) -> list[Edit] | None:
    """Return the edits that put HybridBlock behind the one base of a class, or ``None`` where that isn't right."""
    reader = plan.reader
    node, me = reader.unit.node, reader.unit.cls
    assert isinstance(node, ast.ClassDef) and me is not None
    order = reader.project.mro(me)
    if len(node.bases) != 1 or not all(_cooperates(info, reader.project) for info in order):
        return None
    if not all(_builds(info, reader.project) for info in subclasses_of(me, reader.project)):
        return None
    name, imported = hybrid_name(reader)
    if not name:
        return None
    edits = [insert(reader.source.span(node.bases[0]).end, f", {name}"), *imported]
    owner = next((info for info in order[1:] if "forward" in methods_of(info, reader.project)), None)
    taken = f"forward = {name}.forward"
    entry = reader.unit.entry
    if entry is not None:  # its own, which gives the class a forward that is found first where it hands arrays over
        if owner is None or reader.interp.handed:
            return edits
        return written_behind(edits, entry if entry in node.body else node, [taken], reader)
    if owner is None:
        return None
    method = methods_of(owner, reader.project)["forward"]
    handed = _handed(plan, owner, method, unsafe)
    if handed is None:
        return None
    own, given = handed
    text = [taken, "", f"def hybrid_forward({own}):", f"{{indent}}return super().forward({given})"]
    return written_behind(edits, node, text, reader)


def hybrid_name(reader: Reader) -> tuple[str, list[Edit]]:
    """Return how the file calls HybridBlock where the class stands, with the edits of an import that this needs."""
    name, edits = hybrid_block(reader.module, reader.source)
    seen = reader.module.scope_at(reader.unit.node).lookup(name.partition(".")[0]) if name else None
    return (name, edits) if edits or seen is not None and seen[0].is_module else ("", [])


def asks_base(info: ClassInfo) -> bool:
    """Whether a class's hybrid_forward calls the plain forward of a base."""
    method = info.methods.get("hybrid_forward")
    return method is not None and any(is_super_forward(node) for node in walk(method))


def is_super_forward(node: ast.AST) -> bool:
    """Whether ``node`` is ``super().forward``."""
    return isinstance(node, ast.Attribute) and node.attr == "forward" and is_super_call(node.value)


def plain_forward(info: ClassInfo, project: Project) -> bool:
    """Whether ``super().forward`` in a class is the plain forward of a base of the repository."""
    for base in project.mro(info)[1:]:
        if "hybrid_forward" in base.methods:
            return False
        if "forward" in base.methods:
            found = project.framework_base(base)
            return found is not None and not found.hybrid
    return False


def is_block(base: FrameworkClass) -> bool:
    """Whether a class of the framework is Block itself."""
    return base.name.rsplit(".", 1)[-1] == "Block"


def _cooperates(info: ClassInfo, project: Project) -> bool:
    """Whether HybridBlock can stand behind a class: nothing of its is hidden, and constructors hand on to it."""
    methods = methods_of(info, project)
    if _OURS & {*methods, *info.level} or "forward" in info.level:
        return False
    base = project.framework_base(info)
    if base is None:
        return True  # no block: it stands behind Block, as before
    if base.hybrid or not is_block(base):
        return False
    return _builds(info, project)


def _builds(info: ClassInfo, project: Project) -> bool:
    """Whether a class's own constructor, if it has one, leads to that of HybridBlock."""
    init = constructor(info, project)
    if init is None:
        return True
    calls = [n for n in walk(init) if isinstance(n, ast.Attribute) and n.attr == "__init__"]
    return bool(calls) and all(_hands_on(call.value, info, project) for call in calls)


def _hands_on(node: ast.expr, info: ClassInfo, project: Project) -> bool:
    """Whether ``node.__init__`` leads to HybridBlock's: ``super()``, or a base that is a block of the repository.

    From a base that is named (``Module.__init__(self)``) Python goes on behind it, along the bases of the instance; but
    a base without a constructor of its own, or of a base of its, has that of Block.
    """
    if is_super_call(node):
        return not node.args or isinstance(node.args[0], ast.Name) and node.args[0].id == info.name
    named = named_base(node, info, project)
    first = next((b for b in project.mro(named) if constructor(b, project) is not None), None) if named else None
    return first is not None and project.framework_base(first) is not None


def _handed(plan: Plan, owner: ClassInfo, method: FunctionNode, unsafe: bool) -> tuple[str, str] | None:
    """Return the parameters and arguments by which a hybrid_forward hands on to an inherited forward.

    That is right where the inherited forward, read with the attributes of this class, does the same for Symbols as it
    stands; ``None`` otherwise.
    """
    from ._convert import children, parameters, signature, unusual

    reader = plan.reader
    me = reader.unit.cls
    unit = Unit(reader.unit.name, "mxnet", "class", reader.unit.node, owner.module, method)
    unit.cls, unit.base = me, reader.unit.base
    unit.region = region_of(method, owner.module, reader.project, me)
    carried = Plan(Reader(unit, owner.module, reader.project, converting=True, unsafe=unsafe), converting=True)
    find(carried)
    if any(item.blocking or item.edits for item in carried.items) or parameters(carried) or parameters(plan):
        return None
    if any((*unusual(carried), *signature(carried, []), *children(carried, unsafe))):
        return None
    reader.relies += carried.reader.relies
    arguments = method.args
    optional = len(arguments.args) - len(arguments.defaults)
    own, given = [arguments.args[0].arg, "F"], []
    for index, arg in enumerate(arguments.args[1:], 1):
        default = arguments.defaults[index - optional] if index >= optional else None
        if default is not None and not isinstance(default, ast.Constant):
            return None
        own.append(arg.arg if default is None else f"{arg.arg}={ast.unparse(default)}")
        given.append(arg.arg)
    if arguments.vararg is not None:
        own.append(f"*{arguments.vararg.arg}")
        given.append(f"*{arguments.vararg.arg}")
    return (", ".join(own), ", ".join(given)) if "F" not in given else None


def written_behind(edits: list[Edit], after: ast.stmt, lines: list[str], reader: Reader) -> list[Edit] | None:
    """Return ``edits`` and the lines that are put into the class behind a method, or at its end."""
    node = reader.unit.node
    assert isinstance(node, ast.ClassDef)
    indent = _indent_of(node.body[0], reader)
    outer = _indent_of(node, reader)
    if indent is None or outer is None or not indent.startswith(outer) or indent == outer:
        return None
    step = indent[len(outer) :]
    rest = text_behind(reader.source, after)
    if rest and not rest.startswith("#"):
        return None
    text = reader.source.text
    stop = text.find("\n", reader.source.span(after).end)
    stop = len(text) if stop < 0 else stop
    newline = "\r\n" if text[:stop].endswith("\r") else "\n"
    place = stop - 1 if newline == "\r\n" else stop
    written = "".join(f"{newline}{indent}{line.format(indent=step)}" if line else newline for line in lines)
    return [*edits, insert(place, newline + written)]


def _indent_of(statement: ast.stmt, reader: Reader) -> str | None:
    """Return the white space that a statement's line begins with (``None``: something else stands there)."""
    return None if shares_line(reader.source, statement) else reader.source.indent_of(statement)


def guarded(me: ClassInfo, subclasses: list[ClassInfo]) -> Iterator[str]:
    """Yield the subclasses that need a base's plain forward to stay where it is."""
    for info in subclasses:
        if "forward" in me.methods and asks_base(info):
            yield f"its subclass {info.name} calls its forward from a hybrid_forward"
