# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/merges.json: three adapters of one linear, and what PEFT's add_weighted_adapter makes of them.

PEFT multiplies by the scale twice where it takes the weights apart (svd and its like), so that these cases have a scale
of one; it also draws for DARE without making up for what is left out, so that it is no reference for that."""
import torch
from peft import LoraConfig, get_peft_model

import peers

N, K, RANK, WEIGHTS, NAMES = 12, 10, 3, [0.7, 0.5, 1.2], ["one", "two", "three"]
CASES = [  # name, PEFT's, alpha, density, rank
    ("linear", "linear", 6, None, None), ("cat", "cat", 6, None, None), ("ties", "ties", 6, 0.5, None),
    ("svd", "svd", RANK, None, 2), ("svd", "svd", RANK, None, 9), ("ties-svd", "ties_svd", RANK, 0.4, 4),
]


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = torch.nn.Linear(K, N, bias=False)

    def forward(self, x):
        return self.lin(x)


def flat(tensor):
    return [float(v) for v in tensor.detach().reshape(-1)]


cases = []
for ours, theirs, alpha, density, rank in CASES:
    torch.manual_seed(3)
    config = LoraConfig(r=RANK, lora_alpha=alpha, target_modules=["lin"])
    model = get_peft_model(Layer(), config, adapter_name=NAMES[0])
    for name in NAMES[1:]:
        model.add_adapter(name, config)
    lin = model.base_model.model.lin
    for name in NAMES:
        torch.nn.init.normal_(lin.lora_A[name].weight)
        torch.nn.init.normal_(lin.lora_B[name].weight)
    more = {} if density is None else {"density": density}
    more |= {} if rank is None else {"svd_rank": rank}
    model.add_weighted_adapter(NAMES, WEIGHTS, "merged", combination_type=theirs, **more)
    cases.append({"method": ours, "scale": alpha / RANK, "density": density or 1, "rank": rank or 0,
                  "a": [flat(lin.lora_A[n].weight) for n in NAMES], "b": [flat(lin.lora_B[n].weight) for n in NAMES],
                  "delta": flat(lin.get_delta_weight("merged"))})
peers.write_golden("merges.json", {
    "made_by": peers.made_by("make_merges.py", "torch", "peft"),
    "about": ["a (rank, K) and b (N, rank) of each adapter, its scale and weight; delta (N, K): scale times b times a of the merged "
              "one.  rank: of the merged one where it is chosen."],
    "n": N, "k": K, "rank": RANK, "weights": WEIGHTS, "cases": cases,
})
