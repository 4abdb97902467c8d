/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of a repository's files to take, and which can be used at all.
 */
#include "model/hub.h"

#include "model/families.h"

#include <math.h>
#include <string.h>

/* --- by its name */

const AttuneHubFile *
attune_hub_model_find (const AttuneHubModel *self, const char *name)
{
  for (guint i = 0; i < self->files->len; i++)
    if (g_str_equal (((AttuneHubFile *) self->files->pdata[i])->name, name))
      return self->files->pdata[i];
  return NULL;
}

/* --- by its type */

/* Bits of a weight in the mixtures that quantisers name their files after (llama.cpp,
 * tools/quantize/README.md, for Llama 3.1 8B). */
static const struct
{
  const char *name;
  double bits;
} types[] = {
  { "iq1_s", 2.0 },  { "iq1_m", 2.1 },  { "iq2_xxs", 2.4 }, { "iq2_xs", 2.6 }, { "iq2_s", 2.7 },
  { "iq2_m", 2.9 },  { "q2_k_s", 3.0 }, { "q2_k", 3.2 },    { "q2_k_l", 3.3 }, { "iq3_xxs", 3.2 },
  { "iq3_xs", 3.5 }, { "q3_k_s", 3.6 }, { "iq3_s", 3.7 },   { "iq3_m", 3.8 },  { "q3_k_m", 4.0 },
  { "q3_k", 4.0 },   { "q3_k_l", 4.3 }, { "iq4_xs", 4.5 },  { "q4_0", 4.7 },   { "iq4_nl", 4.7 },
  { "q4_k_s", 4.7 }, { "q4_k_m", 4.9 }, { "q4_k", 4.9 },    { "q4_k_l", 5.0 }, { "q4_1", 5.1 },
  { "q5_0", 5.6 },   { "q5_k_s", 5.6 }, { "q5_k_m", 5.7 },  { "q5_k", 5.7 },   { "q5_k_l", 5.8 },
  { "q5_1", 6.1 },   { "q6_k", 6.6 },   { "q6_k_l", 6.7 },  { "q8_0", 8.5 },   { "f16", 16 },
  { "bf16", 16 },    { "f32", 32 },
};

/* Another one may be taken where it is nearly as large: at most this much larger or smaller. */
#define MOST_APART 1.35

/* "q4_k_m" of "m-Q4_K_M.gguf". Returns: (transfer full): or %NULL. */
static char *
get_type (const char *name)
{
  g_autoptr (GRegex) regex = g_regex_new ("[-._]((?:i?q\\d|f16|f32|bf16)\\w*)\\.gguf$",
                                          G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *type = NULL;

  if (!g_regex_match (regex, name, 0, &match))
    return NULL;
  type = g_match_info_fetch (match, 1);
  return g_ascii_strdown (type, -1);
}

/* 0: unknown */
static double
get_bits (const char *name)
{
  g_autofree char *type = get_type (name);

  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i].name, type))
      return types[i].bits;
  return 0;
}

gboolean
attune_hub_is_same_type (const char *one, const char *two)
{
  g_autofree char *a = get_type (one), *b = get_type (two);

  return a != NULL && g_strcmp0 (a, b) == 0;
}

/* How far from @name a file of another one is, in powers of two of its size; HUGE_VAL: too far. */
static double
get_distance (const char *name, const char *other)
{
  const double wanted = get_bits (name), has = get_bits (other);

  if (attune_hub_is_same_type (name, other))
    return 0;
  if (wanted == 0 || has == 0 || MAX (wanted, has) > MOST_APART * MIN (wanted, has))
    return HUGE_VAL;
  /* of two that are as far, the larger one loses less */
  return fabs (log2 (has / wanted)) + (has < wanted ? 1e-3 : 0);
}

/* What a file of the repository is beside a model: the part that reads images, or what weights were
 * counted by when the others were made. */
static gboolean
is_beside (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return strstr (lower, "mmproj") != NULL || strstr (lower, "imatrix") != NULL;
}

