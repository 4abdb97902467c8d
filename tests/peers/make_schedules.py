# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/schedules.json: transformers' learning rates over a run, and torch's cross-entropy with label
smoothing and its gradient."""
import math

import torch
import transformers

import peers

STEPS, WARMUP, RATE, ROWS, COLUMNS = 60, 6, 1e-2, 5, 37


def rates(make, **more):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    schedule = make(optimizer, num_warmup_steps=WARMUP, **more)
    kept = []
    for _ in range(STEPS):
        kept.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return kept


logits = torch.tensor([[4 * math.sin(0.7 * r * COLUMNS + 0.9 * i) for i in range(COLUMNS)] for r in range(ROWS)],
                      dtype=torch.float64, requires_grad=True)
targets = torch.tensor([3, 36, 0, 9, 9])
losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none", label_smoothing=0.1)
losses.sum().backward()
peers.write_golden("schedules.json", {
    "made_by": peers.made_by("make_schedules.py", "torch", "transformers"),
    "steps": STEPS, "warmup": WARMUP, "lr": RATE, "cycles": 3,
    "constant": rates(transformers.get_constant_schedule_with_warmup),
    "linear": rates(transformers.get_linear_schedule_with_warmup, num_training_steps=STEPS),
    "cosine": rates(transformers.get_cosine_schedule_with_warmup, num_training_steps=STEPS),
    "restarts": rates(transformers.get_cosine_with_hard_restarts_schedule_with_warmup, num_training_steps=STEPS,
                      num_cycles=3),
    "smoothing": {"about": "logits[r][i] = 4 * sin (0.7 * r * columns + 0.9 * i); label_smoothing 0.1",
                  "rows": ROWS, "columns": COLUMNS, "targets": targets.tolist(), "losses": losses.tolist(),
                  "gradient": logits.grad.flatten().tolist()},
})
