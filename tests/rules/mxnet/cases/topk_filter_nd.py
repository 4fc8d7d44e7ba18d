EXPECT = "flag"
REASON = "a size is read from a value"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        keep = int(x.sum().asscalar()) % 3 + 1
        return nd.topk(x, k=keep, ret_typ="value")


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
