EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class A(nn.Block):
    def forward(self, x):
        return nd.relu(x), x * 2


class Net(A):

    def forward(self, x):
        a, b = super().forward(x)
        return a * b


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
