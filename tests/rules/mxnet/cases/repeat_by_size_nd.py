EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, y):
        y = nd.repeat(y.expand_dims(1), repeats=x.shape[1], axis=1)
        return nd.concat(x, y, dim=2)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3, 4)).astype('float32')), nd.array(onp.random.uniform(size=(2, 5)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3, 4)).astype('float32')), nd.array(onp.random.uniform(size=(5, 5)).astype('float32')),)
