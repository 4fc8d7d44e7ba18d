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


def mix(a, b):
    return nd.relu(a) + b


class Net(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.fc = nn.Dense(3)

    def forward(self, x):
        h = self.fc(x)
        return mix(h, nd.mean(h, axis=0, keepdims=True))


def build():
    assert mix(nd.ones((2, 2)), 1.0).shape == (2, 2)
    return Net()


def make():
    return build()


def inputs():
    return (n(2, 3),)


def other():
    return (n(4, 3),)
