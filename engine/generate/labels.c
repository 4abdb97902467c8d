/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which labels there are, and how much each counts.
 */
#include "generate/labels.h"

#include "plan/estimate.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

void
attune_labels_free (AttuneLabels *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->counts, g_array_unref);
  g_free (self->wanted);
  g_free (self);
}

static AttuneLabels *
make_empty (void)
{
  AttuneLabels *self = g_new0 (AttuneLabels, 1);

  self->names = g_ptr_array_new_with_free_func (g_free);
  self->counts = g_array_new (FALSE, TRUE, sizeof (guint64));
  return self;
}

static void
add_label (AttuneLabels *self, const char *name, guint64 count)
{
  g_ptr_array_add (self->names, g_strdup (name));
  g_array_append_val (self->counts, count);
}

/* When all labels are there: a head wants the one that is meant. */
static void
fill_wanted (AttuneLabels *self)
{
  const guint n = self->names->len;

  self->wanted = g_new0 (float, n *n + 1);
  for (guint i = 0; i < n; i++)
    self->wanted[i * n + i] = 1;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Whether most of some samples spread over the split are texts that are learned whole. */
static gboolean
are_whole (AttuneDataset *dataset, gboolean *whole, GError **error)
{
  const guint64 n = attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), looked = MIN (n, 100);
  guint64 n_whole = 0;

  for (guint64 i = 0; i < looked; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (!attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i * n / looked, &sample, error))
        return FALSE;
      n_whole += attune_sample_prompt_length (&sample) <= 1;
    }
  *whole = 2 * n_whole > looked;
  return TRUE;
}

AttuneLabels *
attune_labels_find (AttuneDataset *dataset, GError **error)
{
  g_autoptr (AttuneLabels) self = make_empty ();
  g_auto (GStrv) labels = attune_dataset_get_labels (dataset, ATTUNE_SPLIT_TRAIN, error);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = NULL;

  if (labels == NULL || !are_whole (dataset, &self->whole, error))
    return NULL;
  for (guint i = 0; labels[i] != NULL; i++)
    if (*labels[i] != '\0')
      g_hash_table_insert (
          counts, labels[i],
          GSIZE_TO_POINTER (GPOINTER_TO_SIZE (g_hash_table_lookup (counts, labels[i])) + 1));
  names = g_hash_table_get_keys_as_ptr_array (counts);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_label (self, names->pdata[i],
               GPOINTER_TO_SIZE (g_hash_table_lookup (counts, names->pdata[i])));
  if (attune_labels_check_number (names->len, G_MAXINT64, NULL))
    fill_wanted (self);
  return g_steal_pointer (&self);
}

/* --- in a checkpoint */

char *
attune_labels_to_json (const AttuneLabels *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonArray *names = json_array_new (), *counts = json_array_new ();

  for (guint i = 0; i < self->names->len; i++)
    {
      json_array_add_string_element (names, self->names->pdata[i]);
      json_array_add_int_element (counts, g_array_index (self->counts, guint64, i));
    }
  json_object_set_array_member (object, "names", names);
  json_object_set_array_member (object, "counts", counts);
  json_object_set_boolean_member (object, "whole", self->whole);
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

/* Whether the arrays are what attune_labels_to_json() writes: the file may be a foreign one. */
static gboolean
take_arrays (AttuneLabels *self, JsonObject *object)
{
  JsonNode *names = json_object_get_member (object, "names"),
           *counts = json_object_get_member (object, "counts");
  guint n;

  if (names == NULL || counts == NULL || !JSON_NODE_HOLDS_ARRAY (names)
      || !JSON_NODE_HOLDS_ARRAY (counts))
    return FALSE;
  n = json_array_get_length (json_node_get_array (names));
  if (n != json_array_get_length (json_node_get_array (counts))
      || !attune_labels_check_number (n, G_MAXINT64, NULL))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      JsonNode *name = json_array_get_element (json_node_get_array (names), i),
               *count = json_array_get_element (json_node_get_array (counts), i);

      if (json_node_get_value_type (name) != G_TYPE_STRING
          || json_node_get_value_type (count) != G_TYPE_INT64 || json_node_get_int (count) < 0)
        return FALSE;
      /* they are looked up by halves */
      if (strcmp (i > 0 ? self->names->pdata[i - 1] : "", json_node_get_string (name)) >= 0)
        return FALSE;
      add_label (self, json_node_get_string (name), json_node_get_int (count));
    }
  return TRUE;
}

