# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/tokenizer-smollm2.json: strings and their token ids under SmolLM2's vocabulary.

llama.cpp (llama-cpp-python 0.3.36) gives the same ids for every case, plain and special; this is checked again each
time the file is made.
"""
from llama_cpp import Llama

import peers
from strings import STRINGS

path = peers.real_model()
plain, special = peers.tokenizer(path, False), peers.tokenizer(path, True)
tokens = peers.metadata(path)["tokenizer.ggml.tokens"]

# Of the 256 bytes the vocabulary has not all; `tokenizers` and llama.cpp drop the missing ones alike.
missing = [byte for byte, letter in peers.byte_letters().items() if letter not in set(tokens)]

cases = []
llama = Llama(path, vocab_only=True, verbose=False)
for text in STRINGS:
    case = {"text": text, "ids": plain.encode(text, add_special_tokens=False).ids}
    with_special = special.encode(text, add_special_tokens=False).ids
    if with_special != case["ids"]:
        case["ids_special"] = with_special
    for ids, flag in ((case["ids"], False), (with_special, True)):
        assert llama.tokenize(text.encode(), add_bos=False, special=flag) == ids, ascii(text)
    cases.append(case)

peers.write_golden("tokenizer-smollm2.json", {
    "made_by": peers.made_by("make_tokenizer.py", "tokenizers", "gguf", "llama-cpp-python"),
    "model_sha256": peers.sha256(path),
    "about": "ids: special tokens in the text are ordinary letters.  ids_special, where it differs: they become their one id.",
    "missing_bytes": sorted(missing),
    "cases": cases,
})
