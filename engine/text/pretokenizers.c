/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names are llama.cpp's (tokenizer.ggml.pre), expressions those of the models' tokenizer.json.
 */
#include "text/pretokenizers.h"

#include <string.h>

static const AttuneKnownPretokenizer known[] = {
  { "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano glm4 glm5",
    TRUE,
    FALSE,
    { attune_cut_llama3 } },
  { "dbrx smaug-bpe chatglm-bpe", FALSE, FALSE, { attune_cut_llama3 } },
  { "qwen2 megrez", FALSE, TRUE, { attune_cut_qwen2 } },
  { "stablelm2 deepseek-r1-qwen kormo f2llmv2 hunyuan solar-open grok-2",
    FALSE,
    FALSE,
    { attune_cut_qwen2 } },
  { "qwen35", FALSE, FALSE, { attune_cut_qwen35 } },
  { "ufakzeka", FALSE, FALSE, { attune_cut_plain_qwen2 } },
  { "bailingmoe bailingmoe2 llada-moe", FALSE, FALSE, { attune_cut_bailing } },
  { "seed-coder", FALSE, FALSE, { attune_cut_seed_coder } },
  { "minicpm5", TRUE, FALSE, { attune_cut_three_numbers, attune_cut_minicpm } },
  { "laguna", FALSE, FALSE, { attune_cut_line, attune_cut_qwen2 } },
  { "tekken", TRUE, FALSE, { attune_cut_tekken } },
  { "gpt-4o llama4 kanana2 talkie minimax-m2", FALSE, FALSE, { attune_cut_gpt4o } },
  { "tiny_aya cohere2moe", FALSE, FALSE, { attune_cut_thousands, attune_cut_gpt4o } },
  { "gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert "
    "jina-v1-en jina-v2-code roberta-bpe exaone4 jais trillion granite-docling",
    FALSE,
    FALSE,
    { attune_cut_gpt2 } },
  { "mpt olmo", FALSE, TRUE, { attune_cut_gpt2 } },
  { "command-r", FALSE, TRUE, { attune_cut_number, attune_cut_gpt2 } },
  { "smollm starcoder refact codeshell exaone minerva-7b mellum2",
    FALSE,
    FALSE,
    { attune_cut_number, attune_cut_gpt2 } },
  { "deepseek-v3 hunyuan-dense joyai-llm hy_v4",
    FALSE,
    FALSE,
    { attune_cut_three_numbers, attune_cut_kana, attune_cut_deepseek3 } },
  { "deepseek-llm",
    FALSE,
    FALSE,
    { attune_cut_line_break, attune_cut_space_alphabet, attune_cut_space_signs,
      attune_cut_last_space, attune_cut_east, attune_cut_number } },
  { "deepseek-coder",
    FALSE,
    FALSE,
    { attune_cut_line_break, attune_cut_space_letters, attune_cut_space_punctuation,
      attune_cut_east, attune_cut_number } },
  { "falcon", FALSE, FALSE, { attune_cut_falcon_marks, attune_cut_gpt2, attune_cut_three_digits } },
  { "bloom poro-chat gpt3-finnish", FALSE, FALSE, { attune_cut_bloom } },
  { "viking", FALSE, FALSE, { attune_cut_bloom, attune_cut_number } },
  { "gemma4 sarvam-moe granite-embed-multi-311m", FALSE, FALSE, { attune_cut_line } },
  /* llama.cpp's own way for files that do not say; no reference exists for them. Its second
   * expression has no last \s+, but what matches nothing is a piece too, and that is one such
   * character. */
  { "default",
    FALSE,
    FALSE,
    { attune_cut_marks, attune_cut_gpt2, attune_cut_numbers, attune_cut_three_digits } },
};

#define GPT4_TAIL "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define GPT4_HEAD "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
#define GPT4O_TAIL "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define SHORT_FORMS "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
#define SMALL                                                                                      \
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
#define LARGE                                                                                      \
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"

