EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class MyDense(nn.Block):
    def __init__(self, units, in_units, **kwargs):
        super().__init__(**kwargs)
        self.w = self.params.get("weight", shape=(in_units, units))
        self.b = self.params.get("bias", shape=(units,))

    def forward(self, x):
        linear = nd.dot(x, self.w.data()) + self.b.data()
        return nd.relu(linear)


def make():
    return MyDense(3, 5)


def inputs():
    return (nd.array(onp.random.randn(*(2, 5)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(7, 5)), dtype="float32"),)
