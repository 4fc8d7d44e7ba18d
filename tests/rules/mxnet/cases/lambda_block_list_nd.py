EXPECT = "flag"
REASON = "the lambda gives a list"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.act = nn.Lambda(lambda x: nd.split(x, 2))

    def forward(self, x):
        a, b = self.act(x)
        return a * b


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 4)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 4)).astype('float32')),)
