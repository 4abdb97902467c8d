# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/quantisers.json: what llama.cpp's quantisers leave of rows of several kinds."""
import peers
import quantisers

ROWS, COLUMNS = 6, 1024
types = {}
for kind in quantisers.TYPES:
    types[kind.name] = {"type": int(kind)}
    for name in quantisers.KINDS:
        x = quantisers.rows(name, ROWS, COLUMNS)
        types[kind.name][name] = [float(e) for e in quantisers.errors(kind, x, quantisers.quantise(kind, x))]
peers.write_golden("quantisers.json", {
    "made_by": peers.made_by("make_quantisers.py", "gguf", "numpy", "llama-cpp-python"),
    "about": ["The sum of squares by row of x less what becomes of it, without an importance matrix.",
              *quantisers.ROW_FORMULA],
    "kinds": quantisers.KINDS, "rows": ROWS, "columns": COLUMNS, "types": types,
})
