/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Full fine-tuning: gradients of every kind of weight, and switching between stored and trained
 * ones.
 */
#include "gradient-check.h"
#include "nn/base-parts.h"
#include "tiny-decoder.h"

enum
{
  TIED = 1,
  CHECKPOINT = 2,
  BIASES = 4,
  PARALLEL = 8, /* and one norm for attention and feed-forward */
};

/* The tiny decoder once more, with the head tied or with biases. */
static TinyDecoder *
make_tiny (guint variant)
{
  TinyDecoder *tiny = tiny_decoder_new (2, ATTUNE_ROTARY_HALVES);
  g_autoptr (GError) error = NULL;

  tiny->config.tied_head = (variant & TIED) != 0;
  if (variant & PARALLEL)
    tiny->config.block = ATTUNE_BLOCK_PARALLEL;
  for (int layer = 0; variant & BIASES && layer < tiny->config.n_layers; layer++)
    for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
      {
        gint64 rows, columns;

        attune_linear_shape (&tiny->config, i, &rows, &columns);
        tiny_add (tiny, g_strdup_printf ("blk.%d.%s.bias", layer, attune_linear_names[i]), 0, rows,
                  0.3);
      }
  attune_decoder_free (tiny->decoder);
  tiny->decoder = attune_decoder_new (&tiny->config, tiny->be, tiny_lookup, tiny, &error);
  g_assert_no_error (error);
  return tiny;
}

static AttuneActivations *
make_activations (TinyDecoder *tiny, gboolean checkpoint)
{
  /* Logits in two turns, so that the head's gradient is added up. */
  const AttuneStepShape shape = { .max_tokens = TINY_TOKENS + 1,
                                  .max_targets = TINY_TARGETS,
                                  .logit_rows = 4,
                                  .backward = TRUE,
                                  .checkpoint = checkpoint };
  g_autoptr (GError) error = NULL;
  AttuneActivations *act = attune_activations_new (tiny->be, &tiny->config, &shape, &error);

  g_assert_no_error (error);
  return act;
}

static AttuneParameters *
train (TinyDecoder *tiny)
{
  g_autoptr (GError) error = NULL;
  AttuneParameters *parameters = attune_decoder_train_base (tiny->decoder, TRUE, &error);

  g_assert_no_error (error);
  return parameters;
}

/* Gradients into a fresh copy; they must be ADDED to what stands there. */
static float *
find_gradients (TinyDecoder *tiny, AttuneParameters *parameters, AttuneActivations *act,
                const AttuneBatch *batch)
{
  double losses[TINY_TARGETS];
  float *grads = parameters->grads.data, *copy = g_new (float, parameters->count);

  for (gint64 i = 0; i < parameters->count; i++)
    grads[i] = 1;
  attune_decoder_forward_backward (tiny->decoder, act, batch, losses, 1.0f / batch->n_targets, TRUE,
                                   1, 1);
  g_assert_true (attune_backend_sync (tiny->be, NULL));
  for (gint64 i = 0; i < parameters->count; i++)
    copy[i] = grads[i] - 1;
  return copy;
}

/* What stood when it was told that it does. */
typedef struct
{
  AttuneParameters *parameters;
  int n_layers, last; /* layer that was told last */
  float *seen;        /* of the items that stood then, by their places */
} Standing;

static gboolean
stands (const AttuneParameter *item, int n_layers, int layer)
{
  const int own = attune_tensor_layer (item->name);

  return own >= 0 ? own >= layer : g_str_has_prefix (item->name, "output") && layer <= n_layers;
}

static void
note_standing (gpointer data, int layer)
{
  Standing *self = data;

  g_assert_cmpint (layer, ==, self->last - 1);
  self->last = layer;
  for (guint i = 0; i < self->parameters->n_items; i++)
    {
      const AttuneParameter *item = &self->parameters->items[i];
      const gint64 at = (float *) item->grad.data - (float *) self->parameters->grads.data;

      if (stands (item, self->n_layers, layer) && !stands (item, self->n_layers, layer + 1))
        memcpy (self->seen + at, item->grad.data, attune_tensor_bytes (&item->grad));
    }
}