AttuneLabels *
attune_labels_of_json (const char *json, GError **error)
{
  g_autoptr (AttuneLabels) self = make_empty ();
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node)
      || !take_arrays (self, json_node_get_object (node)))
    {
      g_set_error_literal (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                           "The run’s list of labels is damaged. Start the run anew.");
      return NULL;
    }
  self->whole
      = json_object_get_boolean_member_with_default (json_node_get_object (node), "whole", FALSE);
  fill_wanted (self);
  return g_steal_pointer (&self);
}

/* --- numbers */

int
attune_labels_get_number (const AttuneLabels *self, const char *name)
{
  guint from = 0, to = self->names->len;

  while (from < to)
    {
      const guint middle = (from + to) / 2;
      const int order = strcmp (name, self->names->pdata[middle]);

      if (order == 0)
        return middle;
      if (order < 0)
        to = middle;
      else
        from = middle + 1;
    }
  return -1;
}

gint32 *
attune_labels_read (const AttuneLabels *self, AttuneDataset *dataset, AttuneSplit split, guint64 *n,
                    GError **error)
{
  g_auto (GStrv) labels = attune_dataset_get_labels (dataset, split, error);
  gint32 *numbers;

  if (labels == NULL)
    return NULL;
  *n = g_strv_length (labels);
  numbers = g_new (gint32, *n + 1);
  for (guint64 i = 0; i < *n; i++)
    numbers[i] = attune_labels_get_number (self, labels[i]);
  return numbers;
}

int
attune_labels_get_most_frequent (const AttuneLabels *self)
{
  int at = 0;

  for (guint i = 1; i < self->counts->len; i++)
    if (g_array_index (self->counts, guint64, i) > g_array_index (self->counts, guint64, at))
      at = i;
  return at;
}

/* Inverse: n / (L · n_c), as scikit-learn's "balanced". Effective: (1 - β) / (1 - β^n_c), times
 * what makes their sum L (Cui et al. 2019). */
void
attune_labels_weigh (const AttuneLabels *self, AttuneLabelWeights how, double beta, float *weights)
{
  const guint n = self->counts->len;
  double all = 0, sum = 0;

  for (guint i = 0; i < n; i++)
    all += g_array_index (self->counts, guint64, i);
  for (guint i = 0; i < n; i++)
    {
      const double count = MAX (1, g_array_index (self->counts, guint64, i));

      weights[i] = how == ATTUNE_LABEL_WEIGHTS_INVERSE     ? all / (n * count)
                   : how == ATTUNE_LABEL_WEIGHTS_EFFECTIVE ? (1 - beta) / (1 - pow (beta, count))
                                                           : 1;
      sum += weights[i];
    }
  for (guint i = 0; how == ATTUNE_LABEL_WEIGHTS_EFFECTIVE && i < n; i++)
    weights[i] *= n / sum;
}

void
attune_sample_ask_label (AttuneSample *sample, gint32 target, gint32 eos)
{
  const guint prompt = attune_sample_prompt_length (sample);
  /* one that is learned whole has its end as its last token, which is no part of it, unless it was
   * cut or the model knows no end */
  const gboolean whole = prompt <= 1 && sample->n > 1,
                 ended = whole && sample->tokens[sample->n - 1] == eos;
  const guint n = ended ? sample->n - 1 : whole ? sample->n : prompt;

  sample->n = n + 1;
  sample->tokens = g_renew (gint32, sample->tokens, n + 1);
  sample->learn = g_renew (guint8, sample->learn, n + 1);
  memset (sample->learn, 0, n);
  sample->tokens[n] = target; /* no token: what the head’s loss is told */
  sample->learn[n] = 1;
}

int
attune_labels_get_likeliest (const float *shares, guint n)
{
  int at = 0;

  for (guint i = 1; i < n; i++)
    if (shares[i] > shares[at])
      at = i;
  return at;
}
