# SPDX-License-Identifier: GPL-3.0-or-later
"""A head for labels as a short run of the tiny model exports it: PEFT loads adapter and head, says the same labels of
held-out records, and its loss over them is the one that attunectl gives."""
import csv
import json

import torch
from peft import PeftModel
from transformers import LlamaForSequenceClassification

import checks
import peers

MOODS = [("was bad", "complaint"), ("was late", "complaint"), ("was cold", "question"), ("was lovely", "praise")]
THINGS = ["bed", "food", "nurse", "room", "tea", "door", "lamp", "soap", "form", "call"]

folder = checks.folder()
table, project, adapter = folder / "rows.csv", folder / "tiny.attune", folder / "adapter"
with open(table, "w", newline="") as f:
    csv.writer(f).writerows([("question", "answer", "label")] + [
        (f"My {thing} {mood}.", f"Thank you for number {i}.", label)
        for i, (thing, (mood, label)) in enumerate((t, m) for t in THINGS for m in MOODS)])
checks.attunectl("new", project, "--model", peers.TINY)
checks.attunectl("import", project, table)
checks.attunectl("prepare", project, "--test-share", 0.3)
checks.attunectl("plan", project, "--objective", "labels", "--learning-rate", 0.01, "--max-steps", 20, "--label-weights", "effective")
checks.attunectl("tune", project)
ours = checks.json_lines(checks.attunectl("evaluate", project, "--json"))[-1]
checks.attunectl("export", project, "--format", "adapter", "--output", adapter)
names = json.loads((adapter / "labels.json").read_text())["names"]

plain = peers.llama_model(peers.TINY)
plain.config.num_labels = len(names)
base = LlamaForSequenceClassification._from_config(plain.config, attn_implementation="eager", dtype=torch.float32)
base.load_state_dict({k: v for k, v in plain.state_dict().items() if k != "lm_head.weight"}, strict=False)
model = PeftModel.from_pretrained(base, str(adapter)).eval()
nats, same = [], 0
for answer in ours["answers"]:
    ids, _ = peers.chat_ids(peers.TINY, [{"role": "user", "content": answer["question"]}], True)
    with torch.no_grad():
        shares = model(torch.tensor([ids])).logits[0].log_softmax(0)
    nats.append(-float(shares[names.index(answer["expected"])]))
    same += names[int(shares.argmax())] == answer["tuned"]
checks.equal("labels: the same ones", same, len(ours["answers"]))
checks.equal("labels: all held-out records are among them", len(ours["answers"]), ours["tuned"]["records"])
# Otherwise all that follows would pass with a head that does nothing.
checks.below("labels: they are told apart (loss, relative to none)", ours["tuned"]["loss"] / torch.tensor(float(len(names))).log().item(), 0.9)
checks.below("labels: mean loss, relative to PEFT's", abs(ours["tuned"]["loss"] / (sum(nats) / len(nats)) - 1), 1e-4)
checks.finish()
