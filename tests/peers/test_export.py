# SPDX-License-Identifier: GPL-3.0-or-later
"""A short training run, exported in every format and loaded by those it is for: PEFT, transformers, llama.cpp.

What PEFT makes of the adapter on the dequantised base is the reference for the others: its logits, and its greedy
answers to 8 questions.  Where two candidates for a token are so near that rounding decides, a different answer is
no error: each comparison names the distance of logits below which it counts as such."""
import csv
import json
import math

import gguf
import numpy as np
import torch
from llama_cpp import Llama
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

import checks
import peers
import strings

N_TOKENS, STEPS, ROWS = 24, 12, 240
path = peers.real_model()
stop = peers.metadata(path)["tokenizer.ggml.eos_token_id"]
QUESTIONS = [q for q, _ in checks.sample_rows(ROWS, 400)[::100]] + [
    "What is hepatitis?", "Name three colours of the rainbow.", "Why is the sky blue?", "Write one line about the sea."]
PROMPTS = [peers.chat_ids(path, [{"role": "user", "content": q}], generate=True)[0] for q in QUESTIONS]


def tune(folder):
    """The project of a short run on the sample data."""
    table, project = folder / "rows.csv", folder / "peers.attune"
    with open(table, "w", newline="") as f:
        csv.writer(f).writerows([("question", "answer"), *checks.sample_rows(0, ROWS)])
    checks.attunectl("new", project, "--model", path)
    checks.attunectl("import", project, table)
    checks.attunectl("prepare", project)
    checks.attunectl("plan", project, "--max-steps", STEPS, "--learning-rate", "1e-3", "--samples", 0,
                     "--max-validation-samples", 8)
    checks.attunectl("tune", project)
    return project


def export(project, form, name):
    output = project.parent / name
    checks.attunectl("export", project, "--format", form, "--output", output)
    return str(output)


def follow(model, answers):
    """The logits along each prompt and its answer: one pass, where generating would take one a token."""
    return [peers.logits_of(model, p + a) for p, a in zip(PROMPTS, answers)]


def choices(logits, prompt):
    """What would be said at each step along the answer."""
    return logits[len(prompt) - 1:-1].argmax(-1).tolist()


def compare_answers(name, reference, ours, tie):
    """@reference: (answer, logits) of each prompt; @ours: other ids for the same prompts.  An answer is the same up
    to where it parts for the first time, and there the reference's logits of the two choices say how near they were."""
    parted = []
    for (answer, logits), prompt, other in zip(reference, PROMPTS, ours):
        i = next((i for i, (a, b) in enumerate(zip(answer, other)) if a != b), None)
        if i is None:
            parted.append(0.0 if len(answer) == len(other) else math.inf)
        else:
            at = logits[len(prompt) - 1 + i]
            parted.append(float(at[answer[i]] - at[other[i]]))
    exact = sum(answer == other for (answer, _), other in zip(reference, ours))
    print(f"  {exact} of {len(PROMPTS)} token by token; ties below {tie:g}")
    checks.equal(f"{name}: greedy answers", sum(d <= tie for d in parted), len(PROMPTS), "\n".join(
        f"{q}: parted where {d:.4f} lay between the choices" for q, d in zip(QUESTIONS, parted) if d > tie))


def compare(name, reference, model, logits_tolerance, tie):
    """Another model against the reference: logits, and what it would answer."""
    logits = follow(model, [a for a, _ in reference])
    checks.below(f"{name}: logits, relative to the largest",
                 max(checks.relative(x, r) for x, (_, r) in zip(logits, reference)), logits_tolerance)
    compare_answers(name, reference, [choices(x, p) for x, p in zip(logits, PROMPTS)], tie)


def check_adapter(project):
    folder = export(project, "adapter", "adapter")
    base = peers.llama_model(path)
    before = follow(base, [[]] * len(PROMPTS))
    model = PeftModel.from_pretrained(base, folder).eval()
    stored = load_file(folder + "/adapter_model.safetensors")
    loaded = {k.replace(".default", ""): v for k, v in model.state_dict().items() if ".lora_" in k}
    checks.equal("adapter: tensors as PEFT loads them",
                 sum(k in loaded and torch.equal(v, loaded[k]) for k, v in stored.items()), len(set(stored) | set(loaded)))
    answers = [peers.greedy(model, p, N_TOKENS, stop) for p in PROMPTS]
    print("  smallest distance between first and second choice: " + " ".join(f"{gap:.4f}" for _, gap in answers))
    after = list(zip([a for a, _ in answers], follow(model, [a for a, _ in answers])))
    changed = max(checks.relative(b[:len(a)], a) for a, (_, b) in zip(before, after))
    # Otherwise all that follows would pass with an adapter that does nothing.
    checks.below("adapter: it changes the logits (inverse of the relative change)", 1 / max(changed, 1e-9), 50)
    return model, after


def check_chat(project, reference):
    """Attune's own answers."""
    wrapped = peers.tokenizer(path, True)
    told = checks.attunectl("chat", project, "--greedy", "--exact", "--json", "--max-tokens", N_TOKENS,
                            text="".join(f"{q}\n/new\n" for q in QUESTIONS))
    answers = [line["answer"] for line in checks.json_lines(told) if "answer" in line]
    wanted = [wrapped.decode(ids, skip_special_tokens=True) for ids, _ in reference]
    wrong = [f"{q}\n  ours   {a!r}\n  theirs {b!r}" for q, a, b in zip(QUESTIONS, answers, wanted) if a.strip() != b.strip()]
    checks.equal("attunectl chat: greedy answers as PEFT's", len(answers) - len(wrong), len(QUESTIONS), "\n".join(wrong))


