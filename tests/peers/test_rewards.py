# SPDX-License-Identifier: GPL-3.0-or-later
"""A reward model as a short run of the tiny model exports it: PEFT loads adapter and head as transformers' classifier of
one number, and its loss over held-out pairs is the one that attunectl gives."""
import csv

import torch
from peft import PeftModel
from transformers import LlamaForSequenceClassification

import checks
import peers

THINGS = ["bed", "food", "nurse", "room", "tea", "door", "lamp", "soap", "form", "call"]
BETTER = ["Thank you", "We will look", "That is good", "Of course"]
WORSE = "No no no no"

folder = checks.folder()
table, project, adapter = folder / "rows.csv", folder / "tiny.attune", folder / "adapter"
with open(table, "w", newline="") as f:
    csv.writer(f).writerows([("prompt", "chosen", "rejected")] + [
        (f"My {thing} is number {4 * i + j}.", better, WORSE) for i, thing in enumerate(THINGS) for j, better in enumerate(BETTER)])
checks.attunectl("new", project, "--model", peers.TINY)
checks.attunectl("import", project, table)
checks.attunectl("prepare", project, "--test-share", 0.3)
checks.attunectl("plan", project, "--objective", "reward", "--learning-rate", 0.01, "--max-steps", 12)
checks.attunectl("tune", project)
ours = checks.json_lines(checks.attunectl("evaluate", project, "--json"))[-1]
checks.attunectl("export", project, "--format", "adapter", "--output", adapter)

plain = peers.llama_model(peers.TINY)
# What ends an answer is read, and is not to be taken for padding.
plain.config.num_labels, plain.config.pad_token_id = 1, None
base = LlamaForSequenceClassification._from_config(plain.config, attn_implementation="eager", dtype=torch.float32)
base.load_state_dict({k: v for k, v in plain.state_dict().items() if k != "lm_head.weight"}, strict=False)
model = PeftModel.from_pretrained(base, str(adapter)).eval()


def reward(question, answer):
    ids, learn = peers.chat_ids(peers.TINY, [{"role": "user", "content": question}, {"role": "assistant", "content": answer}])
    ids = ids[:max(i for i, x in enumerate(learn) if x) + 1]
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, 0]


leads = torch.stack([reward(a["question"], a["expected"]) - reward(a["question"], WORSE) for a in ours["answers"]])
loss = float(-torch.nn.functional.logsigmoid(leads).mean())
checks.equal("rewards: all held-out pairs are among them", len(ours["answers"]), ours["tuned"]["records"])
checks.equal("rewards: as often the better one", int((leads > 0).sum()), round(ours["accuracy"] * len(ours["answers"])))
# Otherwise all that follows would pass with a head that does nothing.
checks.below("rewards: they are told apart (loss, relative to none)", ours["tuned"]["loss"] / torch.tensor(2.0).log().item(), 0.9)
checks.below("rewards: mean loss, relative to PEFT's", abs(ours["tuned"]["loss"] / loss - 1), 1e-4)
checks.finish()
