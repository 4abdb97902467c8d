/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adapters in PEFT's format that were made elsewhere: read whole, also where several parts of a
 * model are one there, in all types; and refused by name where there is more in them.
 */
#include "deploy/family-model.h"
#include "deploy/read-back.h"
#include "deploy/scratch-folder.h"
#include "compute/blocks.h"
#include "deploy/weights.h"
#include "model/families.h"
#include "model/tensor-names.h"

#include <string.h>

#define RANK 3
#define PREFIX "base_model.model."

/* What a folder is made of. */
typedef struct
{
  GArray *entries; /* AttuneSafetensorsEntry */
  GPtrArray *values;
} Weights;

static Weights *
weights_new (void)
{
  Weights *self = g_new0 (Weights, 1);

  self->entries = g_array_new (FALSE, TRUE, sizeof (AttuneSafetensorsEntry));
  self->values = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static void
weights_free (Weights *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    g_free (g_array_index (self->entries, AttuneSafetensorsEntry, i).name);
  g_array_unref (self->entries);
  g_ptr_array_unref (self->values);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Weights, weights_free)

/* @values: (transfer full): rows × columns */
static void
weights_add (Weights *self, char *name, float *values, gint64 rows, gint64 columns)
{
  const AttuneSafetensorsEntry entry = { name, { NULL, 2, { rows, columns } } };

  g_array_append_val (self->entries, entry);
  g_ptr_array_add (self->values, values);
}

static gboolean
fill (gpointer data, const char *name, void *bytes, GError **error)
{
  const Weights *self = data;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const AttuneSafetensorsEntry *entry
          = &g_array_index (self->entries, AttuneSafetensorsEntry, i);
      const gint64 n = attune_tensor_count (&entry->shape);

      if (!g_str_equal (entry->name, name))
        continue;
      if (entry->shape.type == ATTUNE_TYPE_F16)
        attune_encode_f16 (bytes, self->values->pdata[i], n);
      else if (entry->shape.type == ATTUNE_TYPE_BF16)
        attune_encode_bf16 (bytes, self->values->pdata[i], n);
      else
        memcpy (bytes, self->values->pdata[i], n * sizeof (float));
      return TRUE;
    }
  return FALSE;
}

/* @members: what its configuration has more, with a comma before it */
static void
write_folder (const Weights *self, const char *folder, AttuneType type, const char *members)
{
  g_autofree char *path = g_build_filename (folder, "adapter_model.safetensors", NULL),
                  *config = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir (folder, 0700);
  config = g_strdup_printf (
      "{\"peft_type\": \"LORA\", \"task_type\": \"CAUSAL_LM\", \"r\": %d, \"lora_alpha\": 6, "
      "\"base_model_name_or_path\": \"their/model\", \"bias\": \"none\"%s}",
      RANK, members);
  family_write (folder, "adapter_config.json", config);
  for (guint i = 0; i < self->entries->len; i++)
    g_array_index (self->entries, AttuneSafetensorsEntry, i).shape.type = type;
  attune_safetensors_write (path, (const AttuneSafetensorsEntry *) self->entries->data,
                            self->entries->len, fill, (gpointer) self, &error);
  g_assert_no_error (error);
}

static float *
make_values (gint64 n, int seed)
{
  float *values = g_new (float, n);

  for (gint64 i = 0; i < n; i++)
    values[i] = (float) sin (0.7 * i + seed) * 0.5f;
  return values;
}

/* Every linear of the model as PEFT sees them: A and B without a zero. */
static Weights *
make_dense (FamilyModel *f)
{
  const AttuneExport view = { .model = f->model, .decoder = f->decoder };
  g_autofree char **names = attune_model_list_tensors (f->model);
  Weights *self = weights_new ();

  for (int i = 0; names[i] != NULL; i++)
    {
      const AttuneTensor *weight = attune_model_lookup (f->model, names[i]);
      g_autoptr (GPtrArray) linears = attune_export_find_linears (&view, names[i], weight);
      g_autofree char *module = NULL;
      gint64 rows = 0, columns;

      if (linears == NULL)
        continue;
      module = attune_tensor_name_to_hugging_face (attune_family_find (f->decoder->config.family),
                                                   names[i], FALSE);
      *strrchr (module, '.') = '\0';
      for (guint j = 0; j < linears->len; j++)
        rows += attune_tensor_rows (&((const AttuneLinear *) linears->pdata[j])->weight);
      columns = attune_tensor_columns (&((const AttuneLinear *) linears->pdata[0])->weight);
      weights_add (self, g_strdup_printf (PREFIX "%s.lora_A.weight", module),
                   make_values (RANK * columns, i), RANK, columns);
      weights_add (self, g_strdup_printf (PREFIX "%s.lora_B.weight", module),
                   make_values (rows * RANK, i + 5), rows, RANK);
    }
  return self;
}

