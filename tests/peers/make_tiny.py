# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/tiny-llama.gguf and tiny-bpe.json: a complete Llama with random weights, 576 tokens and the
metadata keys of SmolLM2, for tests that have no model at hand; and token ids under its vocabulary."""
import gguf
import numpy as np
from llama_cpp import Llama
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

import peers
from rows import ROWS
from strings import PLAIN, SPACES, STRINGS, WORDS, unique

LAYERS, WIDTH, FF, HEADS, KV_HEADS, TOKENS, CONTEXT = 2, 64, 160, 4, 2, 576, 512
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<reponame>", "<file_sep>", "<filename>",
           "<gh_stars>", "<issue_start>", "<issue_comment>", "<issue_closed>", "<jupyter_start>", "<jupyter_text>",
           "<jupyter_code>", "<jupyter_output>", "<jupyter_script>", "<empty_output>"]
# SmolLM2's own, letter by letter.
TEMPLATE = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
            "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
            "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def train_vocabulary():
    """(tokens by id, merges): 17 special tokens, the 256 bytes, and merges learned from ROWS."""
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tok.train_from_iterator([q + "\n" + a for q, a in ROWS] * 4 + PLAIN, trainers.BpeTrainer(
        vocab_size=TOKENS, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    vocabulary = tok.get_vocab()
    import json
    merges = json.loads(tok.to_str())["model"]["merges"]
    assert len(vocabulary) == TOKENS and len(merges) == TOKENS - 256 - len(SPECIAL)
    return sorted(vocabulary, key=vocabulary.get), [" ".join(m) for m in merges]


def write_model(path):
    rng = np.random.default_rng(1)
    q = gguf.GGMLQuantizationType
    tokens, merges = train_vocabulary()
    w = gguf.GGUFWriter(path, "llama")
    w.add_type("model")
    w.add_name("Tiny Llama for tests")
    w.add_license("GPL-3.0-or-later")
    w.add_languages(["en"])
    w.add_block_count(LAYERS)
    w.add_context_length(CONTEXT)
    w.add_embedding_length(WIDTH)
    w.add_feed_forward_length(FF)
    w.add_head_count(HEADS)
    w.add_head_count_kv(KV_HEADS)
    w.add_rope_freq_base(100000.0)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_1)
    w.add_vocab_size(TOKENS)
    w.add_rope_dimension_count(WIDTH // HEADS)
    w.add_add_space_prefix(False)
    w.add_add_bos_token(False)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("smollm")
    w.add_token_list(tokens)
    w.add_token_types([gguf.TokenType.CONTROL if t in SPECIAL else gguf.TokenType.NORMAL for t in tokens])
    w.add_token_merges(merges)
    w.add_bos_token_id(SPECIAL.index(peers.IM_START))
    w.add_eos_token_id(SPECIAL.index(peers.IM_END))
    w.add_unk_token_id(0)
    w.add_pad_token_id(SPECIAL.index(peers.IM_END))
    w.add_chat_template(TEMPLATE)
    w.add_quantization_version(2)

    def matrix(name, rows, columns, kind):
        # 0.15 · √64 ≈ 1.2: what a layer adds is as large as what it reads, and logits are far from equal.
        values = rng.normal(0, 0.15, (rows, columns)).astype(np.float32)
        w.add_tensor(name + ".weight", gguf.quants.quantize(values, kind), raw_dtype=kind)

    def gain(name):
        w.add_tensor(name + ".weight", rng.uniform(0.8, 1.2, WIDTH).astype(np.float32))

    kv = WIDTH // HEADS * KV_HEADS
    matrix("token_embd", TOKENS, WIDTH, q.Q8_0)
    for i in range(LAYERS):
        gain(f"blk.{i}.attn_norm")
        matrix(f"blk.{i}.ffn_down", WIDTH, FF, q.Q8_0)
        matrix(f"blk.{i}.ffn_gate", FF, WIDTH, q.Q8_0)
        matrix(f"blk.{i}.ffn_up", FF, WIDTH, q.Q8_0)
        gain(f"blk.{i}.ffn_norm")
        matrix(f"blk.{i}.attn_k", kv, WIDTH, q.Q4_1)
        matrix(f"blk.{i}.attn_output", WIDTH, WIDTH, q.Q4_1)
        matrix(f"blk.{i}.attn_q", WIDTH, WIDTH, q.Q4_1)
        matrix(f"blk.{i}.attn_v", kv, WIDTH, q.Q4_1)
    gain("output_norm")
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    print(f"{path.name}: {path.stat().st_size} bytes")


write_model(peers.TINY)
plain, special = peers.tokenizer(peers.TINY, False), peers.tokenizer(peers.TINY, True)
llama = Llama(str(peers.TINY), vocab_only=True, verbose=False)
cases = []
for text in unique(SPACES + PLAIN + WORDS[:40] + STRINGS[-60:]):
    case = {"text": text, "ids": plain.encode(text, add_special_tokens=False).ids}
    with_special = special.encode(text, add_special_tokens=False).ids
    if with_special != case["ids"]:
        case["ids_special"] = with_special
    for ids, flag in ((case["ids"], False), (with_special, True)):
        assert llama.tokenize(text.encode(), add_bos=False, special=flag) == ids, ascii(text)
    cases.append(case)
peers.write_golden("tiny-bpe.json", {
    "made_by": peers.made_by("make_tiny.py", "tokenizers", "gguf", "llama-cpp-python"),
    "model": "tiny-llama.gguf", "model_sha256": peers.sha256(peers.TINY),
    "about": "ids: special tokens in the text are ordinary letters.  ids_special, where it differs: they become their one id.",
    "cases": cases,
})
