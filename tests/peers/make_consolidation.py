# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/consolidation.json: the diagonal of Fisher's information of a text under the tiny model, and the
gradient of elastic weight consolidation's penalty, by PyTorch."""
import numpy as np
import torch

import peers

TOKENS, HELD_OUT, SAMPLES, WEIGHT = 256, 10, 5, 3.5
TEXT = "".join(f"Item {i} of the list has {i * 7 % 13} parts, and part {i % 5} is red.\n" for i in range(160))

ids = peers.tokenizer(peers.TINY, False).encode(TEXT, add_special_tokens=False).ids
pieces = [ids[i:i + TOKENS] for i in range(0, len(ids), TOKENS)]
learned = [p for i, p in enumerate(pieces) if i % HELD_OUT != HELD_OUT - 1]
model = peers.llama_model(peers.TINY).double()
fisher = {name: torch.zeros_like(p) for name, p, heads in peers.weights(model)}
targets = 0
for i in range(SAMPLES):
    piece = learned[i * len(learned) // SAMPLES]
    model.zero_grad()
    nats, n = peers.row_loss(model, piece, [0] + [1] * (len(piece) - 1))
    nats.backward()
    targets += n
    for name, p, heads in peers.weights(model):
        fisher[name] += p.grad ** 2
tensors = []
for k, (name, p, heads) in enumerate(peers.weights(model)):
    f = (fisher[name] * (WEIGHT / targets)).numpy()
    f = (peers.rows_to_gguf(f, heads) if heads else f).ravel()
    way = 0.01 * np.sin(0.3 * np.arange(f.size) + k)
    waves = np.sin(0.11 * np.arange(f.size) + 0.5)
    tensors.append({"name": name, "n": f.size, "sum": float(f.sum()), "dot": float((f * waves).sum()),
                    "first": [float(x) for x in f[:4]], "penalty": float(0.5 * (f * way * way).sum()),
                    "penalty_dot": float((f * way * waves).sum())})
peers.write_golden("consolidation.json", {
    "made_by": peers.made_by("make_consolidation.py", "torch", "transformers"),
    "about": ["Fisher's diagonal of samples of 256 tokens, times weight / target tokens; i is the row-major index in GGUF's row order.",
              "dot = sum over i of it * sin (0.11 * i + 0.5).  The penalty is of a way of 0.01 * sin (0.3 * i + k) of the k-th tensor:",
              "1/2 sum f * way^2; penalty_dot is its gradient's dot."],
    "model": "tiny-llama.gguf", "model_sha256": peers.sha256(peers.TINY), "text": TEXT, "samples": SAMPLES, "weight": WEIGHT,
    "target_tokens": targets, "n_samples": len(pieces), "tensors": tensors,
})
