# SPDX-License-Identifier: GPL-3.0-or-later
"""What the comparisons share: a GGUF file as a Hugging Face model and tokenizer, LoRA by formula, golden files.

Row order of q and k.  llama.cpp stores the rows of attn_q and attn_k of this family so that a rotary pair lies
side by side (2i, 2i + 1); Hugging Face has the halves of a head apart (i, i + D/2).  Whatever is stored in
tests/golden/ is in the order of the GGUF file, which is also Attune's; it is brought into Hugging Face's order
just before it enters the model, and gradients are brought back.
"""
import functools
import hashlib
import importlib.metadata
import json
import math
import os
import pathlib
import sys

# Before torch is loaded: two pools of threads (OpenMP's and OpenBLAS's) wait for each other most of the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # others work on this machine too

import gguf  # noqa: E402
import numpy as np  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
TINY = GOLDEN / "tiny-llama.gguf"
IM_START, IM_END = "<|im_start|>", "<|im_end|>"

# Order within a layer; also the order in which LoRA tensors are numbered.
PROJECTIONS = [
    ("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
]


def real_model():
    """The path of SmolLM2-135M-Instruct, or ends the program with 77 where it is not there."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    path = os.environ.get("ATTUNE_MODEL") or data + "/attune/models/SmolLM2-135M-Instruct-Q4_1.gguf"
    if not os.path.exists(path):
        print(f"skipped: there is no model at {path}; set ATTUNE_MODEL to the file")
        sys.exit(77)
    return path


def made_by(script, *packages):
    """One line for a golden file: the script and the versions behind the numbers."""
    versions = [f"{p} {importlib.metadata.version(p)}" for p in packages]
    return f"tests/peers/{script} with Python {sys.version.split()[0]}, " + ", ".join(versions)


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def write_golden(name, value):
    """JSON with one line per innermost list or object, so that a change can be read in a diff.  ASCII only:
    control and zero-width characters stay visible."""
    def flat(v):
        return not any(isinstance(x, (list, dict)) for x in (v.values() if isinstance(v, dict) else v))

    def text(v, indent):
        if not isinstance(v, (list, dict)) or flat(v):
            return json.dumps(v, allow_nan=False)
        inner = " " * (indent + 1)
        if isinstance(v, dict):
            rows = [f"{inner}{json.dumps(k)}: {text(x, indent + 1)}" for k, x in v.items()]
            return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
        return "[\n" + ",\n".join(inner + text(x, indent + 1) for x in v) + "\n" + " " * indent + "]"

    path = GOLDEN / name
    path.write_text(text(value, 0) + "\n")
    print(f"{name}: {path.stat().st_size} bytes")


def read_golden(name):
    return json.loads((GOLDEN / name).read_text())


# --- GGUF ---------------------------------------------------------------------------------------------------

@functools.cache
def metadata(path):
    """{key: value} of a GGUF file."""
    return {k: f.contents() for k, f in gguf.GGUFReader(path).fields.items()}


def rows_to_hf(x, n_heads):
    """Rows of q or k (or of their lora_b) from GGUF's order to Hugging Face's."""
    half = x.shape[0] // n_heads // 2
    return x.reshape(n_heads, half, 2, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)


def rows_to_gguf(x, n_heads):
    """The inverse of rows_to_hf()."""
    half = x.shape[0] // n_heads // 2
    return x.reshape(n_heads, 2, half, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)


def heads_of(name, config):
    """How many heads the rows of projection @name belong to, or 0 where their order is the same in both."""
    return {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(name, 0)


def llama_config(path):
    from transformers import LlamaConfig
    m = metadata(path)
    width, heads = m["llama.embedding_length"], m["llama.attention.head_count"]
    return LlamaConfig(
        hidden_size=width, intermediate_size=m["llama.feed_forward_length"], num_hidden_layers=m["llama.block_count"],
        num_attention_heads=heads, num_key_value_heads=m["llama.attention.head_count_kv"], head_dim=width // heads,
        vocab_size=len(m["tokenizer.ggml.tokens"]), max_position_embeddings=m["llama.context_length"],
        rope_theta=m["llama.rope.freq_base"], rms_norm_eps=m["llama.attention.layer_norm_rms_epsilon"],
        tie_word_embeddings=True, hidden_act="silu", attention_bias=False, mlp_bias=False,
        bos_token_id=m["tokenizer.ggml.bos_token_id"], eos_token_id=m["tokenizer.ggml.eos_token_id"],
        pad_token_id=m["tokenizer.ggml.padding_token_id"])


def llama_model(path):
    """LlamaForCausalLM in f32 on the dequantised weights of @path.

    The state dict is made here, from the gguf package's dequantize(), so that each step can be read;
    test_loader.py compares it with what transformers' own GGUF loader makes of the same file."""
    import torch
    from transformers import LlamaForCausalLM
    config = llama_config(path)
    weights = {t.name: gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32)
               for t in gguf.GGUFReader(path).tensors}
    state = {"model.embed_tokens.weight": weights["token_embd.weight"],
             "lm_head.weight": weights["token_embd.weight"],   # tied
             "model.norm.weight": weights["output_norm.weight"]}
    for i in range(config.num_hidden_layers):
        hf = f"model.layers.{i}."
        state[hf + "input_layernorm.weight"] = weights[f"blk.{i}.attn_norm.weight"]
        state[hf + "post_attention_layernorm.weight"] = weights[f"blk.{i}.ffn_norm.weight"]
        for ours, theirs in PROJECTIONS:
            w = weights[f"blk.{i}.{ours}.weight"]
            if heads_of(ours, config):
                w = rows_to_hf(w, heads_of(ours, config))
            state[hf + theirs + ".weight"] = w
    assert "output.weight" not in weights, "the model's head is not tied"
    model = LlamaForCausalLM._from_config(config, attn_implementation="eager", dtype=torch.float32)
    missing, unexpected = model.load_state_dict({k: torch.from_numpy(np.array(v)) for k, v in state.items()})
    assert not missing and not unexpected, (missing, unexpected)
    model.tie_weights()
    return model.eval()


