/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Data”: the tables, what is done to them, and what came out.
 */
#include "stages/data/page.h"

#include "core/settings.h"
#include "stages/data/audit-save.h"
#include "stages/data/bad-rows-dialog.h"
#include "stages/data/count.h"
#include "stages/data/database-dialog.h"
#include "stages/data/hub-data-dialog.h"
#include "stages/data/import-dialog.h"
#include "stages/data/messages-save.h"
#include "stages/data/recipe.h"
#include "stages/data/record-browser.h"
#include "stages/data/result.h"
#include "stages/data/source-row.h"
#include "stages/data/web-dialog.h"

#include <glib/gi18n.h>

struct _AttuneDataPage
{
  AttuneStagePage parent_instance;

  AttuneDataRecipe *recipe;
  AttuneDataResult *result; /* borrowed */
  guint shown;              /* which reading of the data is on the page */

  GtkStack *stack;
  GtkBox *box;
  GtkListBox *source_list;
  AdwActionRow *records_row, *changes_row, *write_row;
};

G_DEFINE_FINAL_TYPE (AttuneDataPage, attune_data_page, ATTUNE_TYPE_STAGE_PAGE)

static AttuneSession *
get_session (gpointer page)
{
  return attune_stage_page_get_session (ATTUNE_STAGE_PAGE (page));
}

/* --- what there is */

static void
show_sources (AttuneDataPage *self, const AttuneDataSummary *data)
{
  g_autoptr (GPtrArray) sources = attune_source_views_new (data->sources);

  gtk_list_box_remove_all (self->source_list);
  for (guint i = 0; i < sources->len; i++)
    gtk_list_box_append (self->source_list,
                         attune_source_row_new (g_ptr_array_index (sources, i), i));
}

static void
show_report (AttuneDataPage *self, const AttuneDataSummary *data)
{
  g_autoptr (AttuneReportView) report = attune_report_view_new (data->report);
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();

  attune_data_recipe_show (self->recipe, report);
  gtk_widget_set_visible (GTK_WIDGET (self->result), data->prepared);
  if (data->prepared && attune_settings_apply_json (G_OBJECT (settings), data->settings, NULL))
    attune_data_result_show (self->result, report,
                             attune_data_settings_get_values (settings)->max_tokens);
}

static void
show_count (AttuneDataPage *self, const AttuneDataSummary *data)
{
  const guint64 n = data->n_records, left_out = data->splits[ATTUNE_SPLIT_EXCLUDED];
  g_autofree char *all = attune_count_to_text (n), *used = attune_count_to_text (n - left_out);
  g_autofree char *text
      = data->prepared && left_out > 0
            ? g_strdup_printf (_ ("%s of %s records are used"), used, all)
            : g_strdup_printf (ngettext ("%s record", "%s records", (gulong) n), all);

  adw_action_row_set_subtitle (self->records_row, text);
}

/* Of the records' changes by hand: nothing is prepared while they cannot be read. */
static void
show_problem (AttuneDataPage *self)
{
  const char *problem = attune_session_get_changes_problem (get_session (self));

  gtk_widget_set_visible (GTK_WIDGET (self->changes_row), problem != NULL);
  adw_action_row_set_subtitle (self->changes_row, problem != NULL ? problem : "");
}

/* Where the settings want variants that a model writes. */
static void
show_writing (AttuneDataPage *self)
{
  AttuneSession *session = get_session (self);
  const AttuneDataValues *values = attune_data_settings_get_values (
      attune_project_get_data_settings (attune_session_get_project (session)));

  const AttuneDataSummary *data = attune_session_get_data (session);

  gtk_widget_set_visible (GTK_WIDGET (self->write_row),
                          values->variants > 0 && values->variants_by == ATTUNE_VARIANTS_MODEL);
  adw_action_row_set_subtitle (
      self->write_row,
      data == NULL || !data->prepared
          ? _ ("Prepare the data first: variants are of what is learned from")
      : attune_session_get_model (session) == NULL
          ? _ ("Choose a model first: it writes them")
          : _ ("Takes long with a large model; what is written is kept if you stop"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.write-variants",
                                 attune_session_may_write (session)
                                     && attune_session_get_read_only (session) == NULL
                                     && !attune_session_is_busy (session));
}

static void
attune_data_page_update (AttuneStagePage *page)
{
  AttuneDataPage *self = ATTUNE_DATA_PAGE (page);
  AttuneSession *session = get_session (self);
  const AttuneDataSummary *data = attune_session_get_data (session);
  const gboolean may_change
      = attune_session_get_read_only (session) == NULL && !attune_session_is_busy (session);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.add-table", may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.add-folder", may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.add-database", may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.add-hub", may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.add-pages", may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.save-audit", data != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.save-messages",
                                 data != NULL && data->prepared);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.remove-source", may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "data.set-changes-aside", may_change);
  attune_data_recipe_set_sensitive (self->recipe, attune_session_get_read_only (session) == NULL);
  attune_stage_page_set_hint (page, attune_session_get_data_stale_reason (session));
  gtk_stack_set_visible_child_name (self->stack, data != NULL ? "data" : "empty");
  show_problem (self);
  show_writing (self);
  /* one primary action at a time: while there is no data it is to add some */
  g_object_set (self, "action-name", data != NULL ? "data.prepare" : NULL, NULL);
  if (data == NULL || attune_session_get_data_serial (session) == self->shown)
    return;
  self->shown = attune_session_get_data_serial (session);
  show_sources (self, data);
  show_count (self, data);
  show_report (self, data);
}