def check_loss(project, model):
    """Held-out loss with the adapter on."""
    file, rows = project.parent / "held-out.jsonl", checks.sample_rows(ROWS, 400)[::25]
    file.write_text("".join(json.dumps({"question": q, "answer": a}) + "\n" for q, a in rows))
    lines = checks.json_lines(checks.attunectl("loss", path, file, "--adapter", project))
    ours = sum(x["nats"] for x in lines) / sum(x["target_tokens"] for x in lines)
    with torch.no_grad():
        pairs = [peers.row_loss(model, *peers.chat_ids(path, [{"role": "user", "content": q}, {"role": "assistant", "content": a}]))
                 for q, a in rows]
    theirs = float(sum(n for n, _ in pairs)) / sum(t for _, t in pairs)
    print(f"  nats per token: ours {ours:.7f}, theirs {theirs:.7f}")
    checks.below("tuned: mean loss, relative to PEFT's", abs(ours / theirs - 1), 1e-4)


def check_merged(project, reference):
    folder = export(project, "merged", "merged")
    merged, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    checks.equal("merged: nothing missing or left over", 0 if any(info.values()) else 1, 1, str(info))
    compare("merged", reference, merged.eval(), 1e-4, 1e-3)

    tok, lines = AutoTokenizer.from_pretrained(folder), list(strings.lines(1000, seed=4))
    mine = peers.tokenizer(path, True)
    checks.equal("merged: token ids of its tokenizer",
                 sum(tok.encode(t, add_special_tokens=False) == mine.encode(t, add_special_tokens=False).ids for t in lines),
                 len(lines))
    golden = [c for c in peers.read_golden("chatml.json")["cases"] if c["same_as_transformers"]]
    checks.equal("merged: conversations by its template", sum(
        tok.apply_chat_template(c["messages"], add_generation_prompt=c["add_generation_prompt"]) == c["ids_smollm2"]
        for c in golden), len(golden))
    checks.equal("merged: it ends a turn as the base does", int(tok.eos_token_id == stop), 1)
    return folder


def check_blocks(file, merged):
    """Every 8-bit tensor of @file, bit for bit, is what the gguf package makes of the merged weights in f32."""
    weights, config = load_file(merged + "/model.safetensors"), peers.llama_config(file)
    names = {"token_embd.weight": "model.embed_tokens.weight"}
    for i in range(config.num_hidden_layers):
        names |= {f"blk.{i}.{ours}.weight": f"model.layers.{i}.{theirs}.weight" for ours, theirs in peers.PROJECTIONS}
    tensors, same = [t for t in gguf.GGUFReader(file).tensors if t.tensor_type == gguf.GGMLQuantizationType.Q8_0], 0
    for t in tensors:
        w, heads = weights[names[t.name]].numpy(), peers.heads_of(t.name.split(".")[-2], config)
        w = peers.rows_to_gguf(w, heads) if heads else w
        same += np.array_equal(gguf.quants.quantize(w, t.tensor_type), t.data)
    checks.equal("gguf-q8_0: tensors as the gguf package rounds the merged ones", same, len(tensors))


def check_gguf(project, merged, reference, form, tolerance, tie, tie_llama):
    """@tolerance: of the logits, in f32 on the exported weights; @tie: the same for the answers; @tie_llama: in
    llama.cpp, which also rounds what goes into each product."""
    file = export(project, form, form + ".gguf")
    compare(form, reference, peers.llama_model(file), tolerance, tie)
    if form == "gguf-q8_0":
        check_blocks(file, merged)

    base, written = peers.metadata(path), peers.metadata(file)
    keys = [k for k in base if k.startswith(("tokenizer.", "llama."))]
    checks.equal(f"{form}: what the file says of model, tokenizer and template",
                 sum(written.get(k) == base[k] for k in keys), len(keys), str([k for k in keys if written.get(k) != base[k]]))

    llama, answers = Llama(file, n_ctx=256, logits_all=True, verbose=False), []
    for prompt in PROMPTS:
        ids = []
        llama.reset()
        llama.eval(prompt)
        while len(ids) < N_TOKENS and stop not in ids:
            ids.append(int(llama.scores[llama.n_tokens - 1].argmax()))
            llama.eval(ids[-1:])
        answers.append(ids)
    compare_answers(f"{form} in llama.cpp", reference, answers, tie_llama)
    # As people use it: by the template and the stop token that are in the file.
    said, wrapped = [], peers.tokenizer(path, True)
    for question, ids in zip(QUESTIONS, answers):
        reply = llama.create_chat_completion([{"role": "user", "content": question}], temperature=0, top_k=1, repeat_penalty=1.0,
                                             max_tokens=N_TOKENS)["choices"][0]["message"]["content"]
        said.append(reply.strip() == wrapped.decode(ids, skip_special_tokens=True).strip())
    llama.close()
    checks.equal(f"{form} in llama.cpp: the same by its chat", sum(said), len(said))


project = tune(checks.folder())
tuned, answers = check_adapter(project)
check_chat(project, answers)
check_loss(project, tuned)
merged = check_merged(project, answers)
check_gguf(project, merged, answers, "gguf-f16", 2e-3, 0.01, 0.1)
# Seen: 0.032, all of it from the rounding to 8 bits, which check_blocks() finds exact.
check_gguf(project, merged, answers, "gguf-q8_0", 6e-2, 0.3, 1.0)
checks.finish()
