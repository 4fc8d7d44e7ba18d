EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        h, w = x.shape[2:]
        return x.sum(axis=(2, 3)) / (h * w)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3, 4, 4)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3, 4, 4)).astype('float32')),)
