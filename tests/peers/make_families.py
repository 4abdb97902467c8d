# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/families/: for each family a small random model as Hugging Face Transformers saves it, and what
its own code makes of it in f32: logits, losses, LoRA gradients and greedy continuations.  `make_families.py [NAME…]`.

The gradients of LoRA come from those of the whole weights: with w' = w + scale · b · a, da = scale · bᵀ · dw' and
db = scale · dw' · aᵀ.  So a linear that Hugging Face stores as a part of a larger one (q, k and v in one) needs no
adapter of its own there."""
import math
import shutil
import sys

import numpy as np
import torch
import transformers as hf

import peers

OUT = peers.GOLDEN / "families"
RANK, ALPHA = 2, 4.0
# Longer than every window and original context below.
ROWS = [[5, 17, 60, 3, 88, 41, 2, 77, 30, 9, 64, 12, 81, 6, 55, 23, 70, 1, 39, 92, 14, 48, 27, 66],
        [7, 90, 11, 35, 62, 4, 84, 19, 53, 28, 73, 8, 46, 95, 31]]
COMMON = dict(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
              num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0)
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}
LONG = {"type": "longrope", "short_factor": [1.0, 1.1, 1.25], "long_factor": [1.0, 2.5, 6.0]}

# name: (configuration, stored type)
FAMILIES = {
    "llama": (hf.LlamaConfig(**COMMON, rope_theta=50000.0, rope_scaling=LLAMA3, tie_word_embeddings=True), torch.float32),
    "llama-linear": (hf.LlamaConfig(**COMMON, rope_scaling={"rope_type": "linear", "factor": 2.0}, attention_bias=True,
                                    mlp_bias=True), torch.bfloat16),
    "mistral": (hf.MistralConfig(**COMMON, head_dim=12, sliding_window=6), torch.bfloat16),
    "qwen2": (hf.Qwen2Config(**COMMON, rope_theta=1e6, rope_scaling=YARN), torch.bfloat16),
    "qwen3": (hf.Qwen3Config(**COMMON, head_dim=16, rope_theta=1e6, tie_word_embeddings=True), torch.float16),
    "smollm3": (hf.SmolLM3Config(**{**COMMON, "num_hidden_layers": 4}, rope_theta=2e6), torch.bfloat16),
    "gemma": (hf.GemmaConfig(**{**COMMON, "num_key_value_heads": 1}, head_dim=12), torch.bfloat16),
    "gemma2": (hf.Gemma2Config(**COMMON, head_dim=12, query_pre_attn_scalar=12, sliding_window=6, attn_logit_softcapping=4.0,
                               final_logit_softcapping=6.0), torch.bfloat16),
    "gemma3": (hf.Gemma3TextConfig(**{**COMMON, "num_hidden_layers": 6}, head_dim=12, query_pre_attn_scalar=12, sliding_window=6,
                                   rope_theta=1e6, rope_scaling={"rope_type": "linear", "factor": 8.0}), torch.bfloat16),
    "phi3": (hf.Phi3Config(**COMMON, sliding_window=10), torch.bfloat16),
    "phi3-long": (hf.Phi3Config(**COMMON, rope_scaling=LONG, partial_rotary_factor=0.75, original_max_position_embeddings=12),
                  torch.bfloat16),
    "olmo2": (hf.Olmo2Config(**COMMON), torch.bfloat16),
    "stablelm": (hf.StableLmConfig(**COMMON, use_qkv_bias=True, partial_rotary_factor=0.25), torch.bfloat16),
    "stablelm-parallel": (hf.StableLmConfig(**COMMON, use_parallel_residual=True, partial_rotary_factor=0.5), torch.bfloat16),
    "gpt2": (hf.GPT2Config(vocab_size=96, n_embd=32, n_layer=3, n_head=4, n_positions=64, bos_token_id=1, eos_token_id=2),
             torch.float32),
    "falcon-7b": (hf.FalconConfig(vocab_size=96, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, multi_query=True,
                                  new_decoder_architecture=False, parallel_attn=True, bias=False, alibi=False,
                                  bos_token_id=1, eos_token_id=2), torch.bfloat16),
    "mixtral": (hf.MixtralConfig(**COMMON, num_local_experts=4, num_experts_per_tok=2, router_jitter_noise=0.0), torch.bfloat16),
    "qwen2moe": (hf.Qwen2MoeConfig(**COMMON, num_experts=5, num_experts_per_tok=2, moe_intermediate_size=20,
                                   shared_expert_intermediate_size=28, norm_topk_prob=False), torch.bfloat16),
    "qwen3moe": (hf.Qwen3MoeConfig(**COMMON, head_dim=12, num_experts=5, num_experts_per_tok=3, moe_intermediate_size=20,
                                   norm_topk_prob=True), torch.bfloat16),
    "falcon-40b": (hf.FalconConfig(vocab_size=96, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, num_kv_heads=2,
                                   new_decoder_architecture=True, parallel_attn=True, bias=False, alibi=False,
                                   bos_token_id=1, eos_token_id=2), torch.bfloat16),
}


def fill(model, seed):
    """Random weights of a size at which every part of the model counts."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        x = torch.randn(p.shape, generator=generator)
        plus_one = "gemma" in type(model).__name__.lower()
        if "norm" in name.lower() or ".ln_" in name:
            x = (0.0 if plus_one or name.endswith("bias") else 1.0) + 0.2 * x
        elif name.endswith("bias"):
            x = 0.1 * x
        elif "embed" in name or "wte" in name or "wpe" in name:
            x = x * (0.2 if plus_one else 0.8)
        else:
            x = x * 1.4 / math.sqrt(32)
        p.data.copy_(x)


