/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The families of tests/golden/families: a small model of each that Transformers saved.
 */
#pragma once

static const char *const family_names[] = {
  "llama",  "llama-linear", "mistral",    "qwen2",     "qwen3",    "smollm3",  "gemma",
  "gemma2", "gemma3",       "phi3",       "phi3-long", "olmo2",    "stablelm", "stablelm-parallel",
  "gpt2",   "falcon-7b",    "falcon-40b", "mixtral",   "qwen2moe", "qwen3moe"
};
