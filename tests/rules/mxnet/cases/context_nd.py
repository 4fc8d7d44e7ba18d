EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)

    def forward(self, x):
        ctx = x.context
        shift = nd.ones((1, 4), ctx=ctx)
        noise = nd.zeros((4,), ctx=x.context).as_in_context(ctx)
        return self.fc(x) + shift + noise


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
