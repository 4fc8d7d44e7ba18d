EXPECT = "convert"
import numpy as onp
from mxnet import gluon, np, npx

npx.set_np()


class MaskedLoss(gluon.loss.SoftmaxCELoss):
    def forward(self, pred, label, valid_len):
        weights = np.expand_dims(np.ones_like(label), axis=-1)
        weights = npx.sequence_mask(weights, valid_len, True, axis=1)
        return super(MaskedLoss, self).forward(pred, label, weights)


def make():
    return MaskedLoss()


def inputs():
    return (
        np.array(onp.random.randn(3, 4, 5), dtype="float32"),
        np.array(onp.random.randint(0, 5, (3, 4)), dtype="float32"),
        np.array(onp.random.randint(1, 5, (3,)), dtype="float32"),
    )


def other():
    return (
        np.array(onp.random.randn(2, 4, 5), dtype="float32"),
        np.array(onp.random.randint(0, 5, (2, 4)), dtype="float32"),
        np.array(onp.random.randint(1, 5, (2,)), dtype="float32"),
    )
