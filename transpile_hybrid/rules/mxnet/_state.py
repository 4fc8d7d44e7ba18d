"""The state that the parts of the analysis share."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.units import Unit
from ._values import Env, Shape, Val

if TYPE_CHECKING:
    from ._attribute import Attribute, Inplace
    from ._locals import Defined


class State:
    """What :class:`~._interp.Interp` holds; its mixins say what they use of each other here."""

    module: Module
    project: Project
    info: ClassInfo | None
    values: dict[int, Val]
    attrs: dict[str, Attribute]
    inplace: dict[int, Inplace]
    calls: dict[int, list[dict[str, Val]]]
    recording: bool
    path: str
    depth: int
    method_name: str
    built_by: set[str]
    added: dict[str, list[Val]]
    registered: list[Val]
    built: dict[int, Val]
    budget: int
    running: list[FunctionNode]
    refreshing: set[str]
    unit: Unit
    ranks: dict[str, int]
    embedded: dict[str, str]
    returned: list[Val]
    classes_given: dict[str, str]
    locals: dict[int, Defined]
    inside: list[int]
    frames: list[Env]
    function: FunctionNode | None

    if TYPE_CHECKING:

        def qualified(self, node: ast.expr) -> str | None: ...
        def block(self, body: list[ast.stmt], env: Env) -> None: ...
        def eval(self, node: ast.expr, env: Env) -> Val: ...
        def element(self, value: Val, name: str) -> Val: ...
        def name_of(self, node: ast.AST) -> str: ...
        def call(self, node: ast.Call, env: Env) -> Val: ...
        def call_value(self, value: Val, args: list[Val], name: str) -> Val: ...
        def call_function(
            self, function: FunctionNode, env: dict[str, Val], *, record: bool = False, name: str = ""
        ) -> Val: ...
        def assign(self, target: ast.expr, value: Val, env: Env, statement: ast.stmt) -> None: ...
        def self_of(self, function: FunctionNode) -> str | None: ...
        def named_shape(self, name: str) -> Shape: ...
        def bind_attribute(self, name: str, value: Val, setter: str, node: ast.AST) -> None: ...
        def grow(self, holder: ast.expr, value: Val, env: Env) -> None: ...
        def sized(self, shape: Shape | None) -> Shape | None: ...
        def learn_rank(self, value: Val, rank: int) -> None: ...
