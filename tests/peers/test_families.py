# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models of every family as Attune writes them in GGUF, loaded by llama.cpp: its logits are those of Hugging
Face Transformers.  The files come from the test of engine/model."""
import os
import subprocess
import sys

import numpy as np
import torch
import transformers

import checks
import peers

# What llama.cpp leaves out: the window of Mistral (it has no key in that family) and of Phi-3 (switched off there).
# Experts are written one by one, as old files have them, which it no longer reads.
LEFT_OUT = {"mistral", "phi3", "mixtral", "qwen2moe", "qwen3moe"}

build = os.environ.get("ATTUNE_BUILD", "")
program = os.path.join(build, "tests", "test-model-families")
if not os.access(program, os.X_OK):
    sys.exit(f"There is no {program}: set ATTUNE_BUILD to the build folder.")
folder = checks.folder()
subprocess.run([program], check=True, stdout=subprocess.DEVNULL,
               env={**os.environ, "ATTUNE_FAMILIES": str(folder), "G_TEST_SRCDIR": str(peers.GOLDEN.parent)})

from llama_cpp import Llama  # noqa: E402

for file in sorted(folder.glob("*.gguf")):
    name = file.stem
    if name in LEFT_OUT:
        continue
    expected = peers.read_golden(f"families/{name}/expected.json")
    llama = Llama(str(file), n_ctx=64, n_batch=64, logits_all=True, verbose=False, type_k=0, type_v=0, n_threads=1)
    worst = 0.0
    for case in expected["logits"]:
        llama.reset()
        llama.eval(expected["rows"][case["row"]][:case["position"] + 1])
        worst = max(worst, checks.relative(llama.scores[case["position"]], case["logits"]))
    llama.close()
    # llama.cpp looks up GELU in a table of f16, and takes its tanh form for Falcon, too.
    gelu = name.startswith(("gemma", "gpt2", "falcon"))
    checks.below(f"{name}: logits of llama.cpp from our file", worst, 2e-3 if gelu else 1e-4)


def check_long():
    """Phi-3's two lists of angles.  Hugging Face takes the long one where the text is longer than the original context;
    llama.cpp where the room for it is, whatever the text.  So short texts get other logits there where the room is large,
    and it is llama.cpp's choice, not the file: told that the original context is as large as the room, it takes the short
    list and gives Hugging Face's logits; and Hugging Face made to take the long one gives those of llama.cpp."""
    ids = peers.read_golden("families/phi3-long/expected.json")["rows"][0][:9]   # the original context is 12
    model = transformers.AutoModelForCausalLM.from_pretrained(peers.GOLDEN / "families/phi3-long", dtype=torch.float32,
                                                              attn_implementation="eager").eval()
    by_length = peers.logits_of(model, ids)
    model.config.original_max_position_embeddings = 2   # looked at in every call: the text is longer
    by_long = peers.logits_of(model, ids)

    def of_llama(**options):
        llama = Llama(str(folder / "phi3-long.gguf"), n_ctx=64, n_batch=64, logits_all=True, verbose=False, type_k=0, type_v=0,
                      n_threads=1, **options)
        llama.eval(ids)
        logits = np.array(llama.scores[:len(ids)])
        llama.close()
        return logits

    large = of_llama()
    small = of_llama(kv_overrides={"phi3.rope.scaling.original_context_length": 4096})
    checks.below("phi3-long: short text, room within the original context: logits of llama.cpp", checks.relative(small, by_length), 1e-4)
    checks.below("phi3-long: short text, more room: logits of llama.cpp beside the long list's", checks.relative(large, by_long), 1e-4)
    # If this fails, llama.cpp goes by the length now, and attune_export_safe_context() is no longer needed.
    checks.below("phi3-long: the lists differ (inverse of the relative change)", 1 / max(checks.relative(large, by_length), 1e-9), 50)


check_long()
checks.finish()
