# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/blocks.json: blocks of the stored types and what the gguf package makes of them."""
import gguf
import numpy as np

import peers

Q = gguf.GGMLQuantizationType
rng = np.random.default_rng(5)


def f16(*values):
    return np.array(values, np.float16).tobytes()


def bits(values):
    """f32 as the unsigned numbers of their bits: exact, and -0 stays -0."""
    return [int(x) for x in np.ascontiguousarray(values, np.float32).ravel().view(np.uint32)]


def decode(kind, raw):
    data = np.frombuffer(raw, np.uint8)
    if kind in (Q.F16, Q.BF16):   # plain types: the gguf package wants them as what they are
        if kind == Q.F16:
            return data.view(np.float16).astype(np.float32)
        return gguf.quants.dequantize(data.reshape(1, -1), kind).ravel()
    return gguf.quants.dequantize(data.reshape(1, -1), kind).ravel()


# Scales (and minima): ordinary ones, zeros, the smallest and largest f16, f16 subnormals, negative ones.
SCALES = [0.0123, -0.5, 0.0, -0.0, 65504.0, -65504.0, 2.0 ** -24, 2.0 ** -14, 3.1e-6, -6.0e-8, 1.0]


def quantised(kind, n_scales, n_random):
    size = gguf.GGML_QUANT_SIZES[kind][1] - 2 * n_scales
    for i, scale in enumerate(SCALES):
        second = SCALES[(3 * i + 1) % len(SCALES)]
        yield f16(*[scale, second][:n_scales]) + rng.integers(0, 256, size, np.uint8).tobytes()
    for fill in (0, 255, 0x80, 0x7f, 0x0f, 0xf0):   # the ends of the range of the small integers
        yield f16(*[0.25, -1.5][:n_scales]) + bytes([fill]) * size
    for _ in range(n_random):
        yield f16(*rng.normal(0, 0.05, n_scales)) + rng.integers(0, 256, size, np.uint8).tobytes()


types = {}
for kind, n_scales in ((Q.Q4_0, 1), (Q.Q4_1, 2), (Q.Q5_0, 1), (Q.Q5_1, 2), (Q.Q8_0, 1)):
    values, size = gguf.GGML_QUANT_SIZES[kind]
    types[kind.name] = {"type": int(kind), "block_values": values, "block_bytes": size, "blocks": [
        {"hex": raw.hex(), "bits": bits(decode(kind, raw))} for raw in quantised(kind, n_scales, 6)]}
with np.errstate(invalid="ignore"):
    for kind in (Q.F16, Q.BF16):
        patterns = np.concatenate([
            [0x0000, 0x8000, 0x0001, 0x8001, 0x03ff, 0x0400, 0x83ff, 0x3c00, 0xbc00, 0x7bff, 0xfbff, 0x3555, 0x0080, 0x007f,
             0x3f80, 0xbf80, 0x7c00, 0xfc00, 0x7f80, 0xff80, 0x7f7f, 0xff7f],
            rng.integers(0, 0x7800, 42)]).astype(np.uint16)
        if kind == Q.F16:   # no NaN: its payload is nobody's business
            patterns = patterns[~np.isnan(patterns.view(np.float16))]
        else:
            patterns = patterns[~np.isnan((patterns.astype(np.uint32) << 16).view(np.float32))]
        raw = patterns.tobytes()
        types[kind.name] = {"type": int(kind), "block_values": 1, "block_bytes": 2,
                            "blocks": [{"hex": raw.hex(), "bits": bits(decode(kind, raw))}]}

# Quantising: a smooth vector of many magnitudes, a block of zeros, ties (x.5 goes away from zero), and the
# smallest numbers.
i = np.arange(320)
smooth = np.sin(0.7 * i) * np.exp(6 * np.sin(0.013 * i))
ties = np.array([127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, -126.5, 0.49999997, -127, 63.5] + [j + 0.5 for j in range(20)])
source = np.concatenate([smooth, np.zeros(32), ties, np.full(32, 1e-7), np.full(32, -3e4)]).astype(np.float32)
peers.write_golden("blocks.json", {
    "made_by": peers.made_by("make_blocks.py", "gguf", "numpy"),
    "about": ["hex: the bytes as they lie in the file.  bits: each value as the unsigned number of its f32 bits.",
              "Q4_1 and Q5_1 are scale * q + minimum, rounded twice (no fused multiply-add).  type: GGUF's number.",
              "quantise: bits of f32 in, bytes of the type out, as llama.cpp's reference quantiser makes them."],
    "types": types,
    "quantise": {"Q8_0": {"bits": bits(source),
                          "hex": gguf.quants.quantize(source.reshape(1, -1), Q.Q8_0).tobytes().hex()}},
})
