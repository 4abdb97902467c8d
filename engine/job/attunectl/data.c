/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl import: from files, databases, web pages and the hub to a data set.
 */
#include "command.h"
#include "hub-data.h"
#include "output.h"
#include "progress.h"

#include "data/dataset.h"
#include "data/web.h"
#include "job/json.h"
#include "model/hub-data.h"

#include <string.h>

#define SHOWN_BAD_ROWS 5

/* Which column is what, with the first row as an example. */
static void
tell_roles (const AttuneSource *source)
{
  const GStrv first
      = source->preview != NULL && source->preview->len > 0 ? source->preview->pdata[0] : NULL;
  g_autofree char *name = g_path_get_basename (source->path);

  attune_output_heading ("%s (%s, %s)", name, source->format, source->encoding);
  for (guint i = 0; i < source->columns->len; i++)
    {
      const AttuneField role = g_array_index (source->roles, AttuneField, i);
      const char *example = first != NULL && i < g_strv_length (first) ? first[i] : "";
      g_autofree char *column = attune_format_line (source->columns->pdata[i], 18);
      g_autofree char *text
          = attune_format_line (example, MIN (attune_output_get_width (), 100) - 38);

      attune_output_row (column, "%-10s  %s",
                         role != ATTUNE_FIELD_NONE ? attune_field_get_name (role) : "–", text);
    }
}

/* Rows that could not be read, with the reason; never dropped in silence. */
static void
tell_bad_rows (JsonObject *report)
{
  JsonNode *node = json_object_get_member (report, "bad_rows");
  JsonArray *bad = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  const guint n = bad != NULL ? json_array_get_length (bad) : 0;

  for (guint i = 0; i < MIN (n, SHOWN_BAD_ROWS); i++)
    {
      JsonNode *item = json_array_get_element (bad, i);
      JsonObject *row = JSON_NODE_HOLDS_OBJECT (item) ? json_node_get_object (item) : NULL;
      g_autofree char *label
          = g_strdup_printf ("  line %" G_GINT64_FORMAT, attune_json_get_int (row, "line"));

      attune_output_text (label, attune_json_get_string (row, "reason"));
    }
}

typedef struct
{
  char *columns[ATTUNE_FIELD_TEXT + 1]; /* as asked for on the command line */
  char *table, *query;                  /* (nullable): of a database */
} Asked;

static void
asked_clear (Asked *self)
{
  for (int i = 0; i <= ATTUNE_FIELD_TEXT; i++)
    g_clear_pointer (&self->columns[i], g_free);
  g_clear_pointer (&self->table, g_free);
  g_clear_pointer (&self->query, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, asked_clear)

/* What a database is asked for, and what else it could be. */
static void
tell_table (const AttuneSource *source)
{
  g_autoptr (GString) others = g_string_new (NULL);

  if (source->query != NULL)
    attune_output_row ("Query", "%s", source->query);
  else if (source->table != NULL)
    attune_output_row ("Table", "%s", source->table);
  for (guint i = 0; source->tables != NULL && i < source->tables->len; i++)
    if (g_strcmp0 (source->tables->pdata[i], source->table) != 0)
      g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "",
                              (const char *) source->tables->pdata[i]);
  if (others->len > 0)
    attune_output_text ("Other tables", others->str);
}

static gboolean
import_file (const char *dataset, const char *path, const Asked *asked, JsonArray *reports,
             GError **error)
{
  const AttuneSourceHints hints = { .header = -1, .table = asked->table, .query = asked->query };
  g_autoptr (AttuneSource) source = attune_source_probe_as (path, &hints, error);
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Reading");
  g_autoptr (JsonNode) report = NULL;
  JsonObject *object;

  if (source == NULL)
    return FALSE;
  for (int i = 0; i <= ATTUNE_FIELD_TEXT; i++)
    if (asked->columns[i] != NULL && !attune_source_set_role (source, asked->columns[i], i, error))
      return FALSE;
  tell_roles (source);
  tell_table (source);
  if (!attune_dataset_import (dataset, source, attune_progress_line_report, &line, NULL, &report,
                              error))
    return FALSE;
  attune_progress_line_clear (&line);

  object = json_node_get_object (report);
  attune_output_row ("Rows read", "%" G_GINT64_FORMAT, attune_json_get_int (object, "rows"));
  attune_output_row ("Unreadable", "%" G_GINT64_FORMAT, attune_json_get_int (object, "bad"));
  tell_bad_rows (object);
  json_array_add_element (reports, g_steal_pointer (&report));
  return TRUE;
}

/* Pages of the web go into the project's folder first. Returns: (transfer full): their folder. */
static char *
fetch_pages (AttuneProject *project, const char *path, int max_pages, GError **error)
{
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Fetching pages");
  g_auto (AttuneWebReport) report = { 0 };
  AttuneWebLimits limits = attune_web_limits;
  g_autofree char *folder = NULL;

  folder = attune_project_get_web_folder (project, path);
  limits.max_pages = max_pages > 0 ? max_pages : limits.max_pages;
  if (!attune_web_fetch (path, folder, &limits, attune_progress_line_report, &line, NULL, &report,
                         error))
    return NULL;
  attune_progress_line_clear (&line);
  attune_output_row ("Pages fetched", "%u%s", report.n_pages,
                     report.lost       ? "; then the server no longer answered"
                     : report.has_more ? "; there are more (--pages)"
                                       : "");
  attune_output_row ("Folder", "%s", folder);
  if (report.n_refused > 0)
    attune_output_row ("Left alone", "%u, as the server asks", report.n_refused);
  if (report.n_others > 0)
    attune_output_row ("No pages", "%u", report.n_others);
  if (report.n_failed > 0)
    attune_output_row ("Not read", "%u; the first: %s", report.n_failed, report.problem);
  return g_steal_pointer (&folder);
}

