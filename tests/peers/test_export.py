# SPDX-License-Identifier: GPL-3.0-or-later
"""A short training run, exported in every format and loaded by those it is for: PEFT, transformers, llama.cpp.

What PEFT makes of the adapter on the dequantised base is the reference for the others: its logits, and its greedy
answers to 8 questions.  Where two candidates for a token are so near that rounding decides, a different answer is
no error: each comparison names the distance of logits below which it counts as such."""
import csv
import json

import torch
from llama_cpp import Llama
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

import checks
import peers
import strings

N_TOKENS, STEPS, ROWS = 32, 12, 240
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


def follow(model):
    """(greedy answers as ids, logits of the whole prompt) for each prompt."""
    return [(peers.greedy(model, p, N_TOKENS, stop)[0], peers.logits_of(model, p)) for p in PROMPTS]


def first_difference(reference, prompt, theirs, ours):
    """How far apart the reference's logits of the two choices are where two answers part; 0 if they do not."""
    for i in range(max(len(theirs), len(ours))):
        a, b = (x[i] if i < len(x) else stop for x in (theirs, ours))
        if a != b:
            logits = peers.logits_of(reference, prompt + theirs[:i])[-1]
            return float(abs(logits[a] - logits[b]))
    return 0.0


def compare_answers(name, reference, theirs, ours, tie):
    """@theirs: what the reference answered; @ours: other ids for the same prompts."""
    apart = [first_difference(reference, p, a[0], b) for p, a, b in zip(PROMPTS, theirs, ours)]
    exact = sum(a[0] == b for a, b in zip(theirs, ours))
    detail = "\n".join(f"{q}: parted where {d:.4f} lay between the choices" for q, d in zip(QUESTIONS, apart) if d > tie)
    print(f"  {exact} of {len(PROMPTS)} token by token; ties below {tie:g}")
    checks.equal(f"{name}: greedy answers", sum(d <= tie for d in apart), len(PROMPTS), detail)


def compare_logits(name, theirs, ours, tolerance):
    checks.below(f"{name}: logits of the prompts, relative to the largest",
                 max(checks.relative(b[1], a[1]) for a, b in zip(theirs, ours)), tolerance)


def check_adapter(project):
    folder = export(project, "adapter", "adapter")
    base = peers.llama_model(path)
    before = follow(base)
    model = PeftModel.from_pretrained(base, folder).eval()
    stored = load_file(folder + "/adapter_model.safetensors")
    loaded = {k.replace(".default", ""): v for k, v in model.state_dict().items() if ".lora_" in k}
    checks.equal("adapter: tensors as PEFT loads them",
                 sum(k in loaded and torch.equal(v, loaded[k]) for k, v in stored.items()), len(set(stored) | set(loaded)))
    after = follow(model)
    changed = max(checks.relative(b[1], a[1]) for a, b in zip(before, after))
    # Otherwise all that follows would pass with an adapter that does nothing.
    checks.below("adapter: it changes the logits (inverse of the relative change)", 1 / max(changed, 1e-9), 50)
    return model, after


def check_chat(project, model, reference):
    """Attune's own answers."""
    wrapped = peers.tokenizer(path, True)
    told = checks.attunectl("chat", project, "--greedy", "--json", "--max-tokens", N_TOKENS,
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


def check_merged(project, model, reference):
    folder = export(project, "merged", "merged")
    merged, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    checks.equal("merged: nothing missing or left over", 0 if any(info.values()) else 1, 1, str(info))
    ours = follow(merged.eval())
    compare_logits("merged", reference, ours, 1e-4)
    compare_answers("merged", model, reference, [x[0] for x in ours], 1e-3)

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


def check_gguf(project, model, reference, form, tolerance, tie, tie_llama):
    """@tolerance: of the logits, in f32 on the exported weights; @tie: the same for the answers; @tie_llama: in
    llama.cpp, which also rounds what goes into each product."""
    file = export(project, form, form + ".gguf")
    ours = follow(peers.llama_model(file))
    compare_logits(form, reference, ours, tolerance)
    compare_answers(form, model, reference, [x[0] for x in ours], tie)

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
    compare_answers(f"{form} in llama.cpp", model, reference, answers, tie_llama)
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
check_chat(project, tuned, answers)
check_loss(project, tuned)
check_merged(project, tuned, answers)
check_gguf(project, tuned, answers, "gguf-f16", 2e-3, 0.01, 0.1)
check_gguf(project, tuned, answers, "gguf-q8_0", 2e-2, 0.3, 1.0)
checks.finish()
