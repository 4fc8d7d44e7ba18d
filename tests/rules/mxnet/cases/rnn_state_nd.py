EXPECT = "convert"

from mxnet.gluon import rnn

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.embed = nn.Dense(6, flatten=False)
        self.rnn = rnn.GRU(5)
        self.out = nn.Dense(3, flatten=False)

    def forward(self, x, state):
        y, state = self.rnn(self.embed(x), [state])
        return self.out(y), state[0]


def make():
    return Net()


def inputs():
    return (
        nd.array(onp.random.randn(*(3, 2, 4)), dtype="float32"),
        nd.array(onp.random.randn(*(1, 2, 5)), dtype="float32"),
    )


def other():
    return (
        nd.array(onp.random.randn(*(3, 4, 4)), dtype="float32"),
        nd.array(onp.random.randn(*(1, 4, 5)), dtype="float32"),
    )
