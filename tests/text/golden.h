/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tests of text read: golden files, and tokenizers of the models that they were made with.
 */
#pragma once
#include "model/model.h"

#include <json-glib/json-glib.h>

/* The parsed file tests/golden/@name; fails the test where it cannot be read. */
static inline JsonParser *
golden_load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
  g_autoptr (GError) error = NULL;
  JsonParser *parser = json_parser_new ();

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return parser;
}

static inline JsonObject *
golden_root (JsonParser *parser)
{
  return json_node_get_object (json_parser_get_root (parser));
}

/* tests/golden/tiny-llama.gguf, opened. */
static inline AttuneModel *
golden_tiny_model (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "tiny-llama.gguf", NULL);
  g_autoptr (GError) error = NULL;
  AttuneModel *model = attune_model_open (path, &error);

  g_assert_no_error (error);
  return model;
}

/* SmolLM2-135M-Instruct from $ATTUNE_MODEL or the usual folder; %NULL after marking the test as
 * skipped. */
static inline AttuneModel *
golden_real_model (void)
{
  const char *given = g_getenv ("ATTUNE_MODEL");
  g_autofree char *folder = attune_model_folder ();
  g_autofree char *path = given != NULL
                              ? g_strdup (given)
                              : g_build_filename (folder, "SmolLM2-135M-Instruct-Q4_1.gguf", NULL);
  g_autoptr (GError) error = NULL;
  AttuneModel *model;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autofree char *reason = g_strdup_printf ("no model at %s; set ATTUNE_MODEL", path);

      g_test_skip (reason);
      return NULL;
    }
  model = attune_model_open (path, &error);
  g_assert_no_error (error);
  return model;
}

/* Fails where @ids is not the JSON list of numbers; @what and the tokens say where. */
static inline void
golden_assert_ids (const GArray *ids, JsonArray *expected, const char *what)
{
  for (guint i = 0; i < MIN (ids->len, json_array_get_length (expected)); i++)
    if (g_array_index (ids, gint32, i) != json_array_get_int_element (expected, i))
      g_error ("“%s”: token %u is %d, not %d", what, i, g_array_index (ids, gint32, i),
               (int) json_array_get_int_element (expected, i));
  if (ids->len != json_array_get_length (expected))
    g_error ("“%s”: %u tokens, not %u", what, ids->len, json_array_get_length (expected));
}
