"""Arguments against signatures, as TorchScript matches them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...meaning.names import FunctionNode
from ._types import FLOAT, INT, PLAIN, STR, TENSOR, UNKNOWN, Parameter, Signature, T, accepts, list_of, vary

if TYPE_CHECKING:
    from ._typer import Typer


def check_arguments(
    typer: Typer, node: ast.Call, function: FunctionNode, skip_self: bool, parameters: dict[str, T],
    positional: list[T], keywords: dict[str | None, T],
) -> None:  # fmt: skip
    """Report arguments that don't fit the parameters of a repository function."""
    names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)][1 if skip_self else 0 :]
    pairs = list(zip(names, positional, node.args, strict=False))
    pairs += [(k.arg, keywords[k.arg], k.value) for k in node.keywords if k.arg in parameters]
    if function.args.vararg or function.args.kwarg:
        typer.gap("star parameters", node)
        return
    for name, given, argument in pairs:
        if isinstance(argument, ast.Starred):
            return
        wanted = parameters.get(name, UNKNOWN)
        if given.kind == "vary" and any(one.kind == "none" for one in given.args) and wanted.kind in PLAIN:
            typer.problem("argument-none", argument, name, function)
        if accepts(Parameter(name, wanted), _default_kind(given)) is False:
            typer.problem("argument", argument, name, wanted, _default_kind(given), function)
        elif not given.known:
            typer.gap("argument", argument)


def _default_kind(given: T) -> T:
    """Return the kind of number or text that what construction was given has by default, where that is all we know."""
    kinds = {one.bare for one in given.args if one.known} if given.kind == "vary" else set()
    return kinds.pop() if len(kinds) == 1 and kinds <= {INT, FLOAT, STR} and UNKNOWN in given.args else given


def matched(
    typer: Typer, node: ast.Call, signatures: Sequence[Signature], positional: list[T], keywords: dict[str | None, T],
    stars: bool, name: str,
) -> T:  # fmt: skip
    """Return the result of the first signature that fits; report an ``int`` where only a ``float`` would."""
    if not signatures:
        return typer.gap(f"function {name}", node)
    if stars:
        results = {s.returns for s in signatures if s.parameters and s.parameters[0].type == TENSOR}
        return results.pop() if len(results) == 1 else UNKNOWN
    unsure: list[Signature] = []
    for signature in signatures:
        answer = fits(signature, positional, keywords)
        if answer is True:
            return _returned(signature, positional)
        if answer is None:
            unsure.append(signature)
    if unsure:
        _ints_by_default(typer, node, signatures, positional, keywords)
        typer.gap(f"arguments of {name}", node)
        results = {s.returns for s in unsure}
        return results.pop() if len(results) == 1 else UNKNOWN
    for signature in signatures:
        bad = misfits(signature, positional, keywords)
        if bad is None or not bad:
            continue
        if all(given.kind == "int" and wanted_float(signature, which) for which, given in bad):
            shift = len(positional) - len(node.args)
            typer.problem("int-for-float", node, tuple(w if isinstance(w, str) else w - shift for w, _ in bad))
            return signature.returns
    for signature in signatures:
        bad = misfits(signature, positional, keywords)
        if bad and all(given.kind == "optional" and _wants(signature, which, given.args[0]) for which, given in bad):
            for which, _ in bad:
                argument = _argument(node, which, len(positional) - len(node.args))
                if argument is not None:
                    typer.problem("optional-used", argument)
            return signature.returns
    for signature in signatures:
        bad = misfits(signature, positional, keywords)
        if bad and all(given == T("list", (TENSOR,)) and _takes_ints(signature, which) for which, given in bad):
            for which, _ in bad:
                argument = _argument(node, which, len(positional) - len(node.args))
                if argument is not None:
                    typer.problem("tensor-sizes", argument)
            return signature.returns
    typer.gap(f"no signature of {name}", node)
    if len(signatures) == 1:
        typer.problem("signature", node, name)
    results = {s.returns for s in signatures}
    return results.pop() if len(results) == 1 else UNKNOWN


