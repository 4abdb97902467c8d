# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/superblocks.json: blocks of 256 values (and the small ones that use tables) and what the
gguf package makes of them; llama.cpp's own C code is asked for many more and must agree to the bit."""
import ctypes
import pathlib

import gguf
import llama_cpp
import numpy as np

import peers

Q = gguf.GGMLQuantizationType
rng = np.random.default_rng(6)
ggml = ctypes.CDLL(str(pathlib.Path(llama_cpp.__file__).parent / "lib" / "libggml-base.so"))


class Traits(ctypes.Structure):   # ggml_type_traits of ggml.h
    _fields_ = [("name", ctypes.c_char_p), ("blck_size", ctypes.c_int64), ("blck_size_interleave", ctypes.c_int64),
                ("type_size", ctypes.c_size_t), ("is_quantized", ctypes.c_bool),
                ("to_float", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64))]


ggml.ggml_get_type_traits.restype = ctypes.POINTER(Traits)
# Where each type keeps its f16 scales: a random pattern there would be an infinity or a NaN now and then.
F16_AT = {"Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "Q8_K": [], "IQ2_XXS": [0], "IQ2_XS": [0],
          "IQ3_XXS": [0], "IQ1_S": [0], "IQ4_NL": [0], "IQ3_S": [0], "IQ2_S": [0], "IQ4_XS": [0], "IQ1_M": [], "TQ1_0": [52],
          "TQ2_0": [64], "MXFP4": []}


def by_ggml(kind, raw):
    traits = ggml.ggml_get_type_traits(int(kind)).contents
    assert (traits.blck_size, traits.type_size) == gguf.GGML_QUANT_SIZES[kind]
    n = len(raw) // traits.type_size * traits.blck_size
    out = np.empty(n, np.float32)
    if kind == Q.Q8_K:   # not in the table of traits
        ggml.dequantize_row_q8_K(ctypes.c_char_p(raw), ctypes.c_void_p(out.ctypes.data), ctypes.c_int64(n))
    else:
        traits.to_float(ctypes.c_char_p(raw), out.ctypes.data, n)
    return out


def by_numpy(kind, raw):
    if kind == Q.Q8_K:   # the gguf package leaves it out: f32 scale, 256 bytes
        return np.frombuffer(raw[:4], np.float32) * np.frombuffer(raw[4:260], np.int8).astype(np.float32)
    return gguf.quants.dequantize(np.frombuffer(raw, np.uint8).reshape(1, -1), kind).ravel()


def block(kind, scales, fill=None):
    size = gguf.GGML_QUANT_SIZES[kind][1]
    raw = bytearray(rng.integers(0, 256, size, np.uint8).tobytes() if fill is None else bytes([fill]) * size)
    for at, scale in zip(F16_AT[kind.name], scales):
        raw[at:at + 2] = np.float16(scale).tobytes()
    if kind == Q.Q8_K:
        raw[:4] = np.float32(scales[0]).tobytes()
    if kind == Q.IQ1_M:   # the f16 lies in the top four bits of four u16
        bits = int(np.float16(scales[0]).view(np.uint16))
        for i in range(4):
            raw[49 + 2 * i] = raw[49 + 2 * i] & 15 | (bits >> 4 * i & 15) << 4
    if kind == Q.MXFP4:   # 2^128 is no f32
        raw[0] = min(raw[0], 250)
    return bytes(raw)


types = {}
for name in F16_AT:
    kind = Q[name]
    kept = [block(kind, [0.0123, -0.5]), block(kind, [-1.5, 6e-8]), block(kind, [0.25, 0.75], 255), block(kind, [3.1e-5, 2.0], 0x5a)]
    for raw in kept + [block(kind, rng.normal(0, 0.05, 2)) for _ in range(500)]:
        ours, theirs = by_numpy(kind, raw), by_ggml(kind, raw)
        assert np.array_equal(ours.view(np.uint32), theirs.view(np.uint32)), name
    values, size = gguf.GGML_QUANT_SIZES[kind]
    types[name] = {"type": int(kind), "block_values": values, "block_bytes": size, "blocks": [
        {"hex": raw.hex(), "f32": by_numpy(kind, raw).astype("<f4").tobytes().hex()} for raw in kept]}

peers.write_golden("superblocks.json", {
    "made_by": peers.made_by("make_superblocks.py", "gguf", "numpy", "llama-cpp-python"),
    "about": ["hex: the bytes as they lie in the file.  f32: the bytes of the values, little-endian.",
              "The gguf package and llama.cpp's C agree to the bit on these and on 500 random blocks of each type."],
    "types": types,
})
