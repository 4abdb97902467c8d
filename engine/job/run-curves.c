/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves of a run: from events.jsonl, and into run.h5.
 */
#include "job/run-curves.h"

#include "job/json.h"
#include "store/store.h"

#include <math.h>
#include <string.h>

#define RUN_FILE_VERSION 1
/* Events are taken in piece by piece: as JSON they take ten times the room that they have here. */
#define READ_BYTES (256 << 10)

static void
clear_sample (gpointer data)
{
  AttuneCurveSample *sample = data;

  g_free (sample->question);
  g_free (sample->expected);
  g_free (sample->answer);
}

AttuneRunCurves *
attune_run_curves_new (void)
{
  AttuneRunCurves *self = g_new0 (AttuneRunCurves, 1);

  self->steps = g_array_new (FALSE, TRUE, sizeof (AttuneCurvePoint));
  self->validations = g_array_new (FALSE, TRUE, sizeof (AttuneValidationPoint));
  self->samples = g_array_new (FALSE, TRUE, sizeof (AttuneCurveSample));
  g_array_set_clear_func (self->samples, clear_sample);
  return self;
}

void
attune_run_curves_free (AttuneRunCurves *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->steps);
  g_array_unref (self->validations);
  g_array_unref (self->samples);
  g_free (self);
}

/* Every point begins with its step. Forgets those from @step on: a killed run does them again. */
static void
forget_from (GArray *points, gint64 step)
{
  const guint size = g_array_get_element_size (points);
  guint n = points->len;

  while (n > 0 && *(const gint64 *) (points->data + (gsize) (n - 1) * size) >= step)
    n--;
  g_array_set_size (points, n);
}

/* NaN where there is no such number: no loss is not a loss of 0. */
static double
get_number (JsonObject *event, const char *name)
{
  return attune_json_get_value (event, name) != NULL ? attune_json_get_double (event, name) : NAN;
}

void
attune_run_curves_add (AttuneRunCurves *self, JsonObject *event)
{
  const char *name = attune_json_get_string (event, "event");
  const gint64 step = attune_json_get_int (event, "step");
  JsonNode *node = attune_json_get_value (event, "step");

  /* What is no step would take the place of all of them. */
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64 || step < 0)
    return;
  if (g_strcmp0 (name, "step") == 0 && step > 0)
    {
      const AttuneCurvePoint point = {
        .step = step,
        .epoch = attune_json_get_double (event, "epoch"),
        .loss = get_number (event, "loss"),
        .learning_rate = get_number (event, "learning_rate"),
        .gradient_norm = get_number (event, "gradient_norm"),
        .seconds = attune_json_get_double (event, "seconds"),
        .tokens = attune_json_get_int (event, "tokens"),
        .target_tokens = attune_json_get_int (event, "target_tokens"),
        .reward = get_number (event, "reward"),
        .kl = get_number (event, "kl"),
      };

      forget_from (self->steps, step);
      forget_from (self->validations, step);
      forget_from (self->samples, step);
      g_array_append_val (self->steps, point);
    }
  else if (g_strcmp0 (name, "validation") == 0)
    {
      const AttuneValidationPoint point = {
        .step = step,
        .loss = get_number (event, "loss"),
        .best = attune_json_get_boolean (event, "best"),
        .reward = get_number (event, "reward"),
      };

      forget_from (self->validations, step);
      forget_from (self->samples, step); /* samples of a step come after its validation */
      g_array_append_val (self->validations, point);
    }
  else if (g_strcmp0 (name, "sample") == 0)
    {
      const AttuneCurveSample sample = {
        .step = step,
        .question = g_strdup (attune_json_get_string (event, "question")),
        .expected = g_strdup (attune_json_get_string (event, "expected")),
        .answer = g_strdup (attune_json_get_string (event, "answer")),
      };

      g_array_append_val (self->samples, sample);
    }
}

gboolean
attune_run_curves_read (AttuneRunCurves *self, const char *folder, GError **error)
{
  for (;;)
    {
      const guint64 before = self->offset;
      g_autoptr (GPtrArray) events
          = attune_run_read_some_events (folder, &self->offset, READ_BYTES, error);

      for (guint i = 0; events != NULL && i < events->len; i++)
        attune_run_curves_add (self, json_node_get_object (events->pdata[i]));
      if (events == NULL || self->offset == before)
        return events != NULL;
    }
}

gboolean
attune_run_curves_have_rewards (const AttuneRunCurves *self)
{
  return (self->steps->len > 0
          && isfinite (g_array_index (self->steps, AttuneCurvePoint, self->steps->len - 1).reward))
         || (self->validations->len > 0
             && isfinite (g_array_index (self->validations, AttuneValidationPoint, 0).reward));
}

/* What the loss of rewards is measured by, which may be 0 or less: the most that the rules give,
 * which the loss lacks, or where it has been. 0: it is one of text. */
static double
find_scale (const AttuneRunCurves *self, const AttuneLossPoint *points, guint n)
{
  double lowest = INFINITY, highest = -INFINITY, most = 0;

  if (!attune_run_curves_have_rewards (self))
    return 0;
  for (guint i = 0; i < self->steps->len; i++)
    {
      const AttuneCurvePoint *point = &g_array_index (self->steps, AttuneCurvePoint, i);

      if (isfinite (point->loss + point->reward))
        most = MAX (most, point->loss + point->reward);
    }
  for (guint i = 0; i < n; i++)
    if (isfinite (points[i].loss))
      {
        lowest = MIN (lowest, points[i].loss);
        highest = MAX (highest, points[i].loss);
      }
  return MAX (MAX (most, highest - lowest), G_MINDOUBLE);
}

