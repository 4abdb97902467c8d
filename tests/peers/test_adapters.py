# SPDX-License-Identifier: GPL-3.0-or-later
"""DoRA, (IA)3, rank-stabilised LoRA, one that began in the weights, learned prompts and prefixes, as a short run of the tiny
model exports them: PEFT loads each whole, and its loss on held-out records is the one that attunectl gives, with the adapter
and, where it can be merged, without a difference to the merged model."""
import csv
import json

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

import checks
import peers
from rows import ROWS

KINDS = {"dora": ["--method", "dora", "--lora-rank", 4, "--learning-rate", "5e-3"],
         "ia3": ["--method", "ia3", "--learning-rate", "5e-2"],
         "rslora": ["--method", "lora", "--lora-rank", 4, "--rank-stabilised", "yes", "--targets", "attention",
                    "--learning-rate", "5e-2"],
         "pissa": ["--method", "lora", "--lora-rank", 4, "--adapter-start", "pissa", "--learning-rate", "5e-3"],
         "prompt": ["--method", "prompt", "--virtual-tokens", 6, "--learning-rate", "5e-2"],
         "prefix": ["--method", "prefix", "--virtual-tokens", 6, "--learning-rate", "5e-2"]}
VIRTUAL = ("prompt", "prefix")
held_out = [{"question": q, "answer": a} for q, a in ROWS[:6]]


class Behind(torch.nn.Module):
    """A model whose rows of virtual tokens are left out of the logits."""
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids):
        out = self.model(input_ids=ids, attention_mask=torch.ones_like(ids))
        out.logits = out.logits[:, out.logits.shape[1] - ids.shape[1]:]
        return out


def mean_loss(model):
    with torch.no_grad():
        pairs = [peers.row_loss(model, *peers.chat_ids(peers.TINY, [
            {"role": "user", "content": r["question"]}, {"role": "assistant", "content": r["answer"]}])) for r in held_out]
    return float(sum(n for n, _ in pairs)) / sum(t for _, t in pairs)


def check(name, options):
    folder = checks.folder()
    table, file, project = folder / "rows.csv", folder / "held-out.jsonl", folder / "tiny.attune"
    with open(table, "w", newline="") as f:
        csv.writer(f).writerows([("question", "answer")] + [(f"What is item {i} of group {i % 4}?", f"answer {i % 4}") for i in range(40)])
    file.write_text("".join(json.dumps(r) + "\n" for r in held_out))
    checks.attunectl("new", project, "--model", peers.TINY)
    checks.attunectl("import", project, table)
    checks.attunectl("prepare", project)
    checks.attunectl("plan", project, "--max-steps", 6, "--samples", 0, "--batch-size", 8, *options)
    checks.attunectl("tune", project)
    lines = checks.json_lines(checks.attunectl("loss", peers.TINY, file, "--adapter", project))
    ours = sum(x["nats"] for x in lines) / sum(x["target_tokens"] for x in lines)
    before = mean_loss(peers.llama_model(peers.TINY))
    for form in ("adapter",) if name in VIRTUAL else ("adapter", "merged"):
        checks.attunectl("export", project, "--format", form, "--output", folder / form)
    model = PeftModel.from_pretrained(peers.llama_model(peers.TINY), str(folder / "adapter")).eval()
    if name in VIRTUAL:
        checks.below(f"{name}: it changes the loss (inverse of the relative change)", 1 / max(abs(ours / before - 1), 1e-9), 1000)
        checks.below(f"{name}: mean loss, relative to PEFT's", abs(ours / mean_loss(Behind(model)) - 1), 1e-4)
        return
    stored = load_file(str(folder / "adapter" / "adapter_model.safetensors"))
    loaded = {k.replace(".default", ""): v for k, v in model.state_dict().items() if ".lora_" in k or ".ia3_" in k}
    loaded = {k.removesuffix(".weight") if "magnitude" in k else k: v for k, v in loaded.items()}
    checks.equal(f"{name}: tensors as PEFT loads them",
                 sum(k in loaded and torch.equal(v, loaded[k]) for k, v in stored.items()), len(set(stored) | set(loaded)))
    # Otherwise all that follows would pass with an adapter that does nothing.
    checks.below(f"{name}: it changes the loss (inverse of the relative change)", 1 / max(abs(ours / before - 1), 1e-9), 1000)
    checks.below(f"{name}: mean loss, relative to PEFT's", abs(ours / mean_loss(model) - 1), 1e-4)
    merged = AutoModelForCausalLM.from_pretrained(str(folder / "merged"), dtype=torch.float32).eval()
    checks.below(f"{name}: merged, relative to PEFT's", abs(mean_loss(merged) / mean_loss(model) - 1), 1e-4)


for kind, options in KINDS.items():
    check(kind, options)
checks.finish()