/* Who watches backward is told of each layer once its gradients, and those of all that comes after
 * it, are what they stay. */
static void
test_watch (gconstpointer data)
{
  const guint variant = GPOINTER_TO_UINT (data);
  g_autoptr (TinyDecoder) tiny = make_tiny (variant);
  g_autoptr (AttuneParameters) parameters = train (tiny);
  g_autoptr (AttuneActivations) act = make_activations (tiny, (variant & CHECKPOINT) != 0);
  const int n_layers = tiny->config.n_layers;
  g_autofree float *seen = g_new0 (float, parameters->count), *all = NULL;
  Standing standing = { parameters, n_layers, n_layers + 1, seen };

  attune_decoder_watch (tiny->decoder, note_standing, &standing);
  all = find_gradients (tiny, parameters, act, &tiny_batch);
  g_assert_cmpint (standing.last, ==, 0);
  for (guint i = 0; i < parameters->n_items; i++)
    {
      const AttuneParameter *item = &parameters->items[i];
      const gint64 at = (float *) item->grad.data - (float *) parameters->grads.data;

      if (stands (item, n_layers, 0))
        g_assert_cmpmem (seen + at, attune_tensor_bytes (&item->grad), item->grad.data,
                         attune_tensor_bytes (&item->grad));
    }
}

typedef struct
{
  TinyDecoder *tiny;
  AttuneActivations *act;
} Run;

static double
mean_loss (gpointer data)
{
  const Run *run = data;
  double losses[TINY_TARGETS], sum = 0;

  attune_decoder_forward_backward (run->tiny->decoder, run->act, &tiny_batch, losses, 0, TRUE, 1,
                                   1);
  for (int i = 0; i < TINY_TARGETS; i++)
    sum += losses[i];
  return sum / TINY_TARGETS;
}

/* Tensor by tensor, so that the small ones are looked at as well. */
static void
test_gradient (gconstpointer data)
{
  const guint variant = GPOINTER_TO_UINT (data);
  g_autoptr (TinyDecoder) tiny = make_tiny (variant);
  g_autoptr (AttuneParameters) parameters = train (tiny);
  g_autoptr (AttuneActivations) act = make_activations (tiny, (variant & CHECKPOINT) != 0);
  g_autofree float *grads = find_gradients (tiny, parameters, act, &tiny_batch);
  Run run = { tiny, act };
  double worst = 0;

  g_assert_cmpuint (parameters->n_items, ==,
                    (variant & TIED ? 2 : 3)
                        + 3 * ((variant & PARALLEL ? 1 : 2) + (variant & BIASES ? 14 : 7)));
  for (guint i = 0; i < parameters->n_items; i++)
    {
      const AttuneParameter *item = &parameters->items[i];
      const gint64 n = attune_tensor_count (&item->value);
      float *values = item->value.data;
      const gint64 first = values - (float *) parameters->values.data;

      /* 97 divides no length here, so rows and columns of a matrix are all touched */
      worst = MAX (worst, attune_gradient_check (values, grads + first, n, n > 100 ? 97 : 11, 2e-3f,
                                                 mean_loss, &run));
      g_assert_cmpfloat (worst, <, 1e-3);
    }
  g_test_message ("largest difference: %.2g", worst);
}

static void
test_checkpoint_equal (void)
{
  g_autoptr (TinyDecoder) tiny = make_tiny (BIASES);
  g_autoptr (AttuneParameters) parameters = train (tiny);
  g_autoptr (AttuneActivations) keep = make_activations (tiny, FALSE),
                                again = make_activations (tiny, TRUE);
  g_autofree float *first = find_gradients (tiny, parameters, keep, &tiny_batch);
  g_autofree float *second = find_gradients (tiny, parameters, again, &tiny_batch);

  g_assert_cmpmem (first, parameters->count * sizeof (float), second,
                   parameters->count * sizeof (float));
}

