# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/four-bits.json: NF4 and FP4 of bitsandbytes, and their scales quantised again.

The 4-bit numbers, absmax and what they decode to are bitsandbytes' own, on the CPU.  The bytes of the scales are its
published algorithm, written again in numpy (nearest entry of the dynamic map, by midpoints): its kernel for the CPU
searches near zero with a table that is only nearly so.  Both are compared here."""
import hashlib

import bitsandbytes.functional as F
import numpy as np
import torch

import peers

BLOCKS = 300


def source():
    """f32 that any language makes to the same bits: whole numbers by a congruence, and two products."""
    values, state = np.empty(64 * BLOCKS, np.float32), 12345
    for i in range(values.size):
        state = (state * 1664525 + 1013904223) % 2 ** 32
        values[i] = np.float32((state >> 8) - 2 ** 23) * np.float32(2.0 ** -23)
    values *= np.repeat(np.float32(0.01) * (1 + np.arange(BLOCKS) % 7).astype(np.float32), 64)
    values[:64] = 0
    values[64:128] *= np.float32(1e-38)  # below what has an inverse
    # what lies in the middle of two entries
    table = F.get_4bit_type("nf4", device="cpu").numpy()
    values[128:192] = 0
    values[128:143] = (table[:-1] + table[1:]) / np.float32(2)
    values[143:145] = 1, -1
    fp4 = np.sort(F.get_4bit_type("fp4", device="cpu").numpy())
    values[192:256] = 0
    values[192:207] = (fp4[:-1] + fp4[1:]) / np.float32(2)
    values[207:211] = 1, -1, 1e-3, -1e-3
    return values


def bits(x):
    return [int(v) for v in np.ascontiguousarray(x, np.float32).ravel().view(np.uint32)]


def sha256(x):
    return hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()


def quantise_scales(absmax, offset):
    table = F.create_dynamic_map().numpy()
    midpoints = (table[:-1] + table[1:]) / np.float32(2)
    codes, second = [], []
    for group in np.split(absmax - offset, range(256, absmax.size, 256)):
        most = np.abs(group).max()
        codes.append(np.searchsorted(midpoints, group * (np.float32(1) / np.maximum(most, np.float32(1e-38))), side="left"))
        second.append(most)
    return np.concatenate(codes).astype(np.uint8), np.array(second, np.float32)


values, types = source(), {}
for name in ("nf4", "fp4"):
    packed, state = F.quantize_4bit(torch.from_numpy(values), quant_type=name)
    absmax = state.absmax.numpy().copy()
    plain = F.dequantize_4bit(packed, state).numpy().ravel()
    _, nested = F.quantize_4bit(torch.from_numpy(values), quant_type=name, compress_statistics=True)
    offset = np.float32(nested.offset.item())
    codes, second = quantise_scales(absmax, offset)
    theirs = nested.absmax.numpy()
    print(name, "scale bytes that bitsandbytes' CPU kernel has otherwise:", int((codes != theirs).sum()), "of", codes.size)
    assert np.array_equal(second, nested.state2.absmax.numpy())
    table = F.create_dynamic_map().numpy()
    scales = table[codes] * np.repeat(second, 256)[:codes.size] + offset
    numbers = packed.numpy().ravel()
    code = F.get_4bit_type(name, device="cpu").numpy()
    nibbles = np.stack([numbers >> 4, numbers & 15], 1).ravel()
    assert np.array_equal(code[nibbles] * np.repeat(absmax, 64), plain)
    doubled = code[nibbles] * np.repeat(scales, 64)
    types[name] = {"hex": numbers[:32 * 12].tobytes().hex(), "sha256": sha256(numbers), "absmax_sha256": sha256(absmax),
                   "decoded_sha256": sha256(plain + np.float32(0)), "offset": bits(offset)[0], "scale_bytes": codes.tobytes().hex(),
                   "second": bits(second), "double_decoded_sha256": sha256(doubled + np.float32(0))}
peers.write_golden("four-bits.json", {
    "made_by": peers.made_by("make_four_bits.py", "bitsandbytes", "torch", "numpy"),
    "about": ["values: state = 1664525 * state + 1013904223 mod 2^32 from 12345; (state >> 8) - 2^23 over 2^23, times "
              "(float) 0.01 * (1 + block % 7); block 0 is 0, block 1 times 1e-38f, blocks 2 and 3 are given as bits.",
              "hex: the packed numbers of 12 blocks, sha256: of all.  decoded: with +0 for -0.",
              "offset: the mean of absmax as torch sums it; scale_bytes: one a block; second: one for 256 blocks."],
    "blocks": BLOCKS, "given": bits(values[128:256]), "values_sha256": sha256(values), "types": types,
})
