# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/dare.json: what DARE (Yu et al. 2024), alone and with the signs of TIES (Yadav et al. 2023), makes of
the adapters in merges.json.

No library draws as Attune does, so that this is the papers' formulas and Philox 4x32-10 (Salmon et al. 2011) once more, in
plain Python and from their definitions: which values stay is part of the comparison.  Needs nothing but Python."""
import json
import math
import pathlib
import sys

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
PURPOSE, INDEX = 23, 5  # of what merges leave out, and of the linear
MASK = 0xFFFFFFFF


def philox(counter, key):
    """Ten rounds; Random123's kat_vectors: zeros give 6627e8d5 e169c58d bc57ac4c 9b00dbd8."""
    counter, key = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(p1 >> 32) ^ counter[1] ^ key[0], p1 & MASK, (p0 >> 32) ^ counter[3] ^ key[1], p0 & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return counter


assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]


def uniforms(seed):
    """53 bits of two words each, of one block after the other."""
    words, block = [], 0
    while True:
        while len(words) < 2:
            words += philox([block, PURPOSE, INDEX, 0], [seed, 0])
            block += 1
        high, low = words.pop(0) >> 5, words.pop(0) >> 6
        yield (high * 2**26 + low) / 2**53


def dare(values, density, draw):
    return [v / density if next(draw) < density else 0.0 for v in values]


def combine(vectors, weights, density, draw, by_sign):
    kept = [dare(vector, density, draw) for vector in vectors]
    out = []
    for column in zip(*kept):
        sign = 1 if sum(column) >= 0 else -1  # of the larger mass
        terms = [w * v for w, v in zip(weights, column) if not by_sign or v * sign > 0]
        out.append(sum(terms) / (len(terms) or 1) if by_sign else sum(terms))
    return out


merges = json.loads((GOLDEN / "merges.json").read_text())
n, k, rank, case = merges["n"], merges["k"], merges["rank"], merges["cases"][0]
weights = [math.sqrt(w * case["scale"]) for w in merges["weights"]]
cases = []
for method, density, seed in [("dare-ties", 0.5, 1), ("dare-ties", 0.8, 7), ("dare-linear", 0.5, 3)]:
    draw = uniforms(seed)
    a, b = (combine(case[part], weights, density, draw, method == "dare-ties") for part in "ab")
    delta = [sum(b[i * rank + r] * a[r * k + j] for r in range(rank)) for i in range(n) for j in range(k)]
    cases.append({"method": method, "density": density, "seed": seed, "delta": delta})
text = ",\n".join("  " + json.dumps(one) for one in cases)
about = "delta (n, k): b times a of what comes of the first case of merges.json"
(GOLDEN / "dare.json").write_text(
    f'{{\n "made_by": "tests/peers/make_dare.py with Python {sys.version.split()[0]}",\n "about": ["{about}"],\n'
    f' "index": {INDEX},\n "cases": [\n{text}\n ]\n}}\n')
