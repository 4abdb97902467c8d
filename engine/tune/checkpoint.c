/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * checkpoint.h5 through the store.
 */
#include "tune/best-weights.h"
#include "tune/checkpoint-private.h"

#include "core/file.h"

#define KIND "checkpoint"
#define VERSION 1
/* Read back in pieces, so that checking takes no memory to speak of. */
#define PIECE (1 << 18)

typedef struct
{
  const char *name;
  gint64 count;
  float *values;
} Vector;
#define N_VECTORS 4

/* Returns: how many there are. */
static int
list_vectors (const AttuneCheckpoint *state, Vector vectors[N_VECTORS])
{
  const Vector all[N_VECTORS] = { { "values", state->count, state->values },
                                  { "optimizer", state->state_count, state->state },
                                  { "best", state->count, state->best },
                                  { "average", state->count, state->average } };
  int n = 0;

  for (int i = 0; i < N_VECTORS; i++)
    if (all[i].values != NULL && all[i].count > 0)
      vectors[n++] = all[i];
  return n;
}

guint64
attune_checkpoint_sum (guint64 sum, const float *values, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    {
      guint32 word;

      memcpy (&word, &values[i], sizeof word);
      sum = (sum ^ word) * G_GUINT64_CONSTANT (1099511628211);
    }
  return sum;
}

static guint64
checksum (const AttuneCheckpoint *state)
{
  guint64 sum = ATTUNE_CHECKPOINT_SUM;
  Vector vectors[N_VECTORS];
  const int n = list_vectors (state, vectors);

  for (int i = 0; i < n; i++)
    sum = attune_checkpoint_sum (sum, vectors[i].values, vectors[i].count);
  return sum;
}

/* They never change, so that their checksum stands for itself. */
static gboolean
write_starts (AttuneStore *store, const AttuneCheckpoint *s, GError **error)
{
  const guint64 sum = attune_checkpoint_sum (ATTUNE_CHECKPOINT_SUM, s->starts, s->starts_count);

  return attune_store_put (store, "starts", ATTUNE_STORE_F32, 1, &s->starts_count, s->starts, error)
         && attune_store_set_int (store, "starts-checksum", (gint64) sum, error);
}

static gboolean
write_checkpoint (const char *path, gpointer data, GError **error)
{
  const AttuneCheckpoint *s = data;
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, error);
  Vector vectors[N_VECTORS];
  const int n = list_vectors (s, vectors);

  if (store == NULL || !attune_store_set_string (store, "key", s->key, error)
      || (s->labels != NULL && !attune_store_set_string (store, "labels", s->labels, error))
      || (s->plan != NULL && !attune_store_set_string (store, "plan", s->plan, error))
      || (s->model != NULL && !attune_store_set_string (store, "model", s->model, error))
      || !attune_store_set_double (store, "kl-weight", s->kl_weight, error)
      || !attune_store_set_int (store, "step", s->step, error)
      || !attune_store_set_int (store, "best-step", s->best_step, error)
      || !attune_store_set_int (store, "bad-validations", s->bad_validations, error)
      || !attune_store_set_int (store, "tokens", s->tokens, error)
      || !attune_store_set_int (store, "target-tokens", s->target_tokens, error)
      || !attune_store_set_double (store, "base-loss", s->base_loss, error)
      || !attune_store_set_double (store, "best-loss", s->best_loss, error)
      || !attune_store_set_double (store, "train-loss", s->train_loss, error)
      || !attune_store_set_double (store, "earlier-loss", s->earlier_loss, error)
      || !attune_store_set_double (store, "seconds", s->seconds, error)
      || !attune_store_set_int (store, "checksum", (gint64) checksum (s), error))
    return FALSE;
  for (int i = 0; i < n; i++)
    if (!attune_store_put (store, vectors[i].name, ATTUNE_STORE_F32, 1, &vectors[i].count,
                           vectors[i].values, error))
      return FALSE;
  if (s->starts != NULL && !write_starts (store, s, error))
    return FALSE;
  return attune_store_commit (store, error);
}

gboolean
attune_checkpoint_check_vector (AttuneStore *store, const char *path, const char *name,
                                gint64 count, GError **error)
{
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;

  if (!attune_store_shape (store, name, &type, &n_dims, dims, error))
    return FALSE;
  if (type == ATTUNE_STORE_F32 && n_dims == 1 && dims[0] == count)
    return TRUE;
  g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT,
               "The checkpoint “%s” holds weights of another size (%" G_GINT64_FORMAT
               " values instead of %" G_GINT64_FORMAT "). It belongs to another plan or model.",
               path, dims[0], count);
  return FALSE;
}

