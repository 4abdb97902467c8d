# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of training, ours and PyTorch + PEFT's in turn, on the same samples from the same model.

A line per figure: name, ours, the peer's, ratio, goal, ok or short.  Arguments: parts of the names wanted."""
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
import checks  # noqa: E402
import peers  # noqa: E402

TURNS = int(os.environ.get("ATTUNE_BENCH_TURNS", 5))  # steps that count, of each side
BUILT = pathlib.Path(os.environ["ATTUNE_BUILD"], "tests", "bench")
DENSE, SAMPLE = "dense.txt", "sample.txt"
BATCH = 32  # samples in a step on the sample data, as the plan's preset has it


class Side:
    """A program that takes a step when it is told to."""

    def __init__(self, *command, libraries=""):
        env = dict(os.environ)
        if libraries:
            env["LD_LIBRARY_PATH"] = libraries
            env.pop("OPENBLAS_NUM_THREADS", None)
        self.child = subprocess.Popen([str(c) for c in command], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.steps = []

    def step(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            sys.exit("One side ended before its time.")
        seconds, loss, tokens = line.split()
        self.steps.append((float(seconds), float(loss), int(tokens)))

    def close(self):
        """Its peak memory in bytes."""
        self.child.stdin.close()
        peak = int(self.child.stdout.read().split()[-1])
        self.child.wait()
        return peak

    def seconds(self):
        return statistics.median(s for s, _, _ in self.steps[1:])  # the first warms up

    def times(self, other):
        """How many times as fast as @other it is: the median of their turns."""
        return statistics.median(b[0] / a[0] for a, b in zip(self.steps[1:], other.steps[1:]))

    def rate(self):
        """Tokens of the data per second."""
        return sum(t for _, _, t in self.steps[1:]) / sum(s for s, _, _ in self.steps[1:])


def ours(folder, samples, *options, threads=2):
    return Side(BUILT / "step-train", "--model", MODEL, "--samples", folder / samples, "--threads", threads, *options)


def theirs(folder, samples, n, size, method="lora", threads=2):
    os.environ["OMP_NUM_THREADS"] = str(threads)
    return Side(sys.executable, HERE / "train_peer.py", MODEL, folder / samples, n, size, threads, method,
                libraries=os.environ.get("ATTUNE_PEER_LIBRARIES", ""))


def alternate(*sides, turns=None):
    for _ in range(1 + (turns or TURNS)):
        for side in sides:
            side.step()


def report(name, mine, peers_value, ratio, goal, good):
    global short
    short = short or not good
    print(name, mine, peers_value, f"{ratio:.3g}", goal, "ok" if good else "short", sep="\t", flush=True)


def same_loss(a, b):
    """Both sides must do the same work: before any step their losses are equal."""
    if abs(a.steps[0][1] / b.steps[0][1] - 1) > 1e-4:
        sys.exit(f"The losses differ: {a.steps[0][1]} here, {b.steps[0][1]} there.")


def lora_dense(folder):
    a, b = ours(folder, DENSE), theirs(folder, DENSE, 4, 4)
    alternate(a, b)
    same_loss(a, b)
    report("lora-step-4x256", f"{a.seconds():.3f} s", f"{b.seconds():.3f} s", b.seconds() / a.seconds(), ">=2.5",
           b.seconds() / a.seconds() >= 2.5)
    mine, others = a.close(), b.close()
    report("lora-memory-4x256", f"{mine / 1e6:.0f} MB", f"{others / 1e6:.0f} MB", mine / others, "<=0.4", mine / others <= 0.4)


def lora_sample(folder):
    a, b = ours(folder, SAMPLE, "--batch", BATCH), theirs(folder, SAMPLE, BATCH, 4)
    alternate(a, b)
    same_loss(a, b)
    ratio = a.rate() / b.rate()
    report("lora-sample-data", f"{a.rate():.0f} tokens/s", f"{b.rate():.0f} tokens/s", ratio, ">=4", ratio >= 4)
    a.close(), b.close()


def int8(folder):
    """The base's products in 8 bits: what people may choose, beside what is compared with the peer."""
    a, b = ours(folder, DENSE, "--int8"), ours(folder, DENSE, "--base", "f32")
    alternate(a, b)
    ratio = b.seconds() / a.seconds()
    report("lora-int8-against-f32", f"{a.seconds():.3f} s", f"{b.seconds():.3f} s", ratio, ">=1.5", ratio >= 1.5)
    change = abs(a.steps[0][1] / b.steps[0][1] - 1)
    report("lora-int8-loss-change", f"{a.steps[0][1]:.4f}", f"{b.steps[0][1]:.4f}", change, "<=0.02", change <= 0.02)
    a.close(), b.close()


def int16(folder):
    """A base of 4 bits, whose products are in 16 bits while training, beside the same weights in f32."""
    a, b = ours(folder, DENSE), ours(folder, DENSE, "--base", "f32")
    alternate(a, b)
    ratio = b.seconds() / a.seconds()
    report("lora-int16-against-f32", f"{a.seconds():.3f} s", f"{b.seconds():.3f} s", ratio, ">=1.2", ratio >= 1.2)
    change = max(abs(mine / others - 1) for (_, mine, _), (_, others, _) in zip(a.steps, b.steps))
    report("lora-int16-loss-change", f"{a.steps[-1][1]:.5f}", f"{b.steps[-1][1]:.5f}", change, "<=1e-5", change <= 1e-5)
    a.close(), b.close()


def full_dense(folder):
    a, b = ours(folder, DENSE, "--full"), theirs(folder, DENSE, 4, 4, "full")
    alternate(a, b, turns=3)
    same_loss(a, b)
    ratio = b.seconds() / a.seconds()
    report("full-step-4x256", f"{a.seconds():.3f} s", f"{b.seconds():.3f} s", ratio, ">=1.5", ratio >= 1.5)
    a.close(), b.close()


def full_memory(folder):
    side = ours(folder, DENSE, "--full", "--checkpoint")
    alternate(side, turns=1)
    peak = side.close()
    report("full-memory-4x256", f"{peak / 1e6:.0f} MB", "2500 MB", peak / 2.5e9, "<1", peak < 2.5e9)


def types(folder):
    sides = {name: ours(folder, DENSE, "--base", name) for name in ("f32", "nf4", "q8_0", "bf16")}
    sides["q4_1"] = ours(folder, DENSE)
    alternate(*sides.values())
    plain = sides["f32"]
    for name, side in sides.items():
        if name != "f32":
            report(f"lora-base-{name}-against-f32", f"{side.seconds():.3f} s", f"{plain.seconds():.3f} s", side.times(plain),
                   ">=1", side.times(plain) >= 0.98)  # 3 % is the machine's noise
    for side in sides.values():
        side.close()


def bound(folder):
    """Our step in f32 against nothing but its products by OpenBLAS."""
    a, b = ours(folder, DENSE, "--base", "f32"), Side(BUILT / "step-bound", 2)
    alternate(a, b)
    ratio = b.seconds() / a.seconds()
    report("lora-step-against-sgemm", f"{a.seconds():.3f} s", f"{b.seconds():.3f} s", ratio, ">=0.9", ratio >= 0.9)
    a.close(), b.close()


def lengths(folder):
    """Cost of a token in long samples, against what its products and its attention cost by their FLOPs: in f32, where all
    of them take as long."""
    sides = {}
    for n in (256, 4096):
        draw = random.Random(n)
        lines = [" ".join(str(draw.randrange(49152)) for _ in range(n)) + f" | {n // 64}\n" for _ in range(4096 // n)]
        (folder / f"{n}.txt").write_text("".join(lines))
        sides[n] = ours(folder, f"{n}.txt", "--batch", 4096 // n, "--micro-batch-tokens", 4096, "--checkpoint", "--base", "f32")
    alternate(*sides.values(), turns=1)
    cost = {n: side.seconds() / 4096 for n, side in sides.items()}
    # Per token: the linears' weights, forward twice (checkpointing) and backward; adapters; the head for one token in
    # 64; attention over n / 2 keys, two products twice forward and five backward.
    flops = {n: 6 * 106.2e6 + 8 * 4.9e6 + 4 * 49152 * 576 / 64 + 18 * 576 * 30 * n / 2 for n in sides}
    ratio = cost[4096] / cost[256] / (flops[4096] / flops[256])
    report("token-cost-4096-against-256", f"{cost[4096] / cost[256]:.3f}", f"{flops[4096] / flops[256]:.3f}", ratio, "<=1.15", ratio <= 1.15)
    for side in sides.values():
        side.close()


def threads(folder):
    one, two = ours(folder, DENSE, threads=1), ours(folder, DENSE, threads=2)
    alternate(one, two)
    ratio = one.seconds() / two.seconds()
    report("lora-2-threads-against-1", f"{two.seconds():.3f} s", f"{one.seconds():.3f} s", ratio, ">=1.85", ratio >= 1.85)
    one.close(), two.close()


class Project:
    """A project whose every sample has some 256 tokens, most of them learned, for runs by attunectl."""

    def __init__(self, folder):
        self.path = folder / "dense.attune"
        rows = checks.sample_rows(0, 1600)
        table = ["question,answer"]
        for i in range(0, len(rows), 16):
            text = " ".join(answer for _, answer in rows[i : i + 16]).replace('"', "")
            table.append(f'"Say something of {rows[i][0]} and more.","{text}"')
        (folder / "dense.csv").write_text("\n".join(table) + "\n")
        self.ask("new", self.path, "--model", MODEL)
        self.ask("import", self.path, folder / "dense.csv")
        self.ask("prepare", self.path)

    @staticmethod
    def ask(*words):
        subprocess.run([BUILT.parent.parent / "engine/attunectl", *map(str, words)], check=True, stdout=subprocess.DEVNULL)

    def run(self, ranks, steps):
        """Seconds and losses of each step but the first."""
        self.ask("plan", self.path, "--ranks", ranks, "--threads", 2, "--batch-size", 8, "--max-steps", steps, "--samples", 0,
                 "--max-validation-samples", 1, "--patience", 0)
        self.ask("tune", self.path)
        events = sorted((self.path / "runs").iterdir())[-1] / "events.jsonl"
        steps = [e for e in map(json.loads, events.read_text().splitlines()) if e["event"] == "step"]
        return [e["seconds"] for e in steps[1:]], [e["loss"] for e in steps]


def ranks(folder):
    """Two processes with a thread each against one with two threads."""
    project, two, one = Project(folder), [], []
    for _ in range(2):
        (seconds_1, losses_1), (seconds_2, losses_2) = project.run(1, 5), project.run(2, 5)
        one += seconds_1
        two += seconds_2
        if max(abs(a / b - 1) for a, b in zip(losses_1, losses_2)) > 1e-3:
            sys.exit(f"The losses differ: {losses_1} of one process, {losses_2} of two.")
    ratio = statistics.median(one) / statistics.median(two)
    report("lora-2-processes-against-1", f"{statistics.median(two):.3f} s", f"{statistics.median(one):.3f} s", ratio, ">=0.95",
           ratio >= 0.95)


def write_samples(folder):
    """Dense random tokens, all learned; and the sample's rows as conversations, the answers learned."""
    draw = random.Random(1)
    lines = [" ".join(str(draw.randrange(49152)) for _ in range(256)) + " | 255" for _ in range(4)]
    (folder / DENSE).write_text("\n".join(lines) + "\n")
    lines = []
    for question, answer in checks.sample_rows(0, 8 * 6 * BATCH)[::8]:
        ids, learn = peers.chat_ids(MODEL, [{"role": "user", "content": question}, {"role": "assistant", "content": answer}])
        end = max(i for i, x in enumerate(learn) if x) + 1
        lines.append(" ".join(map(str, ids[:end])) + f" | {sum(learn)}")
    (folder / SAMPLE).write_text("\n".join(lines) + "\n")


MODEL = peers.real_model()
short = False
with tempfile.TemporaryDirectory(prefix="attune-bench-") as name:
    folder = pathlib.Path(name)
    write_samples(folder)
    for part in (lora_dense, lora_sample, full_dense, full_memory, bound, int16, int8, types, threads, ranks, lengths):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(folder)
sys.exit(1 if short else 0)
