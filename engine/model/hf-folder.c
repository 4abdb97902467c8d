/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See hf-folder.h: the shards, and what must be stored in another way.
 */
#include "model/hf-folder.h"
#include "model/hf-config.h"
#include "model/model-error.h"
#include "model/safetensors.h"
#include "model/tensor-names.h"

#include <string.h>

#define INDEX_MAX_SHARDS 4096

struct _AttuneHfFolder
{
  AttuneDecoderConfig config;
  GPtrArray *shards;   /* AttuneSafetensors */
  GPtrArray *files;    /* their names, NULL-terminated */
  GHashTable *tensors; /* GGUF's name to AttuneTensor; both owned */
  GPtrArray *copies;   /* memory of those that are no views of a shard */
};

void
attune_hf_folder_close (AttuneHfFolder *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->tensors);
  g_ptr_array_unref (self->shards);
  g_ptr_array_unref (self->copies);
  g_ptr_array_unref (self->files);
  g_free (self);
}

/* Buffers that old versions wrote into the files, and the pictures' part of Gemma 3. */
static gboolean
can_be_left_out (const char *name)
{
  return g_str_has_suffix (name, "rotary_emb.inv_freq") || g_str_has_suffix (name, ".masked_bias")
         || g_str_has_suffix (name, ".attn.bias") || g_str_has_prefix (name, "vision_tower.")
         || g_str_has_prefix (name, "multi_modal_projector.")
         || g_str_has_prefix (name, "model.vision_tower.")
         || g_str_has_prefix (name, "model.multi_modal_projector.");
}

/* Memory for @tensor, which is to be filled. %FALSE when there is none. */
static gboolean
make_copy (AttuneHfFolder *self, AttuneTensor *tensor, const char *path, GError **error)
{
  tensor->data = g_try_malloc (MAX (attune_tensor_bytes (tensor), 1));
  if (tensor->data == NULL)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, path, "does not fit into memory.");
  g_ptr_array_add (self->copies, tensor->data);
  return TRUE;
}

/* Gains and biases in f32, with the 1 that some families leave out. */
static gboolean
convert_vector (AttuneHfFolder *self, const AttuneFamily *family, const char *name,
                AttuneTensor *tensor, const char *path, GError **error)
{
  const AttuneTensor stored = *tensor;
  const gboolean plus_one
      = (family->flags & ATTUNE_FAMILY_GAIN_PLUS_ONE) && g_str_has_suffix (name, "norm.weight");
  float *values;

  if (stored.type == ATTUNE_TYPE_F32 && !plus_one)
    return TRUE;
  tensor->type = ATTUNE_TYPE_F32;
  if (!make_copy (self, tensor, path, error))
    return FALSE;
  values = tensor->data;
  attune_type_info (stored.type)->decode (values, stored.data, attune_tensor_count (&stored));
  for (gint64 i = 0; plus_one && i < attune_tensor_count (tensor); i++)
    values[i] += 1.0f;
  return TRUE;
}

static gboolean
transpose (AttuneHfFolder *self, AttuneTensor *tensor, const char *path, GError **error)
{
  const AttuneTensor stored = *tensor;
  const gint64 rows = stored.dims[1], columns = stored.dims[0];
  const gsize size = attune_type_bytes (stored.type, 1);

  tensor->dims[0] = rows;
  tensor->dims[1] = columns;
  if (!make_copy (self, tensor, path, error))
    return FALSE;
  for (gint64 row = 0; row < rows; row++)
    for (gint64 column = 0; column < columns; column++)
      memcpy ((char *) tensor->data + (row * columns + column) * size,
              (char *) stored.data + (column * rows + row) * size, size);
  return TRUE;
}

/* Falcon's rows go key head by key head: its queries, the key, the value. They become all queries,
 * all keys, all values. */
