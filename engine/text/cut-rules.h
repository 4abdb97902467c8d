/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The regular expressions with which models cut text into words, each as a scanner written by hand.
 * Private to pretokenize.c.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Where the match of the expression at @p (< @end) ends; %NULL where none begins there. */
typedef const char *(*AttuneCutRule) (const char *p, const char *end);

const char *attune_cut_gpt2 (const char *p, const char *end);
const char *attune_cut_llama3 (const char *p, const char *end);
const char *attune_cut_qwen2 (const char *p, const char *end);
const char *attune_cut_qwen35 (const char *p, const char *end);
const char *attune_cut_minicpm (const char *p, const char *end);
const char *attune_cut_plain_qwen2 (const char *p, const char *end);
const char *attune_cut_bailing (const char *p, const char *end);
const char *attune_cut_seed_coder (const char *p, const char *end);
const char *attune_cut_tekken (const char *p, const char *end);
const char *attune_cut_gpt4o (const char *p, const char *end);
const char *attune_cut_deepseek3 (const char *p, const char *end);
const char *attune_cut_bloom (const char *p, const char *end);

/* The parts that chains are made of. */
const char *attune_cut_number (const char *p, const char *end);        /* \p{N} */
const char *attune_cut_numbers (const char *p, const char *end);       /* \p{N}+ */
const char *attune_cut_three_numbers (const char *p, const char *end); /* \p{N}{1,3} */
const char *attune_cut_three_digits (const char *p, const char *end);  /* [0-9][0-9][0-9] */
const char *attune_cut_line_break (const char *p, const char *end);    /* [\r\n] */
const char *attune_cut_line (const char *p, const char *end);          /* [^\n]+|[\n]+ */
const char *attune_cut_kana (const char *p, const char *end); /* [一-龥぀-ゟ゠-ヿ]+ */
const char *attune_cut_east (const char *p, const char *end); /* [一-龥ࠀ-一가-퟿]+ */
const char *attune_cut_space_letters (const char *p, const char *end);     /* \s?\p{L}+ */
const char *attune_cut_space_punctuation (const char *p, const char *end); /* \s?\p{P}+ */
const char *attune_cut_space_alphabet (const char *p, const char *end);    /* of DeepSeek LLM */
const char *attune_cut_space_signs (const char *p, const char *end);       /* of DeepSeek LLM */
const char *attune_cut_last_space (const char *p, const char *end);        /* \s+$ */
const char *attune_cut_marks (const char *p, const char *end);        /* [\p{P}\$\+<=>\^~\|]+ */
const char *attune_cut_falcon_marks (const char *p, const char *end); /* the same with ` */
const char *attune_cut_thousands (const char *p, const char *end);    /* \d{1,3}(?=(?:\d{3})*\b) */

/* White space and what is between it; letter by letter. For tokenizer.json's steps. */
const char *attune_cut_punctuation_one (const char *p, const char *end);
const char *attune_cut_white_space_one (const char *p, const char *end);
const char *attune_cut_words (const char *p, const char *end);       /* \w+|[^\w\s]+ */
const char *attune_cut_byte_number (const char *p, const char *end); /* of a byte's letter */

G_END_DECLS
