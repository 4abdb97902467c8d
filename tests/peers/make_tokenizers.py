# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/cuts.json (where each named way of cutting cuts) and tests/golden/tokenizers.json (small tokenizers
of every kind, as tokenizer.json and as tokenizer.model, with ids): what `tokenizers` says of both."""
import base64
import json
import struct

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

import peers
import vocabularies
from strings import PLAIN, SPACES, WORDS, texts

BAR = "▁"
HARD = [*texts(18, seed=5), *SPACES[25:60:3], *PLAIN[:12], *PLAIN[17:20], *PLAIN[60:75:3], "it's IT'S ıt'ſ 'Re'VE'd", "a\r\n\r\n b", "e\u0301",
        "12345 1234567a ½3 1234²", "ABcDEf ǅx ʰA ªb", "x=1;//y\n\n", "中文かな漢字123", "<|im_start|>a</s>", "tab\tx\u3000y\u00a0z"]


def pieces(steps, text):
    """Where the pieces end, in bytes of @text."""
    parts = [(text, 0)]
    for step in steps:
        if step["type"] == "ByteLevel" and not step["use_regex"]:
            continue
        pre = (pre_tokenizers.Digits(individual_digits=True) if step["type"] == "Digits" else pre_tokenizers.Split(
            Regex(step["pattern"]["Regex"] if step["type"] == "Split" else
                  r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"), "isolated"))
        parts = [(word, at + a) for part, at in parts for word, (a, _) in (pre.pre_tokenize_str(part) if part else [])]
    ends = [len(text[:at].encode()) for _, at in parts[1:]]
    return ends + ([len(text.encode())] if text else [])


def trained(kind, **options):
    """The vocabulary of a small tokenizer, trained on this very text."""
    model = models.Unigram() if kind == "Unigram" else models.BPE(byte_fallback=kind == "BPE", unk_token="<unk>")
    tok = Tokenizer(model)
    tok.normalizer = normalizers.Replace(" ", BAR)
    special = ["<unk>", "<s>", "</s>"]
    trainer = (trainers.UnigramTrainer(vocab_size=400, special_tokens=special, unk_token="<unk>", show_progress=False)
               if kind == "Unigram" else trainers.BpeTrainer(vocab_size=420, special_tokens=special + [
                   f"<0x{b:02X}>" for b in range(256)], limit_alphabet=60, show_progress=False))
    tok.pre_tokenizer = pre_tokenizers.Metaspace()
    tok.train_from_iterator(PLAIN[:30] + WORDS, trainer)
    return json.loads(tok.to_str())["model"]


def file(model, **parts):
    special = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                "special": True} for i, t in enumerate(["<unk>", "<s>", "</s>"])]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": special + parts.pop("added", []),
            "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None, **parts, "model": model}


def added(i, content, **flags):
    return {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": False, **flags}


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def sentence_piece(model, kind, pieces, prefix):
    """A tokenizer.model: the message ModelProto, written by hand."""
    def field(number, data):
        return varint(number << 3 | 2) + varint(len(data)) + data
    out = b"".join(field(1, field(1, t.encode()) + b"\x15" + struct.pack("<f", s) + b"\x18" + varint(k)) for t, s, k in pieces)
    out += field(2, b"\x18" + varint(kind) + b"\x18" * 0)
    return out + field(3, b"\x18" + varint(int(prefix)) + b"\x20\x00")


cuts = {name: [pieces(steps, t) for t in HARD] for name, steps in vocabularies.WORDS.items()}
peers.write_golden("cuts.json", {"made_by": peers.made_by("make_tokenizers.py", "tokenizers"), "texts": HARD, "cuts": cuts})

SP = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": BAR},
                                           {"type": "Replace", "pattern": {"String": " "}, "content": BAR}]}
META = {"type": "Metaspace", "replacement": BAR, "prepend_scheme": "always", "split": True}
DECODE = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": BAR}, "content": " "},
                                            {"type": "ByteFallback"}, {"type": "Fuse"},
                                            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
bpe, unigram = trained("BPE"), trained("Unigram")
bpe["fuse_unk"] = True
letters = {c: i for i, c in enumerate(["<unk>", "<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())])}
plain = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
         "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": letters, "merges": []}
more = len(letters)


def merged(*merges, **options):
    vocab = dict(letters)
    for merge in merges:
        vocab.setdefault("".join(merge), len(vocab))
    return {**plain, "vocab": vocab, "merges": [list(m) for m in merges], **options}


odd = [{"type": "Split", "pattern": {"Regex": r"(?<=a)b|\p{Lu}\p{Ll}*|[^\S\n]+"}, "behavior": "MergedWithPrevious", "invert": False}]
FILES = {
    "llama": file(bpe, normalizer=SP, decoder=DECODE),
    "llama, first only": file(bpe, pre_tokenizer={**META, "prepend_scheme": "first", "split": False}, decoder=DECODE),
    "unigram": file(unigram, pre_tokenizer=META, decoder=META, normalizer={"type": "NFKC"}),
    "unigram of words": file(unigram, pre_tokenizer={"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, META]},
                             decoder=META),
    "unigram, merged spaces": file(unigram, pre_tokenizer=META, decoder=META, normalizer={"type": "Sequence", "normalizers": [
        {"type": "Strip", "strip_left": False, "strip_right": True},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": BAR}]}),
    "whole words": file(merged("bc", "ab", "ac", ("a", "bc"), ("ab", "c"), ignore_merges=True), decoder=BYTES,
                        pre_tokenizer={"type": "Sequence", "pretokenizers": [*vocabularies.cut(r"\s+|\S+"), BYTES]}),
    "unknown expression": file(merged("ab", "Ġa"), decoder=BYTES,
                               pre_tokenizer={"type": "Sequence", "pretokenizers": odd + [BYTES]}),
    "falcon's own": file(merged("12", ("12", "3"), "Ġa"), decoder=BYTES, pre_tokenizer={"type": "Sequence", "pretokenizers": [
        {"type": "Punctuation", "behavior": "Contiguous"}, {**BYTES, "use_regex": True},
        {"type": "Digits", "individual_digits": False},
        {"type": "Split", "pattern": {"Regex": "[0-9][0-9][0-9]"}, "behavior": "Isolated", "invert": False}]}),
    "added tokens": file(merged("ab", "Ġa"), decoder=BYTES, pre_tokenizer={**BYTES, "add_prefix_space": True, "use_regex": True},
                         normalizer={"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]},
                         added=[added(more + 2, "<L>", lstrip=True), added(more + 3, "<R>", rstrip=True),
                                added(more + 4, "word", single_word=True), added(more + 5, "<LR>", lstrip=True, rstrip=True)]),
    "strip accents": file(merged("ab"), decoder=BYTES, pre_tokenizer=BYTES, normalizer={"type": "Sequence", "normalizers": [
        {"type": "NFD"}, {"type": "StripAccents"}]}),
}
EXTRA = ["a<L>b", "a  <L>  b", "a <R> b", "a<LR>b  <LR>", "word", "a word b", "swordfish word-x wordy", "ab abc aabbc", "x </s> y", "<s>",
         "aab AbAb  ab\n ab", "123 1234 a12 ½", "Äé İI", "▁a ▁▁b", "naïve\u00a0café  ", "<0x41>", "\U0001f9ec\u4e00"]
rows = []
for name, content in FILES.items():
    # What people write holds no special tokens; to the library a unigram model's are tokens like any other.
    one = {**content, "added_tokens": [a for a in content["added_tokens"] if not a["special"]]}
    if content["model"]["type"] == "Unigram":
        one["model"] = {**content["model"], "vocab": [[chr(0xe000 + i), 0.0] if i < 3 else v
                                                      for i, v in enumerate(content["model"]["vocab"])]}
    if content["model"].get("ignore_merges"):  # and a word that is one as it stands is taken whole
        one["model"] = {**content["model"], "vocab": {chr(0xe000 + i) if i < 3 else t: i
                                                      for t, i in content["model"]["vocab"].items()}}
    tok = Tokenizer.from_str(json.dumps(one))
    ids = [tok.encode(t, add_special_tokens=False).ids for t in HARD + EXTRA]
    rows.append({"name": name, "file": json.dumps(content, ensure_ascii=True), "ids": ids})

scores = {"".join(m): -float(i) for i, m in reversed(list(enumerate(bpe["merges"])))}
kinds = [2, 3, 3] + [6] * 256
written = [(t, scores.get(t, -1e4), kinds[i] if i < len(kinds) else 1) for t, i in sorted(bpe["vocab"].items(), key=lambda x: x[1])]
rows.append({"name": "llama.model", "model": base64.b64encode(sentence_piece(bpe, 2, written, True)).decode(),
             "ids": rows[0]["ids"]})
peers.write_golden("tokenizers.json", {"made_by": peers.made_by("make_tokenizers.py", "tokenizers"), "texts": HARD + EXTRA,
                                       "tokenizers": rows})
