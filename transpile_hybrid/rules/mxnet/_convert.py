"""What turns a Block into a HybridBlock besides its expressions: base, signature, parameters, helpers, children."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.classes import ClassInfo, Project
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert
from ._added import added_methods, entry_of, is_added, methods_of, region_of, replaces
from ._behind import behind, guarded, hybrid_name, is_block, written_behind
from ._bound import bound_again
from ._constructor import calls_block, named_constructor
from ._handed import handing
from ._held import alias_statement
from ._helpers import helpers
from ._hooks import hooked
from ._imports import class_name_edits
from ._live import found_first, wakes
from ._mixin import beside, names_both
from ._names import is_plain_framework_block
from ._plan import Item, Plan, Reader, admitted, find, plan_for_class
from ._structure import STAYS, child_state, class_state, hybrid_framework_class, is_called
from ._uses import subclasses_of
from ._values import Val

CODE = "THM601"


def complete(plan: Plan, unsafe: bool) -> None:
    """Add the structural items to a plan and decide whether the class can be converted."""
    reader = plan.reader
    unit = reader.unit
    assert unit.cls is not None
    if not plan.converting:
        plan.structure += never_called(plan)
        return
    reasons = [
        f"{item.code or item.message} at line {line_of(item, plan)}"
        for item in plan.items
        if item.blocking and not admitted(item, unsafe)
    ]
    edits: list[Edit] = [edit for item in plan.items if not item.code for edit in item.edits or ()]
    structural = [*bases(plan, edits, unsafe), *named_constructor(plan, edits), *children(plan, unsafe)]
    if not reasons and not structural:
        structural += subclasses(
            plan, unsafe
        )  # a base of many classes is asked for by each of them: only if it matters
    structural += unusual(plan)
    if unit.entry is not None:
        structural += signature(plan, edits)
        structural += helpers(plan, edits)
        structural += hand_over(plan, edits)
    if abstract(plan):
        structural.append("it is abstract, and no class here derives from it")
    plan.blocked = [*reasons, *structural]
    plan.waits = all(STAYS in reason for reason in structural)
    plan.relies = reader.relies
    if plan.blocked:
        reconsider(plan)
    elif edits:
        # In MXNet 2 a HybridBlock has a plain forward, and use_np marks code for it: it must stay as it is there.
        safety = "unsafe" if _already(plan) and "use_np" in reader.source.text or plan.assumed else "safe"
        plan.structure.append(
            Item(
                CODE,
                name_span(plan),
                message(plan),
                help="make it a HybridBlock with hybrid_forward(self, F, x)",
                edits=tuple(edits),
                safety=safety,
            )
        )


def never_called(plan: Plan) -> Iterator[Item]:
    """Yield what is to be said of a Block that has a hybrid_forward, which only a HybridBlock calls."""
    me, base, project = plan.reader.unit.cls, plan.reader.unit.base, plan.reader.project
    assert me is not None
    if "hybrid_forward" not in me.methods or base is None or not is_block(base):
        return
    if any(calls_it(method) for info in project.mro(me) for method in info.methods.values()):
        return
    below = [project.framework_base(info) for info in subclasses_of(me, project)]
    if any(found is not None and (found.hybrid or hybrid_framework_class(found.name)) for found in below):
        return  # for classes that are HybridBlocks besides
    forward = project.method(me, "forward") is not None
    yield Item(
        CODE,
        name_span(plan),
        f"`{me.name}` is a Block, which never calls its `hybrid_forward`"
        + (": it can't be compiled or exported" if forward else ": calling it raises NotImplementedError"),
        help="derive it from HybridBlock" + (", and leave out its forward" if forward else ""),
    )


def calls_it(method: FunctionNode) -> bool:
    """Whether a method names ``hybrid_forward``, as HybridBlock's own forward does."""
    return any(isinstance(node, ast.Attribute) and node.attr == "hybrid_forward" for node in walk(method))


def message(plan: Plan) -> str:
    """Return what is to be said of a class that isn't compiled."""
    what = "a Block" if not _already(plan) else "a HybridBlock with a plain forward"
    name = plan.reader.unit.node.name
    return f"`{name}` is {what}: it runs as Python on every call and can't be compiled or exported"


