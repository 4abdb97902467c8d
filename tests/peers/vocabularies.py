# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabularies of real models that llama.cpp carries for its own tests, as Hugging Face's `tokenizers` builds them.

llama.cpp lies in the source package of llama-cpp-python on PyPI; it is fetched once into the cache folder.  Its
vocabulary files (GGUF) say how text is cut by a name only; WORDS says what that name means in tokenizer.json.
"""
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import gguf

VERSION = "0.3.36"  # as in requirements.txt


def llama_models():
    """The folder vendor/llama.cpp/models; ends the program with 77 where PyPI is not reached."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "attune"
    folder = cache / f"llama_cpp_python-{VERSION}"
    models = folder / f"llama_cpp_python-{VERSION}/vendor/llama.cpp/models"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        fetch = subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "llama-cpp-python",
                                "-d", folder, f"llama-cpp-python=={VERSION}"], stdout=sys.stderr)
        if fetch.returncode != 0:
            print("skipped: the sources of llama-cpp-python cannot be fetched")
            sys.exit(77)
        with tarfile.open(next(folder.glob("*.tar.gz"))) as tar:
            tar.extractall(folder, [m for m in tar.getmembers() if "/llama.cpp/models/" in m.name], filter="data")
        (folder / "complete").touch()
    return models


def expected(path):
    """[(text, ids)]: llama.cpp's own tests of a vocabulary, which the model's original tokenizer made."""
    texts = pathlib.Path(f"{path}.inp").read_bytes().decode().split("\n__ggml_vocab_test__\n")
    ids = pathlib.Path(f"{path}.out").read_text().split("\n")
    return [(text, [int(i) for i in line.split()]) for text, line in zip(texts, ids)]


BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
GPT2 = {**BYTES, "use_regex": True}
DIGITS = {"type": "Digits", "individual_digits": True}
SHORT = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
END = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
END4O = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SMALL = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
LARGE = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
# Spelled out: some of these become others in Unicode's normal forms.
CASED = (
    "A-Za-z\xb5\xc0-\xd6\xd8-\xf6\xf8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376\u0377"
    "\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-"
    "\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-"
    "\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80"
    "-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4"
    "\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139"
    "\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d"
    "\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a"
    "\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-"
    "\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943")


def cut(*patterns, behavior="Isolated"):
    return [{"type": "Split", "pattern": {"Regex": p}, "behavior": behavior, "invert": False} for p in patterns]


