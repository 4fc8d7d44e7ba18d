"""Edits compose, and touch nothing outside of what they replace."""

from __future__ import annotations

import ast

import pytest

from transpile_hybrid.diagnostics import Consequence, Diagnostic, Span
from transpile_hybrid.rewrite.edit import (
    Edit,
    Fix,
    add_import,
    apply_edits,
    compatible,
    delete_statement,
    insert,
    insert_after,
    insert_line_after,
    insert_line_before,
    loses_comments,
    operand,
    replace,
)
from transpile_hybrid.rewrite.loop import RewriteError, rewrite_source, select_fixes
from transpile_hybrid.source.source import Source


def calls(source: Source, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def test_nested_edits_apply_in_one_pass() -> None:
    source = Source("a.py", "y = f(f(a, b),  # inner\n      f(c, d))\n")
    edits = [replace(source, call, "g(", call.args[1], ", ", call.args[0], ")") for call in calls(source, "f")]
    assert apply_edits(source, edits) == "y = g(g(d, c), g(b, a))\n"


def test_bytes_outside_an_edit_are_kept() -> None:
    source = Source("a.py", "a  =  f( x )\r\n\tb = 'é'\r\n".replace("\t", ""))
    (call,) = calls(source, "f")
    assert apply_edits(source, [replace(source, call.func, "g")]) == "a  =  g( x )\r\nb = 'é'\r\n"


def test_operands_get_parentheses_only_where_needed() -> None:
    source = Source("a.py", "h += a if c else b\nh += f(x)\nh += (a\n  + b)\n")
    edits = []
    for statement in source.tree.body:
        assert isinstance(statement, ast.AugAssign)
        edits.append(replace(source, statement, "h = h + ", operand(statement.value)))
    text = apply_edits(source, edits)
    assert text == "h = h + (a if c else b)\nh = h + f(x)\nh = h + (a\n  + b)\n"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("if x:\n    net.initialize()\n", "if x:\n    net.initialize()\n    new()\n"),
        ("net.initialize()", "net.initialize()\nnew()"),
        ("a(); net.initialize()\n", "a(); net.initialize(); new()\n"),
        ("net.initialize(  # why\n)\nb()\n", "net.initialize(  # why\n)\nnew()\nb()\n"),
    ],
)
def test_insert_line_after(text: str, want: str) -> None:
    source = Source("a.py", text)
    statement = next(
        node for node in ast.walk(source.tree) if isinstance(node, ast.Expr) and "initialize" in ast.unparse(node)
    )
    assert apply_edits(source, [insert_line_after(source, statement, "new()")]) == want


def test_insert_line_before_goes_above_decorators() -> None:
    source = Source("a.py", "class A:\n    @property\n    def f(self): ...\n")
    function = source.tree.body[0].body[0]  # type: ignore[attr-defined]
    want = "class A:\n    @new\n    @property\n    def f(self): ...\n"
    assert apply_edits(source, [insert_line_before(source, function, "@new")]) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("def f():\n    x = 1\n    drop()\n    y = 2\n", "def f():\n    x = 1\n    y = 2\n"),
        ("def f():\n    drop()\n", "def f():\n    pass\n"),
        ("def f():\n    drop(); y = 2\n", "def f():\n    y = 2\n"),
        ("def f():\n    y = 2; drop()\n", "def f():\n    y = 2\n"),
        ("def f():\n    drop()  # why\n    y = 2\n", "def f():\n    # why\n    y = 2\n"),
    ],
)
def test_delete_statement(text: str, want: str) -> None:
    source = Source("a.py", text)
    body = source.tree.body[0].body  # type: ignore[attr-defined]
    statement = next(s for s in body if "drop" in ast.unparse(s))
    assert apply_edits(source, [delete_statement(source, statement, body)]) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('"""Doc."""\n\nimport torch\n\nx = 1\n', '"""Doc."""\n\nimport torch\nimport sys\n\nx = 1\n'),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nimport sys\nx = 1\n'),
        ("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nx = 1\n", None),
        ("from __future__ import annotations\nx = 1\n", "from __future__ import annotations\nimport sys\nx = 1\n"),
    ],
)
def test_add_import(text: str, want: str | None) -> None:
    source = Source("a.py", text)
    got = apply_edits(source, [add_import(source, "import sys"), add_import(source, "import sys")])
    assert got == (want or "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nimport sys\nx = 1\n")


