EXPECT = "flag"
REASON = "the list has another name, through which it gets blocks that stay Blocks"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.Block):
    def forward(self, x):
        return x * float(x.sum().asscalar())


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.steps = []
        steps = self.steps
        steps.append(Scale())

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return nd.relu(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 6, 8)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 6, 8)).astype('float32')),)