static void
attune_data_page_set_session (AttuneStagePage *page, AttuneSession *session)
{
  AttuneDataPage *self = ATTUNE_DATA_PAGE (page);

  self->recipe = attune_data_recipe_new (
      attune_project_get_data_settings (attune_session_get_project (session)), self->box);
  g_signal_connect_object (attune_project_get_data_settings (attune_session_get_project (session)),
                           "notify", G_CALLBACK (show_writing), self, G_CONNECT_SWAPPED);
  self->result = g_object_new (ATTUNE_TYPE_DATA_RESULT, "visible", FALSE, NULL);
  gtk_box_append (self->box, GTK_WIDGET (self->result));
}

/* --- actions */

void
attune_data_page_import (AttuneDataPage *self, const char *path)
{
  AttuneSession *session;

  g_return_if_fail (ATTUNE_IS_DATA_PAGE (self) && path != NULL);

  session = get_session (self);
  if (attune_session_get_read_only (session) != NULL)
    attune_session_say (session, attune_session_get_read_only (session));
  else
    adw_dialog_present (ADW_DIALOG (attune_import_dialog_new (session, path)), GTK_WIDGET (self));
}

/* @chosen: (nullable): with @error, or where nothing was chosen */
static void
take_chosen (AttuneDataPage *self, GFile *chosen, GError *error)
{
  if (chosen != NULL && g_file_peek_path (chosen) != NULL)
    attune_data_page_import (self, g_file_peek_path (chosen));
  else if (chosen != NULL)
    attune_session_say (get_session (self), _ ("Only files on this computer can be added."));
  else if (!g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    attune_session_say (get_session (self), error->message);
}

static void
on_table_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneDataPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (dialog), result, &error);

  take_chosen (self, file, error);
}

static void
add_filter (GListStore *filters, const char *name, const char *const *suffixes)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  for (guint i = 0; suffixes[i] != NULL; i++)
    gtk_file_filter_add_suffix (filter, suffixes[i]);
  g_list_store_append (filters, filter);
}

static void
add_table (GtkWidget *widget, const char *action, GVariant *parameter)
{
  static const char *const all[]
      = { "xlsx",   "xlsm", "ods",    "csv",     "tsv",  "tab",      "json", "jsonl",
          "ndjson", "txt",  "text",   "md",      "html", "markdown", "htm",  "docx",
          "xhtml",  "pdf",  "sqlite", "sqlite3", "db",   NULL };
  static const char *const documents[]
      = { "txt", "text", "md", "markdown", "html", "htm", "xhtml", "docx", "pdf", NULL };
  static const char *const sheets[] = { "xlsx", "xlsm", "ods", NULL };
  static const char *const tables[] = { "csv", "tsv", "tab", "txt", NULL };
  static const char *const objects[] = { "json", "jsonl", "ndjson", "parquet", NULL };
  static const char *const databases[] = { "sqlite", "sqlite3", "db", NULL };
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);

  add_filter (filters, _ ("Tables and Documents"), all);
  add_filter (filters, _ ("Spreadsheets (Excel and OpenDocument)"), sheets);
  add_filter (filters, _ ("CSV and TSV"), tables);
  add_filter (filters, _ ("JSON, JSON Lines and Parquet"), objects);
  add_filter (filters, _ ("Databases (SQLite)"), databases);
  add_filter (filters, _ ("Documents (Text, Markdown, HTML, Word, PDF)"), documents);
  gtk_file_dialog_set_title (dialog, _ ("Add File"));
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  gtk_file_dialog_open (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL, on_table_chosen,
                        g_object_ref (widget));
}

