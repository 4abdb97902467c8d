# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/tiny-llama.json and smollm2-135m.json: logits, losses, LoRA gradients and greedy answers of
LlamaForCausalLM in f32 on the dequantised weights; and tiny-llama-full.json: the gradients of all weights themselves.
`make_model.py tiny`, `make_model.py full` (after it) or `make_model.py smollm2`."""
import sys

import peers
from rows import SYSTEM, conversation

PACKAGES = ("torch", "transformers", "peft", "tokenizers", "gguf")
ABOUT = [
    "All in f32, each row alone (no padding, no packing), positions from 0.",
    "learn[t] is 1 where token t counts for the loss; it is predicted from the tokens before it.",
    "loss: nats per learned token; row_nats: their sum over one row; mean_loss: sum over the batch / learned tokens of the batch.",
    "'base' is the model as it is; 'lora' has the adapters on (scale = alpha / rank, no dropout).  Gradients are those of "
    "mean_loss of 'lora'.",
    "LoRA: " + peers.LORA_FORMULA + ".", "Gradients: " + peers.DOT_FORMULA + ".",
    "greedy: the most likely token each time; 'gap' is the smallest distance between first and second choice on the way.",
]


def losses(model, rows):
    """Per-row sums and the mean over all learned tokens, as a tensor for backward()."""
    pairs = [peers.row_loss(model, r["ids"], r["learn"]) for r in rows]
    total, count = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
    return total / count, {"row_nats": [float(p[0]) for p in pairs], "row_targets": [p[1] for p in pairs],
                           "targets": count, "mean_loss": float(total / count)}


def batch_gradients(model, rows):
    """losses() and the gradients, one row at a time so that little memory is held."""
    count = sum(sum(r["learn"]) for r in rows)
    nats = []
    for r in rows:
        loss, _ = peers.row_loss(model, r["ids"], r["learn"])
        (loss / count).backward()
        nats.append(float(loss.detach()))
    return {"row_nats": nats, "row_targets": [sum(r["learn"]) for r in rows], "targets": count,
            "mean_loss": sum(nats) / count}


def continuation(model, ids, n, stop=None):
    out, gap = peers.greedy(model, ids, n, stop)
    return {"prompt": ids, "ids": out, "gap": gap}


def tiny():
    import torch
    rank, alpha, model = 4, 8, peers.llama_model(peers.TINY)
    # Three lengths; learned tokens at the end of the first, scattered in the second, in two runs in the third.
    rows = []
    for n, seed, learned in ((11, 1, range(6, 11)), (37, 2, range(1, 37, 3)), (64, 3, [*range(20, 30), *range(50, 64)])):
        ids = torch.randint(17, 576, (n,), generator=torch.Generator().manual_seed(seed)).tolist()
        rows.append({"ids": ids, "learn": [int(t in learned) for t in range(n)]})
    prompt = peers.chat_ids(peers.TINY, conversation(0, answered=False), generate=True)[0]
    positions = [(0, 0), (0, 10), (1, 17), (2, 63)]
    with torch.no_grad():
        base = losses(model, rows)[1]
    logits = [{"row": r, "position": t, "logits": peers.logits_of(model, rows[r]["ids"])[t].tolist()} for r, t in positions]
    greedy = [dict(continuation(model, prompt, 16), adapter="base")]
    model, parameters = peers.add_lora(model, rank, alpha)
    lora = batch_gradients(model, rows)
    lora["logits"] = [{"row": 2, "position": 63, "logits": peers.logits_of(model, rows[2]["ids"])[63].tolist()}]
    greedy.append(dict(continuation(model, prompt, 16), adapter="lora"))
    peers.write_golden("tiny-llama.json", {
        "made_by": peers.made_by("make_model.py", *PACKAGES), "about": ABOUT,
        "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY), "rank": rank, "alpha": alpha,
        "rows": rows, "base": dict(base, logits=logits), "lora": lora,
        "gradients": [peers.gradient_record(*p, 16) for p in parameters], "greedy": greedy})


def full():
    golden, model = peers.read_golden("tiny-llama.json"), peers.llama_model(peers.TINY)
    for p in model.parameters():
        p.requires_grad_(True)
    full = batch_gradients(model, golden["rows"])
    peers.write_golden("tiny-llama-full.json", {
        "made_by": peers.made_by("make_model.py", *PACKAGES),
        "about": ["The rows of tiny-llama.json, learned by all weights; the head is tied to the embedding.",
                  "Gradients are those of mean_loss: " + peers.DOT_FORMULA + "."],
        "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY), "rows": golden["rows"], "full": full,
        "gradients": [peers.gradient_record(*p, 8) for p in peers.weights(model)]})


def smollm2():
    import torch
    path, rank, alpha = peers.real_model(), 16, 32
    model, rows = peers.llama_model(path), []
    for i in range(8):
        ids, learn = peers.chat_ids(path, conversation(i, SYSTEM if i % 2 else None))
        rows.append({"ids": ids, "learn": learn})
    prompts = [peers.chat_ids(path, conversation(i, answered=False), generate=True)[0] for i in (0, 3)]
    stop = peers.metadata(path)["tokenizer.ggml.eos_token_id"]
    with torch.no_grad():
        base = losses(model, rows)[1]
    top, some = [], [0, 1, 2, 28, 198, 1000, 10000, 49151]
    for prompt in prompts:
        logits = peers.logits_of(model, prompt)[-1]
        best = logits.topk(5)
        top.append({"prompt": prompt, "top_ids": best.indices.tolist(), "top_logits": best.values.tolist(),
                    "some_ids": some, "some_logits": logits[some].tolist(), "logsumexp": float(logits.logsumexp(0))})
    greedy = [dict(continuation(model, p, 24, stop), adapter="base") for p in prompts]
    model, parameters = peers.add_lora(model, rank, alpha)
    lora = batch_gradients(model, rows)
    kept = [p for p in parameters if p[0].split(".")[1] in ("0", "14", "29")]
    peers.write_golden("smollm2-135m.json", {
        "made_by": peers.made_by("make_model.py", *PACKAGES),
        "about": ABOUT + ["Greedy answers end after 24 tokens or with <|im_end|>."],
        "model": "SmolLM2-135M-Instruct-Q4_1.gguf", "model_sha256": peers.sha256(path), "rank": rank, "alpha": alpha,
        "rows": rows, "base": base, "lora": lora, "last_logits": top,
        "gradients": [peers.gradient_record(*p, 8) for p in kept], "greedy": greedy})


{"tiny": tiny, "full": full, "smollm2": smollm2}[sys.argv[1]]()