static gboolean
sort_heads (AttuneHfFolder *self, AttuneTensor *tensor, const char *path, GError **error)
{
  const AttuneDecoderConfig *c = &self->config;
  const AttuneTensor stored = *tensor;
  const int group = c->n_heads / c->n_kv_heads;
  const gint64 columns = tensor->n_dims > 1 ? tensor->dims[1] : 1;
  const gsize head_bytes = attune_type_bytes (stored.type, c->head_dim * columns);

  if (tensor->dims[0] != ((gint64) c->n_heads + 2 * c->n_kv_heads) * c->head_dim)
    return TRUE; /* the decoder says so */
  if (!make_copy (self, tensor, path, error))
    return FALSE;
  for (int kv = 0; kv < c->n_kv_heads; kv++)
    for (int i = 0; i < group + 2; i++)
      {
        const gint64 to
            = i < group ? kv * group + i : c->n_heads + (i - group) * c->n_kv_heads + kv;

        memcpy ((char *) tensor->data + to * head_bytes,
                (char *) stored.data + ((gsize) kv * (group + 2) + i) * head_bytes, head_bytes);
      }
  return TRUE;
}

static gboolean
add_tensor (AttuneHfFolder *self, const AttuneFamily *family, const char *name,
            const AttuneTensor *stored, const char *path, GError **error)
{
  AttuneTensor tensor = *stored;
  const char *part;
  g_autofree char *ours = attune_tensor_name_from_hugging_face (family, name, &part);

  if (ours == NULL && can_be_left_out (name))
    return TRUE;
  if (ours == NULL || !attune_family_uses_tensor (&self->config, ours))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, path,
                              "has a tensor “%s”, which this version of Attune cannot use.", name);
  if (g_hash_table_contains (self->tensors, ours))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                              "has the tensor “%s”, which another file of the model has, too.",
                              name);
  if (tensor.n_dims == 1 && !convert_vector (self, family, ours, &tensor, path, error))
    return FALSE;
  if (tensor.n_dims == 2 && (family->flags & ATTUNE_FAMILY_TRANSPOSED)
      && g_str_has_prefix (ours, "blk.") && !transpose (self, &tensor, path, error))
    return FALSE;
  if (g_str_equal (family->name, "falcon") && g_str_equal (part, "attn_qkv")
      && self->config.n_kv_heads > 1 && !sort_heads (self, &tensor, path, error))
    return FALSE;
  g_hash_table_insert (self->tensors, g_steal_pointer (&ours), g_memdup2 (&tensor, sizeof tensor));
  return TRUE;
}

static gboolean
add_shard (AttuneHfFolder *self, const AttuneFamily *family, const char *folder, const char *name,
           GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  AttuneSafetensors *shard = attune_safetensors_open (path, error);

  if (shard == NULL)
    return FALSE;
  g_ptr_array_add (self->shards, shard);
  g_ptr_array_add (self->files, g_strdup (name));
  for (guint i = 0; i < attune_safetensors_n_tensors (shard); i++)
    {
      const char *tensor = attune_safetensors_tensor_name (shard, i);

      if (!add_tensor (self, family, tensor, attune_safetensors_find_tensor (shard, tensor), path,
                       error))
        return FALSE;
    }
  return TRUE;
}

/* The names of the shards, each once. Names only: a path would lead out of the folder. */
static GPtrArray *
read_index (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  JsonNode *map = NULL;
  JsonObjectIter iter;
  JsonNode *node;

  if (!json_parser_load_from_file (parser, path, NULL)
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser))
      || (map = json_object_get_member (json_node_get_object (json_parser_get_root (parser)),
                                        "weight_map"))
             == NULL
      || !JSON_NODE_HOLDS_OBJECT (map))
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                         "does not say which files the model consists of.");
      return NULL;
    }
  json_object_iter_init_ordered (&iter, json_node_get_object (map));
  while (json_object_iter_next_ordered (&iter, NULL, &node))
    {
      const char *name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (name == NULL || *name == '.' || strchr (name, '/') != NULL
          || names->len >= INDEX_MAX_SHARDS)
        {
          attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                             "names a file of the model that cannot be one.");
          return NULL;
        }
      if (!g_hash_table_contains (seen, name))
        {
          g_ptr_array_add (names, g_strdup (name));
          g_hash_table_add (seen, g_ptr_array_index (names, names->len - 1));
        }
    }
  return g_steal_pointer (&names);
}

