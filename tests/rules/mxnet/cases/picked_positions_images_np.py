EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Pick(nn.Block):
    def forward(self, X, pred_positions):
        num_pred_positions = pred_positions.shape[1]
        pred_positions = pred_positions.reshape(-1)
        batch_size = X.shape[0]
        batch_idx = np.arange(0, batch_size)
        batch_idx = np.repeat(batch_idx, num_pred_positions)
        masked_X = X[batch_idx, pred_positions]
        masked_X = masked_X.reshape((batch_size, num_pred_positions, -1))
        return masked_X * 2


def make():
    return Pick()


def inputs():
    return (
        np.array(onp.random.randn(2, 5, 4, 3), dtype="float32"),
        np.array(onp.random.randint(0, 5, (1, 1)), dtype="int32"),
    )


def other():
    return (
        np.array(onp.random.randn(1, 6, 4, 2), dtype="float32"),
        np.array(onp.random.randint(0, 6, (1, 3)), dtype="int32"),
    )
