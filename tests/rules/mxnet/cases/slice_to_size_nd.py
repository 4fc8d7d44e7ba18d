EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return nd.slice_axis(x, axis=1, begin=0, end=x.shape[1] - 1)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 6)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 6)).astype('float32')),)
