EXPECT = "flag"
REASON = "the lambda is handed on, not called"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.act = lambda a: nd.tanh(a)

    def forward(self, x):
        return list(map(self.act, [x, x * 2]))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
