"""Running functions over abstract values: argument binding, memory of what was run, bounds on depth and work."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from . import seeds
from .classes import ClassInfo
from .engine import MAX_CONTEXTS, MAX_DEPTH, Callable_, Engine, OutOfBudget, Summary
from .frame import Frame
from .names import FunctionNode
from .values import NONE, UNKNOWN, Depends, Value, constant, join_all, sequence, sequence_of

if TYPE_CHECKING:
    from .module import Module

_TRANSPARENT = (
    "torch.", "tensorflow.", "mxnet.", "functools.", "abc.", "typing.", "builtins.staticmethod", "builtins.classmethod",
    "builtins.property", "contextlib.", "numba.", "keras.", "typing_extensions.",
)  # fmt: skip
_VALUE_CHANGING = frozenset({"contextlib.contextmanager", "functools.singledispatch", "torch.vmap"})


def module_frame(engine: Engine, module: Module, run: bool = True) -> Frame:
    """Return the frame of a module's own code, interpreted if ``run`` (it may still be under way)."""
    frame = engine.module_frames.get(id(module))
    if frame is None:
        frame = Frame(engine, module, module.tree, {}, None, 0)
        frameworks = sorted(module.frameworks)
        frame.framework = frameworks[0] if len(frameworks) == 1 else ""
        engine.module_frames[id(module)] = frame
        engine.answers[("module-ran", id(module))] = False
    if run and not engine.answers.get(("module-ran", id(module))):
        engine.answers[("module-ran", id(module))] = True
        engine.active.append(id(module))
        saved, engine.steps = engine.steps, 0
        try:
            with engine.afresh():
                frame.run()
        except (OutOfBudget, RecursionError):
            frame.summary.end = {**(frame.env or {})}
        finally:
            engine.steps = saved
            engine.active.remove(id(module))
    return frame


def class_level(engine: Engine, info: ClassInfo) -> dict[str, Value]:
    """Return what the body of a class binds."""
    key = ("class-level", id(info.node))
    found = engine.answers.get(key)
    if isinstance(found, dict):
        return found
    engine.answers[key] = {}
    frame = Frame(engine, info.module, info.node, {}, info, 0)  # type: ignore[arg-type]
    frame.framework = framework_of(engine, info)
    saved, engine.active = engine.active, []  # what a body binds does not depend on who asks
    try:
        with engine.afresh():
            values = frame.run().end
    except (OutOfBudget, RecursionError):
        values = {}
    finally:
        engine.active = saved
    for statement in info.node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is None:
            stated = seeds.annotation_value(engine, info.module, statement.annotation, frame.framework)
            if stated is not None:
                values.setdefault(statement.target.id, stated)
    methods = {name for name in info.methods}
    result = {name: value for name, value in values.items() if name not in methods and "." not in name}
    engine.answers[key] = result
    return result


def framework_of(engine: Engine, info: ClassInfo | None) -> str:
    """Return the framework that a class belongs to, or an empty text."""
    base = engine.project.framework_base(info) if info is not None else None
    return base.framework if base is not None else ""


def run_method(
    engine: Engine, owner: ClassInfo, method: FunctionNode, self_value: Value, role: str, framework: str,
    known: dict[str, Value],
) -> Summary | None:  # fmt: skip
    """Interpret a method with the parameters that its signature and its callers tell; ``None`` when that's too much."""
    if id(method) in engine.active:
        return None
    parameters = seeds.seed(engine, method, owner.module, owner, role, framework)
    try:
        return run(engine, method, owner.module, owner, self_value, parameters, framework, None, known)
    except (OutOfBudget, RecursionError):
        return None


def run(
    engine: Engine, node: Callable_, module: Module, info: ClassInfo | None, self_value: Value | None, env: dict[str,
    Value],
    framework: str, closure: Frame | None, known: dict[str, Value] | None = None,
) -> Summary:  # fmt: skip
    """Interpret ``node`` with its parameters bound to ``env``."""
    frame = Frame(engine, module, node, dict(env), info, len(engine.active))
    frame.framework, frame.closure = framework, closure
    frame.summary.params = dict(env)
    arguments = [*node.args.posonlyargs, *node.args.args]
    if self_value is not None and arguments and not is_static(module, node):
        frame.self_name, frame.self_value = arguments[0].arg, self_value
        assert frame.env is not None
        frame.env[arguments[0].arg] = self_value
        frame.summary.params[arguments[0].arg] = self_value
        for name, value in (known or {}).items():
            frame.env[f"{arguments[0].arg}.{name}"] = value
    engine.active.append(id(node))
    outside = engine.outside
    if outside is None and engine.project.is_outside(module):
        engine.outside = engine.steps
    try:
        return frame.run()
    finally:
        engine.outside = outside
        engine.active.remove(id(node))


