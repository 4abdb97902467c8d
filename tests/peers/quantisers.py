# SPDX-License-Identifier: GPL-3.0-or-later
"""llama.cpp's own quantisers, and rows of numbers for them that tests/compute/test-encode.c makes as well."""
import ctypes
import pathlib

import gguf
import llama_cpp
import numpy as np

Q = gguf.GGMLQuantizationType
TYPES = [Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q5_1, Q.Q8_0, Q.Q2_K, Q.Q3_K, Q.Q4_K, Q.Q5_K, Q.Q6_K]
KINDS = ["normal", "heavy", "outliers", "positive"]
ROW_FORMULA = [
    "u(k, i): splitmix64 of k 2^32 + i, its upper 53 bits as a number in 0 ... 1.",
    "g(k, i): u(k, 12 i) + ... + u(k, 12 i + 11) - 6.  k is 8 times the number of the kind.",
    "normal: g(k, i).  heavy: g(k, i) / sqrt((g(k + 1, i)^2 + g(k + 2, i)^2 + g(k + 3, i)^2) / 3), Student's t.",
    "outliers: g(k, i), and 20 times that where u(k + 1, i) < 0.01.  positive: |g(k, i)|.",
    "All times 0.02, in double, then f32; i counts through the rows."]

ggml = ctypes.CDLL(str(pathlib.Path(llama_cpp.__file__).parent / "lib" / "libggml-base.so"))
ggml.ggml_quantize_chunk.restype = ctypes.c_size_t
ggml.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64,
                                     ctypes.c_int64, ctypes.c_void_p]


def uniform(k, i):
    with np.errstate(over="ignore"):
        z = (np.uint64(k << 32) + i.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0 ** -53


def normal(k, i):
    total = np.zeros(len(i))
    for j in range(12):
        total = total + uniform(k, 12 * i + j)
    return total - 6.0


def rows(kind, n_rows, columns):
    """f32 of shape (n_rows, columns), by ROW_FORMULA."""
    i, k = np.arange(n_rows * columns), 8 * KINDS.index(kind)
    x = normal(k, i)
    if kind == "heavy":
        a, b, c = (normal(k + j, i) for j in (1, 2, 3))
        x = x / np.sqrt((a * a + b * b + c * c) / 3.0)
    elif kind == "outliers":
        x = np.where(uniform(k + 1, i) < 0.01, x * 20.0, x)
    elif kind == "positive":
        x = np.abs(x)
    return (x * 0.02).astype(np.float32).reshape(n_rows, columns)


def quantise(kind, x):
    """The bytes that llama.cpp makes of @x without an importance matrix, row by row."""
    x = np.ascontiguousarray(x, np.float32)
    values, size = gguf.GGML_QUANT_SIZES[kind]
    out = np.zeros((x.shape[0], x.shape[1] // values * size), np.uint8)
    assert ggml.ggml_quantize_chunk(int(kind), x.ctypes.data, out.ctypes.data, 0, *x.shape, None) == out.size
    return out


def errors(kind, x, stored):
    """The sum of squares by row of what @stored leaves of @x."""
    return ((gguf.quants.dequantize(stored, kind).astype(np.float64) - x) ** 2).sum(1)