/* Two samples that begin with the same four tokens, whole and with those there once: the same
 * gradients, those of the embedding too. */
static void
test_prefix (gconstpointer data)
{
  static const gint32 tokens[] = { 1, 5, 66, 0, 13, 40, 2, 1, 5, 66, 0, 13, 8 };
  static const gint32 positions[] = { 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5 };
  static const gint32 segments[] = { 0, 7, 13 }, rows[] = { 4, 5, 11, 12 };
  static const gint32 short_tokens[] = { 1, 5, 66, 0, 13, 40, 2, 13, 8 };
  static const gint32 short_positions[] = { 0, 1, 2, 3, 4, 5, 6, 4, 5 };
  static const gint32 short_segments[] = { 0, 7, 9 }, short_rows[] = { 4, 5, 7, 8 };
  static const gint32 prefixes[] = { 0, 4 }, targets[] = { 40, 2, 9, 64 };
  const AttuneBatch whole = { 13, tokens, positions, 2, segments, NULL, 4, rows, targets };
  const AttuneBatch shared
      = { 9, short_tokens, short_positions, 2, short_segments, prefixes, 4, short_rows, targets };
  g_autoptr (TinyDecoder) tiny = make_tiny (TIED);
  g_autoptr (AttuneParameters) parameters = train (tiny);
  g_autoptr (AttuneActivations) act = make_activations (tiny, GPOINTER_TO_INT (data));
  g_autofree float *expected = find_gradients (tiny, parameters, act, &whole);
  g_autofree float *found = find_gradients (tiny, parameters, act, &shared);

  for (gint64 i = 0; i < parameters->count; i++)
    g_assert_cmpfloat_with_epsilon (found[i], expected[i], 1e-5);
}

static void
find_losses (TinyDecoder *tiny, AttuneActivations *act, double losses[TINY_TARGETS])
{
  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, losses, 0, FALSE, 0, 0);
  g_assert_true (attune_backend_sync (tiny->be, NULL));
}

/* Training starts at the base; the base can be heard while other weights stand in its place. */
static void
test_base_only (gconstpointer data)
{
  g_autoptr (TinyDecoder) tiny = make_tiny (GPOINTER_TO_UINT (data));
  g_autoptr (AttuneActivations) act = make_activations (tiny, FALSE);
  double base[TINY_TARGETS], start[TINY_TARGETS], on[TINY_TARGETS], off[TINY_TARGETS],
      again[TINY_TARGETS];
  g_autoptr (AttuneParameters) parameters = NULL;
  const AttuneTensor *head;

  find_losses (tiny, act, base);
  g_assert_false (attune_decoder_has_trained_base (tiny->decoder));
  parameters = train (tiny);
  g_assert_true (attune_decoder_has_trained_base (tiny->decoder));
  find_losses (tiny, act, start);
  g_assert_cmpmem (base, sizeof base, start, sizeof start);

  for (gint64 i = 0; i < parameters->count; i++)
    ((float *) parameters->values.data)[i] *= 1.25f;
  find_losses (tiny, act, on);
  g_assert_cmpfloat (fabs (base[0] - on[0]), >, 1e-3);
  attune_decoder_set_base_only (tiny->decoder, TRUE);
  find_losses (tiny, act, off);
  g_assert_cmpmem (base, sizeof base, off, sizeof off);
  attune_decoder_set_base_only (tiny->decoder, FALSE);
  find_losses (tiny, act, again);
  g_assert_cmpmem (on, sizeof on, again, sizeof again);

  head = attune_decoder_find_tensor (tiny->decoder, "token_embd.weight");
  g_assert_true (head->data
                 == attune_parameters_find (parameters, "token_embd.weight")->value.data);
  g_assert_null (attune_decoder_find_tensor (tiny->decoder, "blk.9.attn_q.weight"));
  attune_decoder_remove_trained_base (tiny->decoder);
  find_losses (tiny, act, off);
  g_assert_cmpmem (base, sizeof base, off, sizeof off);
}

