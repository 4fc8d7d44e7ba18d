"""What a local name is where it is read, and not what it is anywhere in the function."""

from __future__ import annotations

import ast

import pytest

from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.module import Module
from transpile_hybrid.rules.tensorflow._kinds import kinds_of
from transpile_hybrid.source.source import Source

CASES = {
    "bound anew": ("n = 1\n    a = n\n    n = tf.ones(3)\n    HERE(n)", "tensor"),
    "before it is": ("n = 1\n    HERE(n)\n    n = tf.ones(3)", "int"),
    "either": ("n = 1\n    if flag:\n        n = tf.ones(3)\n    HERE(n)", "int or tensor"),
    "the other way returns": ("n = 1\n    if flag:\n        n = tf.ones(3)\n        return n\n    HERE(n)", "int"),
    "around a loop": ("n = 1\n    for i in range(3):\n        HERE(n)\n        n = tf.ones(3)", "int or tensor"),
    "behind break": (
        "n = 1\n    while True:\n        if flag:\n            break\n        n = tf.ones(3)\n    HERE(n)",
        "int or tensor",
    ),
    "in a handler": (
        "n = 1\n    try:\n        n = tf.ones(3)\n        n = 'a'\n    except ValueError:\n        HERE(n)",
        "int or str or tensor",
    ),
    "a list by its type": ("if isinstance(x, list):\n        HERE(x)", "list"),
    "by one of two types": (
        "if isinstance(x, list) or isinstance(x, dict):\n        HERE(x)",
        "dict or list",
    ),
    "not by a class of the user's": ("if isinstance(x, Other):\n        HERE(x)", "tensor"),
    "bound again below the test": ("if isinstance(x, list):\n        x = tf.ones(3)\n        HERE(x)", "tensor"),
    "a test that returns": ("if not isinstance(x, list):\n        return x\n    HERE(x)", "list"),
    "both in one condition": ("return isinstance(x, list) and HERE(x)", "list"),
    "in a comprehension": ("return [HERE(x) for i in range(3) if isinstance(x, list)]", "list"),
    "no longer None": (
        "n = None\n    if flag:\n        n = tf.ones(3)\n    if n is not None:\n        HERE(n)",
        "tensor",
    ),
    "filled behind": ("n = []\n    n.append(tf.ones(3))\n    HERE(n[0])", "tensor"),
    "a nested function may run any time": (
        "n = 1\n    def inner():\n        return HERE(n)\n    n = tf.ones(3)\n    return inner",
        "int or tensor",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_where_it_is_read(name: str) -> None:
    body, expected = CASES[name]
    text = f"import tensorflow as tf\n\n\ndef f(x, flag):\n    {body}\n\n\nf(tf.ones(3), False)\n"
    module = Module(Source("case.py", text))
    kinds = kinds_of(module, Project([module]))
    (read,) = [
        node.args[0]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "HERE"
    ]
    assert kinds.value(read).kinds == set(expected.split(" or "))
