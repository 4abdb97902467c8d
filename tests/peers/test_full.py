# SPDX-License-Identifier: GPL-3.0-or-later
"""Full fine-tuning of the tiny model, a few steps over all of the data, against AdamW on LlamaForCausalLM in PyTorch:
what every weight has become, read from the export.  Every row is in every step, so the order of rows is no matter."""
import csv

import gguf
import numpy as np
import torch
from safetensors.torch import load_file

import checks
import peers

ROWS, STEPS, RATE, EPSILON = 24, 4, 1e-3, 1e-6
path = str(peers.TINY)
rows = checks.sample_rows(0, ROWS)


def ours(folder):
    """The weights after a run, by Hugging Face's names, and the project."""
    table, project = folder / "rows.csv", folder / "full.attune"
    with open(table, "w", newline="") as f:
        csv.writer(f).writerows([("question", "answer"), *rows])
    checks.attunectl("new", project, "--model", path)
    checks.attunectl("import", project, table)
    checks.attunectl("prepare", project, "--validation-share", 0, "--test-share", 0)
    checks.attunectl("plan", project, "--method", "full", "--learning-rate", RATE, "--batch-size", ROWS, "--max-steps", STEPS,
                     "--schedule", "constant", "--warmup-ratio", 0, "--weight-decay", 0.01, "--epsilon", EPSILON, "--samples", 0,
                     "--micro-batch-tokens", 256)
    checks.attunectl("tune", project)
    checks.attunectl("export", project, "--format", "merged", "--output", folder / "merged")
    checks.attunectl("export", project, "--format", "gguf-q8_0", "--output", folder / "full.gguf")
    return load_file(folder / "merged" / "model.safetensors")


def theirs():
    """The weights before and after in PyTorch."""
    model = peers.llama_model(path)
    # PyTorch gives the padding token's row no gradient from the input.  Here it is also the token that ends a turn,
    # which is read like any other.
    model.get_input_embeddings().padding_idx = None
    for p in model.parameters():
        p.requires_grad_(True)
    before = {k: v.detach().clone() for k, v in model.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01, eps=EPSILON)
    samples = [peers.chat_ids(path, [{"role": "user", "content": q}, {"role": "assistant", "content": a}]) for q, a in rows]
    count = sum(sum(learn) for _, learn in samples)
    for _ in range(STEPS):
        optimizer.zero_grad()
        for ids, learn in samples:
            (peers.row_loss(model, ids, learn)[0] / count).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return before, model.state_dict()


folder = checks.folder()
mine, (before, after) = ours(folder), theirs()
names = [k for k in after if k != "lm_head.weight"]  # tied
checks.equal("full: tensors of the merged model", len(set(names) & set(mine)), len(set(names) | set(mine)))
moved = {k: float((after[k] - before[k]).norm()) for k in names}
checks.below("full: every tensor is trained (inverse of the least relative change)",
             1 / max(min(moved[k] / float(before[k].norm()) for k in names), 1e-9), 1e3)
checks.below("full: what training has changed, tensor by tensor, relative",
             max(float((mine[k] - after[k]).norm()) / moved[k] for k in names), 1e-3)

# The blocks of the GGUF file are those of the trained weights: the embedding's, too.
table = next(t for t in gguf.GGUFReader(folder / "full.gguf").tensors if t.name == "token_embd.weight")
wanted = gguf.quants.quantize(mine["model.embed_tokens.weight"].numpy(), gguf.GGMLQuantizationType.Q8_0)
checks.equal("full: blocks of the embedding in gguf-q8_0", int((table.data == wanted).sum()), wanted.size)
norm = next(t for t in gguf.GGUFReader(folder / "full.gguf").tensors if t.name == "output_norm.weight")
checks.equal("full: the last norm in gguf-q8_0", int(np.array_equal(norm.data, mine["model.norm.weight"].numpy())), 1)
checks.finish()
