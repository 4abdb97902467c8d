# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/gap.json: the penalty on the gap between paired texts, and its derivatives, by PyTorch."""
import torch

import peers

CASES = [  # weight, then pairs: log-probabilities of both, tokens of both
    (1.0, [(-12.5, -14.0, 9, 9)]),
    (0.5, [(-12.5, -30.25, 9, 11), (-21.0, -20.5, 14, 12), (-0.02, -0.5, 1, 2)]),
    (20.0, [(-10.0, -10.0, 6, 6), (-64.0, -18.0, 20, 7)]),
]
cases = []
for weight, pairs in CASES:
    s = torch.tensor([[a, b] for a, b, _, _ in pairs], dtype=torch.float64, requires_grad=True)
    n = torch.tensor([[a, b] for _, _, a, b in pairs], dtype=torch.float64)
    gap = (s / n)[:, 0] - (s / n)[:, 1]
    loss = weight * torch.nn.functional.mse_loss((s / n)[:, 0], (s / n)[:, 1])
    loss.backward()
    cases.append({"weight": weight, "loss": loss.item(), "gap": gap.abs().mean().item(),
                  "pairs": [{"score": a, "other_score": b, "n": m, "other_n": o, "d_score": g[0], "d_other": g[1]}
                            for (a, b, m, o), g in zip(pairs, s.grad.tolist())]})
peers.write_golden("gap.json", {"made_by": peers.made_by("make_gap.py", "torch"), "cases": cases})