def test_an_edit_inside_replaced_text_collides() -> None:
    source = Source("a.py", "y = f(g(a), b)\n")
    (outer,), (inner,) = calls(source, "f"), calls(source, "g")
    drops = replace(source, outer, "h(", outer.args[1], ")")
    keeps = replace(source, outer, "h(", outer.args[0], ")")
    change = replace(source, inner, "i()")
    assert not compatible(source, drops, change)
    assert compatible(source, keeps, change)
    assert apply_edits(source, [change, keeps]) == "y = h(i())\n"


def diagnostic(fix: Fix, code: str = "THC100") -> Diagnostic:
    return Diagnostic(code, "x", "x", Span(0, 1), ("torch.script",), Consequence.ERROR, fix=fix)


def test_a_group_is_taken_whole_or_not_at_all() -> None:
    source = Source("a.py", "abcdef\n")
    safe = diagnostic(Fix((Edit(0, 1, ("x",)),), "safe", "group"))
    unsafe = diagnostic(Fix((Edit(2, 3, ("y",)),), "unsafe", "group"))
    assert select_fixes(source, [safe, unsafe], unsafe=False) == []
    assert select_fixes(source, [safe, unsafe], unsafe=True) == [safe, unsafe]


def test_a_fix_that_gives_no_python_is_refused() -> None:
    source = Source("a.py", "x = 1\n")
    with pytest.raises(RewriteError, match="does not parse"):
        rewrite_source(source, lambda s: [diagnostic(Fix((Edit(0, 1, ("(",)),)))] if s is source else [])


def test_fixes_that_never_end_are_refused() -> None:
    source = Source("a.py", "x = 1\n")
    with pytest.raises(RewriteError, match="do not come to an end"):
        rewrite_source(source, lambda s: [diagnostic(Fix((insert_after(s, s.tree.body[0], "1"),)))])


def test_lines_written_into_a_block_that_is_indented_anew_wait_for_the_next_round() -> None:
    source = Source("a.py", "for i in x:\n    a = i\n    b = a\nc = 1\n")
    starts = source.line_starts
    guarded = diagnostic(Fix((Edit(starts[1], starts[1], ("    if i:\n",)), *blanks(starts[1], starts[2]))))
    within = diagnostic(Fix((insert_line_after(source, source.tree.body[0].body[1], "d = b"),)))  # type: ignore[attr-defined]
    also = diagnostic(Fix(blanks(starts[2])))
    behind = diagnostic(Fix((insert_line_after(source, source.tree.body[1], "e = c"),)))
    assert select_fixes(source, [guarded, within, also, behind], unsafe=False) == [guarded, behind]
    assert select_fixes(source, [within, guarded, behind], unsafe=False) == [within, behind]


def test_a_parameter_is_annotated_once() -> None:
    source = Source("a.py", "def f(x): ...\n")
    number, found = (diagnostic(Fix((insert(7, text),))) for text in (": int", ": list[int]"))
    assert select_fixes(source, [number, found], unsafe=False) == [number]
    assert select_fixes(source, [number, number], unsafe=False) == [number, number]


def test_nothing_is_put_between_a_decorator_and_what_it_decorates() -> None:
    source = Source("a.py", "class A:\n    def f(self):\n        pass\n")
    method = source.tree.body[0].body[0]  # type: ignore[attr-defined]
    decorated = diagnostic(Fix((insert_line_before(source, method, "@cache"),)))
    helper = diagnostic(Fix((insert(source.span(method).start, "def g(self): ...\n\n    "),)))
    assert select_fixes(source, [decorated, helper], unsafe=False) == [helper]
    assert select_fixes(source, [decorated, decorated], unsafe=False) == [decorated, decorated]


@pytest.mark.parametrize(
    ("text", "parts", "loses"),
    [
        ("x = 1  # why\n", ("y = 1",), True),
        ("x = 1  # why\n", ("y = 1  # why",), False),
        ("x = '#'\n", ("y = 1",), False),
        ("@f  # why\n", (), False),  # taken out as a whole, and its comment with it
        ("# why\nx = 1\n", (), True),
        ("x = 1\n", ("y = 1",), False),
    ],
)
def test_lost_comments_are_noticed(text: str, parts: tuple[str, ...], loses: bool) -> None:
    source = Source("a.py", text + "def g(): ...\n")
    assert loses_comments(source, (Edit(0, len(text) - 1, parts),)) is loses


def blanks(*starts: int) -> tuple[Edit, ...]:
    return tuple(Edit(start, start, ("    ",)) for start in starts)