static gboolean
add_shards (AttuneHfFolder *self, const AttuneFamily *family, const char *folder, GError **error)
{
  g_autofree char *index = g_build_filename (folder, "model.safetensors.index.json", NULL);
  g_autoptr (GPtrArray) names = NULL;

  if (!g_file_test (index, G_FILE_TEST_EXISTS))
    return add_shard (self, family, folder, "model.safetensors", error);
  names = read_index (index, error);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!add_shard (self, family, folder, g_ptr_array_index (names, i), error))
      return FALSE;
  return TRUE;
}

/* Lists of numbers of config.json as the tensors that GGUF has for them. */
static gboolean
add_factors (AttuneHfFolder *self, const char *name, const GArray *factors, const char *path,
             GError **error)
{
  AttuneTensor tensor = { NULL, 1, { factors != NULL ? factors->len : 0 } };

  if (factors == NULL)
    return TRUE;
  if (!make_copy (self, &tensor, path, error))
    return FALSE;
  memcpy (tensor.data, factors->data, factors->len * sizeof (float));
  g_hash_table_insert (self->tensors, g_strdup (name), g_memdup2 (&tensor, sizeof tensor));
  return TRUE;
}

/* What only the tensors tell. */
static gboolean
complete_config (AttuneHfFolder *self, const AttuneHfConfig *config, const char *path,
                 GError **error)
{
  const AttuneTensor *embedding = attune_hf_folder_lookup (self, "token_embd.weight");
  g_autoptr (GError) reason = NULL;

  if (embedding == NULL || embedding->n_dims != 2 || embedding->dims[1] != self->config.n_embd
      || embedding->dims[0] > G_MAXINT)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                              "is of a model that has no table of tokens with rows of %d values.",
                              self->config.n_embd);
  self->config.n_vocab = (int) embedding->dims[0];
  self->config.tied_head
      = config->says_tied || attune_hf_folder_lookup (self, "output.weight") == NULL;
  if (!attune_decoder_config_check (&self->config, &reason))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "contradicts itself: %s",
                              reason->message);
  return TRUE;
}

AttuneHfFolder *
attune_hf_folder_open (const char *folder, GError **error)
{
  g_autoptr (AttuneHfFolder) self = g_new0 (AttuneHfFolder, 1);
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  g_autoptr (GMappedFile) map = NULL;
  g_auto (AttuneHfConfig) config = { 0 };

  self->shards = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_safetensors_close);
  self->files = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  self->copies = g_ptr_array_new_with_free_func (g_free);
  self->tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  map = attune_model_map (path, error);
  if (map == NULL
      || !attune_hf_config_parse (&config, g_mapped_file_get_contents (map),
                                  (gssize) g_mapped_file_get_length (map), path, error))
    return NULL;
  self->config = config.config;
  if (!add_shards (self, config.family, folder, error)
      || !add_factors (self, "rope_factors_short.weight", config.short_factors, path, error)
      || !add_factors (self, "rope_factors_long.weight", config.long_factors, path, error)
      || !complete_config (self, &config, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

const AttuneDecoderConfig *
attune_hf_folder_get_config (const AttuneHfFolder *self)
{
  return &self->config;
}

const AttuneTensor *
attune_hf_folder_lookup (gpointer folder, const char *name)
{
  AttuneHfFolder *self = folder;

  return g_hash_table_lookup (self->tensors, name);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
attune_hf_folder_list_tensors (const AttuneHfFolder *self)
{
  guint n;
  char **names = (char **) g_hash_table_get_keys_as_array (self->tensors, &n);

  qsort (names, n, sizeof *names, compare_names);
  return names;
}

const char *const *
attune_hf_folder_get_files (const AttuneHfFolder *self)
{
  return (const char *const *) self->files->pdata;
}

void
attune_hf_folder_release_pages (const AttuneHfFolder *self)
{
  for (guint i = 0; i < self->shards->len; i++)
    attune_safetensors_release_pages (self->shards->pdata[i]);
}
