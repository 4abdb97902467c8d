/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small random model of a family as Hugging Face Transformers saved it, and what that computed;
 * made by tests/peers/make_families.py.
 */
#pragma once
#include "model/hf-folder.h"
#include "model/families.h"
#include "nn/decoder.h"

#include <json-glib/json-glib.h>
#include <math.h>

typedef struct
{
  JsonParser *parser;
  JsonObject *expected;
  AttuneHfFolder *checkpoint;
  AttuneBackend *be;
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  /* all rows packed into one stream, every next token a target */
  GArray *tokens, *positions, *segments, *target_rows, *targets, *owners;
} Family;

static inline void
family_free (Family *f)
{
  GArray *arrays[]
      = { f->tokens, f->positions, f->segments, f->target_rows, f->targets, f->owners };

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_unref (arrays[i]);
  g_clear_pointer (&f->parameters, attune_parameters_free);
  attune_decoder_free (f->decoder);
  attune_backend_free (f->be);
  attune_hf_folder_close (f->checkpoint);
  g_object_unref (f->parser);
  g_free (f);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Family, family_free)

static inline void
family_append (GArray *array, gint32 value)
{
  g_array_append_val (array, value);
}

static inline void
family_pack_rows (Family *f)
{
  JsonArray *rows = json_object_get_array_member (f->expected, "rows");

  family_append (f->segments, 0);
  for (guint row = 0; row < json_array_get_length (rows); row++)
    {
      JsonArray *ids = json_array_get_array_element (rows, row);

      for (guint i = 0; i < json_array_get_length (ids); i++)
        {
          if (i > 0)
            {
              family_append (f->target_rows, f->tokens->len - 1);
              family_append (f->targets, json_array_get_int_element (ids, i));
              family_append (f->owners, row);
            }
          family_append (f->tokens, json_array_get_int_element (ids, i));
          family_append (f->positions, i);
        }
      family_append (f->segments, f->tokens->len);
    }
}

/* @be: (transfer full) */
static inline Family *
family_open_on (const char *name, AttuneBackend *be)
{
  Family *f = g_new0 (Family, 1);
  GArray **arrays[]
      = { &f->tokens, &f->positions, &f->segments, &f->target_rows, &f->targets, &f->owners };
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "golden", "families", name, NULL);
  g_autofree char *json = g_build_filename (folder, "expected.json", NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    *arrays[i] = g_array_new (FALSE, FALSE, sizeof (gint32));
  f->parser = json_parser_new ();
  json_parser_load_from_file (f->parser, json, &error);
  g_assert_no_error (error);
  f->expected = json_node_get_object (json_parser_get_root (f->parser));
  f->checkpoint = attune_hf_folder_open (folder, &error);
  g_assert_no_error (error);
  f->be = be;
  f->decoder = attune_decoder_new (attune_hf_folder_get_config (f->checkpoint), f->be,
                                   attune_hf_folder_lookup, f->checkpoint, &error);
  g_assert_no_error (error);
  family_pack_rows (f);
  return f;
}

static inline Family *
family_open (const char *name)
{
  return family_open_on (name, attune_backend_cpu_new (2));
}

static inline AttuneBatch
family_batch (const Family *f)
{
  return (AttuneBatch) { .n_tokens = f->tokens->len,
                         .tokens = (const gint32 *) f->tokens->data,
                         .positions = (const gint32 *) f->positions->data,
                         .n_segments = f->segments->len - 1,
                         .segments = (const gint32 *) f->segments->data,
                         .n_targets = f->targets->len,
                         .target_rows = (const gint32 *) f->target_rows->data,
                         .targets = (const gint32 *) f->targets->data };
}

/* One pass; its losses by row are those under @member. */
static inline void
family_check_losses (Family *f, const char *member, gboolean backward, gboolean checkpoint)
{
  const AttuneBatch batch = family_batch (f);
  const AttuneStepShape shape = { .max_tokens = batch.n_tokens,
                                  .max_targets = batch.n_targets,
                                  .backward = backward,
                                  .checkpoint = checkpoint,
                                  .lora_rank = 2 };
  JsonArray *expected = json_object_get_array_member (f->expected, member);
  g_autofree double *losses = g_new (double, batch.n_targets);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneActivations) act
      = attune_activations_new (f->be, &f->decoder->config, &shape, &error);
  double sums[8] = { 0 };

  g_assert_no_error (error);
  attune_decoder_forward_backward (f->decoder, act, &batch, losses,
                                   backward ? 1.0f / batch.n_targets : 0, TRUE, 0, 0);
  attune_backend_sync (f->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < batch.n_targets; i++)
    sums[g_array_index (f->owners, gint32, i)] += losses[i];
  for (guint row = 0; row < json_array_get_length (expected); row++)
    {
      const double nats = json_array_get_double_element (expected, row);

      g_test_message ("row %u: %.6f, stored %.6f", row, sums[row], nats);
      g_assert_cmpfloat (fabs (sums[row] - nats), <, 1e-5 * nats); /* seen: 5e-7 */
    }
}
