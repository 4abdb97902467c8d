# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/golden/smote.json: neighbours and points as imbalanced-learn's SMOTE finds and makes them, with what it drew; and, of
many points, what does not depend on what is drawn.  Usage: make_smote.py [FILE]"""
import json
import pathlib
import sys

import imblearn
import numpy
from imblearn.over_sampling import SMOTE

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "golden" / "smote.json")
rand = numpy.random.default_rng(5)
N, D, K, POINTS, MANY = 12, 4, 5, 40, 200_000
vectors = rand.normal(size=(N, D)).round(3)


class Drawn:
    """What SMOTE draws with, written down."""

    def __init__(self, seed):
        self.state = numpy.random.RandomState(seed)

    def randint(self, **asked):
        self.rows = self.state.randint(**asked)
        return self.rows

    def uniform(self, **asked):
        self.steps = self.state.uniform(**asked)
        return self.steps


def make(seed, n):
    import imblearn.over_sampling._smote.base as base

    smote = SMOTE(k_neighbors=K)
    smote._validate_estimator()
    smote.nn_k_.fit(vectors)
    neighbours = smote.nn_k_.kneighbors(vectors, return_distance=False)[:, 1:]
    drawn = Drawn(seed)
    kept, base.check_random_state = base.check_random_state, lambda state: drawn
    try:
        points, _ = smote._make_samples(vectors, int, 1, vectors, neighbours, n, 1.0, None)
    finally:
        base.check_random_state = kept
    return neighbours, drawn, points


neighbours, drawn, points = make(1, POINTS)
_, _, many = make(2, MANY)
text = json.dumps({
    "made_by": f"make_smote.py: imbalanced-learn {imblearn.__version__}",
    "n": N, "d": D, "k": K,
    "vectors": vectors.ravel().tolist(),
    "neighbours": neighbours.ravel().tolist(),
    "drawn": drawn.rows.tolist(),
    "steps": [float(f"{x:.17g}") for x in drawn.steps.ravel()],
    "points": points.ravel().round(9).tolist(),
    "mean": many.mean(0).round(5).tolist(),
    "covariance": numpy.cov(many.T).ravel().round(5).tolist(),
})
out.write_text(text + "\n")
