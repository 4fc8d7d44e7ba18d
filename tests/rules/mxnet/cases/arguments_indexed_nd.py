EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, *args):
        return args[0] * args[1] + args[0]


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')), nd.array(onp.random.uniform(size=(2, 1)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')), nd.array(onp.random.uniform(size=(5, 1)).astype('float32')),)
