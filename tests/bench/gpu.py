# SPDX-License-Identifier: GPL-3.0-or-later
"""Tuning on a graphics card: attunectl bench, and the same work by PyTorch + PEFT in the same call, in turn.

A line per figure: name, ours, the peer's, ratio, goal, ok or short.  Arguments: parts of the names wanted."""
import json
import os
import pathlib
import subprocess
import sys

ATTUNECTL = pathlib.Path(os.environ["ATTUNE_BUILD"], "engine", "attunectl")
TURNS = 3
# name, shape, method, texts in a step, least ratio to the peer, other goals: of what attunectl bench says
CASES = [
    ("lora-1.1B", "1.1B", "lora", 4, 1.2, {}),
    ("qlora-1.1B", "1.1B", "qlora", 4, 1.2, {}),
    ("lora-8B", "8B", "lora", 1, 1.2, {"share": (">=", 0.45)}),
    ("qlora-8B", "8B", "qlora", 1, 1.2, {"card_bytes": ("<", 7.5 * 2**30)}),
    ("full-135M", "135M", "full", 8, 0, {"tokens_per_second": (">=", 50000)}),
]
TOKENS = 2048


def ours(shape, method, batch):
    command = [ATTUNECTL, "bench", "gpu", "--json", "--shape", shape, "--method", method, "--batch", str(batch),
               "--tokens", str(TOKENS)]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(json.loads(done.stderr.splitlines()[-1])["error"]["message"])
    said = json.loads(done.stdout.splitlines()[-1])
    if not said["on_card"]:
        sys.exit("There is no graphics card here that Attune can use: attunectl devices says why.")
    return said


def theirs(shape, method, batch):
    """Its tokens a second and peak memory; None where there is no PyTorch with PEFT for the card."""
    here = pathlib.Path(__file__).resolve().parent
    done = subprocess.run([sys.executable, here / "gpu_peer.py", shape, method, str(batch), str(TOKENS)], capture_output=True,
                          text=True, check=False)
    if done.returncode == 77:
        return None
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "The peer failed.", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def meets(value, goal):
    return value >= goal[1] if goal[0] == ">=" else value < goal[1]


def compare(name, shape, method, batch, least, goals):
    short = False
    pairs = [(ours(shape, method, batch), theirs(shape, method, batch)) for _ in range(TURNS)]
    best = max((mine for mine, _ in pairs), key=lambda mine: mine["tokens_per_second"])
    peers = [peer for _, peer in pairs if peer is not None]
    if peers:
        peer = max(peers, key=lambda peer: peer["tokens_per_second"])
        ratio = best["tokens_per_second"] / peer["tokens_per_second"]
        good = ratio >= least
        short = short or not good
        print(name, f"{best['tokens_per_second']:.0f} tokens/s", f"{peer['tokens_per_second']:.0f} tokens/s", f"{ratio:.3g}",
              f">={least}", "ok" if good else "short", sep="\t", flush=True)
        print(f"{name}-memory", f"{best['card_bytes'] / 2**30:.2f} GiB", f"{peer['peak_bytes'] / 2**30:.2f} GiB",
              f"{best['card_bytes'] / peer['peak_bytes']:.3g}", "", "ok", sep="\t", flush=True)
    else:
        print(name, f"{best['tokens_per_second']:.0f} tokens/s", "no peer", "", "", "ok", sep="\t", flush=True)
    for what, goal in goals.items():
        good = meets(best[what], goal)
        short = short or not good
        print(f"{name}-{what}", f"{best[what]:.4g}", "", "", f"{goal[0]}{goal[1]:.4g}", "ok" if good else "short", sep="\t",
              flush=True)
    return short


def main(wanted):
    short = False
    for case in CASES:
        if not wanted or any(part in case[0] for part in wanted):
            short = compare(*case) or short
    sys.exit(short)


main(sys.argv[1:])
