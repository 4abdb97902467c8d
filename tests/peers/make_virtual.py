# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/virtual.json: losses and gradients of PEFT's prompt and prefix tuning on tiny-llama.gguf."""
import numpy as np
import torch
from peft import PrefixTuningConfig, PromptTuningConfig, get_peft_model

import peers

VIRTUAL = 5
rows = peers.read_golden("tiny-llama.json")["rows"]


def value(shape, k):
    return (0.4 * np.sin(0.37 * np.arange(np.prod(shape)) + 1.3 * k)).astype(np.float32).reshape(shape)


def to_hf(x, heads):
    """Columns of a (P, heads · D) matrix in Hugging Face's order; heads 0: as they are."""
    return np.ascontiguousarray(peers.rows_to_hf(x.T, heads).T) if heads else x


def to_gguf(x, heads):
    return np.ascontiguousarray(peers.rows_to_gguf(x.T, heads).T) if heads else x


def case(name, config):
    model = get_peft_model(peers.llama_model(peers.TINY), config).eval()
    c = model.base_model.config
    weight = model.prompt_encoder["default"].embedding.weight
    kv = c.num_key_value_heads * c.head_dim
    if name == "prompt":
        parts = [("prompt", c.hidden_size, 0)]
    else:
        parts = [(f"blk.{i}.prefix_{x}", kv, c.num_key_value_heads if x == "k" else 0)
                 for i in range(c.num_hidden_layers) for x in "kv"]
    assert weight.shape == (VIRTUAL, sum(n for _, n, _ in parts)), weight.shape
    with torch.no_grad():
        weight.copy_(torch.from_numpy(np.concatenate([to_hf(value((VIRTUAL, n), k), h)
                                                      for k, (_, n, h) in enumerate(parts)], axis=1)))
    count, nats = sum(sum(r["learn"]) for r in rows), []
    for r in rows:
        ids = torch.tensor([r["ids"]])
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
        logits = logits[len(logits) - len(r["ids"]):-1]  # a prompt's own rows come first
        losses = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")
        loss = losses[torch.tensor(r["learn"][1:], dtype=torch.bool)].sum()
        (loss / count).backward()
        nats.append(float(loss.detach()))
    gradients, at = [], 0
    for ours, n, heads in parts:
        g = to_gguf(weight.grad.numpy()[:, at:at + n], heads).astype(np.float64).ravel()
        at += n
        gradients.append({"name": ours, "shape": [VIRTUAL, n], "norm": float(np.sqrt((g * g).sum())),
                          "dot": float((g * np.sin(0.11 * np.arange(g.size) + 0.5)).sum()), "first": [float(x) for x in g[:4]]})
    return {"name": name, "loss": {"row_nats": nats, "targets": count, "mean_loss": sum(nats) / count}, "gradients": gradients}


peers.write_golden("virtual.json", {
    "made_by": peers.made_by("make_virtual.py", "torch", "transformers", "peft"),
    "about": ["The rows of tiny-llama.json behind virtual tokens.  Values: 0.4 * sin (0.37 * i + 1.3 * k) of the k-th tensor, in",
              "GGUF's order of rows.", "Gradients of the mean loss: " + peers.DOT_FORMULA + "."],
    "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY), "virtual": VIRTUAL, "rows": rows,
    "cases": [case("prompt", PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=VIRTUAL)),
              case("prefix", PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=VIRTUAL))],
})
