# SPDX-License-Identifier: GPL-3.0-or-later
"""The other side of tests/bench/train: Transformers + PEFT on PyTorch, in f32.  Speaks as step-train.c does: an optimizer
step and a line "seconds loss tokens" for every line that comes in, the highest resident memory at the end.

Arguments: model, samples' file, samples in a step, samples in a padded batch, threads, lora or full."""
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peers  # noqa: E402
import torch  # noqa: E402


def read_samples(path):
    out = []
    for line in pathlib.Path(path).read_text().splitlines():
        ids, n = line.split("|")
        out.append(([int(i) for i in ids.split()], int(n)))
    return out


def set_up(path, method):
    model = peers.llama_model(path)
    model.set_attn_implementation("sdpa")  # what Transformers takes by itself
    model.config.use_cache = False
    if method == "full":
        for p in model.parameters():
            p.requires_grad_(True)
        model.train()
        return model
    from peft import LoraConfig, get_peft_model
    targets = [theirs.split(".")[1] for _, theirs in peers.PROJECTIONS]
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM",
                                             target_modules=targets))
    model.train()
    return model


def collate(samples, pad):
    """As DataCollatorForSeq2Seq pads: to the longest."""
    longest = max(len(ids) for ids, _ in samples)
    ids = torch.full((len(samples), longest), pad)
    labels = torch.full((len(samples), longest), -100)
    mask = torch.zeros((len(samples), longest), dtype=torch.long)
    for i, (tokens, learned) in enumerate(samples):
        ids[i, :len(tokens)] = torch.tensor(tokens)
        mask[i, :len(tokens)] = 1
        labels[i, len(tokens) - learned:len(tokens)] = ids[i, len(tokens) - learned:len(tokens)]
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}


def step(model, optimizer, samples, size, pad):
    begun = time.monotonic()
    learned = sum(n for _, n in samples)
    nats = 0.0
    optimizer.zero_grad()
    for i in range(0, len(samples), size):
        batch = collate(samples[i:i + size], pad)
        loss = model(**batch, num_items_in_batch=learned).loss
        loss.backward()
        nats += float(loss)
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    print(f"{time.monotonic() - begun:.6f} {nats:.7f} {sum(len(ids) for ids, _ in samples)}", flush=True)


def main(path, samples_path, n, size, threads, method):
    torch.set_num_threads(int(threads))
    samples, n, size, first = read_samples(samples_path), int(n), int(size), 0
    model = set_up(path, method)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.01)
    for _ in sys.stdin:
        if first + n > len(samples):
            first = 0
        step(model, optimizer, samples[first:first + n], size, model.config.pad_token_id)
        first += n
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


main(*sys.argv[1:])
