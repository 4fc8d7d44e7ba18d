"""Execute of a file only what one function needs, for ``tf_run.py``.

Public code trains when it is imported, asks for data, or rests on packages that aren't here.  So the definitions that
the wanted names reach are executed, one by one, and nothing else: names are followed through the file, into files that
lie beside it, and into real imports.  What can't be imported is stood for by an object that does nothing.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

STAND_INS: list[MagicMock] = []
"""What stands for imports that aren't here."""
_INSTALLED = ("tensorflow", "keras", "numpy")
BINDERS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement at the top of a file binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.split(".")[0] for alias in statement.names}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def read(statement: ast.AST) -> set[str]:
    """Return the names that a statement reads from outside of itself."""
    out: set[str] = set()
    for child in ast.iter_child_nodes(statement):
        out |= read(child)
    if isinstance(statement, ast.Name):
        out.add(statement.id)
    if isinstance(statement, ast.FunctionDef | ast.Lambda):
        arguments = statement.args
        own = {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
        own |= {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}
        body = statement.body if isinstance(statement.body, list) else [statement.body]
        inside = [node for part in body for node in ast.walk(part)]
        shared = {name for node in inside if isinstance(node, ast.Global) for name in node.names}
        own |= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - shared
        out -= own - {
            n.id for d in getattr(statement, "decorator_list", []) for n in ast.walk(d) if isinstance(n, ast.Name)
        }
    return out


def flattened(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a file, those below ``if`` and ``try`` at its top included."""
    out: list[ast.stmt] = []
    for statement in body:
        program = isinstance(statement, ast.If) and "__main__" in ast.unparse(statement.test)
        if isinstance(statement, ast.If | ast.Try) and not program:
            out += flattened(statement.body)
        else:
            out.append(statement)
    return out


def needed(body: list[ast.stmt], wanted: set[str], given: set[str]) -> list[ast.stmt]:
    """Return the statements that bind what ``wanted`` reach, in their order; ``given`` are bound already."""
    statements = [s for s in flattened(body) if isinstance(s, BINDERS)]
    names, chosen, moved = set(wanted) - given, set[int](), True
    while moved:
        moved = False
        for statement in statements:
            makes = bound(statement) - given
            extends = isinstance(statement, ast.FunctionDef) and any(
                isinstance(d, ast.Call) and any(isinstance(a, ast.Name) and a.id in names for a in d.args)
                for d in statement.decorator_list
            )  # ``@add_to_class(Net)``
            if id(statement) not in chosen and (makes & names or extends):
                chosen.add(id(statement))
                names |= read(statement) - given
                moved = True
    return [s for s in statements if id(s) in chosen]


def stand_in(name: str) -> MagicMock:
    STAND_INS.append(MagicMock(name=name))
    return STAND_INS[-1]


def load(file: Path, name: str, wanted: set[str], given: dict[str, Any]) -> types.ModuleType:
    """Execute what ``wanted`` need of ``file`` as the module ``name``."""
    module = types.ModuleType(name)
    module.__file__ = str(file)
    sys.modules[name] = module
    module.__dict__.update(given, _failed=[])
    fill(module, file, wanted, set(given))
    return module


def fill(module: types.ModuleType, file: Path, wanted: set[str], given: set[str]) -> None:
    """Execute in ``module`` what ``wanted`` need of ``file``, at the lines where it stands (AutoGraph reads them)."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    future = [s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
    for statement in needed(tree.body, wanted, given):
        if statement in future:
            continue
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                if (alias.asname or alias.name.split(".")[0]) not in given:
                    bring(module, file, statement, alias)
            continue
        try:
            exec(compile(ast.Module([*future, statement], []), str(file), "exec"), module.__dict__)
        except Exception as exc:
            module.__dict__["_failed"].append(f"line {statement.lineno}: {type(exc).__name__}: {exc}")


def bring(module: types.ModuleType, file: Path, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
    """Bind one imported name: from a file beside, from what is installed, or to something that does nothing."""
    name = alias.asname or alias.name.split(".")[0]
    text = ast.unparse(ast.Import([alias]))
    if isinstance(statement, ast.ImportFrom):
        text = ast.unparse(ast.ImportFrom(statement.module, [alias], statement.level))
        beside = neighbour(file, statement, alias.name)
        if beside is not None:
            path, inner = beside
            other = sys.modules.get(f"{module.__name__}|{path}")
            if other is None:
                other = load(path, f"{module.__name__}|{path}", set(), {})
            wanted = {inner} if inner else everything(path, module)
            fill(other, path, {w for w in wanted if not hasattr(other, w)}, set())
            module.__dict__[name] = (
                (getattr(other, inner) if hasattr(other, inner) else stand_in(inner)) if inner else other
            )
            return
    try:
        exec(text, module.__dict__)
    except Exception:
        try:
            assert isinstance(statement, ast.ImportFrom) and statement.module and not statement.level
            module.__dict__[name] = importlib.import_module(f"{statement.module}.{alias.name}")
        except Exception:
            module.__dict__[name] = stand_in(name)


def everything(path: Path, module: types.ModuleType) -> set[str]:
    """Return the names that ``module`` reads off another one: all that it mentions by a dot."""
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    own = {
        name for statement in flattened(ast.parse(path.read_text(encoding="utf-8")).body) for name in bound(statement)
    }
    return own & {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}


def neighbour(file: Path, statement: ast.ImportFrom, wanted: str) -> tuple[Path, str] | None:
    """Return the file that a name comes from, and the name in it ('' for the module itself)."""
    parts = (statement.module or "").split(".") if statement.module else []
    folders = list(file.parents)
    if parts and parts[0] in _INSTALLED and not statement.level:
        return None
    if statement.level:
        folders = [folders[statement.level - 1]]
    for folder in folders[:12]:
        place = folder.joinpath(*parts)
        if (place / f"{wanted}.py").is_file():
            return place / f"{wanted}.py", ""
        if parts and place.with_suffix(".py").is_file():
            return place.with_suffix(".py"), wanted
        if (parts or statement.level) and (place / "__init__.py").is_file():
            found = through(place / "__init__.py", wanted)
            if found is not None:
                return found
    return None


def through(file: Path, wanted: str) -> tuple[Path, str] | None:
    """Return where a package's ``__init__`` has a name from."""
    for statement in flattened(ast.parse(file.read_text(encoding="utf-8")).body):
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if (alias.asname or alias.name) == wanted:
                    return neighbour(file, statement, alias.name)
        elif wanted in bound(statement):
            return file, wanted
    return None
