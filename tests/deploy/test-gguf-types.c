/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The types of a GGUF export's tensors are those that llama.cpp's own llama-quantize chooses, for
 * models of many layers, with experts, with fused parts and with rows of odd lengths.
 */
#include "deploy/gguf-types.h"

#include <json-glib/json-glib.h>

static AttuneTensor
read_axes (JsonObject *model, const char *part)
{
  JsonArray *axes
      = json_object_get_array_member (json_object_get_object_member (model, "axes"), part);
  AttuneTensor shape = { .n_dims = json_array_get_length (axes) };

  for (int i = 0; i < shape.n_dims; i++)
    shape.dims[i] = json_array_get_int_element (axes, i);
  return shape;
}

/* @types: one number for all layers, or a string of one for each. Returns: how many were checked */
static guint
check_part (AttuneExportFormat format, const AttuneDecoderConfig *config, JsonObject *model,
            const char *part, JsonNode *types)
{
  const gboolean in_layers = !g_str_equal (part, "token_embd") && !g_str_equal (part, "output");
  const int n = in_layers ? config->n_layers : 1;
  g_auto (GStrv) each = json_node_get_value_type (types) == G_TYPE_STRING
                            ? g_strsplit (json_node_get_string (types), " ", -1)
                            : NULL;
  AttuneTensor shape = read_axes (model, part);

  g_assert_true (each == NULL || (int) g_strv_length (each) == n);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = in_layers ? g_strdup_printf ("blk.%d.%s.weight", i, part)
                                        : g_strconcat (part, ".weight", NULL);
      const int expected = each != NULL ? (int) g_ascii_strtoll (each[i], NULL, 10)
                                        : (int) json_node_get_int (types);
      const int found = attune_gguf_choose_type (format, config, name, &shape);

      if (found != expected)
        g_error ("%s, %s, %s: %s instead of %s", config->family,
                 attune_export_format_get_name (format), name, attune_type_info (found)->name,
                 attune_type_info (expected)->name);
    }
  return n;
}

static void
test_model (gconstpointer data)
{
  JsonObject *model = (JsonObject *) data,
             *formats = json_object_get_object_member (model, "types");
  AttuneDecoderConfig config = { .n_layers = json_object_get_int_member (model, "layers"),
                                 .n_heads = json_object_get_int_member (model, "heads"),
                                 .n_kv_heads = json_object_get_int_member (model, "kv_heads"),
                                 .n_experts = json_object_get_int_member (model, "experts"),
                                 .tied_head = json_object_get_boolean_member (model, "tied") };
  g_autoptr (GList) names = json_object_get_members (formats);
  guint n = 0;

  g_strlcpy (config.family, json_object_get_string_member (model, "family"), sizeof config.family);
  g_assert_cmpuint (g_list_length (names), ==, ATTUNE_N_EXPORTS - 3); /* adapter, merged, f32 */
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *types = json_object_get_object_member (formats, l->data);
      g_autoptr (GList) parts = json_object_get_members (types);
      AttuneExportFormat format;

      g_assert_true (attune_export_format_find (l->data, &format));
      for (GList *part = parts; part != NULL; part = part->next)
        n += check_part (format, &config, model, part->data,
                         json_object_get_member (types, part->data));
    }
  g_test_message ("%u types", n);
  g_assert_cmpuint (n, >, 100);
}

/* Vectors, and what decides over others, are never rounded. */
static void
test_exact (void)
{
  const AttuneDecoderConfig config = { .n_layers = 4, .n_experts = 4, .family = "llama" };
  const AttuneTensor vector = { NULL, 1, { 256 } }, matrix = { NULL, 2, { 4, 256 } };

  for (AttuneExportFormat format = ATTUNE_EXPORT_GGUF_F16; format < ATTUNE_N_EXPORTS; format++)
    {
      g_assert_cmpint (attune_gguf_choose_type (format, &config, "output_norm.weight", &vector), ==,
                       ATTUNE_TYPE_F32);
      g_assert_cmpint (attune_gguf_choose_type (format, &config, "blk.1.attn_q.bias", &vector), ==,
                       ATTUNE_TYPE_F32);
      g_assert_cmpint (
          attune_gguf_choose_type (format, &config, "blk.1.attn_q_norm.weight", &matrix), ==,
          ATTUNE_TYPE_F32);
      g_assert_cmpint (attune_gguf_choose_type (format, &config, "position_embd.weight", &matrix),
                       ==, ATTUNE_TYPE_F32);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GList) titles = NULL;
  JsonObject *models;

  g_test_init (&argc, &argv, NULL);
  path = g_test_build_filename (G_TEST_DIST, "golden", "gguf-types.json", NULL);
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  models = json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)),
                                          "models");
  titles = json_object_get_members (models);
  for (GList *l = titles; l != NULL; l = l->next)
    {
      g_autofree char *test = g_strdup_printf ("/deploy/gguf-types/%s", (char *) l->data);

      g_test_add_data_func (test, json_object_get_object_member (models, l->data), test_model);
    }
  g_test_add_func ("/deploy/gguf-types/exact", test_exact);
  return g_test_run ();
}
