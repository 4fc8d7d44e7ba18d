EXPECT = "flag"
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


def merge(x, h):
    return x.reshape((-1, h, x.shape[1], x.shape[2]))


class Net(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.fc = nn.Dense(4, flatten=False)

    def forward(self, x):
        return merge(self.fc(x), 2)


def build():
    assert merge(nd.ones((2, 3, 4, 5)), 2).shape == (5, 2, 3, 4)
    return Net()


def make():
    return build()


def inputs():
    return (n(2, 4, 3),)


def other():
    return (n(4, 4, 3),)
