/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tests/golden/tiny-llama.gguf as a decoder, with or without the adapter of tiny-llama.json, for
 * the tests of generate/, evaluate/ and deploy/.
 */
#pragma once
#include "generate/generator.h"
#include "text/golden.h"

#include <math.h>

typedef struct
{
  JsonParser *parser;
  AttuneBackend *be;
  AttuneModel *model;
  AttuneDecoder *decoder;
  AttuneTokenizer *tokenizer; /* borrowed */
  AttuneLoraConfig lora;
  AttuneParameters *adapter; /* %NULL: the base speaks */
} TinyLlama;

/* As tiny-llama.json says in "about": tensor k, value i. */
static inline void
tiny_llama_fill (AttuneParameters *adapter)
{
  for (guint k = 0; k < adapter->n_items; k++)
    {
      float *values = adapter->items[k].value.data;

      for (gint64 i = 0; i < attune_tensor_count (&adapter->items[k].value); i++)
        values[i] = (float) (0.05 * sin (0.37 * (double) i + 1.3 * k));
    }
}

static inline TinyLlama *
tiny_llama_new (gboolean tuned)
{
  TinyLlama *tiny = g_new0 (TinyLlama, 1);
  g_autoptr (GError) error = NULL;
  JsonObject *root;

  tiny->parser = golden_load ("tiny-llama.json");
  root = golden_root (tiny->parser);
  tiny->be = attune_backend_cpu_new (2);
  tiny->model = golden_tiny_model ();
  tiny->tokenizer = attune_model_get_tokenizer (tiny->model);
  tiny->decoder = attune_decoder_new (attune_model_get_config (tiny->model), tiny->be,
                                      attune_model_lookup, tiny->model, &error);
  g_assert_no_error (error);
  tiny->lora = (AttuneLoraConfig) { .rank = (int) json_object_get_int_member (root, "rank"),
                                    .alpha = (float) json_object_get_double_member (root, "alpha"),
                                    .targets = ATTUNE_TARGETS_ALL };
  if (tuned)
    {
      tiny->adapter = attune_decoder_add_lora (tiny->decoder, &tiny->lora, 1, FALSE, &error);
      g_assert_no_error (error);
      tiny_llama_fill (tiny->adapter);
    }
  return tiny;
}

static inline void
tiny_llama_free (TinyLlama *tiny)
{
  attune_decoder_free (tiny->decoder);
  g_clear_pointer (&tiny->adapter, attune_parameters_free);
  attune_model_close (tiny->model);
  attune_backend_free (tiny->be);
  g_object_unref (tiny->parser);
  g_free (tiny);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TinyLlama, tiny_llama_free)

/* Returns: (transfer full): a JSON array of ids as gint32s. */
static inline GArray *
tiny_llama_ids (JsonArray *array)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const gint32 id = (gint32) json_array_get_int_element (array, i);

      g_array_append_val (ids, id);
    }
  return ids;
}

/* The prompt and the reference's greedy answer to it, of the base or the tuned model. */
static inline void
tiny_llama_greedy (TinyLlama *tiny, GArray **prompt, GArray **answer)
{
  JsonArray *greedy = json_object_get_array_member (golden_root (tiny->parser), "greedy");
  const char *adapter = tiny->adapter != NULL ? "lora" : "base";

  for (guint i = 0; i < json_array_get_length (greedy); i++)
    {
      JsonObject *entry = json_array_get_object_element (greedy, i);

      if (!g_str_equal (json_object_get_string_member (entry, "adapter"), adapter))
        continue;
      *prompt = tiny_llama_ids (json_object_get_array_member (entry, "prompt"));
      *answer = tiny_llama_ids (json_object_get_array_member (entry, "ids"));
      return;
    }
  g_assert_not_reached ();
}

/* Returns: (transfer full): seven prompts of 3 to 64 tokens, more than any test runs at once. */
static inline GPtrArray *
tiny_llama_prompts (TinyLlama *tiny)
{
  static const guint from[][3] = { { 0, 0, 11 }, { 1, 0, 37 }, { 2, 0, 64 }, { 1, 5, 3 },
                                   { 2, 7, 21 }, { 0, 2, 9 },  { 2, 30, 33 } };
  JsonArray *rows = json_object_get_array_member (golden_root (tiny->parser), "rows");
  GPtrArray *prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  for (guint i = 0; i < G_N_ELEMENTS (from); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, from[i][0]);
      g_autoptr (GArray) ids = tiny_llama_ids (json_object_get_array_member (row, "ids"));
      GArray *prompt = g_array_new (FALSE, FALSE, sizeof (gint32));

      g_array_append_vals (prompt, &g_array_index (ids, gint32, from[i][1]), from[i][2]);
      g_ptr_array_add (prompts, prompt);
    }
  return prompts;
}