void
attune_run_curves_diagnose (const AttuneRunCurves *self, gboolean ended, AttuneDiagnosis *diagnosis)
{
  const guint n = self->steps->len, n_validations = self->validations->len;
  g_autofree AttuneLossPoint *points = g_new (AttuneLossPoint, n + n_validations + 1);
  AttuneDiagnosisInput input = {
    .train = points,
    .n_train = n,
    .validation = points + n,
    .n_validation = n_validations,
    .ended = ended,
  };

  for (guint i = 0; i < n; i++)
    {
      const AttuneCurvePoint *point = &g_array_index (self->steps, AttuneCurvePoint, i);

      points[i] = (AttuneLossPoint) { point->step, point->loss };
    }
  for (guint i = 0; i < n_validations; i++)
    {
      const AttuneValidationPoint *point
          = &g_array_index (self->validations, AttuneValidationPoint, i);

      points[n + i] = (AttuneLossPoint) { point->step, point->loss };
    }
  input.scale = find_scale (self, points, n + n_validations);
  attune_diagnose (&input, diagnosis);
}

/* --- run.h5 */

/* One field of every point, as its own array; @offset: of the field. */
static gboolean
put_field (AttuneStore *store, const char *name, GArray *points, gsize offset, AttuneStoreType type,
           GError **error)
{
  const guint size = g_array_get_element_size (points);
  const gint64 dims[] = { points->len };
  g_autofree gint64 *values = g_new (gint64, points->len + 1); /* 8 bytes each, as doubles are */

  for (guint i = 0; i < points->len; i++)
    memcpy (&values[i], points->data + (gsize) i * size + offset, 8);
  return attune_store_put (store, name, type, 1, dims, values, error);
}

#define STEP_FIELD(name, type)                                                                     \
  put_field (store, "train/" #name, self->steps, G_STRUCT_OFFSET (AttuneCurvePoint, name), type,   \
             error)
#define VALIDATION_FIELD(name, type)                                                               \
  put_field (store, "validation/" #name, self->validations,                                        \
             G_STRUCT_OFFSET (AttuneValidationPoint, name), type, error)

static gboolean
put_rewards (AttuneStore *store, const AttuneRunCurves *self, GError **error)
{
  return !attune_run_curves_have_rewards (self)
         || (STEP_FIELD (reward, ATTUNE_STORE_F64) && STEP_FIELD (kl, ATTUNE_STORE_F64)
             && VALIDATION_FIELD (reward, ATTUNE_STORE_F64));
}

static gboolean
put_samples (AttuneStore *store, const AttuneRunCurves *self, GError **error)
{
  static const struct
  {
    const char *name;
    gsize offset;
  } columns[] = { { "samples/question", G_STRUCT_OFFSET (AttuneCurveSample, question) },
                  { "samples/expected", G_STRUCT_OFFSET (AttuneCurveSample, expected) },
                  { "samples/answer", G_STRUCT_OFFSET (AttuneCurveSample, answer) } };
  const guint n = self->samples->len;
  g_autofree const char **texts = g_new0 (const char *, n + 1);

  if (n == 0)
    return TRUE;
  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    {
      for (guint i = 0; i < n; i++)
        texts[i] = G_STRUCT_MEMBER (char *, &g_array_index (self->samples, AttuneCurveSample, i),
                                    columns[c].offset);
      if (!attune_store_append_text (store, columns[c].name, n, texts, error))
        return FALSE;
    }
  return put_field (store, "samples/step", self->samples, G_STRUCT_OFFSET (AttuneCurveSample, step),
                    ATTUNE_STORE_I64, error);
}

gboolean
attune_run_curves_write (const AttuneRunCurves *self, const char *folder, JsonObject *result,
                         GError **error)
{
  g_autofree char *path = g_build_filename (folder, "run.h5", NULL), *text = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (path, "run", RUN_FILE_VERSION, error);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, result);
  text = json_to_string (node, FALSE);
  return store != NULL && attune_store_set_string (store, "engine", ATTUNE_VERSION, error)
         && attune_store_set_string (store, "result", text, error)
         && STEP_FIELD (step, ATTUNE_STORE_I64) && STEP_FIELD (epoch, ATTUNE_STORE_F64)
         && STEP_FIELD (loss, ATTUNE_STORE_F64) && STEP_FIELD (learning_rate, ATTUNE_STORE_F64)
         && STEP_FIELD (gradient_norm, ATTUNE_STORE_F64) && STEP_FIELD (seconds, ATTUNE_STORE_F64)
         && STEP_FIELD (tokens, ATTUNE_STORE_I64) && STEP_FIELD (target_tokens, ATTUNE_STORE_I64)
         && VALIDATION_FIELD (step, ATTUNE_STORE_I64) && VALIDATION_FIELD (loss, ATTUNE_STORE_F64)
         && put_rewards (store, self, error) && put_samples (store, self, error)
         && attune_store_commit (store, error);
}
