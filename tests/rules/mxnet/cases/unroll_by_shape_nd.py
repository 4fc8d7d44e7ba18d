EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn
from mxnet.gluon import contrib


class Net(nn.Block):
    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.embedding = nn.Embedding(10, 4)
        self.cell = rnn.HybridSequentialRNNCell()
        self.cell.add(rnn.LSTMCell(self.hidden))
        self.cell.add(contrib.rnn.LSTMPCell(7, self.hidden))
        self.decoder = nn.Dense(8)

    def forward(self, x, states):
        steps = x.shape[0]
        batch = x.shape[1]
        h = self.embedding(x)
        h, states = self.cell.unroll(steps, h, states, layout="TNC", merge_outputs=True)
        out = self.decoder(h.reshape((-1, self.hidden)))
        return out.reshape((steps, batch, -1)), states


def make():
    return Net(5)


def inputs():
    return (nd.array(onp.random.randint(0, 10, (4, 3)), dtype="int32"), [nd.array(onp.random.randn(3, 5), dtype="float32"), nd.array(onp.random.randn(3, 5), dtype="float32"), nd.array(onp.random.randn(3, 5), dtype="float32"), nd.array(onp.random.randn(3, 7), dtype="float32")])


def other():
    return (nd.array(onp.random.randint(0, 10, (6, 2)), dtype="int32"), [nd.array(onp.random.randn(2, 5), dtype="float32"), nd.array(onp.random.randn(2, 5), dtype="float32"), nd.array(onp.random.randn(2, 5), dtype="float32"), nd.array(onp.random.randn(2, 7), dtype="float32")])
