EXPECT = "flag"
REASON = "the local is one of two namespaces"

import mxnet as mx
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    k = 2

    def forward(self, x):
        F = nd
        if self.k > 3:
            F = mx.nd.contrib
        return F.relu(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
