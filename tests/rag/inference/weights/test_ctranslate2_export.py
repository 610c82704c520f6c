"""A GGUF file converted for CTranslate2 computes the same as transformers with the same weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import ModelError
from rag.inference.weights.cache import check_files
from rag.inference.weights.export import ctranslate2 as ctranslate2_export

ctranslate2 = pytest.importorskip("ctranslate2")
gguf = pytest.importorskip("gguf")
torch = pytest.importorskip("torch")

VOCABULARY, WIDTH, LAYERS, HEADS, HEADS_KV, INNER = 96, 64, 2, 4, 2, 128
PLACES = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def small_model(*, tied: bool) -> Any:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS_KV,
        tie_word_embeddings=tied,
        initializer_range=0.3,
    )
    model = Qwen2ForCausalLM(config).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def write_gguf(model: Any, path: Path, *, family: str = "qwen2") -> Path:
    writer = gguf.GGUFWriter(path, family)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS_KV)
    writer.add_layer_norm_rms_eps(model.config.rms_norm_eps)
    writer.add_rope_freq_base(model.config.rope_parameters["rope_theta"])
    writer.add_token_list([f"<{number}>" for number in range(VOCABULARY)])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    for name, tensor in model.state_dict().items():
        writer.add_tensor(_place(name), tensor.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _place(name: str) -> str:
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    if name == "lm_head.weight":
        return "output.weight"
    if name in whole:
        return whole[name]
    _, _, number, rest = name.split(".", 3)
    layer, _, kind = rest.rpartition(".")
    return f"blk.{number}.{PLACES[layer]}.{kind}"


@pytest.mark.parametrize("tied", [True, False])
def test_the_next_token_is_as_likely_as_with_transformers(tmp_path: Path, *, tied: bool) -> None:
    model = small_model(tied=tied)
    file = write_gguf(model, tmp_path / "small.gguf")
    target = tmp_path / "made"
    target.mkdir()
    sources = {file.name: "0" * 64}
    ctranslate2_export.convert(file, target, sources=sources)
    expected = dict.fromkeys(ctranslate2_export.FILES, "")
    whole = check_files(target, expected, sources=sources, converter=ctranslate2_export.CONVERTER, verify=True)
    assert whole.state == "intact"
    generator = ctranslate2.Generator(str(target), device="cpu", compute_type="int8_float32")
    rng = np.random.default_rng(0)
    for length in (1, 7, 30):
        tokens = [int(one) for one in rng.integers(2, VOCABULARY, length)]
        with torch.inference_mode():
            wanted = model(torch.tensor([tokens])).logits[0, -1].numpy()
        (found,) = generator.generate_batch(
            [[f"<{token}>" for token in tokens]], max_length=1, include_prompt_in_result=False, return_logits_vocab=True
        )
        logits = np.array(found.logits[0][0])
        # Rounding both factors of each product to 8 bit changes the logits slightly.
        assert np.corrcoef(logits, wanted)[0, 1] > 0.995


def test_another_family_is_refused_in_one_line(tmp_path: Path) -> None:
    file = write_gguf(small_model(tied=True), tmp_path / "other.gguf", family="llama")
    with pytest.raises(ModelError, match="family llama"):
        ctranslate2_export.convert(file, tmp_path, sources={})
