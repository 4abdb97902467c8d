# SPDX-License-Identifier: GPL-3.0-or-later
"""Token ids on generated lines: attunectl tokenize against `tokenizers`."""
import json

import checks
import peers
import strings


def compare(name, path, lines, special):
    tok = peers.tokenizer(path, special)
    theirs = [e.ids for e in tok.encode_batch(lines, add_special_tokens=False)]
    flags = ["--special"] if special else []
    printed = checks.attunectl("tokenize", path, *flags, text="".join(line + "\n" for line in lines))
    ours = [json.loads(line) for line in printed.split("\n")[:-1]]
    wrong = [(line, a, b) for line, a, b in zip(lines, ours, theirs) if a != b]
    same = len(lines) - len(wrong) if len(ours) == len(lines) else 0
    checks.equal(name, same, len(lines), "\n".join(f"{ascii(t)}\n  ours   {a}\n  theirs {b}" for t, a, b in wrong[:3]))


tiny, real = str(peers.TINY), peers.real_model()
compare("ids, SmolLM2", real, list(strings.lines(20000, seed=1)), False)
compare("ids with special tokens, SmolLM2", real, list(strings.lines(4000, seed=2)), True)
compare("ids, tiny vocabulary", tiny, list(strings.lines(4000, seed=3)), False)
checks.finish()
