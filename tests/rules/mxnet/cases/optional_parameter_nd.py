EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.Block):
    def __init__(self, units, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.gamma = self.params.get("gamma", shape=(1, units))
        if use_bias:
            self.beta = self.params.get("beta", shape=(1, units))
        else:
            self.beta = None

    def forward(self, x):
        out = x * self.gamma.data(x.context)
        if self.beta is not None:
            out = out + self.beta.data(x.context)
        return out


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.a = Scale(4)
        self.b = Scale(4, use_bias=False)

    def forward(self, x):
        return self.b(self.a(x))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(6, 4)), dtype="float32"),)
