# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/gguf-types.json: which type llama.cpp's own quantiser gives each tensor of models that never were:
empty, but with the layers, heads and experts by which it chooses."""
import gguf
import numpy as np

import checks
import gguf_types
import peers

# family, layers, heads, heads of keys, experts, tied, width, inner width
MODELS = {
    "llama": ("llama", 24, 8, 8, 0, False, 256, 768),
    "small": ("llama", 9, 9, 3, 0, True, 576, 1536),   # SmolLM2 135M: 256 divides not every row
    "odd": ("llama", 4, 4, 4, 0, True, 40, 72),        # nor does 32
    "70b": ("llama", 80, 8, 1, 0, False, 256, 256),
    "qwen2-72b": ("qwen2", 80, 8, 8, 0, False, 256, 256),
    "phi3": ("phi3", 32, 8, 8, 0, False, 256, 256),
    "falcon": ("falcon", 32, 8, 1, 0, False, 256, 1024),
    "gpt2": ("gpt2", 12, 8, 8, 0, True, 256, 512),
    "mixtral": ("llama", 32, 8, 2, 8, False, 256, 512),
    "qwen2moe": ("qwen2moe", 24, 8, 8, 6, False, 256, 512),
}
ROWS = 8  # of every matrix: nobody looks at them
OTHERS = ("token_embd", "output")


def parts(family, n_experts, tied, width, inner):
    """(name in a layer or of the model, axes) of its matrices."""
    yield "token_embd", (ROWS, width)
    if not tied:
        yield "output", (ROWS, width)
    if family in ("phi3", "falcon", "gpt2"):
        yield "attn_qkv", (ROWS, width)
    else:
        yield from ((name, (ROWS, width)) for name in ("attn_q", "attn_k", "attn_v"))
    yield "attn_output", (ROWS, width)
    if n_experts:
        yield "ffn_gate_inp", (n_experts, width)
        yield from ((name + "_exps", (n_experts, ROWS, columns))
                    for name, columns in (("ffn_gate", width), ("ffn_up", width), ("ffn_down", inner)))
    if family == "qwen2moe":
        yield from ((name + "_shexp", (ROWS, columns)) for name, columns in (("ffn_gate", width), ("ffn_up", width), ("ffn_down", inner)))
    elif not n_experts:
        if family in ("llama", "qwen2"):
            yield "ffn_gate", (ROWS, width)
        yield "ffn_up", (ROWS, width)
        yield "ffn_down", (ROWS, inner)


def write(path, family, n_layers, heads, kv, n_experts, tied, width, inner):
    w = gguf.GGUFWriter(path, family)
    w.add_block_count(n_layers)
    w.add_context_length(64)
    w.add_embedding_length(width)
    w.add_feed_forward_length(inner)
    w.add_head_count(heads)
    w.add_head_count_kv(kv)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_layer_norm_eps(1e-5)
    w.add_rope_dimension_count(width // heads)
    w.add_vocab_size(ROWS)
    if n_experts:
        w.add_expert_count(n_experts)
        w.add_expert_used_count(2)
        w.add_expert_feed_forward_length(inner)
        w.add_expert_shared_feed_forward_length(inner)
    for name, shape in parts(family, n_experts, tied, width, inner):
        for full in [name + ".weight"] if name in OTHERS else [f"blk.{i}.{name}.weight" for i in range(n_layers)]:
            w.add_tensor(full, np.zeros(shape, np.float32))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


folder, models = checks.folder(), {}
for title, (family, n_layers, heads, kv, n_experts, tied, width, inner) in MODELS.items():
    source = folder / f"{title}.gguf"
    write(source, family, n_layers, heads, kv, n_experts, tied, width, inner)
    chosen = {}
    for form in gguf_types.FORMATS:
        found = gguf_types.types(gguf_types.quantise(source, folder / "out.gguf", form))
        row = {}
        for name, _ in parts(family, n_experts, tied, width, inner):
            by_layer = [int(found[f"blk.{i}.{name}.weight"]) for i in range(n_layers)] if name not in OTHERS else [int(found[name + ".weight"])]
            row[name] = by_layer[0] if len(set(by_layer)) == 1 else " ".join(map(str, by_layer))
        chosen[form] = row
    models[title] = {"family": family, "layers": n_layers, "heads": heads, "kv_heads": kv, "experts": n_experts, "tied": tied,
                     "axes": {name: list(shape) for name, shape in parts(family, n_experts, tied, width, inner)}, "types": chosen}
peers.write_golden("gguf-types.json", {
    "made_by": peers.made_by("make_types.py", "gguf", "numpy", "llama-cpp-python"),
    "about": ["types: of each part's weight in each format, GGUF's numbers; one for all layers, or one a layer.",
              "axes: of the part, rows first.  token_embd and output belong to no layer."],
    "models": models,
})
