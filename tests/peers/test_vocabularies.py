# SPDX-License-Identifier: GPL-3.0-or-later
"""Token ids of real vocabularies: those that llama.cpp's tests expect, and on generated lines those of `tokenizers` and
llama.cpp itself.  ATTUNE_LINES: how many lines for each, 100,000 if it is not set."""
import json
import os
import subprocess
import sys

from llama_cpp import Llama
from tokenizers import Tokenizer

import checks
import strings
import vocabularies

LINES = int(os.environ.get("ATTUNE_LINES", "100000"))
MODELS = vocabularies.llama_models()
# Further ways of cutting, on a vocabulary of some size: which one does not matter for where the cuts are.
ALSO = {"ggml-vocab-llama-bpe.gguf": ["tekken", "gpt-4o", "minicpm5", "seed-coder", "bailingmoe", "tiny_aya", "dbrx", "stablelm2"],
        "ggml-vocab-deepseek-llm.gguf": ["deepseek-v3", "bloom", "viking"],
        "ggml-vocab-starcoder.gguf": ["smollm", "olmo"]}


def ours(path, texts, *options):
    printed = checks.attunectl("tokenize", path, "--quoted", *options, text="".join(json.dumps(t) + "\n" for t in texts))
    return [json.loads(line) for line in printed.split("\n")[:-1]]


def compare(name, texts, mine, theirs):
    wrong = [(t, a, b) for t, a, b in zip(texts, mine, theirs) if a != b]
    same = len(texts) - len(wrong) if len(mine) == len(texts) else 0
    checks.equal(name, same, len(texts), "\n".join(f"{ascii(t)}\n  ours   {a}\n  theirs {b}" for t, a, b in wrong[:3]))


for path in sorted(MODELS.glob("*.gguf")):
    title, m = path.stem.removeprefix("ggml-vocab-"), vocabularies.metadata(path)
    if m["model"] == "bert" or (sys.argv[1:] and title not in sys.argv[1:]):
        continue  # not for models that write
    if os.path.exists(f"{path}.inp"):
        cases = vocabularies.expected(path)
        texts = [text for text, _ in cases]
        compare(f"expected ids, {title}", texts, ours(path, texts), [ids for _, ids in cases])
    texts = list(strings.texts(LINES, seed=len(title)))
    if m["model"] in ("llama", "t5"):
        llama = Llama(str(path), vocab_only=True, verbose=False)
        compare(f"ids of llama.cpp, {title}", texts, ours(path, texts),
                [llama.tokenize(t.encode(), add_bos=False, special=False) for t in texts])
        llama.close()
    file = checks.folder() / "tokenizer.json"
    for pre in [None] + ALSO.get(path.name, []):
        file.write_text(vocabularies.tokenizer_json(m, pre))
        hf = Tokenizer.from_file(str(file))
        theirs = [e.ids for e in hf.encode_batch(texts, add_special_tokens=False)]
        if not pre and m["model"] != "t5":  # whose file does not say which white space is cut
            compare(f"ids, {title}", texts, ours(path, texts), theirs)
        compare(f"ids, tokenizer.json of {title}{' cut as ' + pre if pre else ''}", texts, ours(file, texts), theirs)
checks.finish()
