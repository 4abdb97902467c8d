# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/ppo.json: rewards with the KL penalty, advantages, losses and their gradients as TRL 0.11's PPOTrainer
computes them, the last with a value head beside it; on numbers and through a model with LoRA.  TRL is not among the
comparisons' packages: put trl 0.11 where Python finds it."""
import types

import torch
from peft import LoraConfig, get_peft_model
from trl.trainer.ppo_trainer import PPOTrainer
from trl.trainer.utils import AdaptiveKLController

import peers

LENGTHS, SCORES = [4, 7, 1, 5], [1.0, -0.5, 2.0, 0.25]
GAMMA, LAMBDA, CLIP, VALUE_CLIP, VALUE_WEIGHT, KL = 0.99, 0.95, 0.2, 0.2, 0.1, 0.15


def wave(n, a, b, phase):
    return [a + b * float(torch.sin(torch.tensor(1.3 * i + phase, dtype=torch.float64))) for i in range(n)]


def ragged(flat, dtype=torch.float64):
    out, at = torch.zeros((len(LENGTHS), max(LENGTHS)), dtype=dtype), 0
    for i, n in enumerate(LENGTHS):
        out[i, :n] = torch.tensor(flat[at:at + n], dtype=dtype)
        at += n
    return out


def flat(x):
    return [float(v) for i, n in enumerate(LENGTHS) for v in x[i, :n]]


TOTAL = sum(LENGTHS)
trainer = types.SimpleNamespace(kl_ctl=types.SimpleNamespace(value=KL), config=types.SimpleNamespace(
    kl_penalty="kl", whiten_rewards=False, gamma=GAMMA, lam=LAMBDA, cliprange=CLIP, cliprange_value=VALUE_CLIP,
    vf_coef=VALUE_WEIGHT, ratio_threshold=10.0))
trainer._kl_penalty = lambda a, b: PPOTrainer._kl_penalty(trainer, a, b)
mask = ragged([1.0] * TOTAL)
old, reference, values = wave(TOTAL, -1.5, 1.2, 0.2), wave(TOTAL, -1.6, 1.1, 0.7), wave(TOTAL, 0.1, 0.6, 1.9)
# TRL's mask is of whole numbers, by which it finds the last token.
rewards, _, _ = PPOTrainer.compute_rewards(trainer, torch.tensor(SCORES, dtype=torch.float64), ragged(old), ragged(reference), mask.long())
_, advantages, returns = PPOTrainer.compute_advantages(trainer, ragged(values), rewards, mask)


def ppo_loss(policy, predicted, dtype=torch.float64):
    pg, vf, _ = PPOTrainer.loss(trainer, ragged(run["old"], dtype), ragged(run["values"], dtype), torch.zeros((*policy.shape, 2), dtype=dtype),
                                predicted, policy, mask.to(dtype), ragged(run["advantages"], dtype), ragged(run["returns"], dtype))
    return pg + vf


numbers = {"old": old, "reference": reference, "values": values, "rewards": flat(rewards), "advantages": flat(advantages),
           "returns": flat(returns)}
run, cases = numbers, []
for spread, shift in ((0.0, 0.0), (0.4, 0.3), (0.1, 1.0)):
    policy = [p + spread * v for p, v in zip(old, wave(TOTAL, 0, 1, 2.1))]
    predicted = [p + shift * v for p, v in zip(values, wave(TOTAL, 0.2, 1, 0.4))]
    x, y = ragged(policy).requires_grad_(), ragged(predicted).requires_grad_()
    loss = ppo_loss(x, y)
    loss.backward()
    cases.append({"policy": policy, "predicted": predicted, "value": loss.item(), "gradient": flat(x.grad), "d_values": flat(y.grad)})
controllers = []
for current in (0.5, 5.0, 6.5, 40.0):
    c = AdaptiveKLController(0.2, 6.0, 10000)
    c.update(current, 64)
    controllers.append({"kl": current, "weight": float(c.value)})

# Through a model: the value head reads what the LM head reads, and learns beside it.
rows = [r["ids"] for r in peers.read_golden("tiny-llama.json")["rows"]]
prompts = [rows[0][:4], rows[0][:4], rows[1][:6], rows[2][:5]]
texts = [p + rows[-1][i:i + n] for i, (p, n) in enumerate(zip(prompts, LENGTHS))]
model = peers.llama_model(peers.TINY)
config = model.config
short = [theirs.split(".")[1] for _, theirs in peers.PROJECTIONS]
model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM", target_modules=short)).eval()
found, parameters = dict(model.named_parameters()), []
for layer in range(config.num_hidden_layers):
    for ours, theirs in peers.PROJECTIONS:
        for side in ("A", "B"):
            parameters.append((f"blk.{layer}.{ours}.lora_{side.lower()}",
                               found[f"base_model.model.model.layers.{layer}.{theirs}.lora_{side}.default.weight"],
                               peers.heads_of(ours, config) if side == "B" else 0))
parameters.append(("score.weight", torch.zeros((1, config.hidden_size), requires_grad=True), 0))
for k, (_, p, heads) in enumerate(parameters):
    value = peers.lora_value(tuple(p.shape), k)
    with torch.no_grad():
        p.copy_(torch.from_numpy(peers.rows_to_hf(value, heads) if heads else value))
longest = max(map(len, texts))
ids = torch.tensor([t + [0] * (longest - len(t)) for t in texts])
attention = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in texts])
out = model(ids, attention_mask=attention, output_hidden_states=True)
logps, states = out.logits.log_softmax(-1), out.hidden_states[-1] @ parameters[-1][1][0]
policy, predicted = torch.zeros((len(texts), max(LENGTHS))), torch.zeros((len(texts), max(LENGTHS)))
for i, n in enumerate(LENGTHS):
    p = len(prompts[i])
    for j in range(n):
        policy[i, j] = logps[i, p + j - 1, texts[i][p + j]]
        predicted[i, j] = states[i, p + j - 1]
run = {"old": [p + 0.25 * v for p, v in zip(flat(policy.detach()), wave(TOTAL, 0, 1, 2.1))],
       "values": [p + 0.3 * v for p, v in zip(flat(predicted.detach()), wave(TOTAL, 0, 1, 0.3))],
       "advantages": wave(TOTAL, 0.1, 1, 0.9), "returns": wave(TOTAL, 0.3, 1, 2.4)}
loss = ppo_loss(policy, predicted, torch.float32)
loss.backward()
peers.write_golden("ppo.json", {
    "made_by": peers.made_by("make_ppo.py", "torch", "transformers", "peft", "trl", "gguf"),
    "about": ["Numbers of all answers' tokens one after another, in double.",
              "run: a Llama under PEFT's LoRA (r 4, alpha 8).  Values: " + peers.LORA_FORMULA + "; then score.weight.",
              "Gradients: " + peers.DOT_FORMULA + "."],
    "lengths": LENGTHS, "scores": SCORES, "gamma": GAMMA, "lambda": LAMBDA, "clip": CLIP, "value_clip": VALUE_CLIP,
    "value_weight": VALUE_WEIGHT, "kl_weight": KL, **numbers, "cases": cases,
    "controller": {"weight": 0.2, "target": 6.0, "horizon": 10000, "samples": 64, "cases": controllers},
    "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY),
    "run": {**run, "loss": loss.item(), "policy": flat(policy.detach()), "predicted": flat(predicted.detach()),
            "answers": [{"prompt": len(p), "ids": t} for p, t in zip(prompts, texts)],
            "gradients": [peers.gradient_record(*p, 4) for p in parameters]},
})