QWEN2 = cut(SHORT + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + END) + [BYTES]
# tokenizer.ggml.pre: the steps of "pre_tokenizer"
WORDS = {
    "gpt-2": [GPT2],
    "mpt": [GPT2],
    "olmo": [GPT2],
    "starcoder": [DIGITS, GPT2],
    "refact": [DIGITS, GPT2],
    "smollm": [DIGITS, GPT2],
    "command-r": [DIGITS, GPT2],
    "llama-bpe": cut(SHORT + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + END) + [BYTES],
    "dbrx": cut(SHORT + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + END) + [BYTES],
    "qwen2": QWEN2,
    "stablelm2": QWEN2,
    "qwen35": cut(SHORT + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    + [BYTES],
    "tekken": cut(SMALL + "|" + LARGE + r"|\p{N}" + END4O) + [BYTES],
    "gpt-4o": cut(SMALL + SHORT + "?|" + LARGE + SHORT + r"?|\p{N}{1,3}" + END4O) + [BYTES],
    "deepseek-llm": cut(r"[\r\n]", rf"\s?[{CASED}]+", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$", "[一-龥ࠀ-一가-퟿]+")
    + [DIGITS, BYTES],
    "deepseek-coder": cut(r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+") + [DIGITS, BYTES],
    "deepseek-v3": cut(r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?"
                       r"[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+") + [BYTES],
    "bailingmoe": cut(r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")
    + [BYTES],
    "seed-coder": cut(SHORT + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+") + [BYTES],
    "minicpm5": cut(r"\p{N}{1,3}", SHORT + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+" + END) + [BYTES],
    "tiny_aya": cut(r"\d{1,3}(?=(?:\d{3})*\b)", SMALL + SHORT + "?|" + LARGE + SHORT + r"?|\p{N}{1,3}" + END4O) + [BYTES],
    "bloom": cut(r" ?[^(\s|[.,!?…。，、।۔،])]+") + [BYTES],
    "viking": cut(r" ?[^(\s|[.,!?…。，、।۔،])]+", r"\p{N}") + [BYTES],
    "falcon": cut(r"[\p{P}\$\+<=>\^~\|`]+", r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
                  "[0-9][0-9][0-9]") + [BYTES],
    "default": cut(r"[\p{P}\$\+<=>\^~\|]+", r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
                   r"\p{N}+", "[0-9][0-9][0-9]") + [BYTES],
}
WHOLE = {"llama-bpe", "tekken", "minicpm5"}      # "ignore_merges"
COMPOSED = {"qwen2", "command-r", "mpt", "olmo"}  # "normalizer": NFC
BAR = "▁"


def metadata(path):
    """{key: value}, without "tokenizer.ggml." in front; "name" is the model's."""
    fields = gguf.GGUFReader(path).fields
    return {"name": fields["general.name"].contents(), **{k.removeprefix("tokenizer.ggml."): f.contents()
                                                         for k, f in fields.items() if k.startswith("tokenizer.")}}


def byte_level(m, pre):
    return {"normalizer": {"type": "NFC"} if pre in COMPOSED else None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": WORDS[pre]},
            "decoder": BYTES,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "fuse_unk": False, "byte_fallback": False,
                      "ignore_merges": pre in WHOLE, "vocab": {t: i for i, t in enumerate(m["tokens"])}, "merges": m["merges"]}}


def sentence_piece(m):
    """SentencePiece's BPE as transformers converts it: its own function makes merges of the scores."""
    from transformers.convert_slow_tokenizer import generate_merges
    written = [i for i, kind in enumerate(m["token_type"]) if kind in (1, 4, 5) and m["tokens"][i] not in ENDS]
    scores = {m["tokens"][i]: m["scores"][i] for i in written}
    merges = generate_merges({m["tokens"][i]: i for i in written}, scores)
    return {"normalizer": {"type": "Sequence", "normalizers": [
                {"type": "Prepend", "prepend": BAR}, {"type": "Replace", "pattern": {"String": " "}, "content": BAR}]},
            "pre_tokenizer": None,
            "decoder": {"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": BAR}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
            "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>" if "<unk>" in m["tokens"] else None, "fuse_unk": True,
                      "byte_fallback": True, "ignore_merges": False, "vocab": {t: i for i, t in enumerate(m["tokens"])},
                      "merges": [list(x) for x in merges]}}


def gemma(m):
    return {"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": BAR},
            "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
            "decoder": {"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": BAR}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]},
            "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True,
                      "ignore_merges": False, "vocab": {t: i for i, t in enumerate(m["tokens"])},
                      "merges": [x.split(" ") for x in m["merges"]]}}


def unigram(m):
    """XLM-RoBERTa's, whose vocabulary this is, with SentencePiece's treatment of spaces.

    The unknown token is spelled as no text is.  `tokenizers` writes a person's "<unk>" with it, as with any other token;
    Attune, as SentencePiece and llama.cpp do, keeps to what people wrote, and spells it in letters."""
    import base64
    tokens = list(m["tokens"])
    tokens[m["unknown_token_id"]] = "\U0010ffff unknown"
    return {"normalizer": {"type": "Sequence", "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(bytes(m["precompiled_charsmap"])).decode()},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": BAR, "prepend_scheme": "always", "split": True}]},
            "decoder": {"type": "Metaspace", "replacement": BAR, "prepend_scheme": "always", "split": True},
            "model": {"type": "Unigram", "unk_id": m["unknown_token_id"], "byte_fallback": False,
                      "vocab": [[t, s] for t, s in zip(tokens, m["scores"])]}}


ENDS = {"</s>"}  # control tokens, whatever their file says


def tokenizer_json(m, pre=None, special=False):
    """The tokenizer.json of a vocabulary, as text.  @pre: how text is cut, if not as the file says.  @special: text such as
    <|im_start|> becomes its one id; otherwise it is letters like any other."""
    kind = m["model"]
    rules = {"gpt2": lambda: byte_level(m, pre or m.get("pre", "default")), "llama": lambda: sentence_piece(m),
             "gemma4": lambda: gemma(m), "t5": lambda: unigram(m)}[kind]()
    added = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": m["name"] == "Phi3",
              "normalized": False, "special": k != gguf.TokenType.USER_DEFINED}
             for i, (t, k) in enumerate(zip(m["tokens"], m["token_type"]))
             if (k == gguf.TokenType.USER_DEFINED and t not in ENDS) or (special and k in (gguf.TokenType.CONTROL, gguf.TokenType.UNKNOWN))]
    return json.dumps({"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, **rules,
                       "post_processor": None}, ensure_ascii=False)
