/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl data: looking through records, and changing single ones by hand.
 */
#include "audit.h"
#include "output.h"
#include "write.h"

#include "data/messages.h"
#include "data/records.h"

#include <string.h>

#define LISTED 20

typedef struct
{
  int limit;
  gboolean original, replace;
  char *texts[ATTUNE_N_FIELDS]; /* as given on the command line */
  char *html, *model, *pairs, *to;
  int each;
} Options;

/* What a command works on. */
typedef struct
{
  const Options *options;
  char *path; /* dataset.h5 */
  AttuneRecords *records;
  JsonArray *told;
} Data;

static void
data_clear (Data *self)
{
  g_free (self->path);
  g_clear_pointer (&self->records, attune_records_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Data, data_clear)

static gboolean
data_open (Data *self, const char *folder, GError **error)
{
  g_autoptr (AttuneProject) project = attune_project_open (folder, error);

  if (project == NULL)
    return FALSE;
  self->path = attune_project_get_file (project, "dataset.h5");
  if (!g_file_test (self->path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "The project has no data yet. Take some in first: attunectl import DIR FILE");
      return FALSE;
    }
  return (self->records = attune_records_open (self->path, error)) != NULL;
}

/* --- list */

static const char *
name_use (const Data *self, const AttuneRecordView *view)
{
  static const char *const names[ATTUNE_N_SPLITS] = { "learning", "checking", "test", "left out" };

  return attune_records_is_prepared (self->records) ? names[view->split] : "not prepared";
}

static gboolean
list_record (Data *self, guint record, GError **error)
{
  g_autoptr (GPtrArray) views = attune_records_read (self->records, record, 1, error);
  const AttuneRecordView *view = views != NULL ? g_ptr_array_index (views, 0) : NULL;
  const int width = MIN (attune_output_get_width (), 100) - 20;
  g_autofree char *number = g_strdup_printf ("%u", record + 1), *question = NULL, *answer = NULL;
  const char *edited;
  JsonObject *object;

  if (view == NULL)
    return FALSE;
  question = attune_format_line (view->record.fields[ATTUNE_FIELD_QUESTION], width);
  answer = attune_format_line (view->record.fields[ATTUNE_FIELD_ANSWER], width);
  edited = (view->by_hand & ATTUNE_BY_HAND_EDITED) != 0 ? ", edited by hand" : "";
  attune_output_row (number, "%s", question);
  attune_output_row ("", "%s", answer);
  attune_output_row ("", "(%s%s%s%s)", name_use (self, view), edited,
                     view->split == ATTUNE_SPLIT_EXCLUDED ? ": " : "",
                     view->split == ATTUNE_SPLIT_EXCLUDED ? view->reason : "");
  object = json_object_new ();
  json_object_set_int_member (object, "record", record + 1);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    json_object_set_string_member (object, attune_field_get_name (i), view->record.fields[i]);
  json_object_set_string_member (object, "used_for", name_use (self, view));
  json_object_set_string_member (object, "reason", view->reason != NULL ? view->reason : "");
  json_object_set_boolean_member (object, "edited", *edited != '\0');
  json_array_add_object_element (self->told, object);
  return TRUE;
}

static void
on_hits (gpointer data, const guint32 *hits, guint n, double fraction)
{
  g_array_append_vals (data, hits, n);
}

static gboolean
list_records (Data *self, char **words, GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree char *text = g_strjoinv (" ", words);
  const guint limit = MAX (1, self->options->limit);

  if (*text == '\0')
    for (guint32 i = 0; i < attune_records_count (self->records); i++)
      g_array_append_val (found, i);
  else if (!attune_records_search (self->records, text, (1u << ATTUNE_N_SPLITS) - 1, on_hits, found,
                                   NULL, error))
    return FALSE;
  for (guint i = 0; i < MIN (found->len, limit); i++)
    if (!list_record (self, g_array_index (found, guint32, i), error))
      return FALSE;
  if (found->len == 0)
    attune_output_line ("No record holds “%s”.", text);
  if (found->len > limit)
    attune_output_line ("… and %u more: --limit shows as many as you say", found->len - limit);
  return TRUE;
}

/* --- changing */

typedef enum
{
  LIST,
  EXCLUDE,
  INCLUDE,
  EDIT,
  N_ACTIONS,
} Action;

static const char *const actions[N_ACTIONS] = { "list", "exclude", "include", "edit" };

/* What the record's change becomes, from what it is. */
static void
apply (const Data *self, Action action, AttuneChange *change)
{
  if (action != EDIT)
    change->excluded = action == EXCLUDE;
  for (int i = 0; action == EDIT && i < ATTUNE_N_FIELDS; i++)
    if (self->options->original || self->options->texts[i] != NULL)
      g_set_str (&change->fields[i], self->options->texts[i]);
}

static const char *
describe (guint kind)
{
  if ((kind & ATTUNE_BY_HAND_EXCLUDED) != 0)
    return "left out";
  return kind == ATTUNE_BY_HAND_EDITED ? "edited" : "as imported";
}

static gboolean
change_record (Data *self, Action action, const char *word, GError **error)
{
  g_autoptr (AttuneChanges) before = NULL, after = NULL;
  g_auto (AttuneRecord) imported = { 0 };
  g_autoptr (AttuneChange) change = NULL;
  g_autofree char *key = NULL, *label = NULL;
  guint64 number;
  JsonObject *object;

  if (!g_ascii_string_to_unsigned (word, 10, 1, attune_records_count (self->records), &number,
                                   NULL))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "There is no record “%s”: they have numbers from 1 to %u, which attunectl data "
                   "list shows.",
                   word, attune_records_count (self->records));
      return FALSE;
    }
  if (!attune_records_read_imported (self->records, number - 1, &imported, error)
      || (before = attune_changes_read (self->path, error)) == NULL)
    return FALSE;
  key = attune_record_get_key (&imported);
  change = attune_change_copy (attune_changes_find (before, key));
  if (change == NULL)
    change = g_new0 (AttuneChange, 1);
  apply (self, action, change);
  if ((after = attune_changes_update (self->path, &imported, change, error)) == NULL)
    return FALSE;
  label = g_strdup_printf ("Record %" G_GUINT64_FORMAT, number);
  attune_output_row (label, "%s", describe (attune_change_get_kind (change)));
  object = json_object_new ();
  json_object_set_int_member (object, "record", number);
  json_object_set_string_member (object, "now", describe (attune_change_get_kind (change)));
  json_array_add_object_element (self->told, object);
  return TRUE;
}