def parts(model):
    """(our name, name of the parameter, whether it is stored transposed, its rows there) of each linear, in our order."""
    c = model.config
    kind = c.model_type
    heads = c.num_attention_heads
    d = getattr(c, "head_dim", None) or c.hidden_size // heads
    names = dict(model.named_parameters())
    kv = {"gpt2": heads}.get(kind) or (c.num_kv_heads if getattr(c, "new_decoder_architecture", False) else
                                       1 if kind == "falcon" else c.num_key_value_heads)
    q_rows, kv_rows = heads * d, kv * d
    qkv = [np.arange(q_rows), q_rows + np.arange(kv_rows), q_rows + kv_rows + np.arange(kv_rows)]
    if kind == "falcon" and kv > 1:   # per key head: its queries, the key, the value
        place = np.arange((heads + 2 * kv) * d).reshape(kv, heads // kv + 2, d)
        qkv = [place[:, :-2].ravel(), place[:, -2].ravel(), place[:, -1].ravel()]
    for i in range(c.num_hidden_layers):
        if kind == "gpt2":
            at = f"transformer.h.{i}."
            table = [("attn_q", "attn.c_attn", qkv[0]), ("attn_k", "attn.c_attn", qkv[1]), ("attn_v", "attn.c_attn", qkv[2]),
                     ("attn_output", "attn.c_proj", None), ("ffn_up", "mlp.c_fc", None), ("ffn_down", "mlp.c_proj", None)]
        elif kind == "falcon":
            at, fused = f"transformer.h.{i}.", "self_attention.query_key_value"
            table = [("attn_q", fused, qkv[0]), ("attn_k", fused, qkv[1]), ("attn_v", fused, qkv[2]),
                     ("attn_output", "self_attention.dense", None), ("ffn_up", "mlp.dense_h_to_4h", None),
                     ("ffn_down", "mlp.dense_4h_to_h", None)]
        elif kind == "phi3":
            at, ff = f"model.layers.{i}.", np.arange(c.intermediate_size)
            table = [("attn_q", "self_attn.qkv_proj", qkv[0]), ("attn_k", "self_attn.qkv_proj", qkv[1]),
                     ("attn_v", "self_attn.qkv_proj", qkv[2]), ("attn_output", "self_attn.o_proj", None),
                     ("ffn_gate", "mlp.gate_up_proj", ff), ("ffn_up", "mlp.gate_up_proj", len(ff) + ff),
                     ("ffn_down", "mlp.down_proj", None)]
        else:
            at = f"model.layers.{i}."
            table = [(ours, theirs, None) for ours, theirs in peers.PROJECTIONS]
        if kind == "mixtral":
            table = table[:4] + [("ffn_gate_inp", "block_sparse_moe.gate", None)]
            for e in range(c.num_local_experts):
                table += [(f"{ours}.{e}", f"block_sparse_moe.experts.{e}.{theirs}", None)
                          for ours, theirs in (("ffn_gate", "w1"), ("ffn_up", "w3"), ("ffn_down", "w2"))]
        elif kind.endswith("_moe"):
            shared = [("ffn_gate_shexp", "mlp.shared_expert.gate_proj", None), ("ffn_up_shexp", "mlp.shared_expert.up_proj", None),
                      ("ffn_down_shexp", "mlp.shared_expert.down_proj", None), ("ffn_gate_inp", "mlp.gate", None),
                      ("ffn_gate_inp_shexp", "mlp.shared_expert_gate", None)]
            table = table[:4] + (shared if kind == "qwen2_moe" else shared[3:4])
            for e in range(c.num_experts):
                table += [(f"{ours}.{e}", f"mlp.experts.{e}.{theirs}", None)
                          for ours, theirs in (("ffn_gate", "gate_proj"), ("ffn_up", "up_proj"), ("ffn_down", "down_proj"))]
        for ours, theirs, rows in table:
            p = names[at + theirs + ".weight"]
            n = p.shape[1] if kind == "gpt2" else p.shape[0]
            yield f"blk.{i}.{ours}", p, kind == "gpt2", torch.arange(n) if rows is None else torch.from_numpy(rows)


def losses(model):
    """Nats of every next token of each row, as a list of tensors."""
    return [torch.nn.functional.cross_entropy(model(torch.tensor([ids])).logits[0, :-1], torch.tensor(ids[1:]), reduction="sum")
            for ids in ROWS]


def tune(model):
    """Puts LoRA into the weights; returns (name, a, b, parameter, transposed, rows) of each linear."""
    adapters = []
    for name, p, transposed, rows in parts(model):
        columns = p.shape[0] if transposed else p.shape[1]
        k = 2 * len(adapters)
        a = torch.from_numpy(peers.lora_value((RANK, columns), k))
        b = torch.from_numpy(peers.lora_value((len(rows), RANK), k + 1))
        adapters.append((name, a, b, p, transposed, rows))
    with torch.no_grad():
        for _, a, b, p, transposed, rows in adapters:
            view = p.T if transposed else p
            view[rows] += ALPHA / RANK * (b @ a)
    return adapters


def record(name, gradient):
    g = gradient.numpy().astype(np.float64).ravel()
    return {"name": name, "norm": float(np.sqrt((g * g).sum())),
            "dot": float((g * np.sin(0.11 * np.arange(g.size) + 0.5)).sum()), "first": [float(x) for x in g[:3]]}


def make(name):
    config, stored = FAMILIES[name]
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    model = hf.AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    fill(model, len(name) + sum(map(ord, name)))
    model.to(stored).save_pretrained(folder, max_shard_size="60KB" if name == "llama" else "5GB")
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = hf.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()

    base = [float(x) for x in losses(model)]
    logits = []
    for row, position in ((0, 23), (0, 10 if name != "phi3-long" else 14), (1, 14)):
        ids = ROWS[row][:position + 1]
        logits.append({"row": row, "position": position, "logits": [float(x) for x in peers.logits_of(model, ids)[-1]]})
    answer, gap = peers.greedy(model, ROWS[1], 12)
    assert gap > 1e-3, (name, gap)

    adapters = tune(model)
    tuned = losses(model)
    targets = sum(len(ids) - 1 for ids in ROWS)
    (sum(tuned) / targets).backward()
    gradients = []
    for linear, a, b, p, transposed, rows in adapters:
        dw = (p.grad.T if transposed else p.grad)[rows]
        gradients += [record(linear + ".lora_a", ALPHA / RANK * b.T @ dw), record(linear + ".lora_b", ALPHA / RANK * dw @ a.T)]
    peers.write_golden(f"families/{name}/expected.json", {
        "made_by": peers.made_by("make_families.py", "torch", "transformers"),
        "about": ["All in f32, each row alone, every next token a target.  row_nats: their sum over a row.", peers.LORA_FORMULA,
                  peers.DOT_FORMULA, "Gradients are those of tuned's nats over all targets."],
        "rank": RANK, "alpha": ALPHA, "rows": ROWS, "base_row_nats": base, "tuned_row_nats": [float(x) for x in tuned],
        "logits": logits, "greedy": {"row": 1, "ids": answer, "gap": gap}, "gradients": gradients,
    })


for name in sys.argv[1:] or FAMILIES:
    make(name)
