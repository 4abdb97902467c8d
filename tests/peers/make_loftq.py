# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/loftq.json: PEFT's LoftQ of one weight: its NF4 in blocks of 64, and the adapter that begins in the
largest parts of what that has lost (one iteration; PEFT's own quantiser and decomposition, as loftq_init calls them)."""
import statistics
import sys
import types

import torch
from peft.utils.loftq_utils import NFQuantizer, _low_rank_decomposition

import peers

# The quantiles of the normal distribution are all that PEFT takes of scipy.
normal = statistics.NormalDist()
norm = types.SimpleNamespace(ppf=lambda x: torch.tensor([normal.inv_cdf(float(v)) for v in x], dtype=torch.float64))
sys.modules["scipy"] = types.ModuleType("scipy")
sys.modules["scipy.stats"] = types.SimpleNamespace(norm=norm)

N, K, RANK = 8, 64, 3
torch.manual_seed(11)
weight = torch.round(torch.randn(N, K) * torch.linspace(0.2, 2, N).unsqueeze(1) * 256) / 256
quantizer = NFQuantizer(num_bits=4, device="cpu", method="normal", block_size=64)
rounded = quantizer.dequantize_block(*quantizer.quantize_block(weight))
parts = _low_rank_decomposition(weight - rounded, reduced_rank=RANK)
delta = parts["L"] @ parts["R"]
print(float((weight - rounded).norm()), float((weight - rounded - delta).norm()))
peers.write_golden("loftq.json", {
    "made_by": peers.made_by("make_loftq.py", "torch", "peft"),
    "about": ["weight, rounded (N, K): before and after NF4; delta: the product of the adapter's halves."],
    "n": N, "k": K, "rank": RANK, "weight": weight.reshape(-1).tolist(), "rounded": rounded.reshape(-1).tolist(),
    "delta": delta.reshape(-1).tolist(),
})
