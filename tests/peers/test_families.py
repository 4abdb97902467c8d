# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models of every family as Attune writes them in GGUF, loaded by llama.cpp: its logits are those of Hugging
Face Transformers.  The files come from the test of engine/model."""
import os
import subprocess
import sys

import numpy as np

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
    # llama.cpp looks up GELU in a table of f16, and takes its tanh form for Falcon, too.
    gelu = name.startswith(("gemma", "gpt2", "falcon"))
    checks.below(f"{name}: logits of llama.cpp from our file", worst, 2e-3 if gelu else 1e-4)
checks.finish()
