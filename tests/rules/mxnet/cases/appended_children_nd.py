EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Step(nn.HybridBlock):
    def __init__(self, units, channels, **kwargs):
        super().__init__(**kwargs)
        self.same = units == channels
        self.conv = nn.Conv1D(channels, 3, padding=1, in_channels=units)

    def hybrid_forward(self, F, x):
        y = self.conv(x)
        return F.broadcast_add(y, x) if self.same else y


class Net(nn.Block):
    def __init__(self, units=8, **kwargs):
        super().__init__(**kwargs)
        self.steps = []
        self.by_name = {}
        for i in range(3):
            step = Step(units, units)
            self.register_child(step, "step%d" % i)
            self.steps.append(step)
            self.by_name[str(i)] = step

    def forward(self, x):
        x = x.transpose((0, 2, 1))
        skips = []
        for step in self.steps:
            x = step(x)
            skips.append(x)
        x = x + skips[0]
        x = x * self.by_name["1"](x)
        return x.transpose((0, 2, 1))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 6, 8)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 6, 8)).astype('float32')),)
