# SPDX-License-Identifier: GPL-3.0-or-later
"""Our quantisers beside llama.cpp's: they leave no more of the rows, by the sum of squares; of single rows with a large
outlier a little more at most, and seldom (seen: one of 1000, 2 % more), as both look only near what is best."""
import os
import subprocess
import time

import numpy as np

import checks
import quantisers

PROGRAM = os.path.join(os.environ["ATTUNE_BUILD"], "tests/compute/encode-blocks")
ROWS, COLUMNS = 400, 1536


def ours(kind, x):
    run = subprocess.run([PROGRAM, str(int(kind))], input=x.tobytes(), stdout=subprocess.PIPE, check=True)
    return np.frombuffer(run.stdout, np.uint8).reshape(len(x), -1)


for kind in quantisers.TYPES:
    for name in quantisers.KINDS:
        # Other rows than those of tests/golden: the last of more.
        x = quantisers.rows(name, ROWS + 40, COLUMNS)[40:]
        start = time.perf_counter()
        theirs = quantisers.quantise(kind, x)
        middle = time.perf_counter()
        mine = ours(kind, x)
        end = time.perf_counter()
        a, b = quantisers.errors(kind, x, mine), quantisers.errors(kind, x, theirs)
        print(f"  {kind.name}, {name}: {a.sum() / b.sum():.4f} of theirs, the worst row {(a / b).max():.4f}; "
              f"{x.size / 1e6 / (end - middle):.0f} million a second, theirs {x.size / 1e6 / (middle - start):.0f}")
        # Where the way is the same, so are the bits; the sum of doubles may differ in the last ones.
        checks.below(f"{kind.name}, {name}: what is left, of theirs", a.sum() / b.sum(), 1 + 1e-9)
        checks.below(f"{kind.name}, {name}: of the row where ours is worst", (a / b).max(), 1.03)
        checks.below(f"{kind.name}, {name}: share of rows of which more is left", (a > b * (1 + 1e-9)).mean(), 0.01)
checks.finish()
