# ruff: noqa: E501
"""Small helpers for the tests of this room."""

from __future__ import annotations

import ast

from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.infer import UnitFacts, function_facts, unit_facts
from transpile_hybrid.meaning.module import Module
from transpile_hybrid.meaning.names import FunctionNode
from transpile_hybrid.meaning.units import Unit, collect_units
from transpile_hybrid.meaning.values import Value
from transpile_hybrid.source.source import Source

TORCH = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nimport numpy as np\nimport math\n"
MXNET = "from mxnet import nd, np, npx, autograd\nfrom mxnet.gluon import nn, rnn\nfrom mxnet import gluon\nimport mxnet as mx\n"
TF = "import tensorflow as tf\nfrom tensorflow import keras\nimport numpy as np\n"
HEADERS = {"torch": TORCH, "mxnet": MXNET, "tensorflow": TF, "": ""}


def module_of(text: str, name: str = "m", package: str = "") -> Module:
    """A module from its text."""
    return Module(Source(f"{name}.py", text), name, package)


class Code:
    """A module alone in a project, with easy access to what stands in it."""

    def __init__(self, text: str, framework: str = "torch") -> None:
        self.module = module_of(HEADERS[framework] + text)
        self.project = Project([self.module])

    def unit(self, name: str) -> Unit:
        return next(unit for unit in collect_units(self.module, self.project) if unit.name == name)

    def facts(self, name: str) -> UnitFacts:
        return unit_facts(self.unit(name), self.project)

    def function(self, name: str) -> FunctionNode:
        return next(function for function in self.module.scopes.functions if function.name == name)

    def function_facts(self, name: str) -> UnitFacts:
        return function_facts(self.function(name), self.module, self.project)

    def locals(self, unit: str, function: str = "forward") -> dict[str, Value]:
        return self.facts(unit).env_at_end(self.function(function))

    def marked(self, mark: str = "# <--") -> ast.stmt:
        """The statement on the line that ends with ``mark``."""
        lines = self.module.source.text.splitlines()
        line = next(index for index, text in enumerate(lines, 1) if text.endswith(mark))
        found = [node for node in ast.walk(self.module.tree) if isinstance(node, ast.stmt) and node.lineno == line]
        return found[-1]
