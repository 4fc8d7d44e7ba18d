EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn
from mxnet.gluon.contrib.rnn import LSTMPCell


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.HybridSequentialRNNCell()
        self.cell.add(LSTMPCell(7, 4))
        self.cell.add(rnn.DropoutCell(0.5))

    def forward(self, x, states):
        out, states = self.cell.unroll(4, x, states, layout="NTC", merge_outputs=True)
        return nd.relu(out), states


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4, 5), dtype="float32"), [nd.array(onp.random.randn(3, 4), dtype="float32"), nd.array(onp.random.randn(3, 7), dtype="float32")])


def other():
    return (nd.array(onp.random.randn(2, 4, 5), dtype="float32"), [nd.array(onp.random.randn(2, 4), dtype="float32"), nd.array(onp.random.randn(2, 7), dtype="float32")])
