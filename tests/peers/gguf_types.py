# SPDX-License-Identifier: GPL-3.0-or-later
"""Which type llama.cpp's own llama-quantize gives each tensor of a file."""
import llama_cpp
import gguf

# Our formats, and llama.cpp's numbers for them (llama_ftype).
FORMATS = {"gguf-f16": 1, "gguf-bf16": 32, "gguf-q8_0": 7, "gguf-q6_k": 18, "gguf-q5_k_m": 17, "gguf-q5_k_s": 16, "gguf-q5_1": 9,
           "gguf-q5_0": 8, "gguf-q4_k_m": 15, "gguf-q4_k_s": 14, "gguf-q4_1": 3, "gguf-q4_0": 2}


def quantise(source, target, form):
    """Has llama.cpp write @source in format @form as @target."""
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype, params.nthread, params.allow_requantize = FORMATS[form], 2, True
    assert llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), params) == 0
    return target


def types(path):
    """{name: type} of a file."""
    return {t.name: t.tensor_type for t in gguf.GGUFReader(path).tensors}
