# SPDX-License-Identifier: GPL-3.0-or-later
"""A small model that is wide enough for super-blocks, tuned and exported in every GGUF format, beside what llama.cpp's own
quantiser makes of the same model without rounding: the types of all tensors, and in llama.cpp the logits."""
import csv
import os

import gguf
import numpy as np
from llama_cpp import Llama

import checks
import gguf_types
import peers

WIDTH, LAYERS, IDS = 256, 8, list(range(5, 45))


def write_model(path):
    """The tokenizer of the tiny model with other, random weights."""
    reader, rng = gguf.GGUFReader(str(peers.TINY)), np.random.default_rng(1)
    other = {"embedding_length": WIDTH, "feed_forward_length": WIDTH, "block_count": LAYERS, "attention.head_count": 4,
             "attention.head_count_kv": 1, "rope.dimension_count": 64, "attention.key_length": 64, "attention.value_length": 64}
    w = gguf.GGUFWriter(path, "llama")
    for key, field in reader.fields.items():
        if not key.startswith("GGUF.") and key != "general.architecture":
            kind = field.types[0]
            w.add_key_value(key, other.get(key.removeprefix("llama."), field.contents()), kind,
                            field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)

    def add(name, *shape, size=0.06, middle=0.0):
        w.add_tensor(name + ".weight", (middle + rng.normal(0, size, shape)).astype(np.float32))

    add("token_embd", len(peers.metadata(str(peers.TINY))["tokenizer.ggml.tokens"]), WIDTH, size=0.8)
    add("output_norm", WIDTH, middle=1.0)
    for i in range(LAYERS):
        for name, rows in (("attn_q", WIDTH), ("attn_k", 64), ("attn_v", 64), ("attn_output", WIDTH), ("ffn_gate", WIDTH),
                           ("ffn_up", WIDTH), ("ffn_down", WIDTH)):
            add(f"blk.{i}.{name}", rows, WIDTH)
        for name in ("attn_norm", "ffn_norm"):
            add(f"blk.{i}.{name}", WIDTH, middle=1.0)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def logits(path):
    llama = Llama(str(path), n_ctx=64, n_batch=64, logits_all=True, verbose=False, n_threads=1)
    llama.eval(IDS)
    found = np.array(llama.scores[:len(IDS)])
    llama.close()
    return found


def off(x, reference):
    return float(np.sqrt(((x - reference) ** 2).mean()))


folder = checks.folder()
project, table, model = folder / "peers.attune", folder / "rows.csv", folder / "wide.gguf"
write_model(model)
with open(table, "w", newline="") as f:
    csv.writer(f).writerows([("question", "answer"), *((f"q{i} cardi", f"a{i} heart") for i in range(30))])
checks.attunectl("new", project, "--model", model)
checks.attunectl("import", project, table)
checks.attunectl("prepare", project)
checks.attunectl("plan", project, "--max-steps", 2, "--samples", 0, "--max-validation-samples", 2)
checks.attunectl("tune", project)
foreseen = {x["name"]: x.get("bytes", 0)
            for x in checks.json_lines(checks.attunectl("export", project, "--list", "--json"))[0]["formats"]}

whole = folder / "whole.gguf"
checks.attunectl("export", project, "--format", "gguf-f32", "--output", whole)
reference = logits(whole)
for form in gguf_types.FORMATS:
    file = folder / f"{form}.gguf"
    checks.attunectl("export", project, "--format", form, "--output", file)
    theirs = gguf_types.quantise(whole, folder / f"{form}.theirs.gguf", form)
    ours, wanted = gguf_types.types(file), gguf_types.types(theirs)
    checks.equal(f"{form}: types of tensors as llama.cpp chooses them", sum(ours.get(k) == v for k, v in wanted.items()),
                 len(set(ours) | set(wanted)), str([(k, ours.get(k), v) for k, v in wanted.items() if ours.get(k) != v][:5]))
    checks.below(f"{form}: size beside what was foreseen", abs(os.path.getsize(file) / foreseen[form] - 1), 0.01)
    x, y = logits(file), logits(theirs)
    print(f"  logits up to {np.abs(reference).max():.0f} are off by {off(x, reference):.4f}, those of llama.cpp's file by {off(y, reference):.4f}")
    # The same rounding where the way is the same; else less, but on so few weights chance counts.
    checks.below(f"{form}: how far logits are off, of llama.cpp's", off(x, reference) / off(y, reference), 1.05)
    checks.equal(f"{form}: choices as without rounding", int((x.argmax(-1) == reference.argmax(-1)).sum()), len(IDS))
checks.finish()
