EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = rnn.HybridSequentialRNNCell()
        with self.first.name_scope():
            for _ in range(2):
                self.first.add(rnn.GRUCell(6))
            self.first.add(rnn.RNNCell(5))
        self.second = rnn.LSTMCell(4)

    def forward(self, x):
        h, _ = self.first.unroll(x.shape[1], x, layout="NTC", merge_outputs=True)
        h = h.swapaxes(0, 1)
        out, states = self.second.unroll(h.shape[0], h, layout="TNC", merge_outputs=True)
        return out, states


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4, 5), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 6, 5), dtype="float32"),)
