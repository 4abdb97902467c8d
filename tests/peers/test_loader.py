# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference itself: the model that peers.py makes of a GGUF file against transformers' own loader, and
against llama.cpp, so that an error here cannot pass for agreement."""
import os

import numpy as np
import torch
from llama_cpp import Llama
from transformers import AutoModelForCausalLM

import checks
import peers
from rows import conversation

for name, path in (("tiny", str(peers.TINY)), ("SmolLM2", peers.real_model())):
    ours = peers.llama_model(path).state_dict()
    folder, file = os.path.split(path)
    theirs = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).state_dict()
    checks.equal(f"{name}: tensors as transformers loads them",
                 sum(k in theirs and torch.equal(ours[k], theirs[k]) for k in ours), len(set(ours) | set(theirs)))

# llama.cpp rounds activations to 8 bits before each product, so it can only be near.
path = peers.real_model()
model, llama = peers.llama_model(path), Llama(path, n_ctx=256, logits_all=True, verbose=False)
worst, agree, rows = 0, 0, range(4)
for i in rows:
    ids = peers.chat_ids(path, conversation(i, answered=False), generate=True)[0]
    llama.reset()
    llama.eval(ids)
    theirs, ours = llama.scores[len(ids) - 1], peers.logits_of(model, ids)[-1].numpy()
    worst = max(worst, checks.relative(theirs, ours))
    agree += int(np.argmax(theirs) == np.argmax(ours))
checks.below("SmolLM2: llama.cpp's logits, relative to the largest", worst, 0.05)
llama.close()
checks.equal("SmolLM2: llama.cpp's first token", agree, len(rows))
checks.finish()
