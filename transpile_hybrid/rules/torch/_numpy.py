"""NumPy in compiled code: what torch or ``math`` has under another name, with the same numbers and the same dtype."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Part, add_import, operand
from ..rule import UnitContext
from ._common import name_for
from ._reports import Report
from ._types import NO

_DTYPES = {
    "float32": "float32", "float64": "float64", "float16": "float16", "int64": "int64", "int32": "int32",
    "int16": "int16", "int8": "int8", "uint8": "uint8", "bool_": "bool", "double": "float64", "single": "float32",
    "half": "float16", "int_": "int64", "float_": "float64", "longlong": "int64",
}  # fmt: skip
_BUILTIN = {"builtins.float": "float64", "builtins.int": "int64", "builtins.bool": "bool"}
_FLOAT = ("sqrt", "exp", "log", "log10", "log1p", "expm1", "sin", "cos", "tan", "arctan", "arcsin", "arccos")
_MATH = {"arctan": "atan", "arcsin": "asin", "arccos": "acos"}
_LEGACY = {"FloatTensor": "float32", "DoubleTensor": "float64", "LongTensor": "int64", "IntTensor": "int32"}

_HOLDS_NUMBERS = (ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Tuple, ast.List, ast.Dict)


def _stored_names(target: ast.AST) -> set[str]:
    return {n.id for n in walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


@dataclass(frozen=True)
class Made:
    """A torch expression that makes the tensor of an array: ``head``, then ``dtype=``, then the rest (``tail``)."""

    head: tuple[Part, ...]
    dtype: str
    tail: tuple[Part, ...] = ()


@dataclass
class Numpy:
    """Translates the NumPy expressions of one function; ``imports`` are the edits that what it wrote needs."""

    ctx: UnitContext
    report: Report
    imports: list[Edit] = field(default_factory=list)

    def text(self, qualified: str, at: ast.AST) -> str | None:
        """Return how ``qualified`` is named where ``at`` stands."""
        found = name_for(qualified, self.ctx, at)
        if found is not None and not found[1]:
            return found[0]
        module = qualified.partition(".")[0]
        if module == "math" and self.ctx.module.scope_at(at).lookup("math") is None:
            self.imports.append(add_import(self.ctx.source, "import math"))
            return qualified
        return None

    def name(self, node: ast.expr) -> str:
        return (self.ctx.qualified(node) if isinstance(node, ast.Name | ast.Attribute) else None) or ""

    # ---------------------------------------------------------------- numbers
    def number(self, node: ast.Call) -> tuple[Part, ...]:
        """Return Python for a NumPy function of Python numbers; nothing where there is none."""
        word = self.name(node.func).removeprefix("numpy.")
        kinds = [self._number_kind(one) for one in node.args]
        if len(kinds) == 1 and kinds[0] == "?" and self._is_dimension(node.args[0]):
            kinds = ["int"]
        whole = all(k.arg == "dtype" and self._dtype(k.value) == "int64" for k in node.keywords)
        if word == "prod" and kinds == ["list"] and whole:
            return self._product(node.args[0])
        if node.keywords or not kinds:
            return ()
        if word in ("ceil", "floor") and len(kinds) == 1 and self._is_cut_to_int(node) and self._number(node.args[0]):
            text = self.text(f"math.{word}", node)
            return (f"{text}(", node.args[0], ")") if text else ()
        if not set(kinds) <= {"int", "float"}:
            return ()
        if len(kinds) == 1 and word in _FLOAT:
            text = self.text(f"math.{_MATH.get(word, word)}", node)
            return (f"{text}(", node.args[0], ")") if text else ()
        if len(kinds) == 1 and word in ("ceil", "floor"):
            text = self.text(f"math.{word}", node)
            return (f"float({text}(", node.args[0], "))") if text else ()
        if len(kinds) == 1 and word in ("abs", "absolute"):
            return ("abs(", node.args[0], ")")
        if len(kinds) == 2 and word in ("maximum", "minimum") and kinds[0] == kinds[1]:
            return (f"{word[:3]}(", node.args[0], ", ", node.args[1], ")")
        if len(kinds) == 1 and word in ("float64", "float_"):
            return ("float(", node.args[0], ")")
        if len(kinds) == 1 and word in ("int64", "int_"):
            return ("int(", node.args[0], ")")
        return ()

    def _is_cut_to_int(self, node: ast.Call) -> bool:
        """Whether ``int(...)`` is all that a value is given to: what kind of a number it is makes no difference."""
        above = self.ctx.module.parent(node)
        return (
            isinstance(above, ast.Call)
            and self.name(above.func) == "builtins.int"
            and len(above.args) == 1
            and not above.keywords
        )

    def _number(self, node: ast.expr) -> bool:
        """Whether a value that ``int`` takes, once it is rounded, is a number that ``math`` rounds to the same.

        A quotient is one, of floating point; else what is made of sizes and attributes that are numbers.
        """
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and self.report.type(node).kind != "tensor":
            return True
        if isinstance(node, ast.BinOp):
            return self._number(node.left) and self._number(node.right)
        if isinstance(node, ast.UnaryOp):
            return self._number(node.operand)
        known = {one.kind for one in self.report.type(node).alternatives if one.known and one.kind != "none"}
        return bool(known) and known <= {"int", "float"}

    def _number_kind(self, node: ast.expr) -> str:
        """Return the kind of a value: a number's where that is all that is known of it (an attribute with a default).

        A tensor of one element would do as well, and no other.
        """
        held = self.report.type(node)
        known = {one.kind for one in held.alternatives if one.known}
        return known.pop() if held.kind == "vary" and len(known) == 1 and known <= {"int", "float"} else held.kind

    def leaves(self, node: ast.expr, function: FunctionNode) -> bool:
        """Whether a number that ``node`` gives can be seen once ``function`` is through: kept in an attribute, or
        returned by ``forward``."""
        for at, above in self._places(node, function):
            if isinstance(above, ast.Return) and function is self.ctx.unit.entry:
                return True
            if isinstance(above, ast.Assign | ast.AnnAssign | ast.AugAssign) and above.value is at:
                targets = above.targets if isinstance(above, ast.Assign) else [above.target]
                if any(not _stored_names(target) for target in targets):
                    return True
        return False

    def is_asked(self, node: ast.expr, function: FunctionNode) -> bool:
        """Whether an attribute or a method of the number is used: Python's numbers lack what NumPy's have."""
        return any(isinstance(above, ast.Attribute) for _, above in self._places(node, function))

    def _places(self, node: ast.expr, function: FunctionNode) -> Iterator[tuple[ast.AST, ast.AST | None]]:
        """Yield where a number goes, through arithmetic, containers and names: what holds it, and what is around."""
        followed: set[str] = set()
        waiting: list[ast.AST] = [node]
        while waiting:
            at = waiting.pop()
            above = self.ctx.module.parent(at)
            while isinstance(above, _HOLDS_NUMBERS) and self.report.type(above).kind != "tensor":
                at, above = above, self.ctx.module.parent(above)
            yield at, above
            if isinstance(above, ast.Assign | ast.AnnAssign | ast.AugAssign) and above.value is at:
                for target in above.targets if isinstance(above, ast.Assign) else [above.target]:
                    names = _stored_names(target)
                    waiting += [
                        n for s in function.body for n in walk(s)
                        if isinstance(n, ast.Name) and n.id in names - followed and isinstance(n.ctx, ast.Load)
                    ]  # fmt: skip
                    followed |= names

    def _is_dimension(self, node: ast.expr) -> bool:
        """Whether ``node`` is an attribute that the constructor gives to a layer of torch.nn as one of its sizes."""
        init = self.ctx.unit.init
        name = self.ctx.self_attribute(node)
        if init is None or name is None:
            return False
        names = {name}
        for statement in walk(init):
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if any(isinstance(t, ast.Attribute) and t.attr == name for t in targets):
                assert isinstance(statement, ast.Assign)
                names |= {statement.value.id} if isinstance(statement.value, ast.Name) else set()
        sized = ("torch.nn.Linear", "torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Conv3d", "torch.nn.Embedding")
        for call in walk(init):
            if isinstance(call, ast.Call) and self.name(call.func) in sized:
                for one in (n for a in call.args[:2] for n in walk(a)):
                    if getattr(one, "attr", getattr(one, "id", "")) in names:
                        return True
        return False

    def _product(self, size: ast.expr) -> tuple[Part, ...]:
        if isinstance(size, ast.Attribute) and size.attr == "shape":
            return (operand(size.value), ".numel()")
        if isinstance(size, ast.Call) and isinstance(size.func, ast.Attribute) and size.func.attr == "size":
            return (operand(size.func.value), ".numel()") if not size.args and not size.keywords else ()
        text = self.text("torch.tensor", size)
        return (f"int({text}(", size, ").prod())") if text else ()

    # ----------------------------------------------------------------- arrays
    def tensor(self, node: ast.Call) -> tuple[Part, ...]:
        """Return torch for ``torch.from_numpy(...)`` and the like of an array that is made on the spot."""
        name = self.name(node.func)
        if len(node.args) != 1 or node.keywords:
            return ()
        made = self.array(node.args[0])
        if made is None:
            return ()
        last = name.rpartition(".")[2]
        dtype = _LEGACY.get(last, made.dtype)
        if name not in ("torch.from_numpy", "torch.tensor", "torch.as_tensor") and last not in _LEGACY:
            return ()
        text = self.text(f"torch.{dtype}", node)
        return (*made.head, f"dtype={text})", *made.tail) if text else ()

    def is_refused_by_dynamo(self, node: ast.Call) -> bool:
        """Whether Dynamo, which traces NumPy as torch, fails at this: a float tensor made of whole numbers, and a
        product that is given as a size (it is a tensor then)."""
        name = self.name(node.func)
        if name == "numpy.prod":
            above = self.ctx.module.parent(node)
            if not isinstance(above, ast.Call) or not isinstance(above.func, ast.Attribute):
                return False
            return node in above.args and self.report.type(above).kind == "tensor"
        made = self.array(node.args[0]) if len(node.args) == 1 else None
        floats = _LEGACY.get(name.rpartition(".")[2], "").startswith("float")
        return floats and made is not None and not made.dtype.startswith("float")

    def array(self, node: ast.expr) -> Made | None:
        if not isinstance(node, ast.Call):
            return None
        word = self.name(node.func).removeprefix("numpy.")
        if isinstance(node.func, ast.Attribute) and not self.name(node.func).startswith("numpy."):
            return self._method(node, node.func)
        if not self.name(node.func).startswith("numpy."):
            return None
        dtype: str | None = None
        for keyword in node.keywords:
            dtype = self._dtype(keyword.value)
            if keyword.arg != "dtype" or dtype is None:
                return None
        arguments = list(node.args)
        if word in ("array", "asarray") and len(arguments) == 1:
            return self._display(arguments[0], dtype)
        if word in ("zeros", "ones") and len(arguments) in (1, 2):
            if len(arguments) == 2:
                dtype = self._dtype(arguments[1])
                if dtype is None:
                    return None
            return self._call(f"torch.{word}", arguments[:1], dtype or "float64", node)
        if word == "eye" and len(arguments) == 1:
            return self._call("torch.eye", arguments, dtype or "float64", node)
        if word == "arange" and all(self.report.type(one).kind == "int" for one in arguments):
            return self._call("torch.arange", arguments, dtype or "int64", node)
        return None

    def _method(self, node: ast.Call, func: ast.Attribute) -> Made | None:
        inner = self.array(func.value)
        if inner is None or node.keywords:
            return None
        if func.attr == "astype" and len(node.args) == 1:
            dtype = self._dtype(node.args[0])
            if dtype is None or (inner.dtype.startswith("float") and not dtype.startswith("float")):
                return None
            return Made(inner.head, dtype, inner.tail)  # what stands in between changes the shape alone
        if func.attr in ("flatten", "ravel") and not node.args:
            return Made(inner.head, inner.dtype, (*inner.tail, ".flatten()"))
        if func.attr == "reshape" and node.args:
            parts: list[Part] = [".reshape("]
            for index, one in enumerate(node.args):
                parts += [", ", one] if index else [one]
            return Made(inner.head, inner.dtype, (*inner.tail, *parts, ")"))
        return None

    def _call(self, name: str, arguments: list[ast.expr], dtype: str, at: ast.AST) -> Made | None:
        text = self.text(name, at)
        if text is None or any(isinstance(one, ast.Starred) for one in arguments):
            return None
        parts: list[Part] = [f"{text}("]
        for one in arguments:
            parts += [one, ", "]
        return Made(tuple(parts), dtype)

    def _display(self, node: ast.expr, dtype: str | None) -> Made | None:
        """A display of numbers: what NumPy makes of it is known."""
        kinds: set[str] = set()
        for one in walk(node):
            if isinstance(one, ast.List | ast.Tuple) and isinstance(one.ctx, ast.Load):
                continue
            if isinstance(one, ast.expr) and not isinstance(one, ast.UnaryOp):
                kinds.add(self.report.type(one).kind)
        if not isinstance(node, ast.List | ast.Tuple) or not kinds or not kinds <= {"int", "float"}:
            return None
        if len(kinds) == 2:
            text, parts = self.text("torch.tensor", node), self._floats(node)
            return Made((f"{text}(", *parts, ", "), dtype or "float64") if text and parts else None
        natural = "int64" if kinds == {"int"} else "float64"
        return self._call("torch.tensor", [node], dtype or natural, node)

    def _floats(self, node: ast.expr) -> tuple[Part, ...]:
        """Return a display of ints and floats with floats only; nothing where an int is not a literal."""
        if isinstance(node, ast.List | ast.Tuple):
            parts: list[Part] = ["["]
            for index, one in enumerate(node.elts):
                inner = self._floats(one)
                if not inner:
                    return ()
                parts += [", ", *inner] if index else inner
            return (*parts, "]")
        if self.report.type(node).kind == "float":
            return (node,)
        return (f"{ast.unparse(node)}.0",) if self.report.type(node).const is not NO else ()

    def _dtype(self, node: ast.expr) -> str | None:
        name = self.name(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return _DTYPES.get(node.value) or _BUILTIN.get(f"builtins.{node.value}")
        return _BUILTIN.get(name) or (_DTYPES.get(name[6:]) if name.startswith("numpy.") else None)
