"""What TorchScript knows of conditions when it compiles, and what a condition tells of names."""

from __future__ import annotations

import ast
from functools import cached_property

from ...meaning.classes import ClassInfo, Project
from ._classes import declared_constants
from ._types import NONE, UNKNOWN, T, vary

Env = dict[str, T]


_PLAIN = {
    "torch.Tensor": "tensor",
    **{f"builtins.{name}": name for name in ("bool", "dict", "float", "int", "list", "str", "tuple")},
}
_INSTANCE = ("builtins.isinstance", "torch.jit.isinstance")


def identity(test: ast.expr) -> bool | None:
    """Return whether ``test`` asks for the same (``is``, and ``== None``) or for another; ``None`` for other tests."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    operator, right = test.ops[0], test.comparators[0]
    none = isinstance(right, ast.Constant) and right.value is None  # THT520 makes `is` of it
    if isinstance(operator, ast.Is) or (none and isinstance(operator, ast.Eq)):
        return True
    return False if isinstance(operator, ast.IsNot) or (none and isinstance(operator, ast.NotEq)) else None


class Conditions:
    """The part of :class:`~._typer.Typer` that decides conditions.

    ``world`` says how what differs from instance to instance is decided in this reading, ``splits`` which of it this
    reading came upon.
    """

    info: ClassInfo | None
    project: Project
    me: str
    world: dict[str, bool]
    splits: list[str]

    def expr(self, node: ast.expr, env: Env) -> T:
        raise NotImplementedError

    def qualified(self, node: ast.expr) -> str | None:
        raise NotImplementedError

    def attribute(self, name: str, node: ast.AST) -> T:
        raise NotImplementedError

    def decided(self, test: ast.expr, env: Env) -> bool | None:
        """What TorchScript knows of a condition when it compiles: it drops the other branch unread."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.decided(test.operand, env)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            known = [self.decided(one, env) for one in test.values]
            if isinstance(test.op, ast.And):
                return False if False in known else (True if all(k is True for k in known) else None)
            return True if True in known else (False if all(k is False for k in known) else None)
        same = identity(test)
        if isinstance(test, ast.Compare) and same is not None:
            sides = [self.expr(test.left, env), self.expr(test.comparators[0], env)]
            if NONE.kind in (sides[0].kind, sides[1].kind):
                other = sides[1] if sides[0].kind == "none" else sides[0]
                if other.kind not in ("optional", "?", "vary", "conflict", "none", "scalar", "any"):
                    return not same
                if other.kind == "none":
                    return same
                key = self.key(test.left)
                if other.kind == "vary" and key is not None and key.startswith("self."):
                    return self.split(f"none:{key}") == same
        if isinstance(test, ast.Call) and self.qualified(test.func) in ("torch.jit.is_scripting",):
            return True
        if isinstance(test, ast.Call) and self.qualified(test.func) == "builtins.isinstance":
            return self.instance(test, env)
        asked = self.asked(test)
        if asked is not None:
            held = self.attribute(asked, test)
            if held.kind == "vary" and any(one.kind == "missing" for one in held.args):
                return self.split(f"has:self.{asked}")
            return True if held.known else None
        if isinstance(test, ast.Name | ast.Attribute):
            value = self.expr(test, env)
            if value.kind == "none":
                return False
            key = self.key(test)
            if key is not None and key.startswith("self.") and key[5:] in self.constants and value.kind != "module":
                return self.split(f"true:{key}")
        return None

    def instance(self, test: ast.Call, env: Env) -> bool | None:
        """What ``isinstance(x, list)`` is, where ``x`` has one plain type and only plain types are asked for."""
        if len(test.args) != 2 or test.keywords:
            return None
        held = self.expr(test.args[0], env).kind
        wanted = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
        kinds = [_PLAIN.get(self.qualified(one) or "") for one in wanted]
        if held not in _PLAIN.values() or None in kinds or (held == "bool" and "int" in kinds):
            return None
        return held in kinds

    @cached_property
    def constants(self) -> frozenset[str]:
        """The attributes that the class declares constant: TorchScript decides conditions on them."""
        return declared_constants(self.info, self.project) if self.info is not None else frozenset()

    def split(self, key: str) -> bool:
        """Return how this world decides what differs from instance to instance."""
        if key not in self.world:
            self.world[key] = True
            self.splits.append(key)
        return self.world[key]

    def refine(self, test: ast.expr, env: Env, truth: bool) -> Env:
        """Return ``env`` with what ``test`` being ``truth`` tells of its names (attributes under ``self.name``)."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.refine(test.operand, env, not truth)
        if isinstance(test, ast.BoolOp):
            if isinstance(test.op, ast.And) == truth:
                for one in test.values:
                    env = self.refine(one, env, truth)
            return env
        if isinstance(test, ast.Compare) and (same := identity(test)) is not None:
            right = test.comparators[0]
            if isinstance(right, ast.Constant) and right.value is None:
                self.narrow(test.left, env, same != truth)
        elif isinstance(test, ast.Call) and self.qualified(test.func) in _INSTANCE and test.args:
            name = getattr(test.args[0], "id", "")
            if env.get(name, UNKNOWN).kind == "union":
                env[name] = UNKNOWN  # one of its types, or the others
        elif truth and (asked := self.asked(test)) is not None:
            held = self.attribute(asked, test)
            if held.kind == "vary":
                env[f"self.{asked}"] = vary(one for one in held.args if one.kind != "missing")
        elif isinstance(test, ast.Attribute | ast.Name) and truth:
            self.narrow(test, env, True)
        return env

    def asked(self, test: ast.expr) -> str | None:
        """Return the name in ``hasattr(self, "name")``."""
        if isinstance(test, ast.Call) and self.qualified(test.func) == "builtins.hasattr" and len(test.args) == 2:
            owner, name = test.args
            if isinstance(owner, ast.Name) and owner.id == self.me and isinstance(name, ast.Constant):
                return str(name.value)
        return None

    def narrow(self, node: ast.expr, env: Env, present: bool) -> None:
        key = self.key(node)
        if key is None:
            return
        value = env.get(key) or (self.expr(node, env) if key.startswith("self.") else UNKNOWN)
        if value.kind == "vary" and value.args and not present and value.args[0].kind != "none":
            env[key] = NONE if any(one.kind in ("none", "?") for one in value.args) else value
            return
        if value.kind == "optional":
            # an attribute can change under TorchScript's eyes: it does not narrow those
            if not key.startswith("self."):
                env[key] = value.args[0] if present else NONE
        elif value.kind == "vary":
            left = [one for one in value.args if (one.kind == "none") != present]
            if left:
                env[key] = vary(left)

    def key(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return node.id
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == self.me
            and self.me
        ):
            return f"self.{node.attr}"
        return None
