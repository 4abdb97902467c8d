# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer's side of tests/bench/data: MODEL JSONL FOLDER.  Prints how many seconds it took, and how many tokens there are."""
import hashlib
import html
import os
import pathlib
import re
import sys
import time
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peers  # noqa: E402

os.environ["HF_DATASETS_CACHE"] = os.environ["HF_HOME"] = sys.argv[3] + "/cache"
import datasets  # noqa: E402

PROCESSES = 2
MAX_TOKENS = 1024
SPACE = re.compile(r"[^\S\n]+")
LINES = re.compile(r" *\n *(?:\n\s*)?")


def tidy(text):
    text = unicodedata.normalize("NFC", html.unescape(text)).replace("\u00a0", " ")
    return LINES.sub(lambda m: "\n\n" if m.group().count("\n") > 1 else "\n", SPACE.sub(" ", text)).strip()


def clean(batch):
    questions, answers = [tidy(q) for q in batch["question"]], [tidy(a) for a in batch["answer"]]
    return {"question": questions, "answer": answers,
            "digest": [hashlib.blake2b(f"{q}\0{a}".encode(), digest_size=16).digest() for q, a in zip(questions, answers)]}


class Tokenise:
    """SmolLM2's template, by hand: Jinja in Python would take longer than all the rest."""

    def __init__(self, model):
        self.model, self.tokenizer = model, None
        wrapped = peers.hf_tokenizer(model)
        text = wrapped.apply_chat_template([{"role": "user", "content": "\ue000"}, {"role": "assistant", "content": "\ue001"}], tokenize=False)
        self.before, rest = text.split("\ue000")
        self.between, self.after = rest.split("\ue001")

    def __getstate__(self):
        return {**self.__dict__, "tokenizer": None}

    def __call__(self, batch):
        if self.tokenizer is None:
            self.tokenizer = peers.tokenizer(self.model, True)
        prompts = self.tokenizer.encode_batch_fast([f"{self.before}{q}{self.between}" for q in batch["question"]], add_special_tokens=False)
        answers = self.tokenizer.encode_batch_fast([f"{a}{self.after}" for a in batch["answer"]], add_special_tokens=False)
        ids = [(p.ids + a.ids)[:MAX_TOKENS] for p, a in zip(prompts, answers)]
        learn = [([0] * len(p.ids) + [1] * len(a.ids))[:MAX_TOKENS] for p, a in zip(prompts, answers)]
        return {"input_ids": ids, "learn": learn, "n": [len(i) for i in ids]}


def main(model, path, folder):
    datasets.disable_progress_bars()
    tokenise, seen = Tokenise(model), set()
    features = datasets.Features({"question": datasets.Value("string"), "answer": datasets.Value("string"),
                                  "input_ids": datasets.List(datasets.Value("int32")), "learn": datasets.List(datasets.Value("uint8")),
                                  "n": datasets.Value("int32")})
    start = time.perf_counter()
    data = datasets.load_dataset("json", data_files=path, split="train")
    data = data.map(clean, batched=True, num_proc=PROCESSES)
    kept = []
    for batch in data.select_columns("digest").with_format("arrow").iter(10000):
        for digest in batch["digest"].to_pylist():
            kept.append(digest not in seen)
            seen.add(digest)
    data = data.select([i for i, keep in enumerate(kept) if keep]).remove_columns("digest")
    data = data.map(tokenise, batched=True, num_proc=PROCESSES, features=features)
    data.save_to_disk(folder + "/out", num_proc=PROCESSES)
    seconds = time.perf_counter() - start
    print(f"{seconds:.3f} {sum(sum(batch['n'].to_pylist()) for batch in data.select_columns('n').with_format('arrow').iter(100000))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
