EXPECT = "flag"
import math
import numpy as onp
import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn, rnn
from mxnet import np, npx

npx.set_np()


def n(*s):
    return np.array(onp.random.randn(*s), dtype="float32")


def i(h, *s):
    return np.array(onp.random.randint(0, h, s), dtype="float32")


class Net(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.body = nn.Sequential()
        self.body.add(rnn.LSTM(3, layout="NTC"), nn.Dense(2))

    def forward(self, x):
        return self.body(x) * 2


def make():
    return Net()


def inputs():
    return (n(2, 4, 3),)


def other():
    return (n(4, 4, 3),)
