# ruff: noqa: E501
"""Calls of layers and small backbones of keras_hub (0.32) for ``kinds_truth.py package``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

FILES = ("src/layers/modeling/*.py", "src/models/*/*.py")
NOT_FILES = ("*_test.py", "*/__init__.py", "*preprocessor.py", "*tokenizer.py", "*presets.py", "*converter.py")
STUBS = ("regex", "tensorflow_text", "kagglehub", "sentencepiece", "tokenizers", "sacremoses", "rouge_score")


def cases(keras_hub: Any) -> list[Callable[[], Any]]:
    """Thunks that build each layer or backbone and call it."""
    layers, models = keras_hub.layers, keras_hub.models
    tf = importlib.import_module("tensorflow")
    seq, ids = tf.random.uniform((2, 6, 8)), tf.constant([[1, 2, 3, 4, 0, 0], [4, 3, 2, 1, 5, 6]])
    mask = tf.constant([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])
    image = tf.random.uniform((1, 32, 32, 3))
    text = {"token_ids": ids, "padding_mask": mask}
    pair = {**text, "segment_ids": tf.zeros_like(ids)}
    both = {
        "encoder_token_ids": ids,
        "encoder_padding_mask": mask,
        "decoder_token_ids": ids,
        "decoder_padding_mask": mask,
    }
    small = {"vocabulary_size": 10, "num_layers": 2, "num_heads": 2, "hidden_dim": 8, "intermediate_dim": 16}

    def layer(name: str, *args: Any, given: Any = None, more: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        return lambda: getattr(layers, name)(*args, **kwargs)(*([seq] if given is None else given), **(more or {}))

    def backbone(name: str, inputs: Any, **kwargs: Any) -> Any:
        def run() -> Any:
            net = getattr(models, name)(**kwargs)
            return net(inputs), net(inputs, training=True), net.get_config()

        return run

    def decoder() -> Any:
        block = layers.TransformerDecoder(16, 2, dropout=0.1)
        return block(seq, seq, training=True), block(seq, seq, decoder_padding_mask=mask, encoder_padding_mask=mask)

    def cached() -> Any:
        cache = tf.zeros((2, 2, 6, 2, 4))
        return layers.CachedMultiHeadAttention(2, 4)(seq[:, :1], cache=cache, cache_update_index=0)

    def reversible() -> Any:
        embedding = layers.ReversibleEmbedding(10, 8)
        return embedding(embedding(ids), reverse=True)

    grouped = {**small, "num_query_heads": 2, "num_key_value_heads": 1}
    grouped.pop("num_heads")
    return [
        layer("PositionEmbedding", 6), layer("SinePositionEncoding"), layer("RotaryEmbedding"), layer("RotaryEmbedding", scaling_factor=2.0, more={"start_index": 1}),
        layer("TokenAndPositionEmbedding", 10, 6, 8, mask_zero=True, given=[ids]), layer("TransformerEncoder", 16, 2, dropout=0.1, more={"training": True}),
        layer("TransformerEncoder", 16, 2, normalize_first=True, more={"padding_mask": mask}), decoder, layer("TransformerDecoder", 16, 2), layer("FNetEncoder", 16), cached, reversible,
        layer("AlibiBias", given=[tf.random.uniform((2, 2, 6, 6))]), layer("MaskedLMHead", vocabulary_size=10, more={"mask_positions": tf.constant([[0, 1], [1, 2]])}), layer("RMSNormalization"),
        backbone("BertBackbone", pair, **small, max_sequence_length=6), backbone("AlbertBackbone", pair, **small, embedding_dim=4, max_sequence_length=6),
        backbone("DistilBertBackbone", text, **small, max_sequence_length=6), backbone("RobertaBackbone", text, **small, max_sequence_length=6),
        backbone("XLMRobertaBackbone", text, **small, max_sequence_length=6), backbone("GPT2Backbone", text, **small, max_sequence_length=6),
        backbone("OPTBackbone", text, **small, max_sequence_length=6), backbone("BloomBackbone", text, **small), backbone("BartBackbone", both, **small, max_sequence_length=6),
        backbone("T5Backbone", both, **small), backbone("DebertaV3Backbone", text, **small, max_sequence_length=6, bucket_size=4),
        backbone("ElectraBackbone", pair, **small, embedding_dim=4, max_sequence_length=6), backbone("FNetBackbone", {k: v for k, v in pair.items() if k != "padding_mask"}, **{k: v for k, v in small.items() if k != "num_heads"}, max_sequence_length=6),
        backbone("XLNetBackbone", pair, **{k: v for k, v in small.items()}), backbone("GPTNeoXBackbone", text, **small), backbone("FalconBackbone", text, vocabulary_size=10, num_layers=2, num_attention_heads=2, hidden_dim=8, intermediate_dim=16),
        backbone("LlamaBackbone", text, **grouped), backbone("MistralBackbone", text, **grouped), backbone("Phi3Backbone", text, **grouped), backbone("QwenBackbone", text, **grouped),
        backbone("GemmaBackbone", text, **grouped, head_dim=4), backbone("MixtralBackbone", text, **grouped, num_experts=2, top_k=1),
        backbone("RoformerV2Backbone", {"token_ids": ids, "segment_ids": tf.zeros_like(ids)}, **small), backbone("ESMBackbone", {"token_ids": ids}, **small),
        backbone("WhisperBackbone", {"encoder_features": tf.random.uniform((2, 12, 80)), "decoder_token_ids": ids, "decoder_padding_mask": mask}, **small, max_encoder_sequence_length=6, max_decoder_sequence_length=6),
        backbone("ResNetBackbone", image, input_conv_filters=[8], input_conv_kernel_sizes=[3], stackwise_num_filters=[8, 16], stackwise_num_blocks=[1, 1], stackwise_num_strides=[1, 2], block_type="basic_block", image_shape=(32, 32, 3)),
        backbone("ResNetBackbone", image, input_conv_filters=[8], input_conv_kernel_sizes=[3], stackwise_num_filters=[8, 16], stackwise_num_blocks=[1, 1], stackwise_num_strides=[1, 2], block_type="bottleneck_block", use_pre_activation=True, image_shape=(32, 32, 3)),
        backbone("VGGBackbone", image, stackwise_num_repeats=[1, 1], stackwise_num_filters=[4, 8], image_shape=(32, 32, 3)), backbone("DenseNetBackbone", image, stackwise_num_repeats=[1, 2], image_shape=(32, 32, 3), growth_rate=4),
        backbone("CSPNetBackbone", image, stem_filters=8, stem_kernel_size=3, stem_strides=1, stackwise_depth=[1, 1], stackwise_strides=[1, 2], stackwise_num_filters=[8, 16], block_type="dark_block", image_shape=(32, 32, 3)),
        backbone("ViTBackbone", image, image_shape=(32, 32, 3), patch_size=8, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=16), backbone("MiTBackbone", image, image_shape=(32, 32, 3), layerwise_depths=[1, 1], num_layers=2, layerwise_num_heads=[1, 2], layerwise_sr_ratios=[2, 1], max_drop_path_rate=0.1, layerwise_patch_sizes=[7, 3], layerwise_strides=[4, 2], hidden_dims=[8, 16]),
        backbone("XceptionBackbone", tf.random.uniform((1, 64, 64, 3)), image_shape=(64, 64, 3), stackwise_conv_filters=[[8, 8], [16, 16, 16]], stackwise_pooling=[True, False]),
        backbone("DeiTBackbone", image, image_shape=(32, 32, 3), patch_size=8, num_layers=2, num_heads=2, hidden_dim=8, intermediate_dim=16),
    ]  # fmt: skip
