EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, pair):
        return nd.concat(pair[0], pair[1], dim=1)


def make():
    return Net()


def inputs():
    return ([nd.ones((2, 3)), nd.ones((2, 4)) * 2],)


def other():
    return ([nd.ones((4, 3)), nd.ones((4, 4))],)
