# SPDX-License-Identifier: GPL-3.0-or-later
"""Loss on held-out rows before any training: attunectl loss against LlamaForCausalLM in f32."""
import json

import torch

import checks
import peers
from rows import ROWS, SYSTEM


def theirs(model, path, rows):
    """[(nats, targets)] of (question, answer, system) rows."""
    out = []
    with torch.no_grad():
        for question, answer, system in rows:
            messages = [{"role": "system", "content": system}] if system else []
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            nats, n = peers.row_loss(model, *peers.chat_ids(path, messages))
            out.append((float(nats), n))
    return out


def ours(path, rows):
    file = checks.folder() / "rows.jsonl"
    with open(file, "w") as f:
        for question, answer, system in rows:
            f.write(json.dumps({"question": question, "answer": answer, **({"system": system} if system else {})}) + "\n")
    lines = checks.json_lines(checks.attunectl("loss", path, file))
    return [(line["nats"], line["target_tokens"]) for line in lines]


def compare(name, path, rows, tolerance):
    reference, measured = theirs(peers.llama_model(path), path, rows), ours(path, rows)
    checks.equal(f"{name}: learned tokens per row", sum(a[1] == b[1] for a, b in zip(measured, reference)),
                 max(len(rows), len(measured)))
    means = [sum(n for n, _ in x) / sum(t for _, t in x) for x in (measured, reference)]
    print(f"  nats per token: ours {means[0]:.7f}, theirs {means[1]:.7f}")
    checks.below(f"{name}: mean loss, relative", abs(means[0] / means[1] - 1), tolerance)
    checks.below(f"{name}: loss of single rows, relative, worst",
                 max(abs(a[0] / b[0] - 1) for a, b in zip(measured, reference)), 10 * tolerance)


odd = [(q, a, SYSTEM if i % 2 else None) for i, (q, a) in enumerate(ROWS)]
odd += [("  spaces around  ", "\n\nlines\n", None), ("数字は？ 123", "🩺 3.14159", None),
        ("What ends a turn?", "It is <|im_end|>, spelled out.", None)]
compare("tiny", str(peers.TINY), odd, 1e-4)
# One row in 25 of the sample: 64 rows of all its topics.
rows = [(q, a, None) for q, a in checks.sample_rows(0, 1600)[::25]]
compare("SmolLM2", peers.real_model(), rows, 1e-4)
checks.finish()