/* --- the command */

static int
run_action (const AttuneCommand *self, const Options *options, Action action, char **arguments)
{
  g_auto (Data) data = { .options = options };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  gboolean good = data_open (&data, arguments[1], &error), edits = options->original;

  data.told = json_array_new ();
  json_object_set_array_member (object, "records", data.told);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    edits = edits || options->texts[i] != NULL;
  if (action != LIST && arguments[2] == NULL)
    return attune_command_misused (self, "Which record? attunectl data list shows their numbers");
  if (action == EDIT && !edits)
    return attune_command_misused (self, "Which text? For instance --answer TEXT, or --original");
  if (action == LIST)
    good = good && list_records (&data, arguments + 2, &error);
  for (int i = 2; action != LIST && good && arguments[i] != NULL; i++)
    good = change_record (&data, action, arguments[i], &error);
  if (!good)
    return attune_output_fail (error);
  if (action != LIST)
    attune_output_row ("Next", "attunectl prepare %s", arguments[1]);
  attune_output_json (g_steal_pointer (&object));
  return ATTUNE_EXIT_OK;
}

static int
run_audit (const Options *options, char **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneProject) project = NULL;

  if (g_str_equal (arguments[0], "agreement"))
    return attune_audit_agreement (arguments[1], arguments + 2);
  project = attune_project_open (arguments[1], &error);
  return project != NULL ? attune_audit_data (project, options->html, options->pairs)
                         : attune_output_fail (error);
}

static int
run_write (const Options *options, char **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneProject) project = attune_project_open (arguments[1], &error);

  return project != NULL ? attune_write_variants (project, options->model, options->each,
                                                  options->limit != LISTED ? options->limit : 0)
                         : attune_output_fail (error);
}

