EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class MaskLM(nn.Block):
    def __init__(self, vocab_size, num_hiddens, **kwargs):
        super(MaskLM, self).__init__(**kwargs)
        self.mlp = nn.Sequential()
        self.mlp.add(nn.Dense(num_hiddens, flatten=False, activation="relu"))

    def forward(self, X, pred_positions):
        num_pred_positions = pred_positions.shape[1]
        pred_positions = pred_positions.reshape(-1)
        batch_size = X.shape[0]
        batch_idx = np.arange(0, batch_size)
        batch_idx = np.repeat(batch_idx, num_pred_positions)
        masked_X = X[batch_idx, pred_positions]
        masked_X = masked_X.reshape((batch_size, num_pred_positions, -1))
        return self.mlp(masked_X)


def make():
    return MaskLM(7, 6)


def inputs():
    return (
        np.array(onp.random.randn(2, 5, 4), dtype="float32"),
        np.array(onp.random.randint(0, 5, (2, 3)), dtype="int32"),
    )


def other():
    return (
        np.array(onp.random.randn(3, 6, 4), dtype="float32"),
        np.array(onp.random.randint(0, 6, (3, 2)), dtype="int32"),
    )
