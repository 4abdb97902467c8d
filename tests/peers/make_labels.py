# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/labels.json: losses of labels as PyTorch has them, and a head for labels with LoRA on
tiny-llama.gguf as transformers and PEFT train it."""
import math

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import LlamaForSequenceClassification

import peers

ROWS, LABELS, SCALE = 5, 4, 0.7
WEIGHTS = [0.5, 2.0, 1.25, 0.25]
POSITIVE = [3.0, 0.5, 1.5, 2.0]
COSTS = [[0, 1, 5, 2], [1, 0, 0.5, 3], [10, 4, 0, 1], [2, 2, 2, 0]]
SEVERAL = [[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 1, 0], [1, 1, 1, 1], [0, 0, 1, 0]]


def logits_of():
    return torch.tensor([[3 * math.sin(1.7 * (LABELS * r + c) + 0.3) for c in range(LABELS)] for r in range(ROWS)],
                        dtype=torch.float64, requires_grad=True)


def one(z, targets, weights, gamma, smoothing):
    """cross_entropy, times (1 - p)^gamma of the label that is wanted (Lin et al. 2017)."""
    w = torch.tensor(weights, dtype=z.dtype) if weights else None
    loss = F.cross_entropy(z, targets, weight=w, label_smoothing=smoothing, reduction="none")
    return (1 - z.softmax(1)[range(len(targets)), targets]) ** gamma * loss


def expected_cost(z, targets, costs):
    """What a wrong answer costs, by its probability: the risk that a Bayes decision makes least."""
    return (z.softmax(1) * torch.tensor(costs, dtype=z.dtype)[targets]).sum(1)


def several(z, wanted, weights, gamma, smoothing, positive=None):
    more = torch.tensor(positive, dtype=z.dtype) if positive else None
    w = torch.tensor(weights, dtype=z.dtype) if weights else torch.ones(z.shape[1], dtype=z.dtype)
    loss = F.binary_cross_entropy_with_logits(z, wanted * (1 - smoothing) + smoothing / 2, reduction="none",
                                              pos_weight=more)
    p = torch.where(wanted > 0.5, z.sigmoid(), 1 - z.sigmoid())
    return (w * (1 - p) ** gamma * loss).mean(1)


def case(kind, weights=None, gamma=0.0, smoothing=0.0, positive=None, cost_share=0.0):
    z = logits_of()
    targets = torch.tensor([r * 2 % LABELS for r in range(ROWS)])
    if kind == "one":
        wanted, loss = F.one_hot(targets, LABELS), one(z, targets, weights, gamma, smoothing)
        if cost_share:
            loss = (1 - cost_share) * loss + cost_share * expected_cost(z, targets, COSTS)
    elif kind == "several":
        wanted = torch.tensor(SEVERAL, dtype=z.dtype)
        loss = several(z, wanted, weights, gamma, smoothing, positive)
    else:
        wanted = torch.tensor([[0.5 * r - c for c in range(LABELS)] for r in range(ROWS)], dtype=z.dtype)
        loss = F.mse_loss(z, wanted, reduction="none").mean(1)
    (SCALE * loss.sum()).backward()
    shares = z.softmax(1) if kind == "one" else z.sigmoid() if kind == "several" else z
    flat = lambda x: [float(v) for v in x.flatten()]  # noqa: E731
    return {"kind": kind, "weights": weights or [], "positive": positive or [], "focal": gamma, "smoothing": smoothing,
            "cost_share": cost_share, "costs": flat(torch.tensor(COSTS)) if cost_share else [], "wanted": flat(wanted),
            "losses": flat(loss.detach()), "gradient": flat(z.grad), "shares": flat(shares.detach())}


losses = [case("one"), case("one", WEIGHTS), case("one", gamma=2.0), case("one", WEIGHTS, 1.5, 0.1), case("one", None, 0.5, 0.2),
          case("several"), case("several", WEIGHTS, 2.0), case("several", WEIGHTS, 1.0, 0.1), case("number"),
          case("several", positive=POSITIVE), case("several", WEIGHTS, 2.0, 0.1, POSITIVE), case("one", cost_share=1.0),
          case("one", WEIGHTS, 2.0, 0.1, cost_share=0.4)]

# --- the model, as transformers trains it for problem_type single_label, multi_label and regression.  The last token's state is multiplied by 'score', which transformers finds by the padding.
golden = peers.read_golden("tiny-llama.json")
texts = [r["ids"][:n] for r, n in zip(golden["rows"], [5, 12, 9, 20, 7, 15])]
wanted = [0, 2, 1, 0, 2, 2][:len(texts)]
plain = peers.llama_model(peers.TINY)
config = plain.config
config.num_labels, config.pad_token_id = 3, max(max(t) for t in texts) + 1
model = LlamaForSequenceClassification._from_config(config, attn_implementation="eager", dtype=torch.float32)
missing, _ = model.load_state_dict({k: v for k, v in plain.state_dict().items() if k != "lm_head.weight"}, strict=False)
assert missing == ["score.weight"], missing
short = [theirs.split(".")[1] for _, theirs in peers.PROJECTIONS]
model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, bias="none", task_type="SEQ_CLS",
                                         target_modules=short)).eval()
found, parameters = dict(model.named_parameters()), []
for layer in range(config.num_hidden_layers):
    for ours, theirs in peers.PROJECTIONS:
        for side in ("A", "B"):
            p = found[f"base_model.model.model.layers.{layer}.{theirs}.lora_{side}.default.weight"]
            parameters.append((f"blk.{layer}.{ours}.lora_{side.lower()}", p, peers.heads_of(ours, config) if side == "B" else 0))
parameters.append(("score.weight", found["base_model.model.score.modules_to_save.default.weight"], 0))
assert len(parameters) == sum(p.requires_grad for p in model.parameters())
for k, (_, p, heads) in enumerate(parameters):
    value = peers.lora_value(tuple(p.shape), k)
    with torch.no_grad():
        p.copy_(torch.from_numpy(peers.rows_to_hf(value, heads) if heads else value))

longest = max(map(len, texts))
ids = torch.tensor([t + [config.pad_token_id] * (longest - len(t)) for t in texts])
mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in texts])
runs = []
sets = torch.tensor([[1, 0, 1], [0, 0, 0], [0, 1, 1], [1, 1, 1], [0, 1, 0], [1, 0, 0]][:len(texts)], dtype=torch.float32)
numbers = torch.tensor([[0.5, -1.0, 2.0], [0.1, 0.2, 0.3], [-2.0, 1.0, 0.0], [1.5, 1.5, -1.5], [0.0, 0.0, 1.0],
                        [-0.7, 0.4, 0.9]][:len(texts)])
for kind, weights, gamma in (("one", None, 0.0), ("one", [0.5, 2.0, 1.0], 2.0), ("several", None, 0.0), ("number", None, 0.0)):
    model.zero_grad()
    if kind != "one":  # transformers' own loss and mean
        model.config.problem_type = "multi_label_classification" if kind == "several" else "regression"
        goal = sets if kind == "several" else numbers
        out = model(ids, attention_mask=mask, labels=goal)
        out.loss.backward()
        each = F.binary_cross_entropy_with_logits if kind == "several" else F.mse_loss
        nats = each(out.logits, goal, reduction="none").mean(1)
        assert abs(float(out.loss) - float(nats.mean())) < 1e-6
        shares = out.logits.sigmoid() if kind == "several" else out.logits
        runs.append({"kind": kind, "weights": [], "focal": 0.0, "wanted": [float(x) for x in goal.flatten()],
                     "losses": [float(x) for x in nats.detach()], "shares": [float(x) for x in shares.detach().flatten()],
                     "gradients": [peers.gradient_record(*p, 4) for p in parameters]})
        continue
    model.config.problem_type = "single_label_classification"
    logits = model(ids, attention_mask=mask).logits
    if weights is None:  # transformers' own loss
        loss = model(ids, attention_mask=mask, labels=torch.tensor(wanted)).loss
    nats = one(logits, torch.tensor(wanted), weights, gamma, 0.0)
    total = sum(weights[y] for y in wanted) if weights else len(wanted)
    if weights is None:
        assert abs(float(loss) - float(nats.sum() / total)) < 1e-6
    (nats.sum() / total).backward()
    runs.append({"kind": kind, "weights": weights or [], "focal": gamma, "losses": [float(x) for x in nats.detach()],
                 "shares": [float(x) for x in logits.softmax(1).detach().flatten()],
                 "gradients": [peers.gradient_record(*p, 4) for p in parameters]})

peers.write_golden("labels.json", {
    "made_by": peers.made_by("make_labels.py", "torch", "transformers", "peft", "gguf"),
    "about": [f"losses: of {ROWS} rows of {LABELS} logits, 3 * sin (1.7 * i + 0.3) in row-major order, in double; gradient: of "
              f"{SCALE} times their sum.", "runs: LlamaForSequenceClassification under PEFT's LoRA (r 4, alpha 8); each text's "
              "loss, and gradients of their weighted mean.  Values: " + peers.LORA_FORMULA + "; then score.weight.",
              "Gradients: " + peers.DOT_FORMULA + "."],
    "rows": ROWS, "labels": LABELS, "scale": SCALE, "losses": losses, "model": peers.TINY.name,
    "model_sha256": peers.sha256(peers.TINY), "texts": [{"ids": t, "label": y} for t, y in zip(texts, wanted)], "runs": runs,
})
