# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/adamw-8bit.json: 100 steps of AdamW with moments in 8 bits, and PyTorch's AdamW beside them.

bitsandbytes has no such step for the CPU, so its formula (backends/triton/kernels_optim.py) is written again here, in
numpy and f32; the two maps of bytes are its own.  Where the rounding of a moment is a matter of the last bit, a byte
may differ; 'doubles' is the same in double, whose distance says how much that is."""
import bitsandbytes.functional as F
import numpy as np
import torch

import peers

N, BLOCK, STEPS, RATE, DECAY, BETA1, BETA2, EPS = 300, 256, 100, 1e-3, 0.01, 0.9, 0.999, 1e-8
KEPT = [1, 2, 10, 50, 100]


def nearest(table, x):
    return np.searchsorted((table[:-1] + table[1:]) / table.dtype.type(2), x, side="left")


def run(dtype):
    maps = [F.create_dynamic_map(signed=s).numpy().astype(dtype) for s in (True, False)]
    p = np.sin(0.3 * np.arange(N)).astype(dtype)
    codes = [np.zeros(N, int) for _ in range(2)]
    largest = [np.zeros((N + BLOCK - 1) // BLOCK, dtype) for _ in range(2)]
    block = np.arange(N) // BLOCK
    kept = []
    for t in range(1, STEPS + 1):
        g = (0.3 * p + 0.2 * np.sin(0.9 * np.arange(N) + 0.05 * t * t)).astype(dtype)
        m, v = (maps[i][codes[i]] * largest[i][block] for i in range(2))
        m = dtype(BETA1) * m + dtype(1 - BETA1) * g
        v = dtype(BETA2) * v + dtype(1 - BETA2) * g * g
        p = p * dtype(1 - RATE * DECAY)
        p = p - dtype(RATE / (1 - BETA1 ** t)) * (m / (np.sqrt(v) * dtype(1 / np.sqrt(1 - BETA2 ** t)) + dtype(EPS)))
        for i, x in enumerate((m, v)):
            largest[i] = np.array([np.abs(x[block == b]).max() for b in range(block[-1] + 1)], dtype)
            codes[i] = nearest(maps[i], x * (dtype(1) / largest[i])[block])
        if t in KEPT:
            kept.append({"step": t, "p": [float(x) for x in p[::7]]})
    return kept


def run_torch():
    p = torch.nn.Parameter(torch.sin(0.3 * torch.arange(N, dtype=torch.float64)).float())
    optimizer, kept = torch.optim.AdamW([p], lr=RATE, betas=(BETA1, BETA2), eps=EPS, weight_decay=DECAY), []
    for t in range(1, STEPS + 1):
        p.grad = 0.3 * p.detach() + 0.2 * torch.sin(0.9 * torch.arange(N) + 0.05 * t * t)
        optimizer.step()
        if t in KEPT:
            kept.append([float(x) for x in p.detach()[::7]])
    return kept


kept, doubles = run(np.float32), run(np.float64)
worst = max(abs(a - b) for x, y in zip(kept, doubles) for a, b in zip(x["p"], y["p"]))
for state, exact in zip(kept, run_torch()):
    state["torch"] = exact
    print("step", state["step"], "mean distance from torch", np.mean(np.abs(np.array(state["p"]) - exact)))
print("f32 against double:", worst)
peers.write_golden("adamw-8bit.json", {
    "made_by": peers.made_by("make_adamw_8bit.py", "bitsandbytes", "numpy", "torch"),
    "about": ["p[i] = sin (0.3 * i) before step 1, in f32.  Gradient of step t: 0.3 * p[i] + 0.2 * sin (0.9 * i + 0.05 * t * t).",
              "Every seventh p after some steps, and what PyTorch's AdamW has there.  f64_difference: the largest distance from the same in double."],
    "n": N, "rate": RATE, "weight_decay": DECAY, "f64_difference": worst, "states": kept,
})
