/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The KV cache in 8 bits: what it changes in the logits against the one in bf16, copies of a
 * sequence, and the memory that it takes.
 */
#include "nn/decoder.h"

#include <string.h>

#define VOCABULARY 61
#define PROMPT 40 /* longer than what is attended to row by row */
#define STEPS 8

typedef struct
{
  AttuneBackend *be;
  AttuneDecoderConfig config;
  AttuneDecoder *decoder;
  GHashTable *tensors; /* AttuneTensor, by name */
  GRand *rand;
} Model;

static void
tensor_free (gpointer data)
{
  AttuneTensor *tensor = data;

  g_free (tensor->data);
  g_free (tensor);
}

/* Whether the model has a matrix of that name, and its shape. */
static gboolean
find_matrix (const AttuneDecoderConfig *c, const char *name, gint64 *rows, gint64 *columns)
{
  *rows = c->n_vocab;
  *columns = c->n_embd;
  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    {
      g_autofree char *end = g_strdup_printf (".%s.weight", attune_linear_names[i]);

      if (!g_str_has_suffix (name, end))
        continue;
      attune_linear_shape (c, i, rows, columns);
      return TRUE;
    }
  return g_str_equal (name, "token_embd.weight");
}

/* An AttuneTensorLookup: makes what is asked for. */
static const AttuneTensor *
look_up (gpointer data, const char *name)
{
  Model *self = data;
  AttuneTensor *tensor = g_hash_table_lookup (self->tensors, name);
  const gboolean gain = g_str_has_suffix (name, "_norm.weight");
  gint64 rows, columns;
  float *values;

  if (tensor != NULL || (!find_matrix (&self->config, name, &rows, &columns) && !gain))
    return tensor;
  tensor = g_new0 (AttuneTensor, 1);
  *tensor = gain ? (AttuneTensor) { NULL, 1, { self->config.n_embd } }
                 : (AttuneTensor) { NULL, 2, { rows, columns } };
  values = tensor->data = g_new (float, attune_tensor_count (tensor));
  for (gint64 i = 0; i < attune_tensor_count (tensor); i++)
    values[i] = gain ? 1.0f : g_rand_double_range (self->rand, -0.1, 0.1);
  g_hash_table_insert (self->tensors, g_strdup (name), tensor);
  return tensor;
}

static void
set_up (Model *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->be = attune_backend_cpu_new (2);
  self->rand = g_rand_new_with_seed (3);
  self->tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, tensor_free);
  self->config = (AttuneDecoderConfig) { .family = "llama",
                                         .n_layers = 3,
                                         .n_embd = 128,
                                         .n_ff = 96,
                                         .n_heads = 4,
                                         .n_kv_heads = 2,
                                         .head_dim = GPOINTER_TO_INT (data),
                                         .n_vocab = VOCABULARY,
                                         .max_tokens = 64,
                                         .norm_eps = 1e-5f,
                                         .rotary_base = 1e4f,
                                         .tied_head = TRUE };
  self->decoder = attune_decoder_new (&self->config, self->be, look_up, self, &error);
  g_assert_no_error (error);
}

static void
tear_down (Model *self, gconstpointer data)
{
  attune_decoder_free (self->decoder);
  attune_backend_free (self->be);
  g_hash_table_unref (self->tensors);
  g_rand_free (self->rand);
}

static AttuneCacheShape
make_shape (gboolean small)
{
  return (AttuneCacheShape) {
    .n_sequences = 2, .capacity = 64, .max_rows = PROMPT, .fast = TRUE, .small = small
  };
}

/* Logits of the prompt's last token and of STEPS after it, the latter in a copy of the sequence. */
static float *
write_text (Model *self, gboolean small)
{
  const AttuneCacheShape shape = make_shape (small);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCache) cache = attune_cache_new (self->be, &self->config, &shape, &error);
  float *all = g_new (float, (1 + STEPS) * VOCABULARY);
  gint32 tokens[PROMPT], sequences[PROMPT] = { 0 }, positions[PROMPT];
  const gint32 last = PROMPT - 1, only = 0, second = 1;

  g_assert_no_error (error);
  for (int i = 0; i < PROMPT; i++)
    {
      tokens[i] = (i * 17 + 5) % VOCABULARY;
      positions[i] = i;
    }
  memcpy (
      all,
      attune_decoder_decode (self->decoder, cache, PROMPT, tokens, sequences, positions, 1, &last),
      VOCABULARY * sizeof (float));
  attune_cache_copy (cache, 0, 1, PROMPT);
  for (gint32 i = 0; i < STEPS; i++)
    {
      const gint32 token = (i * 23 + 2) % VOCABULARY, position = PROMPT + i;

      memcpy (all + (1 + i) * VOCABULARY,
              attune_decoder_decode (self->decoder, cache, 1, &token, &second, &position, 1, &only),
              VOCABULARY * sizeof (float));
    }
  g_assert_true (attune_backend_sync (self->be, &error));
  return all;
}

/* Of all logits, the largest difference as a share of the largest. */
static double
compare (Model *self)
{
  g_autofree float *usual = write_text (self, FALSE), *small = write_text (self, TRUE);
  double worst = 0, largest = 0;

  for (int i = 0; i < (1 + STEPS) * VOCABULARY; i++)
    {
      worst = MAX (worst, fabs (usual[i] - small[i]));
      largest = MAX (largest, fabs (usual[i]));
    }
  g_test_message ("differs by %g of %g", worst, largest);
  return worst / largest;
}

static void
test_small (Model *self, gconstpointer data)
{
  const AttuneCacheShape usual = make_shape (FALSE), small = make_shape (TRUE);
  const gsize values = 2 * 3 * 2 * 2 * 64 * 32; /* keys and values of all there are */
  const double difference = compare (self);

  g_assert_cmpfloat (difference, >, 0);
  g_assert_cmpfloat (difference, <, 0.02);
  g_assert_cmpuint (attune_cache_bytes (&self->config, &usual)
                        - attune_cache_bytes (&self->config, &small),
                    ==, values * 2 - values / 32 * 34);
}

/* Heads that are no whole blocks: as ever. */
static void
test_odd (Model *self, gconstpointer data)
{
  g_assert_cmpfloat (compare (self), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/nn/cache/small", Model, GINT_TO_POINTER (32), set_up, test_small, tear_down);
  g_test_add ("/nn/cache/odd", Model, GINT_TO_POINTER (40), set_up, test_odd, tear_down);
  return g_test_run ();
}
