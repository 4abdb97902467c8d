/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * search.json: what a search is, and which trials there are.
 */
#include "job/search.h"

#include "core/file.h"
#include "core/settings.h"
#include "job/json.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define FORMAT "attune-search"
#define VERSION 1
#define TRIALS 10

static void
trial_free (gpointer data)
{
  AttuneSearchTrial *self = data;

  g_strfreev (self->texts);
  g_ptr_array_unref (self->runs);
  g_free (self->refused);
  g_free (self);
}

static AttuneSearch *
search_alloc (AttuneProject *project)
{
  AttuneSearch *self = g_new0 (AttuneSearch, 1);

  self->project = g_object_ref (project);
  self->trials = g_ptr_array_new_with_free_func (trial_free);
  return self;
}

void
attune_search_free (AttuneSearch *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->project);
  g_clear_object (&self->plan);
  g_clear_pointer (&self->space, g_ptr_array_unref);
  g_ptr_array_unref (self->trials);
  g_strfreev (self->words);
  g_free (self->folder);
  g_free (self->model_hash);
  g_free (self->data_hash);
  g_free (self);
}

int
attune_search_count_parts (const AttuneSearch *self)
{
  return attune_plan_get_values (self->plan)->folds;
}

char *
attune_search_get_run_folder (const AttuneSearch *self, const char *run)
{
  return g_build_filename (attune_project_get_path (self->project), "runs", run, NULL);
}

AttunePlan *
attune_search_make_plan (AttuneSearch *self, const AttuneSearchTrial *trial, int part,
                         GError **error)
{
  AttunePlan *plan = attune_search_space_make_plan (self->space, self->plan,
                                                    (const char *const *) trial->texts, error);

  if (plan != NULL && attune_search_count_parts (self) > 1)
    g_object_set (plan, "fold", part + 1, NULL);
  return plan;
}

static gboolean write_search (AttuneSearch *self, gboolean synced, GError **error);

/* --- a new one */

static gboolean
check (const AttuneSearch *self, GError **error)
{
  const int parts = attune_search_count_parts (self);
  const char *wrong = NULL;

  if (self->space->len == 0 && parts < 2)
    wrong = "There is nothing to search: say what to vary (--vary learning-rate=1e-5..1e-3), or "
            "into how many parts to cut the data (--folds 5).";
  else if (self->strategy == ATTUNE_SEARCH_HALVING && parts > 1)
    wrong = "Successive halving stops runs on the way, and the parts of the data (--folds) are "
            "compared at the end: use --strategy tpe, or --folds 1.";
  else if (self->strategy == ATTUNE_SEARCH_HALVING
           && attune_plan_get_values (self->plan)->ranks > 1)
    wrong = "Successive halving stops and resumes runs, which several processes (--ranks) do not "
            "do in one search. Use --ranks 1.";
  else if (self->n_trials < 1 || self->n_trials > ATTUNE_SEARCH_MOST_TRIALS)
    wrong = "A search takes from 1 to 10000 trials (--trials).";
  if (wrong == NULL)
    return TRUE;
  g_set_error_literal (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE, wrong);
  return FALSE;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Numbers are as those of runs. */
static char **
list_searches (AttuneProject *project)
{
  g_autofree char *path = attune_project_get_file (project, "searches");
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (strlen (name) == 4 && strspn (name, "0123456789") == 4)
      g_strv_builder_add (names, name);
  all = g_strv_builder_end (names);
  qsort (all, g_strv_length (all), sizeof (char *), compare_names);
  return g_steal_pointer (&all);
}

static char *
make_folder (AttuneProject *project, GError **error)
{
  g_auto (GStrv) names = list_searches (project);
  const guint n = g_strv_length (names);
  guint number = n > 0 ? (guint) g_ascii_strtoull (names[n - 1], NULL, 10) + 1 : 1;
  g_autofree char *searches = attune_project_get_file (project, "searches"), *folder = NULL;

  g_mkdir_with_parents (searches, 0777);
  folder = g_strdup_printf ("%s/%04u", searches, number);
  if (g_mkdir (folder, 0777) == 0)
    return g_steal_pointer (&folder);
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
               "No folder for a search could be made in “%s”: %s.", searches, g_strerror (errno));
  return NULL;
}

gboolean
attune_search_set_trials (AttuneSearch *self, int n_trials, GError **error)
{
  const guint n_grid
      = self->strategy == ATTUNE_SEARCH_GRID ? attune_search_count_grid (self->space) : G_MAXUINT;

  self->n_trials = MAX (n_trials, 0);
  if (n_trials == -1)
    self->n_trials = self->strategy == ATTUNE_SEARCH_GRID ? n_grid : TRIALS;
  if (!check (self, error))
    return FALSE;
  self->n_trials = self->space->len == 0 ? 1 : MIN (self->n_trials, n_grid);
  return TRUE;
}