# --- Tokenizer ----------------------------------------------------------------------------------------------

def byte_letters():
    """{byte: the letter that stands for it in a byte-level vocabulary}, GPT-2's table."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {b: chr(b) for b in shown}
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + len(table) - len(shown))
    return table


@functools.cache
def tokenizer(path, special):
    """The tokenizer of @path as Hugging Face's `tokenizers` builds it.  @special: text such as <|im_start|>
    becomes its one id; otherwise it is letters like any other.

    The pre-tokenizer is SmolLM2's own (tokenizer.json of the model): every digit alone, then GPT-2's pattern.
    transformers' conversion of a GGUF file leaves out the digits, which is why it is not used here.
    There is no unknown token: a byte that is not in the vocabulary is dropped, as in the original."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    m = metadata(path)
    assert m["tokenizer.ggml.model"] == "gpt2" and m["tokenizer.ggml.pre"] == "smollm"
    tokens, kinds = m["tokenizer.ggml.tokens"], m["tokenizer.ggml.token_type"]
    merges = [tuple(x.split(" ")) for x in m["tokenizer.ggml.merges"]]
    tok = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges))
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tok.decoder = decoders.ByteLevel()
    if special:
        tok.add_special_tokens([AddedToken(t, special=True, normalized=False)
                                for t, kind in zip(tokens, kinds) if kind == gguf.TokenType.CONTROL])
    return tok


@functools.cache
def hf_tokenizer(path):
    """The same as transformers wraps it, with the chat template of the file."""
    from transformers import PreTrainedTokenizerFast
    m = metadata(path)
    tokens = m["tokenizer.ggml.tokens"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer(path, True), chat_template=m["tokenizer.chat_template"],
        bos_token=tokens[m["tokenizer.ggml.bos_token_id"]], eos_token=tokens[m["tokenizer.ggml.eos_token_id"]],
        pad_token=tokens[m["tokenizer.ggml.padding_token_id"]])


def chat_pieces(wrapped, messages, generate):
    """The rendered conversation as a list of (text, special): the template's own special tokens, and what lies
    between two of them, the template's words and a person's words together.

    Found without parsing the result: each message's content is rendered as a private-use character first."""
    marks = [{"role": m["role"], "content": chr(0xE000 + i)} for i, m in enumerate(messages)]
    text = wrapped.apply_chat_template(marks, tokenize=False, add_generation_prompt=generate)
    pieces, plain = [], ""
    while text:
        for special in (IM_START, IM_END):
            if text.startswith(special):
                if plain:
                    pieces.append((plain, False))
                pieces.append((special, True))
                plain, text = "", text[len(special):]
                break
        else:
            plain, text = plain + text[0], text[1:]
    if plain:
        pieces.append((plain, False))
    return [("".join(messages[ord(c) - 0xE000]["content"] if 0xE000 <= ord(c) < 0xE000 + len(messages) else c
                     for c in text), special) for text, special in pieces]


def chat_ids(path, messages, generate=False):
    """Ids and learn mask of a conversation: 1 where the token is the assistant's own, its <|im_end|> included.

    People's text never gives a special token.  Text between two special tokens is encoded in one go, as
    Hugging Face does it: "user\\n" + "  Hello" is cut differently from "user\\n" and "  Hello" apart."""
    wrapped, plain = hf_tokenizer(path), tokenizer(path, False)
    ids, learn, answering, head = [], [], False, "assistant\n"
    for text, special in chat_pieces(wrapped, messages, generate):
        if special:
            ids.append(plain.token_to_id(text))
            learn.append(int(text == IM_END and answering))
            answering = False
            continue
        encoding = plain.encode(text, add_special_tokens=False)
        answering = len(ids) > 0 and ids[-1] == plain.token_to_id(IM_START) and text.startswith(head)
        ids += encoding.ids
        # A token belongs to the answer when it begins there.
        learn += [int(answering and start >= len(head)) for start, _ in encoding.offsets]
    return ids, learn


