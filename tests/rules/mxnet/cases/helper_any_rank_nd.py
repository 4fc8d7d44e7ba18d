EXPECT = "convert"
import math
import numpy as onp
import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn, rnn
from mxnet import nd


def n(*s):
    return nd.array(onp.random.randn(*s), dtype="float32")


def i(h, *s):
    return nd.array(onp.random.randint(0, h, s), dtype="float32")


def last(x):
    return x.reshape((-1, x.shape[-1]))


class Net(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.fc = nn.Dense(3)

    def forward(self, x):
        return self.fc(last(x))


def build():
    assert last(nd.ones((2, 3, 4, 5))).shape == (24, 5) and last(nd.ones((7,))).shape == (1, 7)
    return Net()


def make():
    return build()


def inputs():
    return (n(2, 4, 3),)


def other():
    return (n(4, 4, 3),)
