# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/optimizers.json: a hundred steps of torch's optimizers, of transformers' Adafactor and of Lion
after its paper (Chen et al. 2023, algorithm 2)."""
import math

import torch
from transformers.optimization import Adafactor

import peers

STEPS, KEPT = 100, [1, 2, 10, 50, 100]


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(group["lr"] * torch.sign(b1 * m + (1 - b1) * p.grad))
                m.mul_(b2).add_((1 - b2) * p.grad)


RUNS = [  # name, shape, constructor, the settings that Attune's formula takes
    ("adam", (1, 37), lambda p, s: torch.optim.Adam(p, lr=s["lr"], betas=(s["beta1"], s["beta2"]), eps=s["eps"],
                                                    weight_decay=s["weight_decay"]),
     {"lr": 1e-2, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}),
    ("lion", (1, 37), lambda p, s: Lion(p, s["lr"], (s["beta1"], s["beta2"]), s["weight_decay"]),
     {"lr": 3e-3, "beta1": 0.9, "beta2": 0.99, "eps": 0.0, "weight_decay": 0.1}),
    ("sgd", (1, 37), lambda p, s: torch.optim.SGD(p, lr=s["lr"], momentum=s["beta1"], weight_decay=s["weight_decay"]),
     {"lr": 2e-2, "beta1": 0.9, "beta2": 0.0, "eps": 0.0, "weight_decay": 0.01}),
    ("adafactor", (5, 7), lambda p, s: Adafactor(p, lr=s["lr"], scale_parameter=False, relative_step=False,
                                                 weight_decay=s["weight_decay"]),
     {"lr": 1e-2, "beta1": 0.0, "beta2": 0.0, "eps": 0.0, "weight_decay": 0.01}),
    ("adafactor", (37,), lambda p, s: Adafactor(p, lr=s["lr"], scale_parameter=False, relative_step=False,
                                                weight_decay=s["weight_decay"]),
     {"lr": 1e-2, "beta1": 0.0, "beta2": 0.0, "eps": 0.0, "weight_decay": 0.01}),
    ("adagrad", (1, 37), lambda p, s: torch.optim.Adagrad(p, lr=s["lr"], eps=s["eps"], weight_decay=s["weight_decay"]),
     {"lr": 5e-2, "beta1": 0.0, "beta2": 0.0, "eps": 1e-10, "weight_decay": 0.01}),
    ("rmsprop", (1, 37), lambda p, s: torch.optim.RMSprop(p, lr=s["lr"], alpha=s["beta2"], eps=s["eps"],
                                                          weight_decay=s["weight_decay"]),
     {"lr": 1e-2, "beta1": 0.0, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.01}),
    ("adadelta", (1, 37), lambda p, s: torch.optim.Adadelta(p, lr=s["lr"], rho=s["beta2"], eps=s["eps"],
                                                            weight_decay=s["weight_decay"]),
     {"lr": 1.0, "beta1": 0.0, "beta2": 0.9, "eps": 1e-6, "weight_decay": 0.01}),
]


def run(shape, make, settings, dtype):
    n = math.prod(shape)
    p = torch.nn.Parameter(torch.tensor([math.sin(0.3 * i) for i in range(n)], dtype=dtype).reshape(shape))
    optimizer, kept = make([p], settings), []
    for t in range(1, STEPS + 1):
        wave = torch.tensor([math.sin(0.9 * i + 0.05 * t * t) for i in range(n)], dtype=dtype).reshape(shape)
        p.grad = 0.3 * p.detach() + (0.02 + 0.4 * (t % 5 == 0)) * wave
        optimizer.step()
        if t in KEPT:
            kept.append({"step": t, "p": p.detach().flatten().tolist()})
    return kept


runs = []
for name, shape, make, settings in RUNS:
    kept, single = run(shape, make, settings, torch.float64), run(shape, make, settings, torch.float32)
    worst = max(abs(a - b) for x, y in zip(kept, single) for a, b in zip(x["p"], y["p"]))
    print(name, shape, "f32 - f64", worst)
    rows, columns = shape if len(shape) == 2 else (1, shape[0])
    runs.append({"optimizer": name, "rows": rows, "columns": columns, **settings, "f32_difference": worst, "states": kept})
peers.write_golden("optimizers.json", {
    "made_by": peers.made_by("make_optimizers.py", "torch", "transformers"),
    "about": ["All in double; the same run in f32 ends up to 'f32_difference' away.  p[i] = sin (0.3 * i) before step 1.",
              "Gradient of step t = 1, 2, ...: g[i] = 0.3 * p[i] + (t % 5 == 0 ? 0.42 : 0.02) * sin (0.9 * i + 0.05 * t * t)."],
    "steps": STEPS, "runs": runs,
})