/* DeepSeek LLM's; spelled out, since some of these become others in Unicode's normal forms. */
#define ALPHABET                                                                                   \
  "A-Za-z\xc2\xb5\xc3\x80-\xc3\x96\xc3\x98-\xc3\xb6\xc3\xb8-\xc6\xba\xc6\xbc-"                     \
  "\xc6\xbf\xc7\x84-\xca\x93\xca\x95-\xca\xaf\xcd\xb0-\xcd\xb3\xcd\xb6\xcd\xb7"                    \
  "\xcd\xbb-\xcd\xbd\xcd\xbf\xce\x86\xce\x88-\xce\x8a\xce\x8c\xce\x8e-\xce\xa1"                    \
  "\xce\xa3-\xcf\xb5\xcf\xb7-\xd2\x81\xd2\x8a-\xd4\xaf\xd4\xb1-\xd5\x96\xe1\x82\xa0"               \
  "-\xe1\x83\x85\xe1\x8e\xa0-\xe1\x8f\xb5\xe1\x8f\xb8-\xe1\x8f\xbd\xe1\xb2\x90-"                   \
  "\xe1\xb2\xba\xe1\xb2\xbd-\xe1\xb2\xbf\xe1\xb4\x80-\xe1\xb4\xab\xe1\xb5\xab-"                    \
  "\xe1\xb5\xb7\xe1\xb5\xb9-\xe1\xb6\x9a\xe1\xb8\x80-\xe1\xbc\x95\xe1\xbc\x98-"                    \
  "\xe1\xbc\x9d\xe1\xbc\xa0-\xe1\xbd\x85\xe1\xbd\x88-\xe1\xbd\x8d\xe1\xbd\x90-"                    \
  "\xe1\xbd\x97\xe1\xbd\x99\xe1\xbd\x9b\xe1\xbd\x9d\xe1\xbd\x9f-\xe1\xbd\xbd"                      \
  "\xe1\xbe\x80-\xe1\xbe\xb4\xe1\xbe\xb6-\xe1\xbe\xbc\xe1\xbe\xbe\xe1\xbf\x82-"                    \
  "\xe1\xbf\x84\xe1\xbf\x86-\xe1\xbf\x8c\xe1\xbf\x90-\xe1\xbf\x93\xe1\xbf\x96-"                    \
  "\xe1\xbf\x9b\xe1\xbf\xa0-\xe1\xbf\xac\xe1\xbf\xb2-\xe1\xbf\xb4\xe1\xbf\xb6-"                    \
  "\xe1\xbf\xbc\xe2\x84\x82\xe2\x84\x87\xe2\x84\x8a-\xe2\x84\x93\xe2\x84\x95"                      \
  "\xe2\x84\x99-\xe2\x84\x9d\xe2\x84\xa4\xe2\x84\xa6\xe2\x84\xa8\xe2\x84\xaa-"                     \
  "\xe2\x84\xad\xe2\x84\xaf-\xe2\x84\xb4\xe2\x84\xb9\xe2\x84\xbc-\xe2\x84\xbf"                     \
  "\xe2\x85\x85-\xe2\x85\x89\xe2\x85\x8e\xe2\x86\x83\xe2\x86\x84\xe2\xb0\x80-"                     \
  "\xe2\xb1\xbb\xe2\xb1\xbe-\xe2\xb3\xa4\xe2\xb3\xab-\xe2\xb3\xae\xe2\xb3\xb2"                     \
  "\xe2\xb3\xb3\xea\x99\x80-\xea\x99\xad\xea\x9a\x80-\xea\x9a\x9b\xea\x9c\xa2-"                    \
  "\xea\x9d\xaf\xea\x9d\xb1-\xea\x9e\x87\xea\x9e\x8b-\xea\x9e\x8e\xea\xad\xb0-"                    \
  "\xea\xae\xbf\xef\xac\x80-\xef\xac\x86\xef\xac\x93-\xef\xac\x97\xef\xbc\xa1-"                    \
  "\xef\xbc\xba\xef\xbd\x81-\xef\xbd\x9a\xf0\x90\x90\x80-\xf0\x90\x91\x8f"                         \
  "\xf0\x90\x92\xb0-\xf0\x90\x93\x93\xf0\x90\x93\x98-\xf0\x90\x93\xbb"                             \
  "\xf0\x90\xb2\x80-\xf0\x90\xb2\xb2\xf0\x90\xb3\x80-\xf0\x90\xb3\xb2"                             \
  "\xf0\x91\xa2\xa0-\xf0\x91\xa3\x9f\xf0\x9e\xa4\x80-\xf0\x9e\xa5\x83"