def reconsider(plan: Plan) -> None:
    """Say of a blocked class why it isn't converted."""
    plan.structure = [
        Item(
            CODE, name_span(plan), message(plan), why="not converted: " + "; ".join(dict.fromkeys(plan.blocked)),
            help="mend what the findings name, then make it a HybridBlock with hybrid_forward(self, F, x)",
        )
    ]  # fmt: skip


def hand_over(plan: Plan, edits: list[Edit]) -> Iterator[str]:
    """Write the forward that hands the block's arrays to its graph."""
    reader = plan.reader
    if not reader.interp.handed:
        return
    name, imported = hybrid_name(reader)
    node, entry = reader.unit.node, reader.unit.entry
    assert isinstance(node, ast.ClassDef) and entry is not None
    after = entry if entry in node.body else node
    written = written_behind([], after, handing(plan, name), reader) if name else None
    if written is None:
        yield "the forward that would hand its arrays to its graph has no place"
        return
    edits += [edit for edit in [*written, *imported] if edit not in edits]


def abstract(plan: Plan) -> bool:
    """Whether the class has no forward that computes, and no class here that derives from it has one."""
    unit, project = plan.reader.unit, plan.reader.project
    node, me = unit.node, unit.cls
    assert me is not None and isinstance(node, ast.ClassDef)
    if _computes(me, project):
        return False
    if any(plan.reader.qualified(b).rsplit(".", 1)[-1] == "Sequential" for b in node.bases):
        return False
    return not any(_computes(info, project) for info in subclasses_of(me, project))


