# SPDX-License-Identifier: GPL-3.0-or-later
"""Preparing data: import, clean, tokenise and write a JSONL file, ours and Hugging Face's `datasets` with two processes.

A line per figure: name, ours, the peer's, ratio, goal, ok or short.  Both sides read the same file, tidy characters and white
space, resolve HTML's codes, leave out duplicates, and write texts, tokens and the mask of what is learned.  Ours finds personal
data and similar records besides.  The tokens must be as many on both sides, to a hundredth.

ATTUNE_BENCH_MB: size of the file, 100 where nothing is said; the goal of the memory is that of 1000.
ATTUNE_BENCH_TURNS: of each side; medians.  ATTUNE_BENCH_FOLDER: where the file and what is made of it lie.
Arguments: parts that a name must contain.
"""
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "peers"))
import peers  # noqa: E402

BUILT = pathlib.Path(os.environ["ATTUNE_BUILD"])
MEGABYTES = int(os.environ.get("ATTUNE_BENCH_MB", 100))
TURNS = int(os.environ.get("ATTUNE_BENCH_TURNS", 3 if MEGABYTES <= 200 else 1))
MOST_MB = 500  # of memory, whatever the size


def sentences():
    """The sample's definitions: sentences that people wrote."""
    import csv
    with open(TOP / "data/samples/medical-terms.csv", newline="") as file:
        return [(row["question"], row["answer"]) for row in csv.DictReader(file) if row["answer"]]


def make_records(path, size):
    """@size bytes of questions and answers: as long as a support desk's, 2 % copies, some spoilt as texts from the web are."""
    rand, rows = random.Random(5), sentences()
    words = sorted({w for _, a in rows for w in a.split()})
    earlier = []
    with open(path, "w") as file:
        written = 0
        while written < size:
            if earlier and rand.random() < 0.02:
                record = rand.choice(earlier)
            else:
                question = f"{rand.choice(rows)[0]} And {' '.join(rand.choices(words, k=rand.randint(2, 8)))}?"
                answer = " ".join(
                    rand.choice(rows)[1] if rand.random() < 0.5 else " ".join(rand.choices(words, k=12)).capitalize() + "."
                    for _ in range(rand.randint(2, 12)))
                spoilt = rand.random()
                if spoilt < 0.05:
                    answer = answer.replace(" ", "  ", 3).replace("and", "&amp;")
                elif spoilt < 0.10:
                    answer = answer.replace("a", "a\u0308", 2) + " Größe ≥ 5 µm."
                elif spoilt < 0.12:
                    answer += f" Call +49 30 {rand.randint(1000000, 9999999)}."
                record = {"question": question, "answer": answer}
                if len(earlier) < 10000:
                    earlier.append(record)
            line = json.dumps(record, ensure_ascii=rand.random() < 0.3) + "\n"
            file.write(line)
            written += len(line.encode())


def run(*command):
    """(seconds, peak memory in MB, output) of a process."""
    start = time.perf_counter()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, output


def ours(path, folder):
    """(seconds, MB, tokens)"""
    project, attunectl = folder / "ours.attune", BUILT / "engine/attunectl"
    shutil.rmtree(project, ignore_errors=True)
    run(attunectl, "new", project, "--model", peers.real_model())
    took, peak, _ = run(attunectl, "import", project, path)
    prepared, memory, output = run(attunectl, "prepare", project, "--json")
    report = json.loads(output)
    print(f"# import {took:.1f} s {peak:.0f} MB, prepare {prepared:.1f} s {memory:.0f} MB, {report['read']} records", flush=True)
    shutil.rmtree(project)
    return took + prepared, max(peak, memory), report["tokens"]["total"]


def theirs(path, folder):
    shutil.rmtree(folder / "theirs", ignore_errors=True)
    _, memory, output = run(sys.executable, HERE / "data_peer.py", peers.real_model(), path, folder / "theirs")
    seconds, tokens = output.split()[-2:]
    shutil.rmtree(folder / "theirs")
    return float(seconds), memory, int(tokens)


def line(name, mine, other, ratio, goal, good):
    print(name, mine, other, ratio, goal, "ok" if good else "short", sep="\t", flush=True)
    return good


def prepare(folder):
    path = folder / "records.jsonl"
    make_records(path, MEGABYTES * 1000000)
    size = path.stat().st_size / 1e6
    turns = [(ours(path, folder), theirs(path, folder)) for _ in range(TURNS)]
    path.unlink()
    for (_, _, n), (_, _, n_other) in turns:
        if abs(n - n_other) > 0.01 * n_other:
            sys.exit(f"Not as many tokens on both sides: {n} and {n_other}")
    ratio = statistics.median(b[0] / a[0] for a, b in turns)
    mine, other = (statistics.median(t[side][0] for t in turns) for side in (0, 1))
    memory, peer_memory = (max(t[side][1] for t in turns) for side in (0, 1))
    good = line(f"prepare-{MEGABYTES}MB", f"{size / mine:.1f} MB/s", f"{size / other:.1f} MB/s", f"{ratio:.2f}", ">=1.0", ratio >= 1.0)
    # the peer's is that of its largest process
    return line(f"prepare-memory-{MEGABYTES}MB", f"{memory:.0f} MB", f"{peer_memory:.0f} MB", f"{memory / peer_memory:.2f}",
                f"<={MOST_MB} MB", memory <= MOST_MB) and good


def main(wanted):
    good = True
    if all(part in f"prepare-{MEGABYTES}MB" or part in "prepare-memory" for part in wanted):
        with tempfile.TemporaryDirectory(dir=os.environ.get("ATTUNE_BENCH_FOLDER")) as folder:
            good = prepare(pathlib.Path(folder))
    if all(part in "similar" for part in wanted):
        good = subprocess.run([BUILT / "tests/bench/measure-similar"]).returncode == 0 and good
    return 0 if good else 1


sys.exit(main(sys.argv[1:]))
