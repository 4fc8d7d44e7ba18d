EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(5, bidirectional=True)
        self.cell = rnn.LSTMCell(3)

    def forward(self, x):
        batch = x.shape[1]
        y, state = self.rnn(x, self.rnn.begin_state(batch_size=batch, ctx=x.context))
        out, more = self.cell(nd.mean(y, axis=0), self.cell.begin_state(batch))
        return out, state, more


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(4, 3, 2), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(4, 5, 2), dtype="float32"),)