/* What the adapter that was read adds to the rows of a group of linears is s · B · A. Returns: how
 * far off it is at most, over its size. */
static double
compare_group (AttuneReadBack *read, const char *tensor, const GPtrArray *linears, const float *a,
               const float *b)
{
  const AttuneDecoderConfig *config = &read->decoder->config;
  const AttuneRowOrder order = attune_export_order (config, tensor, FALSE);
  double off = 0, size = 0;
  gint64 row = 0, rows = 0;

  for (guint i = 0; i < linears->len; i++)
    rows += attune_tensor_rows (&((const AttuneLinear *) linears->pdata[i])->weight);
  for (row = 0; row < rows; row++)
    {
      gint64 own = attune_export_source (config, order, row);
      guint i = 0;
      const AttuneLora *lora;

      while (own >= attune_tensor_rows (&((const AttuneLinear *) linears->pdata[i])->weight))
        own -= attune_tensor_rows (&((const AttuneLinear *) linears->pdata[i++])->weight);
      lora = &((const AttuneLinear *) linears->pdata[i])->adapters[0];
      for (gint64 column = 0; column < lora->a.dims[1]; column++)
        {
          double is = 0, wanted = 0;

          for (int j = 0; j < RANK; j++)
            {
              is += (double) ((const float *) lora->b.data)[own * RANK + j]
                    * ((const float *) lora->a.data)[j * lora->a.dims[1] + column];
              wanted += (double) b[row * RANK + j] * a[j * lora->a.dims[1] + column];
            }
          off = MAX (off, fabs (lora->scale * is - 2 * wanted));
          size = MAX (size, fabs (2 * wanted));
        }
    }
  return off / size;
}

static void
check_dense (FamilyModel *f, const Weights *weights, const char *folder, AttuneType type,
             double tolerance)
{
  g_auto (AttuneReadBack) read = { 0 };
  g_autofree char **names = attune_model_list_tensors (f->model);
  g_autoptr (GError) error = NULL;
  guint at = 0;

  write_folder (weights, folder, type, "");
  attune_read_back_open (&read, ATTUNE_EXPORT_ADAPTER, folder, f->model, f->be, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read.base_name, ==, "their/model");
  g_assert_false (read.has_head);
  for (int i = 0; names[i] != NULL; i++)
    {
      const AttuneExport view = { .model = f->model, .decoder = read.decoder };
      g_autoptr (GPtrArray) linears
          = attune_export_find_linears (&view, names[i], attune_model_lookup (f->model, names[i]));
      double off;

      if (linears == NULL)
        continue;
      off = compare_group (&read, names[i], linears, weights->values->pdata[at],
                           weights->values->pdata[at + 1]);
      if (off > tolerance)
        g_test_message ("%s is off by %g", names[i], off);
      g_assert_cmpfloat (off, <=, tolerance);
      at += 2;
    }
  g_assert_cmpuint (at, ==, weights->entries->len);
}

/* In 16 bits each of the six factors of a sum is off by 2⁻⁸ (bf16) or 2⁻¹¹ (f16) of its value at
 * most; 1.6e-3 seen in f16. */
static void
test_dense (gconstpointer family)
{
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *folder = g_build_filename (scratch, "model", NULL),
                  *adapter = g_build_filename (scratch, "adapter", NULL);
  g_autoptr (FamilyModel) f = NULL;
  g_autoptr (Weights) weights = NULL;

  family_make_folder (family, folder);
  f = family_model_open (folder, FALSE);
  weights = make_dense (f);
  check_dense (f, weights, adapter, ATTUNE_TYPE_F32, 1e-6);
  check_dense (f, weights, adapter, ATTUNE_TYPE_F16, 4e-3);
  check_dense (f, weights, adapter, ATTUNE_TYPE_BF16, 3e-2);
}

