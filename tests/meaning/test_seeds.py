# ruff: noqa: E501
"""What parameters are taken for: docstrings, uses, attributes, callers and the conventions of frameworks."""

from __future__ import annotations

import ast

import pytest

from transpile_hybrid.meaning.docstrings import type_of
from transpile_hybrid.meaning.infer import function_facts
from transpile_hybrid.meaning.listing import listing
from transpile_hybrid.meaning.names import FunctionNode
from transpile_hybrid.meaning.values import Value

from .build import Code


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("int", "int"),
        ("int, default 0", "int"),
        ("int, optional", "int"),
        ("Integer", "int"),
        ("Positive integer", "int"),
        ("float", "float or int"),
        ("Float between 0 and 1", "float or int"),
        ("bool", "bool"),
        ("str or None", "str or None"),
        ("int or None, default None", "int or None"),
        ("list of int", "list of int or tuple of int"),
        ("Integer or tuple/list of 2 integers", "int or list of int or tuple of int"),
        ("torch.Tensor", "tensor"),
        ("Optional[torch.Tensor]", "tensor or None"),
        ("Tensor, shape (batch, 3)", "tensor"),
        ("Tensor of shape (batch, 3)", "tensor"),
        ("nn.Module", "class or module"),
        ("int or something else", None),
        ("the number of heads", None),
        ("the input", None),
        ("a list", "list or tuple"),
        ("str or Initializer", None),
        ("Union[int, float]", "float or int"),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_types_that_docstrings_state(text: str, says: str | None) -> None:
    found = type_of(text, "torch")
    assert (None if found is None else str(found)) == says


def test_a_tensor_is_one_of_the_framework_at_hand() -> None:
    assert str(type_of("NDArray or Symbol", "mxnet")) == "tensor"
    assert type_of("NDArray", "torch") is None
    assert type_of("tf.Tensor", "mxnet") is None


STYLES = {
    "numpy": '''"""Attend.

    Parameters
    ----------
    units : int
        How many.
    mask : Tensor, optional
    mode : str or Mode
    """''',
    "google": '''"""Attend.

    Args:
        units (int): How many.
        mask (torch.Tensor, optional): Which.
        mode (str or Mode): How.
    """''',
    "keras": '''"""Attend.

    Args:
        units: Positive integer, how many.
        mask: Tensor, which.
        mode: How.
    """''',
}


@pytest.mark.parametrize("style", STYLES)
def test_docstrings_are_seeds(style: str) -> None:
    code = Code(f"def attend(units, mask=None, mode=None, *, other=1):\n    {STYLES[style]}\n    return units\n")
    parameters = code.function_facts("attend").parameters(code.function("attend"))
    assert str(parameters["units"]) == "int" and parameters["units"].assumed
    assert str(parameters["mask"]) == "tensor or None"
    assert not parameters["mode"].known
    assert str(parameters["other"]) == "int"


def test_a_docstring_that_contradicts_itself_says_nothing() -> None:
    code = Code(
        'class Net(nn.Module):\n    """Net.\n\n    Args:\n        n (int): a\n    """\n'
        '    def __init__(self, n):\n        """Net.\n\n        Args:\n            n (str): b\n        """\n        super().__init__()\n        self.n = n\n'
        "    def forward(self, x):\n        return x\n"
    )
    assert not code.facts("Net").attrs["n"].known


def test_annotations_win_over_docstrings() -> None:
    code = Code('def f(n: str):\n    """F.\n\n    Args:\n        n (int): a\n    """\n    return n\n')
    assert str(code.function_facts("f").parameters(code.function("f"))["n"]) == "str"


def test_who_asks_for_the_class_of_a_parameter_knows_of_several() -> None:
    code = Code(
        'def f(n):\n    """F.\n\n    Args:\n        n (int): a\n    """\n    return n if isinstance(n, tuple) else (n, n)\n'
    )
    assert not code.function_facts("f").parameters(code.function("f"))["n"].known


def test_what_methods_do_with_an_attribute_tells_of_the_constructor() -> None:
    code = Code(
        "class Net(nn.Module):\n    def __init__(self, heads, act, other):\n        super().__init__()\n        self.heads = heads\n"
        "        self.act = act\n        self.other = other\n        self.other = 1\n"
        "    def forward(self, x):\n        return self.act(x.view(2, self.heads, -1))\n"
    )
    attrs = code.facts("Net").attrs
    assert str(attrs["heads"]) == "int"
    assert not attrs["act"].may_be_tensor
    assert str(attrs["other"]) == "int = 1"