def _computes(info: ClassInfo, project: Project) -> bool:
    """Whether a class has a forward that is more than a docstring and a ``raise``."""
    for owner in project.mro(info):
        found = entry_of(owner, project)
        if found is not None:
            break
    else:
        return False
    body = [s for s in found.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return bool(body) and not (len(body) == 1 and isinstance(body[0], ast.Raise | ast.Pass))


def _already(plan: Plan) -> bool:
    base = plan.reader.unit.base
    return base is not None and (base.hybrid or hybrid_framework_class(base.name))


def line_of(item: Item, plan: Plan) -> int:
    """Return the line that an item points at."""
    at = item.at
    return at.lineno if isinstance(at, ast.stmt | ast.expr | ast.arg | ast.keyword | ast.excepthandler) else 0


def name_span(plan: Plan) -> ast.AST:
    """Return what the finding about the class points at."""
    node = plan.reader.unit.node
    return node.bases[0] if isinstance(node, ast.ClassDef) and node.bases else node


def bases(plan: Plan, edits: list[Edit], unsafe: bool) -> Iterator[str]:
    """Edit the direct framework bases; yield what is wrong with the others."""
    reader = plan.reader
    node = reader.unit.node
    assert isinstance(node, ast.ClassDef)
    mixed, blocked = False, False
    for base in node.bases:
        name = reader.qualified(base)
        info = reader.project.class_named(name)
        short = name.rsplit(".", 1)[-1]
        if info is not None:
            framework = reader.project.framework_base(info)
            if framework is None:
                continue
            state = class_state(info, reader.project, unsafe, reader)
            if state.state != "hybrid":
                added = beside(plan, info) or behind(plan, unsafe)
                if added is None:
                    blocked = True
                    yield f"its base {state.reason}"
                else:
                    mixed = True
                    edits += added
        elif name.startswith("mxnet.") and short in ("Block", "Sequential"):
            named = class_name_edits(reader, base, "Hybrid" + short)
            edits += named
            if not named:
                yield f"its base `{reader.text(base)}` is {short} by another name, and Hybrid{short} has no name here"
        elif is_plain_framework_block(name):
            yield f"its base {short} is a Block of MXNet"
    if not mixed and not blocked and (keeper := found_first(plan, unsafe)):
        yield f"its base {keeper} has a plain forward, which would be found before that of HybridBlock"
    unresolved = [text for text in reader.project.unresolved_bases(reader.unit.cls) if text]  # type: ignore[arg-type]
    for text in unresolved:
        if not any(reader.text(base) == text and reader.qualified(base).startswith("mxnet.") for base in node.bases):
            yield f"its base `{text}` is not known"


def children(plan: Plan, unsafe: bool) -> Iterator[str]:
    """Yield what stands in the way among the blocks that the class holds."""
    reader = plan.reader
    if _already(plan):
        return  # a HybridBlock has refused every other child when it was built
    for name, attribute in reader.interp.attrs.items():
        value = attribute.value
        if value.kind == "config" and value.dim is None and not is_called(name, reader):
            continue
        if value.kind == "config" or value.kind == "unknown":
            if not is_called(name, reader):
                continue
            given = given_blocks(plan, name, unsafe)
            if given:
                yield given
            continue
        state = child_state(value, reader, f"self.{name}", unsafe)
        if state.state == "plain":
            yield f"its child `{name}`: {state.reason}"
        elif state.state == "unknown":
            given = given_blocks(plan, name, unsafe)
            if given:
                yield given
    yield from given_classes(plan, unsafe)
    added = added_to(plan, unsafe)
    if added:
        yield added
    for base in reader.interp.registered:
        state = child_state(base, reader, "a registered child", unsafe)
        if state.state != "hybrid":
            yield f"a child: {state.reason}"


def given_blocks(plan: Plan, name: str, unsafe: bool) -> str:
    """Return why a block that is handed to the constructor may be no HybridBlock (empty when all are)."""
    from ._given import constructions

    return constructions(plan, name, unsafe)


def added_to(plan: Plan, unsafe: bool) -> str:
    """Return why blocks that are added to the class from outside may be no HybridBlocks."""
    from ._given import added_blocks

    return added_blocks(plan, unsafe)


def given_classes(plan: Plan, unsafe: bool) -> Iterator[str]:
    """Yield the classes handed to the constructor to build children from that aren't known to be hybrid."""
    from ._given import class_arguments

    for name in plan.reader.interp.classes_given:
        found = class_arguments(plan, name, unsafe)
        if found:
            yield found


def subclasses(plan: Plan, unsafe: bool) -> Iterator[str]:
    """Yield the subclasses that would break if this class were hybrid: those that hold a plain block."""
    reader = plan.reader
    me = reader.unit.cls
    assert me is not None
    helpers_ = {f.name for f in reader.unit.region if f is not reader.unit.entry}
    read = {n.attr for f in reader.unit.region for n in walk(f) if isinstance(n, ast.Attribute)}
    below = subclasses_of(me, reader.project)
    yield from guarded(me, below)
    for info in below:
        if calls_block(info, reader.project):
            yield f"its subclass {info.name} calls the constructor of Block by its name"
        if wakes(info, me, reader.project):
            yield f"its subclass {info.name} has a hybrid_forward, which isn't called now"
        if names_both(info, me, reader.project):
            yield f"its subclass {info.name} names HybridBlock before it"
        overridden = sorted(helpers_ & set(info.methods) - {"__init__"})
        if overridden and "forward" not in info.methods:
            yield f"its subclass {info.name} overrides `{overridden[0]}`"
        if "__init__" not in info.methods:
            continue
        other = plan_for_class(info, reader.project, unsafe)
        if other is None or other is plan:
            continue
        found = list(_breaking(plan, info, other, read, unsafe))
        if found:
            yield from found
            return  # one is enough


def _breaking(plan: Plan, info: ClassInfo, other: Plan, read: set[str], unsafe: bool) -> Iterator[str]:
    """Yield what a subclass holds that would make it fail if this class were hybrid."""
    reader = plan.reader
    inherits = "forward" not in info.methods
    changed = ""
    for name, attribute in other.reader.interp.attrs.items():
        mine = reader.interp.attrs.get(name)
        if mine is not None and name in read and not alike(mine.value, attribute.value):
            changed = changed or name
        if attribute.value.kind in ("module", "either", "seq"):
            state = child_state(attribute.value, other.reader, name, unsafe)
            if state.state == "plain":
                yield f"its subclass {info.name} holds `{name}`: {state.reason}"
    if inherits and changed and not _same_for(plan, info, unsafe):
        yield f"its subclass {info.name} has another `{changed}`"
    for child in other.reader.interp.registered:
        state = child_state(child, other.reader, "a registered child", unsafe)
        if state.state == "plain":
            yield f"its subclass {info.name} has a child: {state.reason}"


def alike(a: Val, b: Val) -> bool:
    """Whether two values of an attribute are of one kind and class."""
    parts = (a.contents(), b.contents()) if "either" in (a.kind, b.kind) or "seq" in (a.kind, b.kind) else ([], [])
    same = len(parts[0]) == len(parts[1]) and all(alike(x, y) for x, y in zip(*parts, strict=True))
    return a.kind == b.kind and a.cls == b.cls and same


def _same_for(plan: Plan, info: ClassInfo, unsafe: bool) -> bool:
    """Whether the forward, read with the attributes of a subclass that inherits it, is rewritten to the same."""
    reader = plan.reader
    assert reader.unit.entry is not None
    unit = Unit(reader.unit.name, "mxnet", "class", reader.unit.node, reader.module, reader.unit.entry)
    unit.cls, unit.base = info, reader.unit.base
    unit.region = region_of(reader.unit.entry, reader.module, reader.project, info)
    carried = Plan(Reader(unit, reader.module, reader.project, converting=True, unsafe=unsafe), converting=True)
    find(carried)
    return _edits_of(carried) == _edits_of(plan) and parameters(carried) == parameters(plan)


def _edits_of(plan: Plan) -> list[tuple[str, bool, tuple[Edit, ...] | None]]:
    """Return what is to be done about the region of a class."""
    return [(item.code, item.blocking, item.edits) for item in plan.items]


def unusual(plan: Plan) -> Iterator[str]:
    """Yield what a class does that a graph doesn't follow: its own ``__call__``, hooks, a generator, added methods."""
    me = plan.reader.unit.cls
    assert me is not None
    ours = {"forward", "__call__", *(function.name for function in plan.reader.unit.region)} - {"__init__"}
    for info in plan.reader.project.mro(me):
        for name, added in added_methods(info, plan.reader.project).items():
            read = added in plan.reader.unit.region
            if name != "forward" and replaces(added, info, plan.reader.project):
                read = False  # the other one is in the region too
            if name in ours and not read:
                yield f"its `{name}` is given to {info.name} after its body, at line {added.lineno}"
        if "__call__" in info.methods:
            yield f"{info.name} has its own __call__"
        if (asked := methods_of(info, plan.reader.project).get("collect_params")) and not _collects(asked):
            yield f"{info.name} has its own collect_params, which a HybridBlock asks for its parameters by name"
        for method in info.methods.values():
            if any(isinstance(n, ast.Attribute) and n.attr.startswith("register_forward_") for n in walk(method)):
                yield f"{info.name} registers hooks, which run outside of the graph"
    modules = plan.reader.project.mentioning("register_forward_") or ()
    for module in modules:
        if (module is plan.reader.module or me.name in module.source.text) and (line := hooked(module)):
            yield f"hooks are registered at line {line}, which run outside of the graph"
            break
    for function in plan.reader.unit.region:
        if any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in walk(function)):
            yield f"`{function.name}` is a generator"


