# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/principal.json: PEFT's LoRA that begins in the largest singular values (init_lora_weights="pissa")
on tiny-llama.gguf: those values, the loss, and the losses of some steps of AdamW."""
import torch
from peft import LoraConfig, get_peft_model

import peers

STEPS, RATE, RANK, ALPHA = 6, 2e-3, 4, 8
SHORT = [theirs.split(".")[1] for _, theirs in peers.PROJECTIONS]
rows = peers.read_golden("tiny-llama.json")["rows"]


def backward(model):
    count, nats = sum(sum(r["learn"]) for r in rows), []
    for r in rows:
        loss, _ = peers.row_loss(model, r["ids"], r["learn"])
        if loss.requires_grad:
            (loss / count).backward()
        nats.append(float(loss.detach()))
    return {"row_nats": nats, "targets": count, "mean_loss": sum(nats) / count}


plain = peers.llama_model(peers.TINY)
values = {f"blk.{i}.{ours}": [float(s) for s in torch.linalg.svdvals(layer.get_submodule(theirs).weight.detach().double())[:RANK]]
          for i, layer in enumerate(plain.model.layers) for ours, theirs in peers.PROJECTIONS}
with torch.no_grad():
    before = backward(plain)
model = get_peft_model(plain, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM",
                                         target_modules=SHORT, init_lora_weights="pissa")).eval()
parameters = [p for p in model.parameters() if p.requires_grad]
optimizer, losses, norm = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0), [], None
for _ in range(STEPS):
    optimizer.zero_grad()
    losses.append(backward(model)["mean_loss"])
    norm = norm or float(torch.sqrt(sum((p.grad ** 2).sum() for p in parameters)))
    optimizer.step()
losses.append(backward(model)["mean_loss"])
print(before["mean_loss"], losses, norm)
peers.write_golden("principal.json", {
    "made_by": peers.made_by("make_principal.py", "torch", "transformers", "peft", "gguf"),
    "about": ["singular_values: the largest of each weight, in double.  loss: of the model without an adapter, which PEFT's "
              "beginning does not change.", f"losses: before each of {STEPS} steps of AdamW (0.9, 0.999, 1e-8) at 'rate', and after "
              "them; gradient_norm: of all that learns, before the first."],
    "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY), "rate": RATE, "rank": RANK, "alpha": ALPHA, "rows": rows,
    "singular_values": values, "loss": before, "losses": losses, "gradient_norm": norm,
})