AttuneSearch *
attune_search_new (AttuneProject *project, AttunePlan *plan, const char *const *words,
                   AttuneSearchStrategy strategy, int n_trials, gint64 seed, GError **error)
{
  g_autoptr (AttuneSearch) self = NULL;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (project) && ATTUNE_IS_PLAN (plan), NULL);

  self = search_alloc (project);
  self->strategy = strategy;
  self->words = g_strdupv ((char **) words);
  self->seed = seed;
  self->plan = attune_plan_copy (plan);
  if ((self->space = attune_search_space_parse (words, error)) == NULL
      || !attune_search_set_trials (self, n_trials, error))
    return NULL;
  if ((self->folder = make_folder (project, error)) == NULL)
    return NULL;
  if (!write_search (self, FALSE, error)) /* attune_search_run() begins with writing it again */
    {
      g_rmdir (self->folder);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* --- the file */

static JsonNode *
make_strings (char **words, guint n)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < n; i++)
    json_array_add_string_element (array, words[i]);
  json_node_take_array (node, array);
  return node;
}

static const char *const kept_names[] = { "loss", "low", "high" };

static JsonObject *
make_trial (const AttuneSearchTrial *trial)
{
  JsonObject *object = json_object_new ();

  json_object_set_member (object, "values",
                          make_strings (trial->texts, g_strv_length (trial->texts)));
  json_object_set_member (object, "runs",
                          make_strings ((char **) trial->runs->pdata, trial->runs->len));
  if (trial->refused != NULL && !trial->short_now)
    json_object_set_string_member (object, "refused", trial->refused);
  for (guint i = 0; i < G_N_ELEMENTS (kept_names); i++)
    if (isfinite (trial->kept[i]))
      json_object_set_double_member (object, kept_names[i], trial->kept[i]);
  return object;
}

gboolean
attune_search_save (AttuneSearch *self, GError **error)
{
  return write_search (self, TRUE, error);
}

static gboolean
write_search (AttuneSearch *self, gboolean synced, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "search.json", NULL), *text = NULL;
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GError) reason = NULL;
  JsonObject *object = json_object_new ();
  JsonArray *trials = json_array_new ();

  json_node_take_object (root, object);
  json_object_set_string_member (object, "format", FORMAT);
  json_object_set_int_member (object, "version", VERSION);
  json_object_set_string_member (object, "engine", ATTUNE_VERSION);
  json_object_set_string_member (object, "strategy", attune_search_get_name (self->strategy));
  json_object_set_int_member (object, "trials", self->n_trials);
  json_object_set_int_member (object, "seed", self->seed);
  json_object_set_int_member (object, "memory_limit", self->memory_limit);
  if (self->model_hash != NULL)
    json_object_set_string_member (object, "model_sha256", self->model_hash);
  if (self->data_hash != NULL)
    json_object_set_string_member (object, "data_sha256", self->data_hash);
  json_object_set_member (
      object, "vary",
      make_strings (self->words, self->words != NULL ? g_strv_length (self->words) : 0));
  json_object_set_member (object, "plan", attune_settings_to_json (G_OBJECT (self->plan)));
  for (guint i = 0; i < self->trials->len; i++)
    json_array_add_object_element (trials, make_trial (self->trials->pdata[i]));
  json_object_set_array_member (object, "done", trials);
  text = json_to_string (root, TRUE);
  if (synced ? attune_file_write (path, text, -1, &reason)
             : attune_file_write_unsynced (path, text, &reason))
    return TRUE;
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
               "The search could not be written: %s.", reason->message);
  return FALSE;
}

/* Returns: (transfer full): %NULL where the member is not a list of texts. */
static char **
read_strings (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *word = json_array_get_element (json_node_get_array (node), i);

      if (!JSON_NODE_HOLDS_VALUE (word) || json_node_get_string (word) == NULL)
        return NULL;
      g_strv_builder_add (words, json_node_get_string (word));
    }
  return g_strv_builder_end (words);
}

