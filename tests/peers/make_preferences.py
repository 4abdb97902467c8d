# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/preferences.json: the losses of TRL's own functions, and their gradients, on log-probabilities.
TRL is not among the comparisons' packages: put trl, accelerate and datasets where Python finds them."""
import types

import torch
from trl.trainer.cpo_trainer import CPOTrainer
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.kto_trainer import KTOTrainer
from trl.trainer.orpo_trainer import ORPOTrainer

import peers

ACCELERATOR = types.SimpleNamespace(device=torch.device("cpu"), gather_for_metrics=lambda x: x)
# Sums of log-probabilities: better, worse, their reference; tokens of both. One pair each: far apart, near, the
# wrong way round, sure, and equal.
PAIRS = [
    {"chosen": -12.5, "rejected": -30.25, "reference_chosen": -14.0, "reference_rejected": -28.5, "n_chosen": 9, "n_rejected": 11},
    {"chosen": -21.0, "rejected": -20.5, "reference_chosen": -20.9, "reference_rejected": -20.7, "n_chosen": 14, "n_rejected": 12},
    {"chosen": -64.0, "rejected": -18.0, "reference_chosen": -40.0, "reference_rejected": -35.0, "n_chosen": 20, "n_rejected": 7},
    {"chosen": -0.02, "rejected": -0.5, "reference_chosen": -3.0, "reference_rejected": -1.0, "n_chosen": 5, "n_rejected": 4},
    {"chosen": -10.0, "rejected": -10.0, "reference_chosen": -10.0, "reference_rejected": -10.0, "n_chosen": 6, "n_rejected": 6},
]
SETTINGS = [
    {"objective": "dpo", "loss": "sigmoid", "beta": 0.1}, {"objective": "dpo", "loss": "sigmoid", "beta": 0.5},
    {"objective": "dpo", "loss": "ipo", "beta": 0.1}, {"objective": "dpo", "loss": "hinge", "beta": 0.1},
    {"objective": "orpo", "loss": "sigmoid", "beta": 0.1}, {"objective": "simpo", "loss": "sigmoid", "beta": 2.0},
    {"objective": "kto", "loss": "sigmoid", "beta": 0.1, "divergence": 0.0},
    {"objective": "kto", "loss": "sigmoid", "beta": 0.1, "divergence": 0.75},
]
GAMMA, DESIRABLE, UNDESIRABLE = 0.5, 1.5, 0.75


def dpo(s, p, c, r):
    rc, rr = (torch.tensor([p[k]], dtype=torch.float64) for k in ("reference_chosen", "reference_rejected"))
    if s["loss"] == "ipo":  # as compute of log-probabilities in TRL does for this loss
        c, r, rc, rr = c / p["n_chosen"], r / p["n_rejected"], rc / p["n_chosen"], rr / p["n_rejected"]
    trainer = types.SimpleNamespace(beta=s["beta"], label_smoothing=0.0, reference_free=False, accelerator=ACCELERATOR,
                                    f_divergence_type="reverse_kl", use_weighting=False)
    return DPOTrainer.dpo_loss(trainer, c, r, rc, rr, s["loss"])[0].mean()


def orpo(s, p, c, r):
    trainer = types.SimpleNamespace(beta=s["beta"], accelerator=ACCELERATOR)
    losses = ORPOTrainer.odds_ratio_loss(trainer, c / p["n_chosen"], r / p["n_rejected"])[0]
    return (-c / p["n_chosen"]).mean() - losses.mean()  # the likelihood of the better answer; see get_batch_loss_metrics


def simpo(s, p, c, r):
    trainer = types.SimpleNamespace(beta=s["beta"], simpo_gamma=GAMMA, label_smoothing=0.0, loss_type="simpo", alpha=0.0,
                                    accelerator=ACCELERATOR)
    return CPOTrainer.cpo_loss(trainer, c / p["n_chosen"], r / p["n_rejected"])[0].mean()


def kto(s, p, c, r):
    trainer = types.SimpleNamespace(beta=s["beta"], desirable_weight=DESIRABLE, undesirable_weight=UNDESIRABLE, loss_type="kto",
                                    calculate_KL=True, accelerator=ACCELERATOR)
    rc, rr = (torch.tensor([p[k]], dtype=torch.float64) for k in ("reference_chosen", "reference_rejected"))
    kl = torch.tensor([s["divergence"]], dtype=torch.float64)
    return KTOTrainer.kto_loss(trainer, c, r, kl, rc, rr, torch.zeros_like(kl))[0].mean()


cases = []
for s in SETTINGS:
    for p in PAIRS:
        c, r = (torch.tensor([p[k]], dtype=torch.float64, requires_grad=True) for k in ("chosen", "rejected"))
        loss = {"dpo": dpo, "orpo": orpo, "simpo": simpo, "kto": kto}[s["objective"]](s, p, c, r)
        loss.backward()
        cases.append({**s, "divergence": s.get("divergence", 0.0), **p, "value": loss.item(), "d_chosen": c.grad.item(),
                      "d_rejected": r.grad.item()})
peers.write_golden("preferences.json", {
    "made_by": peers.made_by("make_preferences.py", "torch", "trl"),
    "gamma": GAMMA, "desirable_weight": DESIRABLE, "undesirable_weight": UNDESIRABLE, "cases": cases,
})