def _ints_by_default(
    typer: Typer, node: ast.Call, signatures: Sequence[Signature], positional: list[T], keywords: dict[str | None, T]
) -> None:
    """Report settings that are ints by default where a ``float`` is wanted (``rate=0``)."""
    likely = [_default_kind(one) for one in positional]
    named = {word: _default_kind(one) for word, one in keywords.items()}
    if likely == positional and named == keywords or any(fits(one, likely, named) is not False for one in signatures):
        return
    for signature in signatures:
        bad = misfits(signature, likely, named)
        if bad and all(given.kind == "int" and wanted_float(signature, which) for which, given in bad):
            shift = len(positional) - len(node.args)
            typer.problem("int-for-float", node, tuple(w if isinstance(w, str) else w - shift for w, _ in bad))
            return


def _wants(signature: Signature, which: int | str, given: T) -> bool:
    parameter = (
        signature.parameters[which]
        if isinstance(which, int)
        else next(p for p in signature.parameters if p.name == which)
    )
    return accepts(parameter, given) is True


def _takes_ints(signature: Signature, which: int | str) -> bool:
    return any(p.type == list_of(INT) for i, p in enumerate(signature.parameters) if i == which or p.name == which)


def _argument(node: ast.Call, which: int | str, shift: int) -> ast.expr | None:
    """Return the argument that a misfit means; ``shift`` is 1 where the first is the owner of the method."""
    if isinstance(which, str):
        return next((k.value for k in node.keywords if k.arg == which), None)
    return node.args[which - shift] if 0 <= which - shift < len(node.args) else None


def wanted_float(signature: Signature, which: int | str) -> bool:
    parameter = (
        signature.parameters[which]
        if isinstance(which, int)
        else next(p for p in signature.parameters if p.name == which)
    )
    kind = parameter.type.args[0] if parameter.type.kind == "optional" else parameter.type
    return kind.kind == "float"


def _returned(signature: Signature, positional: list[T]) -> T:
    return signature.returns


def fits(signature: Signature, positional: list[T], keywords: dict[str | None, T]) -> bool | None:
    """Whether the arguments fit; ``None`` where that depends on what is not known."""
    bad = misfits(signature, positional, keywords)
    if bad is None or bad:
        return False
    bound = _bound(signature, positional, keywords)
    assert bound is not None
    return None if any(accepts(signature.parameters[i], given) is None for i, given, _ in bound) else True


def misfits(
    signature: Signature, positional: list[T], keywords: dict[str | None, T]
) -> list[tuple[int | str, T]] | None:
    """Return the arguments that don't fit, or ``None`` where their number or names don't."""
    bound = _bound(signature, positional, keywords)
    if bound is None:
        return None
    return [(which, given) for i, given, which in bound if accepts(signature.parameters[i], given) is False]


def _bound(
    signature: Signature, positional: list[T], keywords: dict[str | None, T]
) -> list[tuple[int, T, int | str]] | None:
    parameters = signature.parameters
    room = [i for i, p in enumerate(parameters) if not p.keyword_only]
    bound: list[tuple[int, T, int | str]] = []
    if len(positional) > len(room) or _varargs(signature, positional, room):
        # x.view(2, 3): numbers at the end stand for a list
        if not room or parameters[room[-1]].type.kind != "list":
            last = next((i for i in room if parameters[i].type == list_of(INT)), None)
            if last is None or any(not parameters[i].default for i in room if i > last):
                return None
            room = [i for i in room if i <= last]
        head = len(room) - 1
        if head > len(positional):
            return None
        rest = positional[head:]
        bound += [(room[i], positional[i], i) for i in range(head)]
        bound.append((room[-1], T("list", (vary(r.bare for r in rest) if rest else INT,)), head))
        room = room[: head + 1]
    else:
        bound += [(room[i], given, i) for i, given in enumerate(positional)]
    names = {p.name: i for i, p in enumerate(parameters)}
    taken = {i for i, _, _ in bound}
    for name, given in keywords.items():
        if name is None or name not in names or names[name] in taken:
            return None
        taken.add(names[name])
        bound.append((names[name], given, name))
    if any(not p.default and i not in taken for i, p in enumerate(parameters)):
        return None
    return bound


def _varargs(signature: Signature, positional: list[T], room: list[int]) -> bool:
    lists = [i for i in room if signature.parameters[i].type == list_of(INT) and not signature.parameters[i].sized]
    if len(lists) != 1 or lists[0] >= len(positional):
        return False
    return positional[lists[0]].kind == "int" and lists[0] == room[-1]
