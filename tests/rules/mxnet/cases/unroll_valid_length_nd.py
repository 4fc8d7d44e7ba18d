EXPECT = "flag"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.GRUCell(5)

    def forward(self, x, states):
        return self.cell.unroll(x.shape[1], x, states, merge_outputs=True, valid_length=nd.ones((3,)))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4, 5), dtype="float32"), [nd.array(onp.random.randn(3, 5), dtype="float32")])


def other():
    return (nd.array(onp.random.randn(2, 6, 5), dtype="float32"), [nd.array(onp.random.randn(2, 5), dtype="float32")])
