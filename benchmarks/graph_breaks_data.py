"""Small models of many families, built from configurations with random weights, for ``graph_breaks.py``.

One line a model: its name, the class, an expression for its configuration and one for what it is called with.  In them
``t`` is the package ``transformers``; ``ids(...)`` are token ids of that shape, ``ones(...)`` whole ones, ``mask(...)``
ones with a zero at the end of the last row, ``n(...)`` normal numbers, ``u(...)`` numbers between 0 and 1.  A model
whose name ends in ``-half`` is turned to half precision.
"""

from __future__ import annotations

TEXT = "dict(input_ids=ids(2, 12), attention_mask=mask(2, 12))"
LABELLED = "dict(input_ids=ids(2, 12), attention_mask=mask(2, 12), labels=ids(2, 12))"
SEQ2SEQ = "dict(input_ids=ids(2, 12), attention_mask=mask(2, 12), decoder_input_ids=ids(2, 7), labels=ids(2, 7))"

_SMALL = "vocab_size=99, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=37"
_BART = (
    "vocab_size=99, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, "
    "decoder_attention_heads=4, encoder_ffn_dim=37, decoder_ffn_dim=37, pad_token_id=1, max_position_embeddings=64"
)
_GQA = _SMALL + ", num_key_value_heads=2, max_position_embeddings=64, pad_token_id=0"
_AUDIO = (
    "hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=37, conv_dim=(32, 32, 32), "
    "conv_stride=(4, 4, 2), conv_kernel=(8, 8, 4), num_feat_extract_layers=3, num_conv_pos_embeddings=16, "
    "num_conv_pos_embedding_groups=2, vocab_size=32, mask_time_length=2, mask_feature_length=2"
)
_SERIES = (
    "prediction_length=4, context_length=8, lags_sequence=[1, 2], num_time_features=1, encoder_layers=2, "
    "decoder_layers=2, d_model=16, encoder_attention_heads=2, decoder_attention_heads=2"
)
_VISION = (
    "hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=37, image_size=32, patch_size=8"
)

