# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models of every family as Attune exports them for Hugging Face: the merged model, from a folder and from a
GGUF file, and the adapter, for Transformers and PEFT.  Their losses are those of the golden files, where Transformers has
the same adapter in its weights.  The exports come from the test of engine/deploy."""
import json
import os
import subprocess
import sys

import torch
import transformers
from peft import PeftModel
from safetensors.torch import load_file

import checks
import peers

build = os.environ.get("ATTUNE_BUILD", "")
folder = checks.folder()
for name in ("export-families", "adapter-kinds"):
    program = os.path.join(build, "tests", f"test-deploy-{name}")
    if not os.access(program, os.X_OK):
        sys.exit(f"There is no {program}: set ATTUNE_BUILD to the build folder.")
    subprocess.run([program], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "ATTUNE_EXPORTS": str(folder), "G_TEST_SRCDIR": str(peers.GOLDEN.parent)})


def load(path):
    return transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()


def nats(model, rows):
    with torch.no_grad():
        return [float(torch.nn.functional.cross_entropy(model(torch.tensor([ids])).logits[0, :-1], torch.tensor(ids[1:]),
                                                        reduction="sum")) for ids in rows]


def apart(ours, theirs):
    """The largest difference of a row's nats, relative to them."""
    return max(abs(a / b - 1) for a, b in zip(ours, theirs))


def places(model, path):
    """How many of the stored tensors are in the model, bit for bit, and how many there are on either side."""
    stored = load_file(str(path / "adapter_model.safetensors"))
    loaded = {k.replace(".default", ""): v for k, v in model.state_dict().items() if ".lora_" in k or ".ia3_" in k}
    loaded = {k.removesuffix(".weight") if "magnitude" in k else k: v for k, v in loaded.items()}
    return sum(k in loaded and torch.equal(v, loaded[k]) for k, v in stored.items()), len(set(stored) | set(loaded))


ROWS = peers.read_golden("families/llama/expected.json")["rows"]
for kind in sorted(folder.glob("kinds-*")):
    base, merged = nats(load(kind / "model"), ROWS), nats(load(kind / "merged"), ROWS)
    model = PeftModel.from_pretrained(load(kind / "model"), kind / "adapter").eval()
    checks.below(f"{kind.name}: it changes the losses (inverse of the relative change)", 1 / max(apart(base, merged), 1e-9), 2000)
    checks.below(f"{kind.name}: losses with the adapter, of those merged into it", apart(nats(model, ROWS), merged), 1e-4)
    checks.equal(f"{kind.name}: tensors that PEFT found a place for", *places(model, kind / "adapter"))

for prompt in sorted(folder.glob("prompt-*")):
    ids, ours = list(range(3, 20)), json.loads((prompt / "nats.json").read_text())["nats"]
    plain = nats(load(prompt / "model"), [ids])[0]
    model = PeftModel.from_pretrained(load(prompt / "model"), prompt / "adapter").eval()
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long)).logits[0, -len(ids):-1]
    theirs = float(torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="sum"))
    checks.below(f"{prompt.name}: it changes the losses (inverse of the relative change)", 1 / max(abs(ours / plain - 1), 1e-9), 2000)
    checks.below(f"{prompt.name}: losses behind the prompt", abs(theirs / ours - 1), 1e-4)

for family in sorted(folder.iterdir()):
    if family.name.startswith(("kinds-", "prompt-")):
        continue
    name, expected = family.name, peers.read_golden(f"families/{family.name}/expected.json")
    rows, base, tuned = expected["rows"], expected["base_row_nats"], expected["tuned_row_nats"]
    # Otherwise what follows would pass with an adapter that does nothing.
    checks.below(f"{name}: the adapter changes the losses (inverse of the relative change)", 1 / max(apart(base, tuned), 1e-9), 2000)
    checks.below(f"{name}: losses of the merged model", apart(nats(load(family / "merged"), rows), tuned), 1e-4)
    checks.below(f"{name}: losses of the base from a GGUF file", apart(nats(load(family / "plain-again"), rows), base), 1e-4)
    if not (family / "adapter").exists():
        continue
    model = PeftModel.from_pretrained(load(family / "model"), family / "adapter").eval()
    checks.below(f"{name}: losses with the adapter", apart(nats(model, rows), tuned), 1e-4)
    checks.equal(f"{name}: tensors that PEFT found a place for", *places(model, family / "adapter"))
    # The same numbers are another adapter where the file has rotary pairs side by side, so no golden file has its losses.
    again = PeftModel.from_pretrained(load(family / "model"), family / "adapter-again").eval()
    checks.below(f"{name}: losses with the adapter of a GGUF file, of those merged into it",
                 apart(nats(again, rows), nats(load(family / "again"), rows)), 1e-4)
checks.finish()