def call_function(
    frame: Frame, node: Callable_, module: Module, info: ClassInfo | None, self_value: Value | None, args: list[Value],
    kwargs: dict[str, Value], spread: bool, closure: Frame | None = None,
) -> Value:  # fmt: skip
    """Return what calling a function of the repository gives (``spread``: the call has ``*args`` or ``**kwargs``)."""
    engine = frame.engine
    stated = None
    if not isinstance(node, ast.Lambda):
        if _changed_by_decorator(module, node):
            return UNKNOWN
        stated = seeds.returns(engine, module, node, frame.framework)
    if engine.active.count(id(node)) > 0 or len(engine.active) > MAX_DEPTH or not engine.follows(module):
        return stated if stated is not None else UNKNOWN
    if self_value is not None and is_static(module, node):
        self_value = None
    own = [*args] if self_value is None else [self_value, *args]
    env = bind(frame, node, module, info, own, kwargs, spread)
    engine.note_entry_call(node, env)
    known = _so_far(frame, self_value)
    key = (
        id(node),
        self_value.cls if self_value else None,
        tuple(sorted(env.items())) if closure is None else id(closure),
        frame.framework,
        tuple(sorted(known.items())),
    )
    summary = engine.memo.get(key) if closure is None else None
    if summary is None:
        count = engine.contexts.get(id(node), 0)
        if count >= MAX_CONTEXTS:
            generic = engine.memo.get((id(node), "generic"))
            if generic is None:
                seeded = (
                    seeds.seed(engine, node, module, info, "helper", frame.framework)
                    if not isinstance(node, ast.Lambda)
                    else env
                )
                generic = run(engine, node, module, info, self_value, seeded, frame.framework, closure)
                engine.memo[(id(node), "generic")] = generic
            summary = generic
        else:
            engine.contexts[id(node)] = count + 1
            cuts = engine.cuts
            summary = run(engine, node, module, info, self_value, env, frame.framework, closure, known)
            if closure is None and cuts == engine.cuts:
                engine.memo[key] = summary
    frame.summary.calls.append(summary)
    _take_effects(frame, node, self_value, summary, own)
    result = summary.result
    if stated is not None and not result.known:
        return stated
    return result if result.kinds else UNKNOWN


def _so_far(frame: Frame, self_value: Value | None) -> dict[str, Value]:
    """What a constructor has given to ``self`` by now: the methods that it calls read that."""
    if self_value is None or frame.self_value is None or frame.self_value.cls != self_value.cls or frame.env is None:
        return {}
    attrs = frame.engine.attrs.get(self_value.cls or "")
    if attrs is None or attrs.ready:
        return {}
    prefix = f"{frame.self_name}."
    return {path.removeprefix(prefix): value for path, value in frame.env.items() if path.startswith(prefix)}


def _take_effects(frame: Frame, node: Callable_, self_value: Value | None, summary: Summary, args: list[Value]) -> None:
    """What the callee did to ``self`` and to containers that it was given."""
    env = frame.env
    if env is None:
        return
    names = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
    if self_value is not None and frame.self_value is not None and self_value.cls == frame.self_value.cls and names:
        for attr, value in summary.stores.items():
            ended = summary.end.get(f"{names[0]}.{attr}", value)
            env[f"{frame.self_name}.{attr}"] = ended
            frame.summary.stores[attr] = ended
    for name, value in zip(names, args, strict=False):
        ended = summary.end.get(name, value)
        if value.site and ended.site == value.site and ended != value:
            for path, held in env.items():
                if held.site == value.site:
                    env[path] = ended


def bind(
    frame: Frame, node: Callable_, module: Module, info: ClassInfo | None, args: list[Value], kwargs: dict[str, Value],
    spread: bool,
) -> dict[str, Value]:  # fmt: skip
    """Bind the arguments of a call to parameters, as Python does; what isn't told is the default or ``UNKNOWN``."""
    spec = node.args
    names = [argument.arg for argument in [*spec.posonlyargs, *spec.args]]
    skipped = names[:1] if info is not None else []
    env: dict[str, Value] = {}
    for name, value in zip(names, args, strict=False):
        env[name] = value
    extra = args[len(names) :]
    rest: dict[str, Value] = {}
    keyword_names = {*names, *(argument.arg for argument in spec.kwonlyargs)}
    for name, value in kwargs.items():
        if name in keyword_names:
            env[name] = value
        else:
            rest[name] = value
    defaults: dict[str, ast.expr] = dict(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=False))
    defaults |= {a.arg: d for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
    for argument in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]:
        name = argument.arg
        given = env.get(name)
        default = defaults.get(name)
        if given is not None:
            value = given
        else:
            value = (
                seeds.default_value(frame.engine, module, default) if default is not None and not spread else UNKNOWN
            )
        if not value.known and argument.annotation is not None:
            stated = seeds.annotation_value(frame.engine, module, argument.annotation, frame.framework)
            value = stated if stated is not None else value
        elif not value.known and not isinstance(node, ast.Lambda) and name not in skipped:
            value = seeds.refined(frame.engine, node, module, info, name, value, frame.framework)
        env[name] = value
    if spec.vararg is not None:
        env[spec.vararg.arg] = sequence_of("tuple", UNKNOWN) if spread else sequence("tuple", extra)
    if spec.kwarg is not None:
        items = None if spread else tuple(rest.items())
        env[spec.kwarg.arg] = Value(
            frozenset({"dict"}), keys=items, element=UNKNOWN if spread else join_all(rest.values())
        )
    return env


def _changed_by_decorator(module: Module, node: FunctionNode) -> bool:
    for decorator in node.decorator_list:
        name = module.qualified(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name is None or name in _VALUE_CHANGING or not name.startswith(_TRANSPARENT):
            return True
    return False


def is_static(module: Module, node: Callable_) -> bool:
    """Whether a method takes no ``self``."""
    return not isinstance(node, ast.Lambda) and any(
        module.qualified(decorator) == "builtins.staticmethod" for decorator in node.decorator_list
    )


def settled(value: Value) -> Value:
    """Return what an argument of a call outside is for the function's own facts: no constant, from outside."""
    return value if value.is_none else Value(
        value.kinds, elements=value.elements, element=value.element, keys=value.keys, rank=value.rank, cls=value.cls,
        depends=value.depends | Depends.PARAM, framework=value.framework, site=value.site,
    )  # fmt: skip


__all__ = ["NONE", "bind", "call_function", "class_level", "constant", "module_frame", "run", "run_method"]
