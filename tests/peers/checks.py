# SPDX-License-Identifier: GPL-3.0-or-later
"""One line per check, and the program under test: attunectl."""
import atexit
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
_failed = 0


def below(name, measured, tolerance):
    """Passes where 0 <= measured <= tolerance; NaN fails."""
    global _failed
    good = 0 <= measured <= tolerance
    _failed += not good
    print(f"{'ok' if good else 'not ok'} {name}: {measured:.3g} (at most {tolerance:g})", flush=True)


def equal(name, same, total, detail=""):
    """Passes where all @total of them are the same; @detail says where they are not."""
    global _failed
    good = same == total and total > 0
    _failed += not good
    print(f"{'ok' if good else 'not ok'} {name}: {same} of {total} the same (all must be)", flush=True)
    if detail and not good:
        print("  " + detail.replace("\n", "\n  "), flush=True)


def finish():
    sys.exit(1 if _failed else 0)


def relative(ours, theirs):
    """Largest |ours - theirs| over the largest |theirs|."""
    import numpy as np
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def attunectl(*arguments, text=None, log=None):
    """Standard output of attunectl; ends the test where it fails, with what it said."""
    build = os.environ.get("ATTUNE_BUILD")
    program = os.path.join(build, "engine", "attunectl") if build else shutil.which("attunectl")
    if not program or not os.access(program, os.X_OK):
        sys.exit(f"There is no {program or 'attunectl'}: set ATTUNE_BUILD to the build folder.")
    run = subprocess.run([program, *map(str, arguments)], input=text, capture_output=True, encoding="utf-8", errors="replace")
    if run.returncode != 0:
        sys.exit(f"attunectl {' '.join(map(str, arguments))} ended with {run.returncode}:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return run.stdout


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def folder():
    """A temporary folder that goes with the program."""
    path = tempfile.mkdtemp(prefix="attune-peers-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return pathlib.Path(path)


def sample_rows(first, n):
    """@n (question, answer) pairs of the sample data with nothing odd about them, from the @first on."""
    import csv
    rows = []
    with open(TOP / "data/samples/medical-terms.csv", encoding="utf-8", errors="replace", newline="") as f:
        for row in csv.DictReader(f):
            question, answer = (row.get("question") or "").strip(), (row.get("answer") or "").strip()
            if question and answer and "\ufffd" not in question + answer:
                rows.append((question, answer))
    assert len(rows) >= first + n
    return rows[first:first + n]
