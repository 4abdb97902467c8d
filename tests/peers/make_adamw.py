# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/adamw.json: torch's AdamW with clipping under transformers' warm-up and cosine."""
import math

import torch
from transformers import get_cosine_schedule_with_warmup

import peers

N, STEPS, WARMUP, RATE = 37, 100, 10, 1e-2
SETTINGS = {"lr": RATE, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}
KEPT = [1, 2, 10, 11, 50, 99, 100]


def run(dtype):
    p = torch.nn.Parameter(torch.tensor([math.sin(0.3 * i) for i in range(N)], dtype=dtype))
    optimizer = torch.optim.AdamW([p], lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, foreach=False)
    schedule = get_cosine_schedule_with_warmup(optimizer, WARMUP, STEPS)
    rates, norms, kept = [], [], {}
    for t in range(1, STEPS + 1):
        # Depends on p, so that an error in one step shows in all later ones; small and large norms, so that
        # clipping acts in some steps and not in others.
        wave = torch.tensor([math.sin(0.9 * i + 0.05 * t * t) for i in range(N)], dtype=dtype)
        p.grad = 0.3 * p.detach() + (0.02 + 0.4 * (t % 5 == 0)) * wave
        norms.append(float(torch.nn.utils.clip_grad_norm_([p], 1.0)))
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
        if t in KEPT:
            state = optimizer.state[p]
            kept[t] = {"step": t, "p": p.tolist(), "m": state["exp_avg"].tolist(), "v": state["exp_avg_sq"].tolist()}
    return rates, norms, kept


rates, norms, kept = run(torch.float64)
_, _, single = run(torch.float32)
worst = max(abs(a - b) for t in KEPT for a, b in zip(kept[t]["p"], single[t]["p"]))
clipped = sum(n > 1 for n in norms)
assert 20 < clipped < 80, clipped
peers.write_golden("adamw.json", {
    "made_by": peers.made_by("make_adamw.py", "torch", "transformers"),
    "about": ["All in double; the same run in f32 ends up to 'f32_difference' away (largest |p32 - p64|).",
              "p[i] = sin (0.3 * i) before step 1.  Gradient of step t = 1, 2, ...: "
              "g[i] = 0.3 * p[i] + (t % 5 == 0 ? 0.42 : 0.02) * sin (0.9 * i + 0.05 * t * t).",
              "Then g *= min (1, max_norm / (norm + 1e-6)), then AdamW (decay first: p -= lr * weight_decay * p; eps is added to "
              "the root, after bias correction), with the rate of that step.",
              "rates[t - 1]: s = t - 1; s < warmup: lr * s / warmup; else lr * 0.5 * (1 + cos (pi * (s - warmup) / (steps - warmup))).",
              "norms[t - 1]: of the gradient before clipping."],
    "n": N, "steps": STEPS, "warmup": WARMUP, "max_norm": 1.0, **SETTINGS, "f32_difference": worst,
    "rates": rates, "norms": norms, "states": list(kept.values()),
})
print("clipped", clipped, "of", STEPS, "f32 - f64", worst)
