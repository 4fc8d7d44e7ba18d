"""The classes of a repository without its trees: what files define and hand on, in rows that can be kept on disk.

A :class:`Index` answers what a :class:`Project` of the same files would on names, bases and methods, and needs about
a thousandth of the memory.  Rows hold plain values alone (``marshal`` writes them).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

from .classes import ClassInfo, Project, class_rows
from .names import Binding, FunctionNode, Scope

if TYPE_CHECKING:
    from .module import Module
    from .tables import FrameworkClass

_NO_TREE = ast.Module(body=[], type_ignores=[])
_NO_CLASS = ast.ClassDef(name="", bases=[], keywords=[], body=[], decorator_list=[])
_NO_FUNCTION = ast.parse("def _(): ...").body[0]


RowOfClass = tuple[
    str, tuple[str | None, ...], tuple[str, ...], int, dict[str, tuple[str, ...]], tuple[str, ...]
]  # fmt: skip


class Row(NamedTuple):
    """What one file defines.

    ``names`` maps each name at module level to the qualified name that it stands for (``None``: to some value);
    ``classes`` are (qualified name, bases, methods, line, attributes that methods store, names that the body binds).
    """

    name: str
    package: str
    names: dict[str, str | None]
    stars: tuple[str, ...]
    classes: tuple[RowOfClass, ...]
    functions: tuple[str, ...]


def row_of(module: Module) -> Row:
    """Return the row of a parsed module."""
    top = module.scopes.top
    names = {name: top.qualified(ast.Name(name, ast.Load())) for name in top.bindings}
    infos = [
        ClassInfo(node.name, qualified, module, node, bases, methods)
        for qualified, node, bases, methods in class_rows(module)
    ]
    classes = tuple(
        (info.qualified, info.bases, tuple(info.methods), info.node.lineno, info.stores, info.level) for info in infos
    )
    functions = tuple(function.name for function in module.scopes.functions if module.scopes.of(function).outer is top)
    return Row(module.name, module.package, names, tuple(top.star_imports), classes, functions)


class _Scopes:
    """Stands for the scopes of a module that was not parsed."""

    def __init__(self, top: Scope) -> None:
        self.top = top


class _Unparsed:
    """Stands for a module in an index: its name, its path and what its names stand for."""

    def __init__(self, path: str, row: Row) -> None:
        self.path, self.name, self.package = path, row.name, row.package
        top = Scope(_NO_TREE, None, row.name, star_imports=list(row.stars))
        for name, target in row.names.items():
            top.bindings[name] = [Binding("assign" if target is None else "import", _NO_TREE, target=target)]
        self.scopes = _Scopes(top)


class Index(Project):
    """The classes of many files, by their rows.  Its classes have no trees: ``node`` and ``methods`` stand for them."""

    def __init__(self, rows: Iterable[tuple[str, Row]] = ()) -> None:
        super().__init__()
        self.paths: dict[str, tuple[str, int]] = {}
        for path, row in rows:
            self.add_row(path, row)

    @staticmethod
    def path_of(module: Module) -> str:
        """Return the path of the file that a module of this index stands for."""
        return cast(_Unparsed, module).path

    def add_row(self, path: str, row: Row) -> None:
        """Take in what the file at ``path`` defines."""
        module = cast("Module", _Unparsed(path, row))
        self.added += 1
        self._bases.clear()
        module.scopes.top.star_member = self.binds
        if row.name:
            self._by_name[row.name] = module
        prefix = f"{row.name}." if row.name else ""
        for name in row.functions:
            self.functions[prefix + name] = (module, cast(FunctionNode, _NO_FUNCTION))
        for qualified, bases, methods, line, stores, level in row.classes:
            held = {name: cast(FunctionNode, _NO_FUNCTION) for name in methods}
            info = ClassInfo(qualified.rpartition(".")[2], qualified, module, _NO_CLASS, bases, held)
            info.stores, info.level = stores, level
            self.classes[qualified] = info
            self.paths[qualified] = (path, line)

    def deriving(self) -> Iterator[tuple[str, FrameworkClass]]:
        """Yield every class that derives from a framework's base at any distance, with the nearest one."""
        for qualified, info in self.classes.items():
            base = self.framework_base(info)
            if base is not None and base.role == "module":
                yield qualified, base


__all__ = ["Index", "Row", "row_of"]