def _collects(method: FunctionNode) -> bool:
    """Whether all that a method returns is what the ``collect_params`` of a block gives."""
    values = [node.value for node in walk(method) if isinstance(node, ast.Return)]
    asked = [v.func for v in values if isinstance(v, ast.Call)]
    return 0 < len(values) == len(asked) and all(
        isinstance(one, ast.Attribute) and one.attr == "collect_params" for one in asked
    )


def signature(plan: Plan, edits: list[Edit]) -> Iterator[str]:
    """Edit ``def forward(self, x)``; parameters become keywords named after their attributes."""
    reader = plan.reader
    entry = reader.unit.entry
    assert entry is not None
    if entry.name != "forward" or isinstance(entry, ast.AsyncFunctionDef):
        yield "its forward is no plain method"
        return
    arguments = entry.args
    positional = [*arguments.posonlyargs, *arguments.args]
    added = is_added(entry, reader.module, reader.project)
    if reader.unit.cls is not None and (again := bound_again(entry, reader.unit.cls, reader.project)):
        yield again
    if added and reader.unit.cls is not None and replaces(entry, reader.unit.cls, reader.project):
        yield "its forward, which it is given after its body, takes the place of another one"
    if added and named_alone(entry, reader):
        yield "its forward, which it is given after its body, is used by its own name too"
    decorated = bool(entry.decorator_list) and not added
    if arguments.posonlyargs or arguments.kwonlyargs or not positional or decorated:
        yield "the signature of its forward has keyword-only arguments, or a decorator"
        return
    if arguments.kwarg is not None:
        yield "its forward takes **kwargs: a HybridBlock takes positional arguments only"
        return
    if len(positional) < 2 and arguments.vararg is None:
        yield "its forward takes no array: a HybridBlock needs at least one"
        return
    span = reader.source.span(entry)
    head = reader.source.text.index("forward", span.start)
    edits.append(Edit(head, head + len("forward"), ("hybrid_forward",)))
    edits.append(insert(reader.source.span(positional[0]).end, ", F"))
    names = parameters(plan)
    handed = "".join(f", {name}" for name in reader.interp.handed)
    taken = {a.arg for a in positional} | ({arguments.vararg.arg} if arguments.vararg else set())
    scope = reader.module.scopes.of(entry)
    for name, _ in names:
        if name in taken or name == "F" or name in scope.bindings and not _only_itself(entry, name, plan):
            yield f"the parameter `{name}` and a local of forward have one name"
    if "F" in scope.bindings and alias_statement("F", reader) is None:
        yield "forward has a local named F"
    if not names and not handed:
        return
    has_default = bool(arguments.defaults)
    last = arguments.vararg or positional[-1]
    end = reader.source.span(last).end
    if last is positional[-1] and arguments.defaults:
        end = reader.source.span(arguments.defaults[-1]).end
    ordered = sorted(names, key=lambda pair: pair[1])
    text = handed + "".join(
        f", {name}" + ("=None" if optional or (has_default and arguments.vararg is None) else "")
        for name, optional in ordered
    )
    edits.append(insert(end, text))