MODELS: list[tuple[str, str, str, str]] = [
    ("biogpt", "BioGptForCausalLM", f"t.BioGptConfig({_SMALL})", LABELLED),
    ("blenderbot", "BlenderbotForConditionalGeneration", f"t.BlenderbotConfig({_BART})", SEQ2SEQ),
    ("blenderbot-half", "BlenderbotForConditionalGeneration", f"t.BlenderbotConfig({_BART})", SEQ2SEQ),
    ("blenderbot-small", "BlenderbotSmallForConditionalGeneration", f"t.BlenderbotSmallConfig({_BART})", SEQ2SEQ),
    ("pegasus", "PegasusForCausalLM", f"t.PegasusConfig({_BART}, is_decoder=True)", LABELLED),
    ("pegasus-half", "PegasusForCausalLM", f"t.PegasusConfig({_BART}, is_decoder=True)", LABELLED),
    ("bart", "BartForConditionalGeneration", f"t.BartConfig({_BART})", SEQ2SEQ),
    ("mbart", "MBartForConditionalGeneration", f"t.MBartConfig({_BART})", SEQ2SEQ),
    ("m2m100", "M2M100ForConditionalGeneration", f"t.M2M100Config({_BART})", SEQ2SEQ),
    (
        "led",
        "LEDForConditionalGeneration",
        f"t.LEDConfig({_BART}, max_encoder_position_embeddings=64, max_decoder_position_embeddings=64, "
        "attention_window=4)",
        SEQ2SEQ,
    ),
    (
        "longformer",
        "LongformerForMaskedLM",
        f"t.LongformerConfig({_SMALL}, attention_window=4, pad_token_id=1)",
        LABELLED,
    ),
    (
        "bigbird",
        "BigBirdForMaskedLM",
        f"t.BigBirdConfig({_SMALL}, block_size=2, num_random_blocks=1, max_position_embeddings=64)",
        "dict(input_ids=ids(2, 24), attention_mask=mask(2, 24), labels=ids(2, 24))",
    ),
    (
        "t5",
        "T5ForConditionalGeneration",
        "t.T5Config(vocab_size=99, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, decoder_start_token_id=0)",
        SEQ2SEQ,
    ),
    (
        "t5-half",
        "T5ForConditionalGeneration",
        "t.T5Config(vocab_size=99, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, decoder_start_token_id=0)",
        SEQ2SEQ,
    ),
    (
        "switch",
        "SwitchTransformersForConditionalGeneration",
        "t.SwitchTransformersConfig(vocab_size=99, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, "
        "num_experts=4, num_sparse_encoder_layers=1, num_sparse_decoder_layers=1, expert_capacity=8, "
        "decoder_start_token_id=0)",
        SEQ2SEQ,
    ),
    (
        "longt5",
        "LongT5ForConditionalGeneration",
        "t.LongT5Config(vocab_size=99, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, local_radius=4, "
        "global_block_size=4, encoder_attention_type='transient-global', decoder_start_token_id=0)",
        SEQ2SEQ,
    ),
    (
        "prophetnet",
        "ProphetNetForConditionalGeneration",
        "t.ProphetNetConfig(vocab_size=99, hidden_size=32, num_encoder_layers=2, num_decoder_layers=2, "
        "num_encoder_attention_heads=4, num_decoder_attention_heads=4, encoder_ffn_dim=37, decoder_ffn_dim=37, "
        "max_position_embeddings=64)",
        SEQ2SEQ,
    ),
    (
        "phi3-longrope",
        "Phi3ForCausalLM",
        f"t.Phi3Config({_GQA}, original_max_position_embeddings=32, rope_scaling=dict(type='longrope', "
        "short_factor=[1.0] * 4, long_factor=[2.0] * 4))",
        LABELLED,
    ),
    (
        "mixtral",
        "MixtralForCausalLM",
        f"t.MixtralConfig({_GQA}, num_local_experts=4, output_router_logits=True)",
        LABELLED,
    ),
    (
        "qwen2-moe",
        "Qwen2MoeForCausalLM",
        f"t.Qwen2MoeConfig({_GQA}, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16, "
        "shared_expert_intermediate_size=16)",
        LABELLED,
    ),
    ("olmoe", "OlmoeForCausalLM", f"t.OlmoeConfig({_GQA}, num_experts=4, num_experts_per_tok=2)", LABELLED),
    (
        "granitemoe",
        "GraniteMoeForCausalLM",
        f"t.GraniteMoeConfig({_GQA}, num_local_experts=4, num_experts_per_tok=2)",
        LABELLED,
    ),
    (
        "jamba",
        "JambaForCausalLM",
        f"t.JambaConfig({_GQA}, num_experts=4, use_mamba_kernels=False, attn_layer_period=2, attn_layer_offset=1, "
        "expert_layer_period=2, expert_layer_offset=1)",
        LABELLED,
    ),
    (
        "mamba",
        "MambaForCausalLM",
        "t.MambaConfig(vocab_size=99, hidden_size=32, num_hidden_layers=2, state_size=4)",
        "dict(input_ids=ids(2, 12), labels=ids(2, 12))",
    ),
    ("llama", "LlamaForCausalLM", f"t.LlamaConfig({_GQA})", LABELLED),
    ("gpt2", "GPT2LMHeadModel", "t.GPT2Config(vocab_size=99, n_embd=32, n_layer=2, n_head=4)", LABELLED),
    ("gptj", "GPTJForCausalLM", "t.GPTJConfig(vocab_size=99, n_embd=32, n_layer=2, n_head=4, rotary_dim=4)", LABELLED),
    (
        "codegen",
        "CodeGenForCausalLM",
        "t.CodeGenConfig(vocab_size=99, n_embd=32, n_layer=2, n_head=4, rotary_dim=4)",
        LABELLED,
    ),
    ("bloom", "BloomForCausalLM", "t.BloomConfig(vocab_size=99, hidden_size=32, n_layer=2, n_head=4)", LABELLED),
    ("mpt", "MptForCausalLM", "t.MptConfig(vocab_size=99, d_model=32, n_layers=2, n_heads=4)", LABELLED),
    ("falcon", "FalconForCausalLM", f"t.FalconConfig({_SMALL})", LABELLED),
    (
        "opt",
        "OPTForCausalLM",
        "t.OPTConfig(vocab_size=99, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, ffn_dim=37, "
        "word_embed_proj_dim=32, max_position_embeddings=64)",
        LABELLED,
    ),
    ("bert", "BertForMaskedLM", f"t.BertConfig({_SMALL})", LABELLED),
    (
        "deberta-v2",
        "DebertaV2ForMaskedLM",
        f"t.DebertaV2Config({_SMALL}, relative_attention=True, pos_att_type='p2c|c2p', position_buckets=8)",
        LABELLED,
    ),
    (
        "xlnet",
        "XLNetLMHeadModel",
        "t.XLNetConfig(vocab_size=99, d_model=32, n_layer=2, n_head=4, d_inner=37)",
        LABELLED,
    ),
    (
        "funnel",
        "FunnelForMaskedLM",
        "t.FunnelConfig(vocab_size=99, block_sizes=[1, 1], num_decoder_layers=1, d_model=32, n_head=4, d_head=8, "
        "d_inner=37)",
        LABELLED,
    ),
    (
        "wav2vec2",
        "Wav2Vec2ForCTC",
        f"t.Wav2Vec2Config({_AUDIO})",
        "dict(input_values=n(2, 1024), attention_mask=ones(2, 1024), labels=ids(2, 4, high=30))",
    ),
    (
        "hubert",
        "HubertForCTC",
        f"t.HubertConfig({_AUDIO})",
        "dict(input_values=n(2, 1024), attention_mask=ones(2, 1024), labels=ids(2, 4, high=30))",
    ),
    (
        "wavlm",
        "WavLMForCTC",
        f"t.WavLMConfig({_AUDIO})",
        "dict(input_values=n(2, 1024), attention_mask=ones(2, 1024), labels=ids(2, 4, high=30))",
    ),
    (
        "whisper",
        "WhisperForConditionalGeneration",
        f"t.WhisperConfig({_BART}, num_mel_bins=8, max_source_positions=32, max_target_positions=32, "
        "decoder_start_token_id=2, bos_token_id=3, eos_token_id=4, suppress_tokens=None, begin_suppress_tokens=None)",
        "dict(input_features=n(2, 8, 64), labels=ids(2, 7))",
    ),
    (
        "speech-to-text",
        "Speech2TextForConditionalGeneration",
        f"t.Speech2TextConfig({_BART}, input_feat_per_channel=8, conv_channels=16, max_source_positions=64, "
        "max_target_positions=32)",
        "dict(input_features=n(2, 32, 8), labels=ids(2, 7))",
    ),
    (
        "qwen2-audio",
        "Qwen2AudioForConditionalGeneration",
        "t.Qwen2AudioConfig(audio_config=dict(model_type='qwen2_audio_encoder', num_mel_bins=8, encoder_layers=2, "
        "encoder_attention_heads=4, encoder_ffn_dim=37, d_model=32, max_source_positions=16), text_config=dict("
        f"model_type='qwen2', {_GQA}), audio_token_index=98)",
        "dict(input_ids=audio(2, 16, 8, 98), attention_mask=ones(2, 16), input_features=n(2, 8, 32), "
        "feature_attention_mask=ones(2, 32))",
    ),
    (
        "vits",
        "VitsModel",
        "t.VitsConfig(vocab_size=38, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=64, "
        "flow_size=16, spectrogram_bins=8, upsample_rates=[2, 2], upsample_kernel_sizes=[4, 4], "
        "upsample_initial_channel=16, resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1]], "
        "prior_encoder_num_flows=2, duration_predictor_num_flows=2, wavenet_dilation_rate=1, wavenet_kernel_size=3, "
        "noise_scale=0.0, noise_scale_duration=0.0, duration_predictor_filter_channels=16)",
        "dict(input_ids=ids(2, 12, high=38), attention_mask=mask(2, 12))",
    ),
    (
        "encodec",
        "EncodecModel",
        "t.EncodecConfig(audio_channels=1, hidden_size=16, num_filters=4, num_residual_layers=1, "
        "upsampling_ratios=[8, 4], codebook_size=16, codebook_dim=16, target_bandwidths=[7.5], sampling_rate=24000)",
        "dict(input_values=n(2, 1, 256))",
    ),
    (
        "clip",
        "CLIPModel",
        f"t.CLIPConfig(text_config=dict({_SMALL}, eos_token_id=2), vision_config=dict({_VISION}))",
        "dict(input_ids=ids(2, 12), pixel_values=n(2, 3, 32, 32), attention_mask=mask(2, 12), return_loss=True)",
    ),
    (
        "llava",
        "LlavaForConditionalGeneration",
        f"t.LlavaConfig(text_config=t.LlamaConfig({_GQA}), vision_config=t.CLIPVisionConfig({_VISION}), "
        "image_token_index=98)",
        "dict(input_ids=audio(2, 24, 16, 98), attention_mask=ones(2, 24), pixel_values=n(2, 3, 32, 32))",
    ),
    (
        "swin",
        "SwinForImageClassification",
        "t.SwinConfig(image_size=32, patch_size=2, embed_dim=16, depths=[1, 2], num_heads=[2, 2], window_size=4)",
        "dict(pixel_values=n(2, 3, 32, 32), labels=ids(2, high=2))",
    ),
    (
        "vit-mae",
        "ViTMAEForPreTraining",
        f"t.ViTMAEConfig({_VISION}, decoder_hidden_size=32, decoder_num_hidden_layers=1, "
        "decoder_num_attention_heads=4, decoder_intermediate_size=37)",
        "dict(pixel_values=n(2, 3, 32, 32), noise=u(2, 16))",
    ),
    (
        "segformer",
        "SegformerForSemanticSegmentation",
        "t.SegformerConfig(depths=[1, 1, 1, 1], hidden_sizes=[8, 8, 16, 16], num_attention_heads=[1, 1, 2, 2], "
        "decoder_hidden_size=16)",
        "dict(pixel_values=n(2, 3, 64, 64), labels=ids(2, 64, 64, high=2))",
    ),
    (
        "detr",
        "DetrForObjectDetection",
        "t.DetrConfig(use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config="
        "t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], out_features=['stage2']), d_model=32, "
        "encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=37, "
        "decoder_ffn_dim=37, num_queries=6)",
        "dict(pixel_values=n(2, 3, 64, 64), pixel_mask=ones(2, 64, 64))",
    ),
    (
        "deformable-detr",
        "DeformableDetrForObjectDetection",
        "t.DeformableDetrConfig(use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config="
        "t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16, 16, 16], depths=[1, 1, 1, 1], out_features=['stage2', "
        "'stage3', 'stage4']), d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, "
        "decoder_attention_heads=4, encoder_ffn_dim=37, decoder_ffn_dim=37, num_queries=6, num_feature_levels=4, "
        "disable_custom_kernels=True)",
        "dict(pixel_values=n(2, 3, 64, 64), pixel_mask=ones(2, 64, 64))",
    ),
    (
        "time-series",
        "TimeSeriesTransformerForPrediction",
        f"t.TimeSeriesTransformerConfig({_SERIES})",
        "dict(past_values=n(2, 10), past_time_features=n(2, 10, 1), past_observed_mask=ones(2, 10), "
        "future_values=n(2, 4), future_time_features=n(2, 4, 1))",
    ),
    (
        "informer",
        "InformerForPrediction",
        f"t.InformerConfig({_SERIES})",
        "dict(past_values=n(2, 10), past_time_features=n(2, 10, 1), past_observed_mask=ones(2, 10), "
        "future_values=n(2, 4), future_time_features=n(2, 4, 1))",
    ),
    (
        "autoformer",
        "AutoformerForPrediction",
        f"t.AutoformerConfig({_SERIES}, label_length=4, moving_average=3)",
        "dict(past_values=n(2, 10), past_time_features=n(2, 10, 1), past_observed_mask=ones(2, 10), "
        "future_values=n(2, 4), future_time_features=n(2, 4, 1))",
    ),
    (
        "patchtst",
        "PatchTSTForPrediction",
        "t.PatchTSTConfig(num_input_channels=2, context_length=16, patch_length=4, patch_stride=4, "
        "prediction_length=4, d_model=16, num_attention_heads=2, num_hidden_layers=2, ffn_dim=16)",
        "dict(past_values=n(2, 16, 2), past_observed_mask=ones(2, 16, 2), future_values=n(2, 4, 2))",
    ),
]