/* --- parts */

static AttuneBaseParts
make_parts (const char *what)
{
  AttuneBaseParts parts = { .biases = g_str_equal (what, "biases"),
                            .half = g_str_equal (what, "half"),
                            .some_layers = g_ascii_isdigit (*what) };

  for (const char *c = what; parts.some_layers && *c != '\0'; c++)
    attune_layer_set_add (&parts.layers, *c - '0');
  return parts;
}

/* What learns gets, to the bit, the gradients it gets where all learns; nothing else has any. */
static void
check_parts (const char *what, guint variant, guint64 round)
{
  const AttuneBaseParts parts = make_parts (what);
  g_autoptr (TinyDecoder) tiny = make_tiny (variant), whole = make_tiny (variant);
  g_autoptr (AttuneParameters) all = train (whole), parameters = NULL;
  AttuneStepShape shape = { .max_tokens = TINY_TOKENS + 1,
                            .max_targets = TINY_TARGETS,
                            .logit_rows = 4,
                            .backward = TRUE,
                            .checkpoint = (variant & CHECKPOINT) != 0 };
  g_autoptr (AttuneActivations) full = make_activations (whole, FALSE), act = NULL;
  g_autofree float *expected = find_gradients (whole, all, full, &tiny_batch);
  g_autoptr (GError) error = NULL;
  double losses[TINY_TARGETS];
  gint64 n = 0, n_items = 0;

  attune_decoder_config_count_vectors (&tiny->config, tiny_lookup, tiny);
  tiny->decoder->config = tiny->config;
  shape.first_layer = attune_base_parts_first_layer (&tiny->config, &parts);
  act = attune_activations_new (tiny->be, &tiny->config, &shape, &error);
  g_assert_no_error (error);
  parameters = attune_decoder_train_parts (tiny->decoder, &parts, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (parameters->count, ==, attune_base_parts_count (&tiny->config, &parts));
  if (parts.half)
    attune_decoder_choose_half (tiny->decoder, parameters, 42, round);
  for (gint64 i = 0; i < parameters->grads.dims[0]; i++)
    ((float *) parameters->grads.data)[i] = 1;
  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, losses, 1.0f / TINY_TARGETS,
                                   TRUE, 1, 1);
  g_assert_true (attune_backend_sync (tiny->be, NULL));
  for (guint i = 0; i < parameters->n_items; i++)
    {
      const AttuneParameter *item = &parameters->items[i],
                            *same = attune_parameters_find (all, item->name);
      const float *wanted = expected + ((float *) same->value.data - (float *) all->values.data);

      g_assert_true (item->grad.data != NULL || parts.half);
      n_items += item->grad.data != NULL;
      for (gint64 j = 0; item->grad.data != NULL && j < attune_tensor_count (&item->grad); j++, n++)
        g_assert_cmpfloat (((float *) item->grad.data)[j] - 1, ==, wanted[j]);
    }
  g_assert_cmpint (n, <=, attune_base_parts_count_at_once (&tiny->config, &parts));
  g_assert_cmpint (n_items, >, 0);
  if (parts.half)
    g_assert_cmpint (n_items, <, parameters->n_items);
  else
    g_assert_cmpint (n, ==, parameters->count);
}

static void
test_parts (void)
{
  static const char *const parts[] = { "12", "1", "02", "2", "012" };
  static const guint variants[] = { BIASES | TIED, CHECKPOINT, PARALLEL, PARALLEL | BIASES };

  for (guint v = 0; v < G_N_ELEMENTS (variants); v++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
        check_parts (parts[i], variants[v], 0);
      if (variants[v] & BIASES)
        check_parts ("biases", variants[v], 0);
      for (guint64 round = 0; round < 4; round++)
        check_parts ("half", variants[v], round);
    }
}