static gboolean
read_trial (AttuneSearch *self, JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_auto (GStrv) texts = object != NULL ? read_strings (object, "values") : NULL,
                 runs = object != NULL ? read_strings (object, "runs") : NULL;
  AttuneSearchTrial *trial;

  if (texts == NULL || runs == NULL || g_strv_length (texts) != self->space->len
      || g_strv_length (runs) > (guint) attune_search_count_parts (self))
    return FALSE;
  for (guint i = 0; i < self->space->len; i++)
    if (!attune_search_variable_has (self->space->pdata[i], texts[i]))
      return FALSE;
  trial = g_new0 (AttuneSearchTrial, 1);
  trial->texts = g_steal_pointer (&texts);
  for (guint i = 0; i < G_N_ELEMENTS (kept_names); i++)
    {
      JsonNode *kept = attune_json_get_value (object, kept_names[i]);

      trial->kept[i] = kept != NULL ? json_node_get_double (kept) : NAN;
    }
  trial->runs = g_ptr_array_new_with_free_func (g_free);
  trial->score = NAN;
  for (guint i = 0; runs[i] != NULL; i++)
    g_ptr_array_add (trial->runs, g_path_get_basename (runs[i]));
  trial->refused = g_strdup (attune_json_get_string (object, "refused"));
  g_ptr_array_add (self->trials, trial);
  return TRUE;
}

/* FALSE with or without @error where something is not as it should be. */
static gboolean
parse (AttuneSearch *self, JsonObject *root, GError **error)
{
  JsonNode *plan = json_object_get_member (root, "plan"),
           *done = json_object_get_member (root, "done");
  const gint64 n = attune_json_get_int (root, "trials");

  self->words = read_strings (root, "vary");
  self->plan = attune_plan_new ();
  self->seed = attune_json_get_int (root, "seed");
  self->memory_limit = MAX (0, attune_json_get_int (root, "memory_limit"));
  self->model_hash = g_strdup (attune_json_get_string (root, "model_sha256"));
  self->data_hash = g_strdup (attune_json_get_string (root, "data_sha256"));
  self->n_trials = CLAMP (n, 0, ATTUNE_SEARCH_MOST_TRIALS);
  if (self->words == NULL || plan == NULL || done == NULL || !JSON_NODE_HOLDS_ARRAY (done)
      || n != self->n_trials
      || !attune_search_find (attune_json_get_string (root, "strategy"), &self->strategy, error)
      || !attune_settings_apply_json (G_OBJECT (self->plan), plan, error)
      || (self->space = attune_search_space_parse ((const char *const *) self->words, error))
             == NULL
      || !check (self, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (done)); i++)
    if (!read_trial (self, json_array_get_element (json_node_get_array (done), i)))
      return FALSE;
  return TRUE;
}

char *
attune_search_find_latest (AttuneProject *project)
{
  g_auto (GStrv) names = NULL;
  guint n;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (project), NULL);

  names = list_searches (project);
  n = g_strv_length (names);
  return n > 0
             ? g_build_filename (attune_project_get_path (project), "searches", names[n - 1], NULL)
             : NULL;
}

static char *
find_folder (AttuneProject *project, const char *name, GError **error)
{
  g_auto (GStrv) names = list_searches (project);
  const guint n = g_strv_length (names);

  if (name == NULL && n > 0)
    name = names[n - 1];
  for (guint i = 0; i < n; i++)
    if (g_ascii_strtoull (names[i], NULL, 10) == g_ascii_strtoull (name, NULL, 10))
      return g_build_filename (attune_project_get_path (project), "searches", names[i], NULL);
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
               n == 0 ? "Nothing has been searched for in this project yet. Do it first: attunectl "
                        "search “%s” --vary learning-rate=1e-5..1e-3."
                      : "There is no such search in “%s”.",
               attune_project_get_path (project));
  return NULL;
}

AttuneSearch *
attune_search_open (AttuneProject *project, const char *name, GError **error)
{
  g_autoptr (AttuneSearch) self = search_alloc (project);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) reason = NULL;
  g_autofree char *path = NULL;
  JsonNode *root = NULL;
  JsonObject *object;

  if ((self->folder = find_folder (project, name, error)) == NULL)
    return NULL;
  path = g_build_filename (self->folder, "search.json", NULL);
  if (json_parser_load_from_file (parser, path, &reason))
    root = json_parser_get_root (parser);
  object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  if (object != NULL && attune_json_get_int (object, "version") > VERSION)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_VERSION,
                   "The search “%s” was made by a newer version of Attune. Update Attune to use "
                   "it.",
                   self->folder);
      return NULL;
    }
  if (object == NULL || g_strcmp0 (attune_json_get_string (object, "format"), FORMAT) != 0
      || !parse (self, object, &reason))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "The search “%s” is damaged%s%s", self->folder, reason ? ": " : ".",
                   reason ? reason->message : "");
      return NULL;
    }
  attune_search_read_runs (self);
  return g_steal_pointer (&self);
}