def named_alone(entry: FunctionNode, reader: Reader) -> bool:
    """Whether a file names the function that is put into a class in another place than its definition."""
    loads = (n for n in walk(reader.module.tree) if isinstance(n, ast.Name) and n.id == entry.name)
    return any(isinstance(n.ctx, ast.Load) for n in loads)


def _only_itself(entry: FunctionNode, name: str, plan: Plan) -> bool:
    """Whether the local ``name`` only ever is the parameter: ``w = self.w.data()``."""
    for node in walk(entry):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            value = paired_value(node, plan.reader.module.parents)
            if not (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Attribute)
                and value.func.attr == "data"
                and plan.reader.self_attribute(value.func.value) == name
            ):
                return False
    return True


def paired_value(target: ast.Name, parents: dict[int, ast.AST]) -> ast.expr | None:
    """Return what a plain assignment gives to ``target``, also in ``a, b = x, y``."""
    parent = parents.get(id(target))
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return parent.value
    if isinstance(parent, ast.Tuple):
        statement = parents.get(id(parent))
        value = statement.value if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        if isinstance(value, ast.Tuple) and len(value.elts) == len(parent.elts):
            return value.elts[parent.elts.index(target)]
    return None


def parameters(plan: Plan) -> list[tuple[str, bool]]:
    """Return the parameters that a HybridBlock hands to its forward: (attribute, may be absent)."""
    out: list[tuple[str, bool]] = []
    for name, attribute in plan.reader.interp.attrs.items():
        if attribute.value.kind == "param" or name in plan.reader.interp.constants:
            out.append((name, attribute.value.none or any(_conditional(node, plan) for node in attribute.nodes)))
    out += [(name, False) for name in plan.reader.interp.hoisted]
    return out


def _conditional(node: ast.AST, plan: Plan) -> bool:
    """Whether an attribute is set under an ``if`` of the constructor."""
    if plan.reader.module.parents.get(id(node)) is None:
        return False
    for parent in plan.reader.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef):
            return False
        if isinstance(parent, ast.If | ast.For | ast.While | ast.Try):
            return True
    return False
