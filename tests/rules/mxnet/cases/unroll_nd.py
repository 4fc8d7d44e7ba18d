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


class Net(nn.Block):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.cell = rnn.GRUCell(4)

    def forward(self, x):
        outs, states = self.cell.unroll(3, x, layout="NTC", merge_outputs=True)
        return outs


def make():
    return Net()


def inputs():
    return (n(2, 3, 5),)


def other():
    return (n(4, 3, 5),)
