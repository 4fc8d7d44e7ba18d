EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, y):
        steps = []
        for _ in range(3):
            steps.append(x)
            x = nd.relu(x) * 2
        steps += [nd.tanh(y), y.as_in_context(x.context)]
        return steps


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"), nd.array(onp.random.randn(3, 4), dtype="float32"))


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"), nd.array(onp.random.randn(2, 4), dtype="float32"))
