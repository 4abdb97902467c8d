# SPDX-License-Identifier: GPL-3.0-or-later
"""The other side of tests/bench/gpu: Transformers + PEFT (+ bitsandbytes) in bf16, on random weights.  Prints a JSON object;
ends with 77 where they are not there for a card.

Arguments: shape, lora, qlora or full, texts in a step, tokens of a text."""
import json
import sys
import time

try:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM
except ImportError:
    sys.exit(77)
if not torch.cuda.is_available():
    sys.exit(77)

STEPS = 5
# layers, width, feed-forward, heads, their keys, vocabulary: as engine/job/speed-model.c
SHAPES = {
    "135M": (30, 576, 1536, 9, 3, 49152),
    "1.1B": (22, 2048, 5632, 32, 4, 32000),
    "8B": (32, 4096, 14336, 32, 8, 128256),
}


def quantise(model):
    """The layers' linears in NF4, scales quantised again, as QLoRA has them."""
    import bitsandbytes as bnb
    for layer in model.model.layers:
        for parent in (layer.self_attn, layer.mlp):
            for name, linear in list(parent.named_children()):
                if not isinstance(linear, torch.nn.Linear):
                    continue
                small = bnb.nn.Linear4bit(linear.in_features, linear.out_features, bias=False, compute_dtype=torch.bfloat16,
                                          quant_type="nf4", compress_statistics=True)
                small.weight = bnb.nn.Params4bit(linear.weight.data.cpu(), requires_grad=False, quant_type="nf4",
                                                 compress_statistics=True)
                setattr(parent, name, small.to("cuda"))
    return model


def make(shape, method, tokens):
    layers, width, inner, heads, keys, vocabulary = SHAPES[shape]
    config = LlamaConfig(hidden_size=width, intermediate_size=inner, num_hidden_layers=layers, num_attention_heads=heads,
                         num_key_value_heads=keys, vocab_size=vocabulary, max_position_embeddings=tokens)
    for attention in ("flash_attention_2", "sdpa"):
        try:
            torch.set_default_dtype(torch.bfloat16)
            model = LlamaForCausalLM._from_config(config, attn_implementation=attention)
            break
        except (ImportError, ValueError):
            continue
        finally:
            torch.set_default_dtype(torch.float32)
    model.config.use_cache = False
    model = quantise(model).to("cuda") if method == "qlora" else model.to("cuda")
    if method != "full":
        model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM",
                                                 target_modules="all-linear"))
    return model.train(), attention


def main(shape, method, batch, tokens):
    model, attention = make(shape, method, int(tokens))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, fused=True)
    ids = torch.randint(0, SHAPES[shape][5], (int(batch), int(tokens)), device="cuda")
    seconds = []
    for _ in range(STEPS + 1):
        torch.cuda.synchronize()
        begun = time.monotonic()
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        torch.cuda.synchronize()
        seconds.append(time.monotonic() - begun)
    median = sorted(seconds[1:])[STEPS // 2]
    print(json.dumps({"tokens_per_second": ids.numel() / median, "peak_bytes": torch.cuda.max_memory_reserved(),
                      "attention": attention, "loss": float(loss)}))


main(*sys.argv[1:])