/* How much of the network is taken in at most; 0: as much as is usual. */
typedef struct
{
  int max_pages;
  double max_gigabytes;
} Limits;

/* Returns: (transfer full): where @path is on this computer; what comes of the network, comes
 * first.
 */
static char *
fetch (AttuneProject *project, const char *path, const Limits *limits, GError **error)
{
  if (attune_hub_data_is_address (path))
    return attune_command_fetch_data (project, path, limits->max_gigabytes, error);
  if (attune_web_is_address (path))
    return fetch_pages (project, path, limits->max_pages, error);
  return g_strdup (path);
}

static int
run_import (const AttuneCommand *self, char **argv)
{
  g_auto (Asked) asked = { 0 };
  Limits limits = { 0 };
  const GOptionEntry entries[] = {
    { "question", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_QUESTION],
      "Column with what is asked", "COLUMN" },
    { "answer", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_ANSWER],
      "Column with what should be answered", "COLUMN" },
    { "system", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_SYSTEM],
      "Column with instructions for the model", "COLUMN" },
    { "label", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_LABEL],
      "Column with a topic or class", "COLUMN" },
    { "group", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_GROUP],
      "Column whose equal values stay together, e.g. a patient", "COLUMN" },
    { "text", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_TEXT],
      "Column with text that is learned whole, as it is written", "COLUMN" },
    { "rejected", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_REJECTED],
      "Column with a worse answer, of preference pairs", "COLUMN" },
    { "date", 0, 0, G_OPTION_ARG_STRING, &asked.columns[ATTUNE_FIELD_DATE],
      "Column that says when a row is from, for a split by time", "COLUMN" },
    { "table", 0, 0, G_OPTION_ARG_STRING, &asked.table,
      "Table or view of a database, or part of a data set, to read", "NAME" },
    { "query", 0, 0, G_OPTION_ARG_STRING, &asked.query,
      "What to ask a database for instead of a table: one SELECT", "SQL" },
    { "pages", 0, 0, G_OPTION_ARG_INT, &limits.max_pages,
      "Web pages to fetch at most, of an address (200)", "N" },
    { "gigabytes", 0, 0, G_OPTION_ARG_DOUBLE, &limits.max_gigabytes,
      "Size of a data set of the hub at most (10)", "N" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autofree char *dataset = NULL;
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  JsonArray *reports;
  int status = ATTUNE_EXIT_OK;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if ((project = attune_project_open (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  dataset = attune_project_get_file (project, "dataset.h5");
  object = json_object_new ();
  reports = json_array_new ();
  json_object_set_array_member (object, "files", reports);
  for (guint i = 1; status == ATTUNE_EXIT_OK && arguments[i] != NULL; i++)
    {
      g_autofree char *path = fetch (project, arguments[i], &limits, &error);

      if (path == NULL || !import_file (dataset, path, &asked, reports, &error))
        status = attune_output_fail (error);
    }
  if (status == ATTUNE_EXIT_OK)
    attune_output_row ("Next", "attunectl prepare %s", arguments[0]);
  attune_output_json (object);
  return status;
}

const AttuneCommand attune_command_import = {
  .name = "import",
  .parameters = "DIR FILE…",
  .summary
  = "Take in tables (Excel, ODS, CSV, TSV, JSON, JSONL, Parquet, SQLite, PostgreSQL, ODBC) and "
    "documents (text, Markdown, HTML, Word, PDF, a folder, or web pages), and data sets of the hub",
  .description
  = "What each column is, is guessed from its name and shown; say it where the guess "
    "is wrong. Each row is one\n"
    "question with its answer. Rows that cannot be read are kept aside with their "
    "line and the reason.\n"
    "Documents are learned whole, in pieces that end with a section or a paragraph; "
    "where their headings ask, each is\n"
    "a question and what stands under it its answer.\n"
    "Of a folder as Hugging Face lays out a data set, one part is read: train, unless "
    "--table says another.\n"
    "Databases are only read: of a file (SQLite), of a server (PostgreSQL), or any other that "
    "this computer has an\n"
    "ODBC driver for (odbc:NAME of a data source, or odbc:Driver=…;Server=…;UID=…).\n"
    "Of the web the page at an address is read, and what lies below it on the same "
    "server, one page in a second and\n"
    "only what the server allows programs to read.\n"
    "Of the hub of Hugging Face a data set is fetched by its name, hf:OWNER/NAME, and where it has "
    "several configurations\n"
    "hf:OWNER/NAME/CONFIGURATION; its licence and its size are said first. HF_TOKEN is the access "
    "token for what needs one,\n"
    "HF_ENDPOINT another hub.\n"
    "\n"
    "Examples:\n"
    "  attunectl import Nursing.attune questions.xlsx\n"
    "  attunectl import Nursing.attune terms.csv --question term --answer definition\n"
    "  attunectl import Nursing.attune Guidelines/\n"
    "  attunectl import Nursing.attune https://www.example.org/guidelines/\n"
    "  attunectl import Nursing.attune hf:OWNER/NAME\n"
    "  attunectl import Support.attune tickets.sqlite --table solved\n"
    "  attunectl import Support.attune postgresql://anna@db.example.org/tickets \\\n"
    "    --query \"SELECT question, reply AS answer FROM tickets WHERE solved\"\n"
    "  attunectl import Support.attune \"odbc:Helpdesk;UID=anna\" --table solved\n"
    "\n"
    "Next: attunectl prepare Nursing.attune",
  .min_arguments = 2,
  .max_arguments = -1,
  .run = run_import,
};
