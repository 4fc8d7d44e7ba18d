"""What every TensorFlow rule needs to make a finding."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator

from ...meaning.nodes import walk_statements
from ...rewrite.edit import Edit, Fix, add_import, insert_line_after, insert_line_before
from ..rule import ModuleContext
from ._compiled import untraced
from ._effects import Effect, effects_in
from ._program import AnyFunction, Program, Unit, program_of

TARGETS = ("tf.function", "tf.xla")


def unit_name(program: Program, function: AnyFunction) -> str:
    """Return the dotted name of the function, or of the one around a lambda."""
    unit = program.units.get(id(function))
    if unit is not None:
        return unit.name
    outer = program.module.enclosing_function(function)
    return program.module.scopes.of(outer).name if outer is not None else ""


def compiled_effects(ctx: ModuleContext, *kinds: str) -> Iterator[tuple[AnyFunction, Effect]]:
    """Yield (function, effect) for the effects of ``kinds`` in everything that is traced, each once."""
    program = program_of(ctx)
    seen: set[int] = set()
    for function in program.compiled:
        elsewhere = untraced(program, function)
        for effect in effects_in(program, function):
            if effect.kind in kinds and id(effect.node) not in seen and id(effect.node) not in elsewhere:
                seen.add(id(effect.node))
                yield function, effect


def compiled_calls(program: Program, unit: Unit) -> Iterator[tuple[AnyFunction, ast.Call]]:
    """Yield (function, call) for the calls in ``unit`` and what it reaches."""
    for function in program.reach(unit.function):
        for call in program.calls_in(function):
            yield function, call


def import_edit(ctx: ModuleContext, name: str) -> tuple[str, Edit | None]:
    """Return how to write the module ``name`` in this file, and the import to add where it isn't there yet."""
    top = ctx.module.scopes.top
    for bound, bindings in top.bindings.items():
        if all(binding.kind == "import" for binding in bindings) and top.qualified(ast.Name(bound, ast.Load())) == name:
            return bound, None
    return name, _add_standard(ctx, name)


def _add_standard(ctx: ModuleContext, name: str) -> Edit:
    """Return the edit that imports a module of the standard library where such imports stand."""
    source = ctx.source
    imports = []
    for index, node in enumerate(source.tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(node)
        elif not (index == 0 and isinstance(node, ast.Expr)):
            break
    future = [node for node in imports if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    rest = [node for node in imports if node not in future]
    standard = [node for node in rest if isinstance(node, ast.Import) and _is_standard(node.names[0].name)]
    later = [node for node in standard if node.names[0].name > name]
    if later:
        return insert_line_before(source, later[0], f"import {name}")
    if standard:
        return insert_line_after(source, standard[-1], f"import {name}")
    if rest:
        return insert_line_before(source, rest[0], f"import {name}{source.newline}")
    return add_import(source, f"import {name}")


def _is_standard(name: str) -> bool:
    return name.split(".")[0] in sys.stdlib_module_names


def with_import(ctx: ModuleContext, edits: Iterable[Edit], add: Edit | None) -> Fix:
    """Return the fix that makes ``edits``, and the import ``add`` where one is needed.

    A file that has Keras only may be run on another backend, which an import of TensorFlow would put an end to: unsafe.
    """
    if add is None:
        return Fix(tuple(edits))
    return Fix((*edits, add), safety="safe" if imports_tensorflow(ctx) else "unsafe")


def imports_tensorflow(ctx: ModuleContext) -> bool:
    """Whether the file imports something of TensorFlow itself."""
    known = ctx.module.notes.get("imports-tensorflow")
    if not isinstance(known, bool):
        names: list[str] = []
        for node in walk_statements(ctx.module.tree):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module or "")
        known = any(name.split(".")[0] == "tensorflow" for name in names)
        ctx.module.notes["imports-tensorflow"] = known
    return known


def tensorflow_name(ctx: ModuleContext) -> tuple[str, Edit | None]:
    """Return how the file writes ``tensorflow`` (``tf``), and the import to add where it only has Keras."""
    written, edit = import_edit(ctx, "tensorflow")
    if edit is None:
        return written, None
    if "tf" in ctx.module.scopes.top.bindings:
        return "tensorflow", edit
    return "tf", add_import(ctx.source, "import tensorflow as tf")
