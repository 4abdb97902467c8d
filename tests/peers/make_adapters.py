# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/adapters.json: losses, gradients and some steps of AdamW of PEFT's adapters on tiny-llama.gguf,
also on a base that bitsandbytes rounded to 4 bits."""
import bitsandbytes.functional as bnb
import numpy as np
import torch
from peft import IA3Config, LoraConfig, get_peft_model
from peft.optimizers import create_loraplus_optimizer

import peers

STEPS, RATE = 4, 2e-3
SHORT = [theirs.split(".")[1] for _, theirs in peers.PROJECTIONS]
ATTENTION = SHORT[:4]
golden = peers.read_golden("tiny-llama.json")
rows = golden["rows"]


def gguf_name(name):
    """("blk.0.attn_q.lora_a", heads) of PEFT's name of a parameter."""
    parts = name.split(".")
    layer, theirs = parts[4], parts[6]
    ours = peers.PROJECTIONS[SHORT.index(theirs)][0]
    kind = {"lora_A": "lora_a", "lora_B": "lora_b", "lora_magnitude_vector": "magnitude", "ia3_l": "ia3"}[parts[7]]
    return f"blk.{layer}.{ours}.{kind}", ours if kind != "lora_a" else None


def learned(model):
    """(name, parameter, heads) in our order: by layer, linear, then a, b and what else there is."""
    found = []
    for name, p in model.named_parameters():
        if p.requires_grad:
            ours, rows_of = gguf_name(name)
            found.append((ours, p, peers.heads_of(rows_of, model.config) if rows_of else 0))
    linears, kinds = [p[0] for p in peers.PROJECTIONS], ["lora_a", "lora_b", "magnitude", "ia3"]

    def order(item):
        _, layer, linear, kind = item[0].split(".")
        return int(layer), linears.index(linear), kinds.index(kind)
    return sorted(found, key=order)


def fill(parameters):
    """Values by LORA_FORMULA; what scales, as factors around what it is."""
    for k, (name, p, heads) in enumerate(parameters):
        value = peers.lora_value(tuple(p.shape), k)
        value = torch.from_numpy(peers.rows_to_hf(value, heads) if heads else value)
        with torch.no_grad():
            if name.endswith("magnitude"):
                p.mul_(1 + value)
            else:
                p.copy_(1 + 10 * value if name.endswith("ia3") else value)


def rounded(model, kind):
    """The linears' weights as bitsandbytes keeps them, with scales that are rounded too.  Rows of the file in their
    order there; those that are not whole blocks of 64 stay."""
    for layer in model.model.layers:
        for ours, theirs in peers.PROJECTIONS:
            weight = layer.get_submodule(theirs).weight
            heads = peers.heads_of(ours, model.config)
            w = weight.detach().numpy()
            if w.shape[1] % 64 != 0:
                continue
            w = np.ascontiguousarray(peers.rows_to_gguf(w, heads) if heads else w)
            w = bnb.dequantize_4bit(*bnb.quantize_4bit(torch.from_numpy(w), quant_type=kind, compress_statistics=True)).numpy()
            weight.data = torch.from_numpy(np.ascontiguousarray(peers.rows_to_hf(w, heads) if heads else w))
    return model


def backward(model):
    """The mean loss over all learned tokens; its gradients are added."""
    count = sum(sum(r["learn"]) for r in rows)
    nats = []
    for r in rows:
        loss, _ = peers.row_loss(model, r["ids"], r["learn"])
        (loss / count).backward()
        nats.append(float(loss.detach()))
    return {"row_nats": nats, "targets": count, "mean_loss": sum(nats) / count}


def lora(name, ratio=1, base=None, ia3=False, **options):
    """A case: losses, gradients at the start, and the losses of some steps."""
    config = dict(r=4, lora_alpha=8, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM", target_modules=SHORT)
    plain = peers.llama_model(peers.TINY)
    if base:
        rounded(plain, base)
    config = (IA3Config(task_type="CAUSAL_LM", target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"])
              if ia3 else LoraConfig(**{**config, **options}))
    model = get_peft_model(plain, config).eval()
    parameters = learned(model)
    fill(parameters)
    loss = backward(model)
    gradients = [peers.gradient_record(*p, 4) for p in parameters]
    optimizer = torch.optim.AdamW([p for _, p, _ in parameters], lr=RATE, weight_decay=0.0) if ia3 else create_loraplus_optimizer(model, torch.optim.AdamW, lr=RATE, loraplus_lr_ratio=ratio, weight_decay=0.0,
                                          loraplus_weight_decay=0.0)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        losses.append(backward(model)["mean_loss"])
        optimizer.step()
    losses.append(backward(model)["mean_loss"])
    return {"name": name, "rank": 4, "alpha": 8, "ratio": ratio, "base": base or "stored", "options": options, "loss": loss, "gradients": gradients,
            "losses": losses}


peers.write_golden("adapters.json", {
    "made_by": peers.made_by("make_adapters.py", "torch", "transformers", "peft", "bitsandbytes", "gguf"),
    "about": ["The rows of tiny-llama.json under PEFT's adapters, without dropout.", "Values: " + peers.LORA_FORMULA +
              "; only of the linears that have an adapter.  DoRA's third tensor, magnitude (1, outputs), is what it begins with "
              "times 1 + value; (IA)3's only one, (1, outputs) of k and v and (1, inputs) of down, is 1 + 10 * value.", "Gradients of the mean loss: " + peers.DOT_FORMULA + ".",
              f"losses: the mean loss before each of {STEPS} steps of AdamW (0.9, 0.999, 1e-8) at 'rate', and after them; "
              "b learns 'ratio' times as fast (in DoRA the magnitude as a).", "base: the linears' weights in f32 as the file has them, "
              "or rounded by bitsandbytes with blocks of 64 and double quantisation."],
    "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY), "rate": RATE, "rows": rows,
    "cases": [lora("rslora", use_rslora=True, target_modules=ATTENTION), lora("loraplus", ratio=16), lora("qlora-nf4", base="nf4"),
              lora("qlora-fp4", base="fp4"), lora("dora", use_dora=True), lora("qdora", base="nf4", use_dora=True),
              lora("ia3", ia3=True)],
})