static const struct
{
  const char *pattern;
  AttuneCutRule rule;
} patterns[] = {
  { GPT4_HEAD "\\p{N}{1,3}" GPT4_TAIL, attune_cut_llama3 },
  { GPT4_HEAD "\\p{N}" GPT4_TAIL, attune_cut_qwen2 },
  { GPT4_HEAD "\\p{N}+" GPT4_TAIL, attune_cut_minicpm },
  { "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| "
    "?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    attune_cut_qwen35 },
  { "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" GPT4_TAIL, attune_cut_plain_qwen2 },
  { "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| "
    "?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
    attune_cut_bailing },
  { GPT4_HEAD "\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    attune_cut_seed_coder },
  { SMALL "|" LARGE "|\\p{N}" GPT4O_TAIL, attune_cut_tekken },
  { SMALL SHORT_FORMS "|" LARGE SHORT_FORMS "|\\p{N}{1,3}" GPT4O_TAIL, attune_cut_gpt4o },
  { "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{"
    "M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    attune_cut_deepseek3 },
  { "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    attune_cut_gpt2 },
  { " ?[^(\\s|[.,!?…。，、।۔،])]+", attune_cut_bloom },
  { "\\d{1,3}(?=(?:\\d{3})*\\b)", attune_cut_thousands },
  { "\\p{N}{1,3}", attune_cut_three_numbers },
  { "\\p{N}+", attune_cut_numbers },
  { "\\p{N}", attune_cut_number },
  { "[0-9][0-9][0-9]", attune_cut_three_digits },
  { "[\\r\\n]", attune_cut_line_break },
  { "[一-龥぀-ゟ゠-ヿ]+", attune_cut_kana },
  { "[一-龥ࠀ-一가-퟿]+", attune_cut_east },
  { "\\s?\\p{L}+", attune_cut_space_letters },
  { "\\s?\\p{P}+", attune_cut_space_punctuation },
  { "\\s?[" ALPHABET "]+", attune_cut_space_alphabet },
  { "\\s?[!-/:-~！-／：-～‘-‟　-。]+", attune_cut_space_signs },
  { "\\s+$", attune_cut_last_space },
};

const AttuneKnownPretokenizer *
attune_pretokenizers_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_auto (GStrv) names = g_strsplit (known[i].names, " ", -1);

      if (g_strv_contains ((const char *const *) names, name))
        return &known[i];
    }
  return NULL;
}

/* The first name of @known[i], as a static string. */
static const char *
first_name (guint i)
{
  const char *space = strchr (known[i].names, ' ');
  g_autofree char *name = space != NULL
                              ? g_strndup (known[i].names, (gsize) (space - known[i].names))
                              : g_strdup (known[i].names);

  return g_intern_string (name);
}

const char *
attune_pretokenizers_find_rules (const AttuneCutRule rules[ATTUNE_KNOWN_RULES_MAX],
                                 gboolean prefers_whole, gboolean composes)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].prefers_whole == prefers_whole && known[i].composes == composes
        && memcmp (known[i].rules, rules, sizeof known[i].rules) == 0)
      return first_name (i);
  return NULL;
}

/* As JSON's writers differ in: a line break may be spelled, or be there. */
static char *
spell_line_breaks (const char *pattern)
{
  GString *text = g_string_new (pattern);

  g_string_replace (text, "\n", "\\n", 0);
  g_string_replace (text, "\r", "\\r", 0);
  return g_string_free (text, FALSE);
}

AttuneCutRule
attune_pretokenizers_find_pattern (const char *pattern)
{
  g_autofree char *spelled = spell_line_breaks (pattern);

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    if (g_str_equal (patterns[i].pattern, spelled))
      return patterns[i].rule;
  return NULL;
}

const char *
attune_pretokenizers_find_spelling (AttuneCutRule rule)
{
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    if (patterns[i].rule == rule)
      return patterns[i].pattern;
  return rule == attune_cut_marks          ? "[\\p{P}\\$\\+<=>\\^~\\|]+"
         : rule == attune_cut_falcon_marks ? "[\\p{P}\\$\\+<=>\\^~\\|`]+"
         : rule == attune_cut_line         ? "[^\\n]+|[\\n]+"
                                           : NULL;
}