static void
on_folder_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneDataPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder
      = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (dialog), result, &error);

  take_chosen (self, folder, error);
}

static void
add_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ ("Add Folder of Documents"));
  gtk_file_dialog_select_folder (dialog, GTK_WINDOW (gtk_widget_get_root (widget)), NULL,
                                 on_folder_chosen, g_object_ref (widget));
}

static void
on_source (gpointer page, const char *address)
{
  attune_data_page_import (page, address);
}

static void
add_database (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_database_dialog_present (widget, on_source, g_object_ref (widget), g_object_unref);
}

static void
add_hub (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_hub_data_dialog_present (widget, get_session (widget), on_source, g_object_ref (widget),
                                  g_object_unref);
}

static void
add_pages (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_web_dialog_present (widget, get_session (widget));
}

static void
save_audit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_audit_save (widget, get_session (widget));
}

static void
save_messages (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_messages_save (widget, get_session (widget));
}

static void
prepare (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_session_prepare (get_session (widget));
}

static void
write_variants (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_session_write_variants (get_session (widget));
}

static void
show_bad_rows (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSession *session = get_session (widget);
  const AttuneDataSummary *data = attune_session_get_data (session);
  const guint source = g_variant_get_uint32 (parameter);
  g_autoptr (GPtrArray) sources = NULL;
  g_autofree char *path
      = attune_project_get_file (attune_session_get_project (session), "dataset.h5");
  g_autofree char *name = NULL;

  if (data == NULL)
    return;
  sources = attune_source_views_new (data->sources);
  if (source >= sources->len)
    return;
  name = g_filename_display_basename (((AttuneSourceView *) sources->pdata[source])->path);
  adw_dialog_present (ADW_DIALOG (attune_bad_rows_dialog_new (path, source, name)), widget);
}

/* The last table takes all with it; both ways the window offers to undo it. */
static void
remove_source (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSession *session = get_session (widget);
  const AttuneDataSummary *data = attune_session_get_data (session);
  g_autoptr (GPtrArray) sources = attune_source_views_new (data != NULL ? data->sources : NULL);

  if (sources->len > 1)
    gtk_widget_activate_action (widget, "win.remove-source", "u", g_variant_get_uint32 (parameter));
  else
    gtk_widget_activate_action (widget, "win.remove-data", NULL);
}

static void
browse (GtkWidget *widget, const char *action, GVariant *parameter)
{
  adw_dialog_present (ADW_DIALOG (attune_record_browser_new (get_session (widget))), widget);
}

static void
set_changes_aside (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_session_set_changes_aside (get_session (widget));
}

/* --- the object */

static void
attune_data_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DATA_PAGE);
  g_clear_pointer (&ATTUNE_DATA_PAGE (object)->recipe, attune_data_recipe_free);
  G_OBJECT_CLASS (attune_data_page_parent_class)->dispose (object);
}

static void
attune_data_page_class_init (AttuneDataPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_data_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_DATA;
  ATTUNE_STAGE_PAGE_CLASS (klass)->set_session = attune_data_page_set_session;
  ATTUNE_STAGE_PAGE_CLASS (klass)->update = attune_data_page_update;
  gtk_widget_class_install_action (widget_class, "data.prepare", NULL, prepare);
  gtk_widget_class_install_action (widget_class, "data.write-variants", NULL, write_variants);
  gtk_widget_class_install_action (widget_class, "data.add-table", NULL, add_table);
  gtk_widget_class_install_action (widget_class, "data.add-folder", NULL, add_folder);
  gtk_widget_class_install_action (widget_class, "data.add-database", NULL, add_database);
  gtk_widget_class_install_action (widget_class, "data.add-hub", NULL, add_hub);
  gtk_widget_class_install_action (widget_class, "data.add-pages", NULL, add_pages);
  gtk_widget_class_install_action (widget_class, "data.save-audit", NULL, save_audit);
  gtk_widget_class_install_action (widget_class, "data.save-messages", NULL, save_messages);
  gtk_widget_class_install_action (widget_class, "data.show-bad-rows", "u", show_bad_rows);
  gtk_widget_class_install_action (widget_class, "data.remove-source", "u", remove_source);
  gtk_widget_class_install_action (widget_class, "data.browse", NULL, browse);
  gtk_widget_class_install_action (widget_class, "data.set-changes-aside", NULL, set_changes_aside);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, box);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, source_list);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, records_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, changes_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneDataPage, write_row);
}

static void
attune_data_page_init (AttuneDataPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