def test_uses_are_followed_into_functions_and_base_classes() -> None:
    code = Code(
        "def split(t, heads):\n    return t.view(2, heads, -1)\n"
        "class Base(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.fc = nn.Linear(width, width)\n"
        "class Net(Base):\n    def __init__(self, width, heads):\n        super().__init__(width)\n        self.heads = heads\n"
        "    def forward(self, x):\n        return split(x, self.heads)\n"
    )
    parameters = code.facts("Net").parameters(code.unit("Net").init)  # type: ignore[arg-type]
    assert str(parameters["width"]) == "int" and str(parameters["heads"]) == "int"


def test_uses_are_followed_into_methods_of_the_class() -> None:
    code = Code(
        "class Base(nn.Module):\n    def pick(self, x, real):\n        if not real:\n            x = x * 2\n        return x\n"
        "class Net(Base):\n    def part(this, x, count):\n        return x.unflatten(0, (count, 2)), x[:count]\n"
        "    @staticmethod\n    def told(x, word):\n        return x if word == 'a' else -x\n"
        "    def forward(me, x, real, mask, count, word):\n        x = me.pick(x, real) * mask\n        return me.part(x, count), me.told(x, word)\n"
    )
    parameters = code.facts("Net").parameters(code.function("forward"))
    assert "tensor" not in str(parameters["real"]), "a condition by itself is hardly a tensor"
    assert str(parameters["count"]) == "int"
    assert str(parameters["mask"]) == "tensor" and str(parameters["x"]) == "tensor"


def test_what_makes_tensors_of_numbers_is_no_sign_of_a_tensor() -> None:
    code = Code(
        "def order(count, other):\n    return torch.randperm(count), torch.hann_window(other)\n"
        "class Net(nn.Module):\n    def __init__(self, count, mask):\n        super().__init__()\n        self.order = order(count, 3)\n"
        "        self.register_buffer('mask', mask)\n    def forward(self, x, y):\n        return x // y\n"
    )
    facts = code.facts("Net")
    init = facts.parameters(code.unit("Net").init)  # type: ignore[arg-type]
    assert str(init["count"]) == "int" and init["mask"].may_be_tensor
    assert str(facts.parameters(code.function("forward"))["x"]) == "tensor"
    assert not code.function_facts("order").parameters(code.function("order"))["other"].is_tensor


def test_a_comparison_with_none_leaves_a_tensor_or_none() -> None:
    code = Code(
        "class Net(nn.Module):\n    def forward(self, x, mask):\n        if mask is not None:\n            x = x.masked_fill(mask, 0)\n        return x\n"
    )
    assert str(code.facts("Net").parameters(code.function("forward"))["mask"]) == "tensor or None"


def test_methods_that_a_constructor_calls_read_what_it_gave() -> None:
    code = Code(
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.width = 3\n        self.fc = self.build()\n"
        "    def build(self):\n        width = self.width\n        return nn.Linear(width, width)\n    def forward(self, x):\n        return self.fc(x)\n"
    )
    assert str(code.facts("Net").env_at_end(code.function("build"))["width"]) == "int = 3"


GLUON = (
    "class Net(nn.HybridBlock):\n    def __init__(self, units, weight_initializer=None, prefix=None, params=None):\n"
    "        super().__init__(prefix=prefix, params=params)\n        self.units = units\n        self.dense = nn.Dense(units)\n"
    "    def project(self, F, y, mask=None):\n        return F.reshape(y, (0, 0, -1))\n"
    "    def __call__(self, x, states=None, mask=None):\n        return super().__call__(x, states, mask)\n"
    "    def hybrid_forward(self, F, x, states=None, mask=None):\n        y = self.project(F, self.dense(x), mask)\n        return y\n"
)


def test_gluon_conventions() -> None:
    code = Code(GLUON, "mxnet")
    facts = code.facts("Net")
    init = facts.parameters(code.unit("Net").init)  # type: ignore[arg-type]
    assert str(init["units"]) == "int"
    assert str(init["prefix"]) == "str or None"
    assert str(init["params"]) == "object(mxnet.gluon.ParameterDict) or None"
    assert str(init["weight_initializer"]) == "object or str or None"
    project = facts.parameters(code.function("project"))
    assert str(project["F"]) == "namespace(mxnet.nd)"
    assert str(project["y"]) == "tensor"
    call = code.function_facts("__call__").parameters(code.function("__call__"))
    assert str(call["x"]) == "tensor" and str(call["mask"]) == "tensor or None"
    assert not call["states"].known  # one array in some models, a list in others
    assert str(facts.env_at_end(code.function("hybrid_forward"))["y"]) == "tensor[3d]"


