/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON to structs, with nothing taken for granted.
 */
#include "data/report-view.h"

/* Nobody looks at more; a foreign file may claim anything. */
#define MAX_BINS 1000

static JsonObject *
object_part (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
array_part (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* The next object of @array from *@i on, or %NULL at its end. */
static JsonObject *
next_object (JsonArray *array, guint *i)
{
  while (array != NULL && *i < json_array_get_length (array))
    {
      JsonNode *node = json_array_get_element (array, (*i)++);

      if (JSON_NODE_HOLDS_OBJECT (node))
        return json_node_get_object (node);
    }
  return NULL;
}

static guint64
number (JsonObject *object, const char *name)
{
  return object != NULL ? MAX (0, json_object_get_int_member_with_default (object, name, 0)) : 0;
}

static char *
words (JsonObject *object, const char *name)
{
  const char *text = json_object_get_string_member_with_default (object, name, NULL);

  return g_strdup (text != NULL ? text : "");
}

static void
step_free (gpointer data)
{
  AttuneReportStep *step = data;

  g_free (step->name);
  g_free (step->title);
  for (guint i = 0; i < step->n_examples; i++)
    {
      g_free (step->before[i]);
      g_free (step->after[i]);
    }
  g_free (step);
}

/* Reports of before deeds were told have it in the step's name. */
static AttuneCleanDeed
deed_of (const char *deed, const char *name)
{
  for (int i = ATTUNE_CLEAN_CHANGES; i <= ATTUNE_CLEAN_MAKES; i++)
    if (g_strcmp0 (deed, attune_clean_deed_get_name (i)) == 0)
      return i;
  return g_str_has_prefix (name, "drop-") || g_str_has_suffix (name, "-answer-characters")
             ? ATTUNE_CLEAN_LEAVES_OUT
             : ATTUNE_CLEAN_CHANGES;
}

static AttuneReportStep *
step_new (JsonObject *object)
{
  AttuneReportStep *step = g_new0 (AttuneReportStep, 1);
  JsonArray *examples = array_part (object, "examples");
  JsonObject *example;
  guint i = 0;

  step->name = words (object, "name");
  step->title = words (object, "title");
  step->deed
      = deed_of (json_object_get_string_member_with_default (object, "deed", NULL), step->name);
  step->enabled = json_object_get_boolean_member_with_default (object, "enabled", FALSE);
  step->count = number (object, "count");
  step->changes = number (object, "changes");
  while (step->n_examples < ATTUNE_CLEAN_EXAMPLES && (example = next_object (examples, &i)) != NULL)
    {
      step->before[step->n_examples] = words (example, "before");
      step->after[step->n_examples]
          = g_strdup (json_object_get_string_member_with_default (example, "after", NULL));
      step->n_examples++;
    }
  return step;
}

static void
label_free (gpointer data)
{
  AttuneReportLabel *label = data;

  g_free (label->label);
  g_free (label);
}

static void
undecided_free (gpointer data)
{
  AttuneReportUndecided *undecided = data;

  g_free (undecided->abbreviation);
  g_free (undecided->meanings);
  g_free (undecided);
}

static void
language_free (gpointer data)
{
  AttuneReportLanguage *language = data;

  g_free (language->code);
  g_free (language);
}

static void
read_languages (AttuneReportView *self, JsonObject *languages)
{
  JsonArray *found = array_part (languages, "found");
  JsonObject *object;
  guint i = 0;

  self->n_languages_looked_at = number (languages, "looked_at");
  self->n_languages_undecided = number (languages, "undecided");
  while ((object = next_object (found, &i)) != NULL)
    {
      AttuneReportLanguage *language = g_new (AttuneReportLanguage, 1);

      *language = (AttuneReportLanguage) { words (object, "language"), number (object, "count") };
      g_ptr_array_add (self->languages, language);
    }
}

static void
read_dates (AttuneReportView *self, JsonObject *dates)
{
  g_autoptr (JsonObject) none = json_object_new ();
  JsonObject *object = dates != NULL ? dates : none;

  self->n_unread_dates = number (dates, "unread");
  self->first_date = words (object, "first");
  self->last_date = words (object, "last");
  self->newest_tenth = words (object, "newest_tenth");
  for (int i = 0; i < ATTUNE_N_DATE_READINGS; i++)
    self->n_dates[i] = number (dates, attune_date_reading_get_name (i));
}

static gboolean
is_listed (JsonArray *names, const char *name)
{
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    {
      JsonNode *node = json_array_get_element (names, i);

      if (JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), name) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
read_unused (AttuneReportView *self, JsonObject *report)
{
  JsonArray *unused = array_part (report, "unused");

  self->test_from = report != NULL ? words (report, "test_from") : g_strdup ("");
  self->unused_share = is_listed (unused, "test-share");
  self->unused_check_share = is_listed (unused, "validation-share");
  self->unused_labels = is_listed (unused, "stratify");
}

static void
read_label_kind (AttuneReportView *self, JsonObject *report)
{
  JsonObject *numbers = object_part (report, "label_numbers");
  g_autofree char *kind = report != NULL ? words (report, "label_kind") : NULL,
                  *doubt = report != NULL ? words (report, "label_doubt") : NULL;

  self->label_doubt = attune_label_doubt_of_name (doubt);
  self->label_kind = attune_label_kind_of_name (kind);
  if (report != NULL)
    self->n_labelled = number (report, "labelled");
  if (numbers == NULL)
    return;
  self->n_numbers = number (numbers, "records");
  self->n_unread_numbers = number (numbers, "unread");
  self->least_number = json_object_get_double_member_with_default (numbers, "least", 0);
  self->most_number = json_object_get_double_member_with_default (numbers, "most", 0);
  self->mean_number = json_object_get_double_member_with_default (numbers, "mean", 0);
}

static void
read_lists (AttuneReportView *self, JsonObject *report)
{
  JsonArray *steps = array_part (report, "steps"), *labels = array_part (report, "labels"),
            *undecided = array_part (report, "undecided_abbreviations");
  JsonObject *object;
  guint i = 0, j = 0, k = 0;

  while ((object = next_object (steps, &i)) != NULL)
    g_ptr_array_add (self->steps, step_new (object));
  while ((object = next_object (labels, &j)) != NULL)
    {
      AttuneReportLabel *label = g_new (AttuneReportLabel, 1);

      *label = (AttuneReportLabel) { words (object, "label"), number (object, "count"),
                                     number (object, "original"), number (object, "learned") };
      g_ptr_array_add (self->labels, label);
    }
  read_label_kind (self, report);
  while ((object = next_object (undecided, &k)) != NULL)
    {
      AttuneReportUndecided *item = g_new (AttuneReportUndecided, 1);

      *item = (AttuneReportUndecided) { words (object, "abbreviation"), words (object, "meanings"),
                                        number (object, "count") };
      g_ptr_array_add (self->undecided, item);
    }
}

static void
read_tokens (AttuneReportView *self, JsonObject *tokens)
{
  JsonObject *histogram = object_part (tokens, "histogram");
  JsonArray *counts = array_part (histogram, "counts");

  self->tokens = number (tokens, "total");
  self->learned = number (tokens, "learned");
  self->n_cut = number (tokens, "cut");
  self->n_endless = number (tokens, "endless");
  self->n_restarts = number (tokens, "restarts");
  self->n_too_long = number (tokens, "too_long");
  self->shortest = number (tokens, "min");
  self->median = number (tokens, "median");
  self->p95 = number (tokens, "p95");
  self->longest = number (tokens, "max");
  self->bin_width = counts != NULL ? number (histogram, "width") : 0;
  for (guint i = 0; self->bin_width > 0 && i < MIN (json_array_get_length (counts), MAX_BINS); i++)
    {
      JsonNode *node = json_array_get_element (counts, i);
      const guint64 count = JSON_NODE_HOLDS_VALUE (node) ? MAX (0, json_node_get_int (node)) : 0;

      g_array_append_val (self->bins, count);
    }
}

static void
read_by_hand (AttuneReportView *self, JsonObject *by_hand)
{
  JsonArray *gone = array_part (by_hand, "gone_begin");

  self->n_excluded = number (by_hand, "excluded");
  self->n_edited = number (by_hand, "edited");
  self->n_gone = number (by_hand, "gone");
  for (guint i = 0; gone != NULL && i < MIN (json_array_get_length (gone), ATTUNE_REPORT_GONE); i++)
    {
      JsonNode *node = json_array_get_element (gone, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      g_ptr_array_add (self->gone, g_strdup (text != NULL ? text : ""));
    }
}

static void
read_pairs (AttuneReportView *self, JsonObject *pairs, const char *const *splits)
{
  for (int i = 0; i < ATTUNE_SPLIT_EXCLUDED && pairs != NULL; i++)
    {
      JsonObject *size = object_part (pairs, splits[i]);

      self->pairs[i] = (AttuneSplitSize) { number (size, "rows"), number (size, "targets"),
                                           number (size, "longest"), number (size, "samples") };
    }
}

static void
read_sizes (AttuneReportView *self, JsonObject *sizes, const char *const *splits)
{
  self->has_sizes = sizes != NULL;
  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    {
      JsonObject *size = object_part (sizes, splits[i]);

      self->sizes[i] = (AttuneSplitSize) { number (size, "rows"), number (size, "targets"),
                                           number (size, "longest"), number (size, "samples") };
      if (self->sizes[i].samples == 0)
        self->sizes[i].samples = self->splits[i];
    }
}

AttuneReportView *
attune_report_view_new (JsonNode *report)
{
  static const char *const splits[ATTUNE_N_SPLITS] = { "train", "validation", "test", "excluded" };
  AttuneReportView *self = g_new0 (AttuneReportView, 1);
  JsonObject *object
      = report != NULL && JSON_NODE_HOLDS_OBJECT (report) ? json_node_get_object (report) : NULL;

  self->steps = g_ptr_array_new_with_free_func (step_free);
  self->labels = g_ptr_array_new_with_free_func (label_free);
  self->undecided = g_ptr_array_new_with_free_func (undecided_free);
  self->languages = g_ptr_array_new_with_free_func (language_free);
  self->gone = g_ptr_array_new_with_free_func (g_free);
  self->bins = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->read = number (object, "read");
  self->bad = number (object, "bad");
  self->n_variants = number (object, "variants");
  self->shared_answers = number (object, "shared_answers");
  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    self->splits[i] = number (object_part (object, "splits"), splits[i]);
  for (int i = 0; i < ATTUNE_N_PERSONAL; i++)
    self->personal[i]
        = number (object_part (object, "personal"), attune_personal_kind_get_name (i));
  for (int i = 0; i < ATTUNE_N_SECRETS; i++)
    self->secrets[i] = number (object_part (object, "secrets"), attune_secret_kind_get_name (i));
  for (int i = 0; i < ATTUNE_N_TOXIC; i++)
    self->toxic[i] = number (object_part (object, "toxic"), attune_toxic_kind_get_name (i));
  read_by_hand (self, object_part (object, "by_hand"));
  read_sizes (self, object_part (object, "sizes"), splits);
  read_pairs (self, object_part (object, "pairs"), splits);
  read_lists (self, object);
  read_languages (self, object_part (object, "languages"));
  read_dates (self, object_part (object, "dates"));
  read_unused (self, object);
  read_tokens (self, object_part (object, "tokens"));
  return self;
}

void
attune_report_view_free (AttuneReportView *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->labels);
  g_ptr_array_unref (self->undecided);
  g_free (self->first_date);
  g_free (self->last_date);
  g_free (self->newest_tenth);
  g_free (self->test_from);
  g_ptr_array_unref (self->languages);
  g_ptr_array_unref (self->gone);
  g_array_unref (self->bins);
  g_free (self);
}

const AttuneReportStep *
attune_report_view_find_step (const AttuneReportView *self, const char *name)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const AttuneReportStep *step = g_ptr_array_index (self->steps, i);

      if (g_str_equal (step->name, name))
        return step;
    }
  return NULL;
}

static void
source_view_free (gpointer data)
{
  AttuneSourceView *view = data;

  g_free (view->path);
  g_free (view->format);
  g_free (view->encoding);
  g_free (view);
}

GPtrArray *
attune_source_views_new (JsonNode *sources)
{
  GPtrArray *views = g_ptr_array_new_with_free_func (source_view_free);
  JsonArray *array
      = sources != NULL && JSON_NODE_HOLDS_ARRAY (sources) ? json_node_get_array (sources) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      g_autoptr (JsonObject) nothing = json_object_new ();
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : nothing;
      AttuneSourceView *view = g_new (AttuneSourceView, 1);

      *view = (AttuneSourceView) {
        .path = words (object, "path"),
        .format = words (object, "format"),
        .encoding = words (object, "encoding"),
        .rows = number (object, "rows"),
        .bad = number (object, "bad"),
      };
      g_ptr_array_add (views, view);
    }
  return views;
}