/* For programs that tune elsewhere. */
static int
run_save (const AttuneCommand *self, const Options *options, char **arguments)
{
  static const char *const names[] = { "Learned", "For checking", "For the test" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneProject) project = attune_project_open (arguments[1], &error);
  g_autofree char *path = NULL;
  JsonObject *object;
  guint64 counts[3];

  if (options->to == NULL)
    return attune_command_misused (self, "Where to? --to FOLDER");
  if (project == NULL)
    return attune_output_fail (error);
  path = attune_project_get_file (project, "dataset.h5");
  if (!attune_dataset_save_messages (path, options->to, options->replace, counts, NULL, &error))
    return attune_output_fail (error);
  object = json_object_new ();
  for (int i = 0; i < 3; i++)
    attune_output_row (names[i], "%" G_GUINT64_FORMAT, counts[i]);
  attune_output_row ("Folder", "%s", options->to);
  json_object_set_int_member (object, "train", counts[0]);
  json_object_set_int_member (object, "validation", counts[1]);
  json_object_set_int_member (object, "test", counts[2]);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

static int
run_data (const AttuneCommand *self, char **argv)
{
  Options options = { .limit = LISTED };
  char **texts = options.texts;
  const GOptionEntry entries[] = {
    { "limit", 0, 0, G_OPTION_ARG_INT, &options.limit,
      "list: so many records at most (20); write: of so many at most (all)", "N" },
    { "question", 0, 0, G_OPTION_ARG_STRING, &texts[ATTUNE_FIELD_QUESTION],
      "edit: what is asked instead", "TEXT" },
    { "answer", 0, 0, G_OPTION_ARG_STRING, &texts[ATTUNE_FIELD_ANSWER],
      "edit: what should be answered instead", "TEXT" },
    { "system", 0, 0, G_OPTION_ARG_STRING, &texts[ATTUNE_FIELD_SYSTEM],
      "edit: another instruction for the model", "TEXT" },
    { "label", 0, 0, G_OPTION_ARG_STRING, &texts[ATTUNE_FIELD_LABEL],
      "edit: another topic or class", "TEXT" },
    { "group", 0, 0, G_OPTION_ARG_STRING, &texts[ATTUNE_FIELD_GROUP], "edit: another group",
      "TEXT" },
    { "rejected", 0, 0, G_OPTION_ARG_STRING, &texts[ATTUNE_FIELD_REJECTED],
      "edit: another worse answer", "TEXT" },
    { "date", 0, 0, G_OPTION_ARG_STRING, &texts[ATTUNE_FIELD_DATE], "edit: another date", "TEXT" },
    { "original", 0, 0, G_OPTION_ARG_NONE, &options.original, "edit: the text as imported again",
      NULL },
    { "pairs", 0, 0, G_OPTION_ARG_FILENAME, &options.pairs,
      "audit: terms that are exchanged, “he,she” on each line; men and women by default", "FILE" },
    { "each", 0, 0, G_OPTION_ARG_INT, &options.each,
      "write: variants of each question (as the project says, or 1)", "N" },
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options.model,
      "write: the model file that writes; the project's by default", "FILE" },
    { "replace", 0, 0, G_OPTION_ARG_NONE, &options.replace,
      "save: in the place of files that are there", NULL },
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &options.to, "save: the folder for the files", "FOLDER" },
    { "html", 0, 0, G_OPTION_ARG_FILENAME, &options.html, "audit: write a page for people",
      "FILE" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  int action = 0, status = ATTUNE_EXIT_USAGE;

  while (arguments != NULL && action < N_ACTIONS && strcmp (actions[action], arguments[0]) != 0)
    action++;
  if (arguments != NULL && action < N_ACTIONS)
    status = run_action (self, &options, action, arguments);
  else if (arguments != NULL
           && (g_str_equal (arguments[0], "audit") || g_str_equal (arguments[0], "agreement")))
    status = run_audit (&options, arguments);
  else if (arguments != NULL && g_str_equal (arguments[0], "save"))
    status = run_save (self, &options, arguments);
  else if (arguments != NULL && g_str_equal (arguments[0], "write"))
    status = run_write (&options, arguments);
  else if (arguments != NULL)
    attune_command_misused (self, "What is to be done is one of: list, exclude, include, edit, "
                                  "audit, save, agreement, write");
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_free (options.texts[i]);
  g_free (options.html);
  g_free (options.to);
  g_free (options.model);
  g_free (options.pairs);
  return status;
}

const AttuneCommand attune_command_data = {
  .name = "data",
  .parameters
  = "list|exclude|include|edit|audit|save|write DIR [RECORD…|TEXT], or agreement FILE COLUMN…",
  .summary = "Look through the records, change single ones, and audit them all",
  .description
  = "Records have numbers from 1, in the order in which they were taken in. What is changed by "
    "hand "
    "holds for a\n"
    "record's text, also when the table is taken in again; the text as imported stays. It counts "
    "once the data is\n"
    "prepared again.\n"
    "An audit tells which words go with a label, and how labels and lengths differ between groups; "
    "agreement, how\n"
    "far annotators agree (Cohen's or Fleiss' kappa), whose labels are columns of one table.\n"
    "Write has a model write variants of the questions that are learned from. They are looked at, "
    "kept beside the\n"
    "data, and used once it is prepared with --variants and --variants-by model; it can be stopped "
    "and goes on later.\n"
    "Saved are the prepared samples, in a file for each part, as messages (JSON Lines) that other "
    "programs learn from.\n"
    "\n"
    "Examples:\n"
    "  attunectl data list Nursing.attune insulin\n"
    "  attunectl data save Nursing.attune --to messages/\n"
    "  attunectl data exclude Nursing.attune 12 40\n"
    "  attunectl data include Nursing.attune 40\n"
    "  attunectl data edit Nursing.attune 7 --answer \"High blood pressure.\"\n"
    "  attunectl data edit Nursing.attune 7 --original\n"
    "  attunectl data audit Nursing.attune --html audit.html\n"
    "  attunectl data agreement labels.csv anna ben\n"
    "  attunectl data write Nursing.attune --model ~/Qwen2.5-3B-Instruct.gguf\n"
    "\n"
    "Next: attunectl prepare Nursing.attune",
  .min_arguments = 2,
  .max_arguments = -1,
  .run = run_data,
};
