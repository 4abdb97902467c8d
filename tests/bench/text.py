# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokenizers against Hugging Face's `tokenizers`: the same vocabulary, the same texts, one thread, both sides in turn, medians.

A line per vocabulary and kind of text: name, ours and the peer's in MB/s, ratio, goal, ok or short.  Prose and code are the
same in every turn, so both sides remember the words of them; what is mixed is new each time.  The ids must be as many on
both sides.  Arguments: parts that a name must contain."""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/peers"))
import peers  # noqa: E402
import strings  # noqa: E402
import vocabularies  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

TURNS = 5
GOAL = 1.0
BYTES = 1 << 20  # of each kind of text
TEXT_BYTES = 2000  # of one text, as long as a conversation is
VOCABULARIES = ["smollm2", "llama-bpe", "qwen2", "deepseek-llm", "llama-spm", "phi-3", "nomic-bert-moe"]


def cut(text):
    """Texts of some kB, BYTES in all, none with a NUL byte."""
    out, n = [], 0
    for i in range(0, len(text), TEXT_BYTES):
        if n >= BYTES:
            break
        out.append(text[i : i + TEXT_BYTES].replace("\0", ""))
        n += len(out[-1].encode())
    return out


def kinds():
    """{kind: the texts of each turn, one of them to warm up}"""
    prose = (TOP / "data/samples/medical-terms.csv").read_text() + "".join(
        path.read_text() for path in sorted((TOP / "help").rglob("*.page")))
    code = "".join(path.read_text() for path in sorted((TOP / "engine").rglob("*.c")))
    return {"prose": [cut(prose)] * (TURNS + 1), "code": [cut(code)] * (TURNS + 1),
            "mixed": [cut("\n".join(strings.texts(BYTES // 40, seed=seed))) for seed in range(TURNS + 1)]}


def tokenizer(name):
    """(path of the file for us, `tokenizers`' own)"""
    if name == "smollm2":
        return peers.real_model(), peers.tokenizer(peers.real_model(), False)
    path = vocabularies.llama_models() / f"ggml-vocab-{name}.gguf"
    m = vocabularies.metadata(path)
    if m["model"] == "t5":  # the GGUF file does not say which white space is cut
        file = pathlib.Path(tempfile.gettempdir(), f"attune-bench-{os.getpid()}-tokenizer.json")
        file.write_text(vocabularies.tokenizer_json(m))
        return file, Tokenizer.from_file(str(file))
    return path, Tokenizer.from_str(vocabularies.tokenizer_json(m))


class Ours:
    def __init__(self, path):
        self.process = subprocess.Popen([os.environ["ATTUNE_BUILD"] + "/tests/bench/measure-text", path],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, texts):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"".join(t.encode() + b"\0" for t in texts))
            file.flush()
            print(file.name, file=self.process.stdin, flush=True)
            seconds, n = self.process.stdout.readline().split()
        return float(seconds), int(n)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def theirs(peer, texts):
    start = time.perf_counter()
    encodings = peer.encode_batch_fast(texts, add_special_tokens=False)
    return time.perf_counter() - start, sum(len(e) for e in encodings)


def measure(name, path, peer, turns):
    ours, rates = Ours(path), []
    for texts in turns:
        (mine, n), (other, n_other) = ours.run(texts), theirs(peer, texts)
        if n != n_other:
            sys.exit(f"{name}: not as many tokens on both sides: {n} and {n_other}")
        size = sum(len(t.encode()) for t in texts) / 1e6
        rates.append((size / mine, size / other))
    ours.close()
    mine, other = (statistics.median(side) for side in zip(*rates[1:]))  # the first warms both up
    good = mine / other >= GOAL
    print(name, f"{mine:.1f}", f"{other:.1f}", f"{mine / other:.2f}", f"{GOAL:.2f}", "ok" if good else "short", sep="\t",
          flush=True)
    return good


def main(wanted):
    good = True
    texts = kinds()
    for vocabulary in VOCABULARIES:
        names = [f"text-{vocabulary}-{kind}" for kind in texts]
        if not any(all(part in name for part in wanted) for name in names):
            continue
        path, peer = tokenizer(vocabulary)
        for name, kind in zip(names, texts):
            if all(part in name for part in wanted):
                good &= measure(name, path, peer, texts[kind])
    return 0 if good else 1


sys.exit(main(sys.argv[1:]))