# --- LoRA ---------------------------------------------------------------------------------------------------

LORA_FORMULA = ("value[i] = (float) (0.05 * sin (0.37 * i + 1.3 * k)) in double before the cast; i is the row-major index in "
                "GGUF's row order; k numbers the tensors 0, 1, 2, ... layer by layer, within a layer attn_q, attn_k, "
                "attn_v, attn_output, ffn_gate, ffn_up, ffn_down, for each lora_a (rank, inputs), then lora_b (outputs, rank)")
DOT_FORMULA = "dot = sum over i of gradient[i] * sin (0.11 * i + 0.5), in double; i is the row-major index in GGUF's row order"


def lora_value(shape, k):
    i = np.arange(math.prod(shape), dtype=np.float64)
    return (0.05 * np.sin(0.37 * i + 1.3 * k)).astype(np.float32).reshape(shape)


def add_lora(model, rank, alpha):
    """PEFT's LoRA on all seven projections of every layer, filled by LORA_FORMULA.

    Returns the PEFT model and a list of (name, parameter, heads) in the order of k."""
    import torch
    from peft import LoraConfig, get_peft_model
    wrapped = get_peft_model(model, LoraConfig(
        r=rank, lora_alpha=alpha, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM",
        target_modules=[theirs.split(".")[1] for _, theirs in PROJECTIONS]))
    parameters, found = [], dict(wrapped.named_parameters())
    for layer in range(model.config.num_hidden_layers):
        for ours, theirs in PROJECTIONS:
            for side in ("A", "B"):
                p = found[f"base_model.model.model.layers.{layer}.{theirs}.lora_{side}.default.weight"]
                heads = heads_of(ours, model.config) if side == "B" else 0
                value = lora_value(tuple(p.shape), len(parameters))
                if heads:
                    value = rows_to_hf(value, heads)
                with torch.no_grad():
                    p.copy_(torch.from_numpy(value))
                parameters.append((f"blk.{layer}.{ours}.lora_{side.lower()}", p, heads))
    assert len(parameters) == sum(p.requires_grad for p in wrapped.parameters())
    return wrapped.eval(), parameters


def weights(model):
    """(name in the GGUF file, parameter, heads) of all weights of a model with a tied head."""
    found = dict(model.named_parameters())
    out = [("token_embd.weight", found["model.embed_tokens.weight"], 0), ("output_norm.weight", found["model.norm.weight"], 0)]
    for i in range(model.config.num_hidden_layers):
        hf = f"model.layers.{i}."
        out += [(f"blk.{i}.attn_norm.weight", found[hf + "input_layernorm.weight"], 0),
                (f"blk.{i}.ffn_norm.weight", found[hf + "post_attention_layernorm.weight"], 0)]
        out += [(f"blk.{i}.{ours}.weight", found[hf + theirs + ".weight"], heads_of(ours, model.config))
                for ours, theirs in PROJECTIONS]
    assert len(out) == len(found)
    return out


def gradient_record(name, parameter, heads, n_first):
    g = parameter.grad.numpy()
    g = (rows_to_gguf(g, heads) if heads else g).astype(np.float64).ravel()
    return {"name": name, "shape": list(parameter.shape), "norm": float(np.sqrt((g * g).sum())),
            "dot": float((g * np.sin(0.11 * np.arange(g.size) + 0.5)).sum()),
            "first": [float(x) for x in g[:n_first]]}


# --- Running a model ----------------------------------------------------------------------------------------

def logits_of(model, ids):
    import torch
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0]


def row_loss(model, ids, learn):
    """Summed nats of the tokens whose learn is 1 (a tensor), and how many they are.  The token at t is
    predicted from those before it, so learn[0] must be 0."""
    import torch
    assert learn[0] == 0
    logits = model(torch.tensor([ids])).logits[0, :-1]
    nats = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")
    keep = torch.tensor(learn[1:], dtype=torch.bool)
    return nats[keep].sum(), int(keep.sum())


def greedy(model, ids, n, stop=None):
    """@n most likely tokens one after another (up to and with @stop), and the smallest gap between the first
    and the second choice on the way: how far from a tie the answer is."""
    import torch
    out, gap, new, cache = [], math.inf, ids, None
    while len(out) < n and (stop is None or not out or out[-1] != stop):
        with torch.no_grad():
            step = model(torch.tensor([new]), past_key_values=cache, use_cache=True, logits_to_keep=1)
        best, cache = step.logits[0, -1].topk(2), step.past_key_values
        gap = min(gap, float(best.values[0] - best.values[1]))
        out.append(int(best.indices[0]))
        new = out[-1:]
    return out, gap