/* With @count values under @name. */
static AttuneStore *
open_checkpoint (const char *path, const char *name, gint64 count, GError **error)
{
  g_autoptr (AttuneStore) store = attune_store_open (path, KIND, VERSION, error);

  if (store == NULL || !attune_checkpoint_check_vector (store, path, name, count, error))
    return NULL;
  return g_steal_pointer (&store);
}

gboolean
attune_checkpoint_damaged (const char *path, GError **error)
{
  g_set_error (
      error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT,
      "The checkpoint “%s” is damaged: its numbers do not match its checksum. Start the run anew.",
      path);
  return FALSE;
}

gboolean
attune_checkpoint_of_another (const char *path, GError **error)
{
  g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT,
               "The checkpoint “%s” was made with another plan, model or data set, so the run "
               "cannot go on from it.",
               path);
  return FALSE;
}

gboolean
attune_checkpoint_compare (AttuneStore *store, const char *path, const char *name,
                           const float *values, gint64 count, GError **error)
{
  g_autofree float *piece = g_new (float, PIECE);

  for (gint64 first = 0; first < count; first += PIECE)
    {
      const gint64 n = MIN (PIECE, count - first);

      if (!attune_store_get (store, name, ATTUNE_STORE_F32, first, n, piece, error))
        return FALSE;
      if (memcmp (piece, values + first, n * sizeof (float)) != 0)
        return attune_checkpoint_damaged (path, error);
    }
  return TRUE;
}

static gboolean
read_back (const char *path, gpointer data, GError **error)
{
  const AttuneCheckpoint *s = data;
  g_autoptr (AttuneStore) store = attune_store_open (path, KIND, VERSION, error);
  Vector vectors[N_VECTORS];
  const int n = list_vectors (s, vectors);

  if (store == NULL)
    return FALSE;
  for (int i = 0; i < n; i++)
    if (!attune_checkpoint_check_vector (store, path, vectors[i].name, vectors[i].count, error)
        || !attune_checkpoint_compare (store, path, vectors[i].name, vectors[i].values,
                                       vectors[i].count, error))
      return FALSE;
  return s->starts == NULL
         || attune_checkpoint_compare (store, path, "starts", s->starts, s->starts_count, error);
}

gboolean
attune_checkpoint_save (const char *path, const AttuneCheckpoint *state, GError **error)
{
  return attune_file_replace (path, write_checkpoint, read_back, (gpointer) state, error);
}

static gboolean
read_numbers (AttuneStore *store, AttuneCheckpoint *s, gint64 *sum, GError **error)
{
  gint64 bad = 0, tokens = 0, target_tokens = 0;

  if (!attune_store_get_int (store, "step", &s->step, error)
      || !attune_store_get_int (store, "best-step", &s->best_step, error)
      || !attune_store_get_int (store, "bad-validations", &bad, error)
      || !attune_store_get_int (store, "tokens", &tokens, error)
      || !attune_store_get_int (store, "target-tokens", &target_tokens, error)
      || !attune_store_get_double (store, "base-loss", &s->base_loss, error)
      || !attune_store_get_double (store, "best-loss", &s->best_loss, error)
      || !attune_store_get_double (store, "train-loss", &s->train_loss, error)
      || !attune_store_get_double (store, "seconds", &s->seconds, error)
      || !attune_store_get_int (store, "checksum", sum, error))
    return FALSE;
  if (!attune_store_get_double (store, "earlier-loss", &s->earlier_loss, NULL))
    s->earlier_loss = 0; /* as it was written before there was any */
  if (!attune_store_get_double (store, "kl-weight", &s->kl_weight, NULL))
    s->kl_weight = 0; /* likewise */
  s->bad_validations = bad;
  s->tokens = tokens;
  s->target_tokens = target_tokens;
  return TRUE;
}

static gboolean
read_vector (AttuneStore *store, const char *path, const Vector *vector, GError **error)
{
  static const char *const moments[] = { "first-moment", "second-moment" };
  const gint64 half = vector->count / 2;

  if (!g_str_equal (vector->name, "optimizer") || attune_store_has (store, vector->name)
      || vector->count % 2 != 0)
    return attune_checkpoint_check_vector (store, path, vector->name, vector->count, error)
           && attune_store_get (store, vector->name, ATTUNE_STORE_F32, 0, vector->count,
                                vector->values, error);
  /* As it was written before there was more than AdamW. */
  for (int i = 0; i < 2; i++)
    if (!attune_checkpoint_check_vector (store, path, moments[i], half, error)
        || !attune_store_get (store, moments[i], ATTUNE_STORE_F32, 0, half,
                              vector->values + i * half, error))
      return FALSE;
  return TRUE;
}