def test_a_listing_shows_what_lines_bind_read_and_return() -> None:
    code = Code(
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.n = 3\n    def forward(self, x, k):\n        y = x * self.n\n        z = mystery(k)\n        return y\n"
    )
    lines = listing(code.module, code.project).splitlines()
    assert len(lines) == code.module.source.text.count("\n")
    shown = {
        line.split("#")[0].split(maxsplit=1)[-1].strip(): line.split("#", 1)[1].strip() for line in lines if "#" in line
    }
    assert shown["self.n = 3"] == "self.n: int = 3"
    assert shown["def forward(self, x, k):"] == "x: ~tensor; k: ~tensor"
    assert set(shown["y = x * self.n"].split("; ")) == {"y: ~tensor", "self.n: int = 3"}
    assert shown["z = mystery(k)"] == "z: ?"
    assert shown["return y"] == "return: ~tensor"


KERAS = (
    "class Net(keras.layers.Layer):\n    def __init__(self, units, kernel_initializer='zeros', activation=None, strides=1, **kwargs):\n"
    "        super().__init__(**kwargs)\n        self.units = units\n        self.activation = keras.activations.get(activation)\n"
    "        self.heads = units\n    def build(self, input_shape):\n        self.width = input_shape[-1]\n"
    "        self.kernel = self.add_weight(shape=(self.width, self.units))\n"
    "    def call(self, inputs, mask=None, attention_mask=None, use_causal_mask=False, training=None):\n"
    "        y = tf.reshape(inputs, (-1, self.heads, 2))\n        z = self.activation(y)\n        kind = self.__class__\n        return z\n"
    "    @classmethod\n    def from_config(cls, config):\n        return cls(**config)\n"
    "class Masked(keras.losses.Loss):\n    def call(self, y_true, y_pred):\n        return y_true - y_pred\n"
)


def test_keras_conventions() -> None:
    code = Code(KERAS, "tensorflow")
    facts = code.facts("Net")
    init = facts.parameters(code.unit("Net").init)  # type: ignore[arg-type]
    assert str(init["units"]) == "int"
    assert init["kernel_initializer"].kinds == {"str", "object", "function", "dict", "none"}
    assert init["activation"].may_be("none", "function", "str") and init["activation"].known
    assert init["strides"].kinds == {"int", "tuple", "list", "none"}
    call = facts.parameters(code.function("call"))
    assert str(call["inputs"]) == "tensor" and call["training"].kinds == {"bool", "none"}
    assert call["mask"].may_be("tensor", "none") and str(call["attention_mask"]) == "tensor or None"
    assert str(call["use_causal_mask"]) == "bool"
    end = facts.env_at_end(code.function("call"))
    assert str(end["y"]) == "tensor[3d]" and str(end["z"]) == "tensor" and str(end["kind"]) == "class"
    assert (
        facts.attrs["width"].may_be("int")
        and not facts.attrs["width"].may_be_tensor
        and str(facts.attrs["kernel"]) == "variable"
    )
    made = code.function_facts("from_config").parameters(code.function("from_config"))
    assert str(made["cls"]) == "class(m.Net)" and str(made["config"]) == "dict"
    loss = code.project.classes["m.Masked"].methods["call"]
    parameters = _of(code, loss)
    assert str(parameters["y_true"]) == str(parameters["y_pred"]) == "tensor"


def _of(code: Code, function: FunctionNode) -> dict[str, Value]:
    return function_facts(function, code.module, code.project).parameters(function)


def test_a_class_of_parameters_makes_parameters() -> None:
    code = Code(
        "class Dropped(gluon.Parameter):\n    def __init__(self, rate):\n        self.rate = 0.5\n    def scaled(self):\n        return self.rate\n"
        "def make():\n    p = Dropped(0.5)\n    data = p.data()\n    rate = p.rate\n    back = p.scaled()\n    other = p._hidden\n    return p\n",
        "mxnet",
    )
    end = code.function_facts("make").env_at_end(code.function("make"))
    assert end["p"].is_("parameter") and str(end["data"]) == "tensor"
    assert str(end["rate"]) == "float = 0.5" and str(end["back"]) == "float = 0.5"
    assert not end["other"].known


def test_a_helper_that_asks_for_a_class_is_not_judged_by_some_of_its_callers() -> None:
    code = Code(
        "def spread(data):\n    if isinstance(data, list):\n        return [spread(d) for d in data]\n    return data.unsqueeze(0)\n"
        "class Net(nn.Module):\n    def forward(self, x):\n        return spread(torch.ones(3))\n"
    )
    code.facts("Net")
    assert code.function_facts("spread").parameters(code.function("spread"))["data"].may_be("list", "tensor")


def test_a_called_attribute_that_is_not_known_is_no_function() -> None:
    code = Code(
        "class Net(nn.Module):\n    def __init__(self, cell):\n        super().__init__()\n        self.cell = cell\n    def forward(self, x):\n        return self.cell(x)\n"
    )
    call = next(node for node in ast.walk(code.function("forward")) if isinstance(node, ast.Call))
    assert code.facts("Net").value(call.func).may_be("module", "function", "object")