/* Letters and digits from the start of both, whatever is between them. */
static guint
count_common (const char *one, const char *two)
{
  guint n = 0;

  for (;; one++, two++)
    {
      while (*one != '\0' && !g_ascii_isalnum (*one))
        one++;
      while (*two != '\0' && !g_ascii_isalnum (*two))
        two++;
      if (*one == '\0' || g_ascii_tolower (*one) != g_ascii_tolower (*two))
        return n;
      n++;
    }
}

gboolean
attune_hub_is_same_name (const char *one, const char *two)
{
  g_autofree char *a = g_path_get_basename (one), *b = g_path_get_basename (two);
  const guint n = count_common (a, b);

  return attune_hub_is_same_type (a, b) && n == count_common (a, a) && n == count_common (b, b);
}

/* A model of another size is another model, however alike it is called. 0: not known. */
static gboolean
is_about (guint64 bytes, guint64 wanted)
{
  return bytes == 0 || wanted == 0
         || MAX (bytes, wanted) <= MOST_APART * (double) MIN (bytes, wanted);
}

/* A repository may have several models: the one whose name begins alike for longest is meant. */
static gboolean
is_better (const AttuneHubFile *file, const AttuneHubFile *than, const char *name)
{
  const double one = get_distance (name, file->name), two = get_distance (name, than->name);
  g_autofree char *base = g_path_get_basename (file->name),
                  *other = g_path_get_basename (than->name);

  return one != two ? one < two : count_common (name, base) > count_common (name, other);
}

const AttuneHubFile *
attune_hub_model_find_alike (const AttuneHubModel *self, const char *name, guint64 bytes)
{
  const AttuneHubFile *found = attune_hub_model_find (self, name);
  gboolean certain = TRUE;

  if (found != NULL)
    return found;
  for (guint i = 0; i < self->files->len; i++)
    {
      const AttuneHubFile *file = self->files->pdata[i];

      if (attune_hub_model_judge (self, file) != ATTUNE_HUB_GOOD || is_beside (file->name)
          || get_distance (name, file->name) == HUGE_VAL || !is_about (file->bytes, bytes))
        continue;
      if (found == NULL || is_better (file, found, name))
        {
          found = file;
          certain = TRUE;
        }
      else if (!is_better (found, file, name))
        certain = FALSE;
    }
  return certain ? found : NULL;
}

/* --- what can be used */

gboolean
attune_hub_model_check_parts (const AttuneHubModel *self, GError **error)
{
  gboolean config = FALSE, weights = FALSE, tokenizer = FALSE;

  for (guint i = 0; i < self->parts->len; i++)
    {
      const char *name = ((AttuneHubFile *) self->parts->pdata[i])->name;

      config = config || g_str_equal (name, "config.json");
      weights = weights || g_str_has_suffix (name, ".safetensors");
      tokenizer = tokenizer || g_str_equal (name, "tokenizer.json")
                  || g_str_equal (name, "tokenizer.model");
    }
  if (config && weights && tokenizer)
    return TRUE;
  g_set_error (
      error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
      "“%s” has no %s at the hub, which Attune needs to use it. Look for the same model as "
      "a GGUF file instead.",
      self->repository,
      !config    ? "config.json"
      : !weights ? "weights in the safetensors format"
                 : "tokenizer.json or tokenizer.model");
  return FALSE;
}

AttuneHubJudgement
attune_hub_model_judge (const AttuneHubModel *self, const AttuneHubFile *file)
{
  /* As quantisers name their files; llama.cpp itself no longer reads the first ones. */
  static const char *const others[] = { "Q4_0_4_4", "Q4_0_4_8", "Q4_0_8_8", "NVFP4" };
  g_autofree char *name = g_ascii_strup (file->name, -1);

  if (self->architecture != NULL && attune_family_find (self->architecture) == NULL)
    return ATTUNE_HUB_OTHER_FAMILY;
  if (g_regex_match_simple ("-\\d{5}-OF-\\d{5}\\.GGUF$", name, 0, 0))
    return ATTUNE_HUB_PART;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (strstr (name, others[i]) != NULL)
      return ATTUNE_HUB_OTHER_TYPE;
  return ATTUNE_HUB_GOOD;
}
