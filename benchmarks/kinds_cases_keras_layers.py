# ruff: noqa: E501
"""Calls of the layers of the installed Keras for ``kinds_truth.py package`` (its sources are read as a repository)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

FILES = ("src/layers/*/*.py",)
NOT_FILES = ("*_test.py", "*/__init__.py", "*/preprocessing/*", "*/image_preprocessing/*")


def cases(keras: Any) -> list[Callable[[], Any]]:
    """Thunks that build each layer and call it."""
    layers = keras.layers
    tf = importlib.import_module("tensorflow")
    flat, seq = tf.random.uniform((2, 8)), tf.random.uniform((2, 6, 8))
    image, video = tf.random.uniform((2, 8, 8, 4)), tf.random.uniform((2, 4, 6, 6, 3))
    ids = tf.constant([[1, 2, 3, 0], [4, 3, 0, 0]])
    mask = tf.constant([[True, True, True, True, False, False], [True, True, False, False, False, False]])

    def call(name: str, x: Any, *args: Any, training: bool = True, **kwargs: Any) -> Callable[[], Any]:
        def run() -> Any:
            layer = getattr(layers, name)(*args, **kwargs)
            if "training" in layer._call_signature.parameters:
                return layer(x, training=training), layer(x)
            return layer(x)

        return run

    def recurrent(name: str, x: Any, *args: Any, **kwargs: Any) -> Callable[[], Any]:
        def run() -> Any:
            layer = getattr(layers, name)(*args, **kwargs)
            return layer(x, training=True), layer(x)

        return run

    def masked(name: str, *args: Any, **kwargs: Any) -> Callable[[], Any]:
        return lambda: getattr(layers, name)(*args, **kwargs)(seq, mask=mask)

    def attend(name: str, **kwargs: Any) -> Callable[[], Any]:
        return lambda: getattr(layers, name)(**kwargs)([seq, seq], return_attention_scores=True, training=True)

    def heads() -> Any:
        layer = layers.MultiHeadAttention(2, 4, dropout=0.1)
        return layer(seq, seq, return_attention_scores=True, use_causal_mask=True, training=True), layer(seq, seq)

    def grouped() -> Any:
        layer = layers.GroupQueryAttention(4, 4, 2)
        return layer(seq, seq, use_causal_mask=True), layer(seq, seq, training=True)

    def stacked() -> Any:
        cells = [layers.LSTMCell(4), layers.GRUCell(4)]
        return layers.RNN(layers.StackedRNNCells(cells), return_state=True)(seq)

    merged = [
        layers.Add,
        layers.Average,
        layers.Concatenate,
        layers.Maximum,
        layers.Minimum,
        layers.Multiply,
        layers.Subtract,
    ]
    pools = ["MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling"]
    by_rank = {"1D": seq, "2D": image, "3D": video}
    out: list[Callable[[], Any]] = [
        call("Dense", flat, 4, activation="relu", kernel_regularizer="l2"), call("Dense", seq, 4, use_bias=False), call("EinsumDense", seq, "abc,cd->abd", output_shape=(None, 4), bias_axes="d"),
        call("Embedding", ids, 10, 4, mask_zero=True), call("Identity", flat), call("Masking", seq), call("Lambda", flat, lambda x: x * 2), call("ReversibleEmbedding", ids, 10, 4),
        call("Activation", flat, "relu"), call("ELU", flat), call("LeakyReLU", flat), call("PReLU", flat), call("ReLU", flat, max_value=6.0), call("Softmax", flat),
        attend("Attention", use_scale=True, dropout=0.1), attend("AdditiveAttention"), heads, grouped, stacked,
        call("BatchNormalization", image), call("BatchNormalization", image, training=False), call("LayerNormalization", seq), call("GroupNormalization", image, groups=2),
        call("RMSNormalization", seq), call("UnitNormalization", seq), lambda: layers.SpectralNormalization(layers.Dense(3))(flat, training=True),
        call("Dropout", flat, 0.5), call("AlphaDropout", flat, 0.5), call("GaussianDropout", flat, 0.5), call("GaussianNoise", flat, 0.5), call("SpatialDropout1D", seq, 0.5),
        call("SpatialDropout2D", image, 0.5), call("ActivityRegularization", flat, l1=0.1), call("Flatten", image), call("Permute", seq, (2, 1)), call("RepeatVector", flat, 3),
        call("Reshape", flat, (4, -1)), recurrent("LSTM", seq, 4, dropout=0.1, recurrent_dropout=0.1), recurrent("GRU", seq, 4, return_sequences=True, return_state=True),
        recurrent("SimpleRNN", seq, 4, unroll=True), lambda: layers.Bidirectional(layers.LSTM(4, return_state=True))(seq), lambda: layers.TimeDistributed(layers.Dense(3))(seq),
        recurrent("ConvLSTM2D", video, 2, 3), recurrent("ConvLSTM1D", image, 2, 3), masked("LSTM", 4), masked("GRU", 4), lambda: layers.Dot(axes=1)([flat, flat]), lambda: layers.Dot(axes=(1, 1), normalize=True)([seq, seq]),
        call("AdaptiveAveragePooling2D", image, 2), call("AdaptiveMaxPooling1D", seq, 2),
    ]  # fmt: skip
    for rank, x in by_rank.items():
        out += [call(f"{pool}{rank}", x, *(() if pool.startswith("Global") else (2,))) for pool in pools]
        out += [call(f"Conv{rank}", x, 4, 3, padding="same", activation="relu"), call(f"Conv{rank}Transpose", x, 4, 3)]
        out += [call(f"Cropping{rank}", x), call(f"UpSampling{rank}", x), call(f"ZeroPadding{rank}", x)]
        if rank != "3D":
            out += [call(f"DepthwiseConv{rank}", x, 3), call(f"SeparableConv{rank}", x, 4, 3)]
    out += [lambda cls=cls: cls()([flat, flat]) for cls in merged]
    out += [
        call("Conv1D", seq, 4, 3, padding="causal"),
        call("UpSampling2D", image, 2, interpolation="bilinear"),
        call("MaxPooling2D", image, (2, 2), strides=1, padding="same"),
    ]
    return out