static void
refuse (FamilyModel *f, const char *folder, const char *part)
{
  g_auto (AttuneReadBack) read = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (
      attune_read_back_open (&read, ATTUNE_EXPORT_ADAPTER, folder, f->model, f->be, &error));
  g_assert_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
}

/* Nothing that was learned is left out without a word. */
static void
test_refused (gconstpointer family)
{
  static const struct
  {
    const char *members, *part;
  } cases[] = {
    { ", \"bias\": \"all\"", "biases" },
    { ", \"lora_bias\": true", "lora_bias" },
    { ", \"modules_to_save\": [\"embed_tokens\", \"lm_head\"]", "modules_to_save" },
    { ", \"modules_to_save\": [\"score\", \"embed_tokens\"]", "modules_to_save" },
    { ", \"trainable_token_indices\": [5]", "trainable_token_indices" },
    { ", \"alora_invocation_tokens\": [5]", "alora_invocation_tokens" },
    { ", \"layer_replication\": [[0, 1]]", "layer_replication" },
    { ", \"init_lora_weights\": \"pissa\"", "pissa" },
    { ", \"init_lora_weights\": \"loftq\"", "loftq" },
    { ", \"peft_type\": \"LOHA\"", "LOHA" },
    { ", \"alpha_pattern\": {\"down_proj\": 8}", "alpha_pattern" },
    { ", \"rank_pattern\": {\"down_proj\": 8}", "rank_pattern" },
    { ", \"r\": 0", "no rank" },
    { ", \"r\": 2", "another model" },
  };
  static const char *const fine[] = { ", \"init_lora_weights\": \"gaussian\"",
                                      ", \"modules_to_save\": null, \"rank_pattern\": {}",
                                      ", \"init_lora_weights\": false, \"lora_bias\": false" };
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *folder = g_build_filename (scratch, "model", NULL),
                  *adapter = g_build_filename (scratch, "adapter", NULL),
                  *file = g_build_filename (adapter, "adapter_model.safetensors", NULL),
                  *old = g_build_filename (adapter, "adapter_model.bin", NULL);
  g_autoptr (FamilyModel) f = NULL;
  g_autoptr (Weights) weights = NULL, others = weights_new ();

  family_make_folder (family, folder);
  f = family_model_open (folder, FALSE);
  weights = make_dense (f);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      write_folder (weights, adapter, ATTUNE_TYPE_F32, cases[i].members);
      refuse (f, adapter, cases[i].part);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    {
      g_auto (AttuneReadBack) read = { 0 };
      g_autoptr (GError) error = NULL;

      write_folder (weights, adapter, ATTUNE_TYPE_F32, fine[i]);
      attune_read_back_open (&read, ATTUNE_EXPORT_ADAPTER, adapter, f->model, f->be, &error);
      g_assert_no_error (error);
    }
  weights_add (weights, g_strdup (PREFIX "model.embed_tokens.lora_embedding_A"), make_values (8, 1),
               2, 4);
  write_folder (weights, adapter, ATTUNE_TYPE_F32, "");
  refuse (f, adapter, "lora_embedding_A");
  weights_add (others, g_strdup (PREFIX "other.layers.0.q.lora_A.weight"), make_values (6, 1), 3,
               2);
  write_folder (others, adapter, ATTUNE_TYPE_F32, "");
  refuse (f, adapter, "Is it of");
  g_rename (file, old);
  refuse (f, adapter, "adapter_model.bin");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/deploy/foreign-adapter/phi3", "phi3", test_dense);
  g_test_add_data_func ("/deploy/foreign-adapter/gpt2", "gpt2", test_dense);
  g_test_add_data_func ("/deploy/foreign-adapter/falcon", "falcon-40b", test_dense);
  g_test_add_data_func ("/deploy/foreign-adapter/llama", "llama", test_dense);
  g_test_add_data_func ("/deploy/foreign-adapter/refused/one", "llama", test_refused);
  g_test_add_data_func ("/deploy/foreign-adapter/refused/joined", "phi3", test_refused);
  return g_test_run ();
}
