# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/golden/audit.json: kappas, log-odds and gaps of means as scikit-learn and statsmodels have them.  Usage: make_audit.py [FILE]"""
import json
import pathlib
import random
import sys

import numpy
import sklearn
import statsmodels
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW, zconfint

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "golden" / "audit.json")
rand = random.Random(3)
cohen, fleiss, odds, gaps = [], [], [], []
for n, classes, same in (37, 3, 0.7), (5, 2, 0.5), (200, 7, 0.95), (11, 4, 0.0):
    a = [rand.randrange(classes) for _ in range(n)]
    b = [x if rand.random() < same else rand.randrange(classes) for x in a]
    cohen.append({"classes": classes, "a": a, "b": b, "kappa": cohen_kappa_score(a, b)})
for n, classes, raters in (10, 5, 14), (23, 2, 3), (6, 4, 2):
    counts = [numpy.bincount([rand.choice((i % classes, rand.randrange(classes))) for _ in range(raters)], minlength=classes).tolist()
              for i in range(n)]
    fleiss.append({"classes": classes, "counts": [c for row in counts for c in row], "kappa": fleiss_kappa(counts)})
for cells in (12, 5, 3, 40), (7, 993, 20, 8000), (0, 10, 5, 5), (30, 0, 4, 9), (1, 1, 1, 1):
    more = 0.5 if 0 in cells else 0  # to all; statsmodels' own shift is to the one that is 0
    table = Table2x2(numpy.array([cells[:2], cells[2:]]) + more, shift_zeros=False)
    low, high = table.log_oddsratio_confint(0.05)
    odds.append({"cells": cells, "value": table.log_oddsratio, "low": low, "high": high})
for n_a, n_b in (20, 31), (2, 3), (200, 150):
    a, b = [round(rand.gauss(0.1, 1), 3) for _ in range(n_a)], [round(rand.gauss(0, 0.3), 3) for _ in range(n_b)]
    low, high = CompareMeans(DescrStatsW(a), DescrStatsW(b)).zconfint_diff(0.05, usevar="unequal")
    pairs = [x - y for x, y in zip(a, b)]
    pairs_low, pairs_high = zconfint(pairs)
    gaps.append({"a": a, "b": b, "value": float(numpy.mean(a) - numpy.mean(b)), "low": low, "high": high,
                 "pairs": pairs, "pairs_value": float(numpy.mean(pairs)), "pairs_low": pairs_low, "pairs_high": pairs_high})
made = f"make_audit.py: scikit-learn {sklearn.__version__}, statsmodels {statsmodels.__version__}"
out.write_text(json.dumps({"made_by": made, "cohen": cohen, "fleiss": fleiss, "log_odds": odds, "gaps": gaps}) + "\n")
