# ruff: noqa: E501
"""What Keras' own conventions and the code's way with a value tell, and what closures and templates see."""

from __future__ import annotations

import ast

import pytest

from transpile_hybrid.meaning.values import Value

from .build import Code

LAYER = """
class Layer(keras.layers.Layer):
    def __init__(self, units=4, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.use_bias = use_bias
        self.dense = keras.layers.Dense(4)
        self.other = make_other()
{init}
    def build(self, input_shape):
        if self.use_bias:
            self.bias = self.add_weight(shape=(4,))
        else:
            self.bias = None

{methods}
"""


def layer(methods: str, init: str = "") -> Code:
    text = "\n".join("    " + line for line in methods.strip().splitlines())
    return Code(LAYER.format(methods=text, init="        " + init + "\n"), "tensorflow")


def parameters(code: Code, function: str) -> dict[str, Value]:
    return code.function_facts(function).parameters(code.function(function))


def returns(code: Code, function: str) -> str:
    return str(code.function_facts(function).returns(code.function(function)))


@pytest.mark.parametrize(
    ("methods", "name", "says"),
    [
        ("def call(self, inputs):\n    return inputs + 1", "inputs", "tensor"),
        ("def call(self, inputs):\n    a, b = inputs\n    return a + b", "inputs", "list of tensor or tensor or tuple of tensor"),
        ("def call(self, inputs):\n    return inputs['ids'] + 1", "inputs", "dict of tensor"),
        ("def call(self, x, training=False):\n    return x", "training", "bool or None"),
        ("def call(self, x, mask=None):\n    return x", "mask", "tensor or None"),
        ("def call(self, xs, mask=None):\n    return xs[0] + xs[1]", "mask", "list of tensor or None or tensor or tuple of tensor or None or None"),
        ("def call(self, query, key=None):\n    return self.dense(key)", "key", "tensor or None"),
        ("def call(self, query, key=None):\n    return query", "key", "unknown or None"),
        ("def call(self, x, return_scores=None):\n    return x", "return_scores", "bool or None"),
    ],
)  # fmt: skip
def test_what_keras_hands_to_call(methods: str, name: str, says: str) -> None:
    assert str(parameters(layer(methods), "call")[name]) == says


@pytest.mark.parametrize(
    ("size", "says"),
    [("[self.units, self.units]", "tensor"), ("self.units", "tensor"), ("[[2, 2], [2]]", "unknown")],
)
def test_states_of_a_cell_are_tensors_if_it_says_so(size: str, says: str) -> None:
    code = layer(
        "def call(self, inputs, states):\n    first = states[0]\n    return first", f"self.state_size = {size}"
    )
    assert returns(code, "call") == says


def test_a_flag_tells_of_the_attribute_made_under_it() -> None:
    code = layer("def call(self, x):\n    if self.use_bias:\n        return self.bias\n    return 0")
    assert returns(code, "call") == "int or variable"
    plain = layer("def call(self, x):\n    return self.bias")
    assert returns(plain, "call") == "variable or None"


@pytest.mark.parametrize(
    "spoils",
    [
        "def later(self):\n    self.bias = None\n    self.use_bias = True\n",
        "def later(self, flag):\n    self.use_bias = flag\n",
    ],
)
def test_a_flag_that_changes_later_tells_nothing(spoils: str) -> None:
    code = layer(spoils + "\ndef call(self, x):\n    if self.use_bias:\n        return self.bias\n    return 0")
    assert "None" in returns(code, "call")


def test_what_is_called_or_has_other_attributes_is_no_tensor() -> None:
    code = layer("def call(self, x, thing):\n    a = thing.frobnicate\n    b = thing\n    return self.other(x)")
    facts = code.function_facts("call")
    assert not facts.env_at_end(code.function("call"))["b"].may_be_tensor
    assert not facts.attrs["other"].may_be_tensor


@pytest.mark.parametrize("attr", ["shape", "dtype", "assign", "numpy", "reshape", "_keras_mask"])
def test_what_tensors_and_variables_have_tells_nothing(attr: str) -> None:
    code = layer(f"def helper(self, *things):\n    thing = things[0]\n    a = thing.{attr}\n    return thing")
    assert returns(code, "helper") == "unknown"


def test_a_template_hands_on_what_it_was_given() -> None:
    code = Code(
        "class Base(keras.layers.Layer):\n    def call(self, inputs):\n        a, b = inputs\n        return self.merge([a, b])\n"
        "    def merge(self, parts):\n        raise NotImplementedError\n"
        "class Sum(Base):\n    def merge(self, parts):\n        return parts[0] + parts[1]\n",
        "tensorflow",
    )
    own = code.module.scopes.functions[-1]
    from transpile_hybrid.meaning.infer import function_facts

    facts = function_facts(own, code.module, code.project)
    assert str(facts.parameters(own)["parts"]) == "list(tensor, tensor)"
    assert str(facts.returns(own)) == "tensor"


def test_a_function_inside_sees_what_is_around_it() -> None:
    code = layer(
        "def call(self, x):\n    scale = 2.0\n    def step(part):\n        return scale\n    return run(step, x)"
    )
    assert returns(code, "step") == "float = 2.0"


def test_globals_that_functions_set() -> None:
    code = Code(
        "_FORMAT = 'last'\n_MODE = 'a'\n"
        "def set_format(value):\n    global _FORMAT\n    _FORMAT = str(value).lower()\n"
        "def set_mode(value):\n    global _MODE\n    _MODE = value\n"
        "def get_format():\n    return _FORMAT\n"
        "def get_mode():\n    return _MODE\n",
        "tensorflow",
    )
    assert returns(code, "get_format") == "str"
    assert "unknown" in returns(code, "get_mode")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tf.nest.map_structure(lambda t: t + 1, [x, x])", "list(tensor, tensor)"),
        ("tf.nest.map_structure(lambda t: 1, thing)", "unknown"),
        ("keras.tree.is_nested(x)", "bool"),
        ("keras.activations.softmax(x)", "tensor"),
    ],
)
def test_structures(text: str, says: str) -> None:
    code = layer(f"def call(self, x, *things):\n    thing = things[0]\n    return {text}")
    assert returns(code, "call") == says


def test_a_module_is_no_list() -> None:
    code = layer(
        "def call(self, x):\n    part = self.dense\n    if isinstance(part, (list, tuple)):\n        part = wrap(part)\n    return part"
    )
    facts = code.function_facts("call")
    assert str(facts.returns(code.function("call"))) == "module(keras.layers.Dense)"
    assert isinstance(code.function("call"), ast.FunctionDef)
