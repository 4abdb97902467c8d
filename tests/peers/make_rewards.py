# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/rewards.json and grpo.json: the loss of TRL's RewardTrainer, and the one of its GRPOTrainer, on
numbers and through a model with LoRA, with their gradients.  TRL is not among the comparisons' packages: put trl where
Python finds it."""
import collections
import types

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaForSequenceClassification
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.reward_trainer import RewardTrainer

import peers

ACCELERATOR = types.SimpleNamespace(device=torch.device("cpu"), gather=lambda x: x, gather_for_metrics=lambda x: x, num_processes=1)


def metrics():
    return {"train": collections.defaultdict(list), "eval": collections.defaultdict(list)}


# --- models.  As in make_labels.py.
def adapt(model, kind):
    short = [theirs.split(".")[1] for _, theirs in peers.PROJECTIONS]
    model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, bias="none", task_type=kind,
                                             target_modules=short)).eval()
    found, parameters = dict(model.named_parameters()), []
    config = model.config
    for layer in range(config.num_hidden_layers):
        for ours, theirs in peers.PROJECTIONS:
            for side in ("A", "B"):
                p = found[f"base_model.model.model.layers.{layer}.{theirs}.lora_{side}.default.weight"]
                parameters.append((f"blk.{layer}.{ours}.lora_{side.lower()}", p,
                                   peers.heads_of(ours, config) if side == "B" else 0))
    if kind == "SEQ_CLS":
        parameters.append(("score.weight", found["base_model.model.score.modules_to_save.default.weight"], 0))
    for k, (_, p, heads) in enumerate(parameters):
        value = peers.lora_value(tuple(p.shape), k)
        with torch.no_grad():
            p.copy_(torch.from_numpy(peers.rows_to_hf(value, heads) if heads else value))
    return model, parameters


def padded(texts, pad):
    longest = max(map(len, texts))
    return (torch.tensor([t + [pad] * (longest - len(t)) for t in texts]),
            torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in texts]))


rows = [r["ids"] for r in peers.read_golden("tiny-llama.json")["rows"]]
FORMULA = "runs: a Llama under PEFT's LoRA (r 4, alpha 8).  Values: " + peers.LORA_FORMULA

# --- rewards
REWARDS = [(1.5, -0.25), (0.1, 0.2), (-3.0, 4.0), (7.0, 6.5), (0.0, 0.0)]
SETTINGS = [(0.0, 0.0), (0.5, 0.0), (0.0, 0.01), (1.0, 0.1)]


def reward_loss(model, inputs, margin, centring, n):
    if margin:
        inputs["margin"] = torch.full((n,), margin)
    trainer = types.SimpleNamespace(model=types.SimpleNamespace(training=True), accelerator=ACCELERATOR, _metrics=metrics(),
                                    _total_train_tokens=0,
                                    args=types.SimpleNamespace(center_rewards_coefficient=centring or None))
    return RewardTrainer.compute_loss(trainer, lambda **k: model(**{a: b for a, b in k.items() if a != "margin"}), inputs)


cases = []
for margin, centring in SETTINGS:
    for c, r in REWARDS:
        x = torch.tensor([[c], [r]], dtype=torch.float64, requires_grad=True)
        loss = reward_loss(lambda **k: types.SimpleNamespace(logits=x), {"attention_mask": torch.ones(2, 1)}, margin, centring, 1)
        loss.backward()
        cases.append({"margin": margin, "centring": centring, "chosen": c, "rejected": r, "value": loss.item(),
                      "d_chosen": x.grad[0].item(), "d_rejected": x.grad[1].item()})

pairs = [(rows[0][:5], rows[0][:9]), (rows[1][:12], rows[1][:10]), (rows[2][:9], rows[-1][:14])]
plain = peers.llama_model(peers.TINY)
plain.config.num_labels, plain.config.pad_token_id = 1, max(max(r) for r in rows) + 1
model = LlamaForSequenceClassification._from_config(plain.config, attn_implementation="eager", dtype=torch.float32)
model.load_state_dict({k: v for k, v in plain.state_dict().items() if k != "lm_head.weight"}, strict=False)
model, parameters = adapt(model, "SEQ_CLS")
ids, mask = padded([c for c, _ in pairs] + [r for _, r in pairs], plain.config.pad_token_id)
rewards = model(ids, attention_mask=mask).logits.detach().flatten()
loss = reward_loss(model, {"input_ids": ids, "attention_mask": mask}, 0.25, 0.05, len(pairs))
loss.backward()
peers.write_golden("rewards.json", {
    "made_by": peers.made_by("make_rewards.py", "torch", "transformers", "peft", "trl", "gguf"),
    "about": [FORMULA + "; then score.weight.", "Gradients: " + peers.DOT_FORMULA + "."],
    "cases": cases, "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY),
    "run": {"margin": 0.25, "centring": 0.05, "loss": loss.item(),
            "pairs": [{"chosen": c, "rejected": r, "rewards": [float(rewards[i]), float(rewards[len(pairs) + i])]}
                      for i, (c, r) in enumerate(pairs)],
            "gradients": [peers.gradient_record(*p, 4) for p in parameters]},
})


# --- GRPO.  Two groups of three answers; log-probabilities are made up, far enough from one another to be clipped.
def wave(n, a, b, phase):
    return [a + b * float(torch.sin(torch.tensor(1.3 * i + phase, dtype=torch.float64))) for i in range(n)]


LENGTHS, SCORES, GROUP = [4, 7, 1, 5, 3, 6], [1.0, 0.0, 0.5, 2.0, 2.0, -1.0], 3


def advantages_of(scores):  # TRL has this amid _generate_and_score_completions()
    s = torch.tensor(scores, dtype=torch.float64).view(-1, GROUP)
    return ((s - s.mean(1, keepdim=True)) / (s.std(1, keepdim=True) + 1e-4)).flatten()


def grpo_loss(policy, old, reference, mask, advantages, clip, beta):
    trainer = types.SimpleNamespace(
        top_entropy_quantile=1.0, beta=beta, importance_sampling_level="token", epsilon_low=clip, epsilon_high=clip, use_vllm=False,
        loss_type="grpo", current_gradient_accumulation_steps=1, accelerator=ACCELERATOR, _metrics=metrics(),
        args=types.SimpleNamespace(delta=None), model=types.SimpleNamespace(training=True),
        _get_per_token_logps_and_entropies=lambda *a, **k: (policy, torch.zeros_like(policy)))
    empty = torch.zeros((len(mask), 0), dtype=torch.long)
    inputs = {"prompt_ids": empty, "prompt_mask": empty, "completion_ids": torch.zeros_like(mask, dtype=torch.long),
              "completion_mask": mask, "advantages": advantages, "ref_per_token_logps": reference}
    if old is not None:
        inputs["old_per_token_logps"] = old
    return GRPOTrainer._compute_loss(trainer, None, inputs)


def ragged(flat):
    out, at = torch.zeros((len(LENGTHS), max(LENGTHS)), dtype=torch.float64), 0
    for i, n in enumerate(LENGTHS):
        out[i, :n] = torch.tensor(flat[at:at + n], dtype=torch.float64)
        at += n
    return out


def flat(x):
    return [float(v) for i, n in enumerate(LENGTHS) for v in x[i, :n]]


mask = ragged([1.0] * sum(LENGTHS))
advantages, cases = advantages_of(SCORES), []
for clip, beta, spread in ((0.2, 0.0, 0.4), (0.2, 0.04, 0.4), (0.1, 0.5, 0.1), (0.3, 0.04, 0.0)):
    numbers = [wave(sum(LENGTHS), -1.5, 1.2, 0.2), wave(sum(LENGTHS), -1.6, 1.1, 0.7)]
    old = [p + spread * v for p, v in zip(numbers[0], wave(sum(LENGTHS), 0, 1, 2.1))]
    policy = ragged(numbers[0]).requires_grad_()
    loss = grpo_loss(policy, ragged(old), ragged(numbers[1]), mask, advantages, clip, beta)
    loss.backward()
    cases.append({"clip": clip, "beta": beta, "policy": numbers[0], "old": old, "reference": numbers[1], "value": loss.item(),
                  "gradient": flat(policy.grad)})

# Through a model: prompts of a few tokens, answers behind them.
prompts, texts = [rows[0][:4]] * 3 + [rows[1][:6]] * 3, []
for i, n in enumerate(LENGTHS):
    texts.append(prompts[i] + rows[-1][i:i + n])
model, parameters = adapt(peers.llama_model(peers.TINY), "CAUSAL_LM")
ids, attention = padded(texts, 0)
logps = model(ids, attention_mask=attention).logits.log_softmax(-1)
policy = torch.zeros((len(texts), max(LENGTHS)))
for i, n in enumerate(LENGTHS):
    p = len(prompts[i])
    for j in range(n):
        policy[i, j] = logps[i, p + j - 1, texts[i][p + j]]
old = [float(p) + 0.25 * v for p, v in zip(flat(policy.detach()), wave(sum(LENGTHS), 0, 1, 2.1))]
reference = [float(p) + 0.5 * v for p, v in zip(flat(policy.detach()), wave(sum(LENGTHS), 0, 1, 0.3))]
loss = grpo_loss(policy, ragged(old).float(), ragged(reference).float(), mask.float(), advantages.float(), 0.2, 0.04)
loss.backward()
peers.write_golden("grpo.json", {
    "made_by": peers.made_by("make_rewards.py", "torch", "transformers", "peft", "trl", "gguf"),
    "about": ["cases: numbers of all answers' tokens one after another, in double.", FORMULA + ".",
              "Gradients: " + peers.DOT_FORMULA + "."],
    "lengths": LENGTHS, "scores": SCORES, "group": GROUP, "advantages": [float(a) for a in advantages], "cases": cases,
    "model": peers.TINY.name, "model_sha256": peers.sha256(peers.TINY),
    "run": {"clip": 0.2, "beta": 0.04, "loss": loss.item(), "old": old, "reference": reference, "policy": flat(policy.detach()),
            "answers": [{"prompt": len(p), "ids": t} for p, t in zip(prompts, texts)],
            "gradients": [peers.gradient_record(*p, 4) for p in parameters]},
})