gboolean
attune_checkpoint_load (const char *path, AttuneCheckpoint *state, gboolean *found, GError **error)
{
  g_autoptr (AttuneStore) store = NULL;
  g_autofree char *key = NULL;
  Vector vectors[N_VECTORS];
  const int n = list_vectors (state, vectors);
  gint64 sum = 0;

  *found = FALSE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  store = open_checkpoint (path, "values", state->count, error);
  if (store == NULL || (key = attune_store_get_string (store, "key", error)) == NULL)
    return FALSE;
  if (state->key != NULL && g_strcmp0 (key, state->key) != 0)
    return attune_checkpoint_of_another (path, error);
  if (!read_numbers (store, state, &sum, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    if (!read_vector (store, path, &vectors[i], error))
      return FALSE;
  if ((gint64) checksum (state) != sum)
    return attune_checkpoint_damaged (path, error);
  *found = TRUE;
  return TRUE;
}

static float *
read_starts (AttuneStore *store, const char *path, gint64 count, GError **error)
{
  g_autofree float *starts = NULL;
  gint64 sum;

  if (!attune_store_has (store, "starts"))
    return NULL;
  if (!attune_checkpoint_check_vector (store, path, "starts", count, error)
      || !attune_store_get_int (store, "starts-checksum", &sum, error))
    return NULL;
  starts = g_new (float, count);
  if (!attune_store_get (store, "starts", ATTUNE_STORE_F32, 0, count, starts, error))
    return NULL;
  if ((gint64) attune_checkpoint_sum (ATTUNE_CHECKPOINT_SUM, starts, count) == sum)
    return g_steal_pointer (&starts);
  attune_checkpoint_damaged (path, error);
  return NULL;
}

float *
attune_checkpoint_read_starts (const char *path, gint64 count, GError **error)
{
  g_autoptr (AttuneStore) store = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  store = attune_store_open (path, KIND, VERSION, error);
  return store != NULL ? read_starts (store, path, count, error) : NULL;
}

/* As @lora says, at the starts that were kept. */
static AttuneParameters *
add_adapter (AttuneStore *store, const char *path, AttuneDecoder *decoder,
             const AttuneLoraConfig *lora, GError **error)
{
  const gint64 count = attune_lora_extra_bytes (&decoder->config, lora) / sizeof (float);
  g_autofree float *starts = NULL;
  g_autoptr (GError) reason = NULL;
  AttuneLoraConfig found = *lora;

  found.starts = starts = lora->principal ? read_starts (store, path, count, &reason) : NULL;
  if (reason == NULL)
    return attune_decoder_add_lora (decoder, &found, 0, FALSE, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

AttuneParameters *
attune_checkpoint_read_adapter (const char *path, gboolean best, AttuneDecoder *decoder,
                                const AttuneLoraConfig *lora, GError **error)
{
  g_autoptr (AttuneStore) store = open_checkpoint (
      path, best ? "best" : "values", attune_lora_count (&decoder->config, lora), error);
  g_autoptr (AttuneParameters) parameters = NULL;

  if (store == NULL || (parameters = add_adapter (store, path, decoder, lora, error)) == NULL)
    return NULL;
  if (!attune_store_get (store, best ? "best" : "values", ATTUNE_STORE_F32, 0, parameters->count,
                         parameters->values.data, error))
    {
      attune_decoder_remove_adapters (decoder);
      return NULL;
    }
  attune_decoder_update_norms (decoder);
  return g_steal_pointer (&parameters);
}

char *
attune_checkpoint_read_labels (const char *path, GError **error)
{
  g_autoptr (AttuneStore) store = attune_store_open (path, KIND, VERSION, error);

  return store != NULL && attune_store_has (store, "text/labels")
             ? attune_store_get_string (store, "labels", error)
             : NULL;
}

static gboolean
read_best_step (const char *path, gint64 count, gint64 *step, GError **error)
{
  g_autoptr (AttuneStore) store = open_checkpoint (path, "values", count, error);

  return store != NULL && attune_store_get_int (store, "best-step", step, error);
}

AttuneParameters *
attune_checkpoint_read_weights (const char *path, AttuneDecoder *decoder,
                                const AttuneBaseParts *parts, gint64 *step, GError **error)
{
  g_autoptr (AttuneParameters) parameters
      = attune_decoder_train_parts (decoder, parts, FALSE, error);
  gint64 before = -1;

  *step = -1;
  if (parameters == NULL)
    return NULL;
  for (;;)
    {
      g_autoptr (GError) reason = NULL;

      if (read_best_step (path, parameters->count, step, &reason)
          && (*step == 0
              || attune_best_weights_read (path, *step, parameters->count, parameters->values.data,
                                           &reason)))
        return g_steal_pointer (&parameters);
      /* A run that goes on may have put others in their place meanwhile. */
      if (*step == before)
        {
          attune_decoder_remove_trained_base (decoder);
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
      before = *step;
    }
}
