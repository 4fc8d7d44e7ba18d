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


class Net(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.fc = nn.Dense(2)

    def forward(self, x, sizes=(1, 2)):
        return self.fc(x) * sizes[0] + sizes[1]


def make():
    return Net()


def inputs():
    return (n(2, 3),)


def other():
    return (n(4, 3),)
