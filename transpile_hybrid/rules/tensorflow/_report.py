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

    A file that can do without TensorFlow (it has Keras only, or imports TensorFlow under a condition) may be run on
    another backend, which would come to an end there: unsafe.
    """
    optional = not imports_tensorflow(ctx) and (add is not None or bool(_imports(ctx)))
    return Fix((*edits, add) if add is not None else tuple(edits), safety="unsafe" if optional else "safe")


def imports_tensorflow(ctx: ModuleContext) -> bool:
    """Whether the file imports something of TensorFlow itself, whatever else there is."""
    return any(_unconditional(ctx, node) for node in _imports(ctx))


def _imports(ctx: ModuleContext) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports of TensorFlow in the file."""
    known = ctx.module.notes.get("imports-of-tensorflow")
    if not isinstance(known, list):
        known = ctx.module.notes["imports-of-tensorflow"] = [
            node
            for node in walk_statements(ctx.module.tree)
            if isinstance(node, ast.Import | ast.ImportFrom) and _of_it(node)
        ]
    return known


def _of_it(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] == "tensorflow" for alias in node.names)
    return not node.level and (node.module or "").split(".")[0] == "tensorflow"


def _unconditional(ctx: ModuleContext, node: ast.Import | ast.ImportFrom) -> bool:
    """Whether the file can't be imported without: at its top, or tried there with nothing else to fall back on."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Try) and isinstance(ctx.module.parent(parent), ast.Module):
        ways = [inner for handler in parent.handlers for inner in handler.body]
        return any(
            isinstance(way, ast.Raise) or isinstance(way, ast.Import | ast.ImportFrom) and _of_it(way) for way in ways
        )
    return isinstance(parent, ast.Module)


def tensorflow_name(ctx: ModuleContext) -> tuple[str, Edit | None]:
    """Return how the file writes ``tensorflow`` (``tf``), and the import to add where it only has Keras."""
    written, edit = import_edit(ctx, "tensorflow")
    if edit is None:
        return written, None
    if "tf" in ctx.module.scopes.top.bindings:
        return "tensorflow", edit
    return "tf", add_import(ctx.source, "import tensorflow as tf")
