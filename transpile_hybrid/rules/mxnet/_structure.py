"""Facts about classes: which are hybrid, which can become so, and what a block holds."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...meaning.classes import ClassInfo, Project
from ...meaning.nodes import walk
from ._callsite import CONTAINERS
from ._lambda import hybrid_function
from ._names import PLAIN_BLOCKS, is_plain_framework_block, operator_of
from ._plan import Reader, plan_for_class
from ._tables import missing
from ._values import Val

_HYBRID_ROOTS = (
    "mxnet.gluon.nn.",
    "mxnet.gluon.rnn.",
    "mxnet.gluon.loss.",
    "mxnet.gluon.model_zoo.",
    "mxnet.gluon.contrib.",
)

STAYS = "stays a Block"


@dataclass(frozen=True)
class Child:
    """A block that a class holds: hybrid (now or after this rewrite), plain with the reason, or not known."""

    state: str  # "hybrid", "plain", "unknown"
    reason: str = ""


def hybrid_framework_class(name: str) -> bool:
    """Whether a class that MXNet ships is a HybridBlock."""
    short = name.rsplit(".", 1)[-1]
    if short in PLAIN_BLOCKS or not short[:1].isupper():
        return False
    return name.startswith(_HYBRID_ROOTS) or name in ("mxnet.gluon.HybridBlock", "mxnet.gluon.SymbolBlock")


def class_state(info: ClassInfo, project: Project, unsafe: bool, relying: Reader | None = None) -> Child:
    """Tell whether instances of a class of the repository are, or become, hybrid."""
    from ._live import stays_plain

    base = project.framework_base(info)
    if base is None:
        return Child("unknown", f"{info.name} is no block that is known")
    plan = plan_for_class(info, project, unsafe)
    if base.hybrid or hybrid_framework_class(base.name):
        bad = plan.broken(unsafe) if plan is not None and not plan.converting else ""
        bad = bad or stays_plain(info, project, unsafe)
        if not bad and plan is not None and plan.converting and relying is not None:
            getattr(relying, "relies", []).append(info)
        return (
            Child("plain", f"{info.name} is a HybridBlock that can't be compiled ({bad})") if bad else Child("hybrid")
        )
    if plan is not None and plan.convertible:
        if relying is not None and getattr(relying, "relies", None) is not None:
            relying.relies.append(info)
        return Child("hybrid")
    reason = f"{info.name} {STAYS}"
    if plan is not None and plan.blocked:
        reason += f" ({plan.blocked[0]})"
    return Child("plain", reason)


def instance_state(info: ClassInfo, project: Project, unsafe: bool, relying: Reader | None = None) -> Child:
    """Tell whether another block's graph can hold instances of a class of the repository."""
    from ._handed import hands_arrays
    from ._live import given_forward

    state = class_state(info, project, unsafe, relying)
    if state.state == "hybrid" and (given := given_forward(info, project)):
        return Child("plain", f"{info.name} can't be compiled ({given})")
    if state.state == "hybrid" and hands_arrays(info, project, unsafe):
        return Child("plain", f"{info.name} hands arrays of its own to its graph, which no graph around it can do")
    return state


def child_state(value: Val, reader: Reader, key: str, unsafe: bool) -> Child:
    """Tell whether a value that a block holds is, or becomes, hybrid."""
    if value.kind in (
        "int",
        "number",
        "none",
        "tensor",
        "param",
        "array",
        "context",
        "function",
        "dtype",
        "shape",
        "self",
        "namespace",
        "class",
        "object",
        "host",
    ):
        return Child("hybrid")
    if value.kind == "module":
        info = reader.project.class_named(value.cls)
        if info is not None:
            return instance_state(info, reader.project, unsafe, reader)
        short = value.cls.rsplit(".", 1)[-1]
        if short in CONTAINERS:
            for base in sorted(value.bases):
                for part in reader.interp.added.get(base, []):
                    state = child_state(part, reader, f"{key}[]", unsafe)
                    if state.state != "hybrid":
                        return state
            return as_built(value, reader, unsafe) if short == "Sequential" else Child("hybrid")
        if short == "Lambda" and value.items and becomes_hybrid(value.items[0], reader):
            return Child("hybrid")  # THM603 makes it a HybridLambda
        if is_plain_framework_block(value.cls):
            return Child("plain", f"{short} is a Block")
        return Child("hybrid")
    if value.kind == "config" and value.cls != "child" and value.dim is None and key == "a registered child":
        return Child("unknown", "a registered child is not known")
    if value.kind == "module" and not value.cls:
        return Child("unknown", f"what `{key}` holds is not known")
    if value.kind == "either":
        for way in value.contents():
            state = child_state(way, reader, key, unsafe)
            if state.state != "hybrid":
                return state
        return Child("hybrid")
    if value.kind in ("seq", "dict"):
        for index, part in enumerate(value.contents()):
            if part.kind in ("config", "unknown") and not is_walked(key, reader):
                continue
            state = child_state(part, reader, f"{key}.{index}", unsafe)
            if state.state != "hybrid":
                return state
        return Child("hybrid")
    return Child("unknown", f"what `{key}` holds is not known")


def as_built(value: Val, reader: Reader, unsafe: bool) -> Child:
    """Tell whether a Sequential is hybrid wherever the function that builds it is called, not for this class only."""
    from ._build import builders

    module = getattr(reader.interp, "module", None)
    if module is None:
        return Child("hybrid")
    nodes = [node for node, built in reader.interp.built.items() if built.bases & value.bases]
    others = builders(module, reader.project)
    if others.interp is reader.interp:
        return Child("hybrid")
    for node in nodes:
        held = others.interp.built.get(node)
        for base in sorted(held.bases) if held is not None else ():
            for part in others.interp.added.get(base, []):
                state = child_state(part, others.reader_for(reader), "it", unsafe)  # type: ignore[arg-type]
                if state.state != "hybrid":
                    return Child("plain", f"the Sequential that it is {STAYS}: {state.reason}")
    return Child("hybrid")


def becomes_hybrid(function: Val, reader: Reader) -> bool:
    """Whether a Lambda's function is a name, or such that it can be given an ``F``."""
    if isinstance(function.const, str):
        return True
    if function.kind == "namespace":
        found = operator_of(function.cls)
        return found is not None and not missing(*found) and "." not in found[1]
    defined = reader.interp.locals.get(function.const) if isinstance(function.const, int) else None
    return defined is not None and hybrid_function(defined.node, reader.interp.module) is not None  # type: ignore[arg-type]


def is_walked(key: str, reader: Reader) -> bool:
    """Whether the region goes over, or takes elements of, what ``self.name`` holds."""
    name = key.removeprefix("self.").split(".")[0]
    for function in getattr(reader, "unit", None) and reader.unit.region or []:
        for node in walk(function):
            source = (
                node.iter
                if isinstance(node, ast.For | ast.comprehension)
                else node.value
                if isinstance(node, ast.Subscript)
                else None
            )
            if source is not None and any(isinstance(n, ast.Attribute) and n.attr == name for n in walk(source)):
                return True
    return False


def is_called(name: str, reader: Reader) -> bool:
    """Whether the region calls ``self.name(...)``."""
    for function in reader.unit.region:
        for node in walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                return True
    return False
