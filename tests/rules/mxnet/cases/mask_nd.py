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


class M(nn.Block):
    def forward(self, x, valid):
        t = x.shape[1]
        steps = nd.arange(t).reshape((1, -1))
        mask = nd.broadcast_lesser(steps, valid.reshape((-1, 1)))
        return nd.broadcast_mul(x, mask.expand_dims(-1))


def make():
    return M()


def inputs():
    return (
        n(2, 5, 4),
        i(5, 2),
    )


def other():
    return (
        n(4, 5, 4),
        i(5, 4),
    )