/* In every round about half of the layers' weights learn, and over the rounds each of them does. */
static void
test_halves (void)
{
  g_autoptr (TinyDecoder) tiny = make_tiny (BIASES);
  const AttuneBaseParts parts = { .half = TRUE };
  const guint n_tensors = tiny->decoder->tensors->len;
  g_autofree guint *learned = g_new0 (guint, n_tensors);
  gint64 layers = 0;

  attune_decoder_config_count_vectors (&tiny->config, tiny_lookup, tiny);
  for (guint64 round = 0; round < 20; round++)
    {
      gint64 n = 0, outside = 0;

      layers = 0;
      for (guint i = 0; i < n_tensors; i++)
        {
          const AttuneDecoderTensor *t
              = &g_array_index (tiny->decoder->tensors, AttuneDecoderTensor, i);
          const gboolean learns = attune_base_half_learns (&tiny->config, 7, round, t->name);

          learned[i] += learns;
          if (attune_tensor_layer (t->name) < 0)
            outside += attune_tensor_count (&t->base);
          else
            layers += attune_tensor_count (&t->base);
          n += learns ? attune_tensor_count (&t->base) : 0;
        }
      g_assert_cmpint (n, <=, attune_base_parts_count_at_once (&tiny->config, &parts));
      g_assert_cmpfloat_with_epsilon ((double) (n - outside) / layers, 0.5, 0.08);
    }
  for (guint i = 0; i < n_tensors; i++)
    {
      const char *name = g_array_index (tiny->decoder->tensors, AttuneDecoderTensor, i).name;
      const gboolean outside = attune_tensor_layer (name) < 0;

      g_assert_cmpuint (learned[i], >=,
                        outside ? 20 : 3); /* of 20, with a chance of 0.33 or more */
      g_assert_cmpuint (learned[i], <=, outside ? 20 : 18);
    }
}

/* A model without biases has nothing to learn there. */
static void
test_no_parts (void)
{
  g_autoptr (TinyDecoder) tiny = make_tiny (0);
  const AttuneBaseParts parts = { .biases = TRUE };
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_decoder_train_parts (tiny->decoder, &parts, TRUE, &error));
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED);
  g_assert_false (attune_decoder_has_trained_base (tiny->decoder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/nn/train-base/gradient", GUINT_TO_POINTER (0), test_gradient);
  g_test_add_data_func ("/nn/train-base/gradient/tied", GUINT_TO_POINTER (TIED), test_gradient);
  g_test_add_data_func ("/nn/train-base/gradient/checkpoint",
                        GUINT_TO_POINTER (TIED | CHECKPOINT | BIASES), test_gradient);
  g_test_add_data_func ("/nn/train-base/gradient/parallel", GUINT_TO_POINTER (PARALLEL),
                        test_gradient);
  g_test_add_func ("/nn/train-base/checkpoint-equal", test_checkpoint_equal);
  g_test_add_data_func ("/nn/train-base/prefix", GINT_TO_POINTER (FALSE), test_prefix);
  g_test_add_data_func ("/nn/train-base/prefix/checkpoint", GINT_TO_POINTER (TRUE), test_prefix);
  g_test_add_data_func ("/nn/train-base/base-only", GUINT_TO_POINTER (0), test_base_only);
  g_test_add_data_func ("/nn/train-base/base-only/tied", GUINT_TO_POINTER (TIED), test_base_only);
  g_test_add_data_func ("/nn/train-base/base-only/parallel", GUINT_TO_POINTER (PARALLEL),
                        test_base_only);
  g_test_add_data_func ("/nn/train-base/watch/biases", GUINT_TO_POINTER (BIASES | CHECKPOINT),
                        test_watch);
  g_test_add_data_func ("/nn/train-base/watch/tied", GUINT_TO_POINTER (TIED), test_watch);
  g_test_add_data_func ("/nn/train-base/watch/parallel", GUINT_TO_POINTER (PARALLEL), test_watch);
  g_test_add_func ("/nn/train-base/parts", test_parts);
  g_test_add_func ("/nn/train-base/halves", test_halves);
  g_test_add_func ("/nn/train-base/no-parts", test_no_parts);
  return g_test_run ();
}
