/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Formats, encodings and delimiters in words.
 */
#include "stages/data/import-choices.h"

#include <glib/gi18n.h>

const AttuneImportChoice attune_import_formats[] = {
  { "csv", N_ ("Table (CSV)") },
  { "tsv", N_ ("Table with Tabs (TSV)") },
  { "json", N_ ("JSON") },
  { "jsonl", N_ ("JSON Lines") },
  { "text", N_ ("Text") },
  { "markdown", N_ ("Text with Headings (Markdown)") },
  { NULL },
};

const AttuneImportChoice attune_import_encodings[] = {
  { "UTF-8", N_ ("Unicode (UTF-8)") },
  { "UTF-16LE", N_ ("Unicode (UTF-16, Windows)") },
  { "UTF-16BE", N_ ("Unicode (UTF-16, Big Endian)") },
  { "WINDOWS-1252", N_ ("Western European (Windows)") },
  { "ISO-8859-15", N_ ("Western European (ISO)") },
  { "WINDOWS-1250", N_ ("Central European (Windows)") },
  { "WINDOWS-1251", N_ ("Cyrillic (Windows)") },
  { "WINDOWS-1253", N_ ("Greek (Windows)") },
  { "WINDOWS-1254", N_ ("Turkish (Windows)") },
  { "WINDOWS-1255", N_ ("Hebrew (Windows)") },
  { "WINDOWS-1256", N_ ("Arabic (Windows)") },
  { "MACINTOSH", N_ ("Western European (Mac)") },
  { "GB18030", N_ ("Chinese (Simplified)") },
  { "BIG5", N_ ("Chinese (Traditional)") },
  { "SHIFT_JIS", N_ ("Japanese") },
  { "EUC-KR", N_ ("Korean") },
  { NULL },
};

const AttuneImportChoice attune_import_delimiters[] = {
  { ",", N_ ("Comma") },
  { ";", N_ ("Semicolon") },
  { "\t", N_ ("Tab") },
  { "|", N_ ("Vertical Bar") },
  { NULL },
};

/* What says itself how it is to be read, and where nothing names columns. */
static const char *const fixed_formats[]
    = { "xlsx",        "ods",    "html",       "docx", "pdf",     "folder",
        "data-folder", "sqlite", "postgresql", "odbc", "parquet", NULL };

gboolean
attune_import_choices_is_fixed (const char *format)
{
  return g_strv_contains (fixed_formats, format);
}

gboolean
attune_import_choices_has_header (const char *format)
{
  static const char *const formats[] = { "csv", "tsv", "xlsx", "ods", NULL };

  return g_strv_contains (formats, format);
}

void
attune_import_choices_fill (AdwComboRow *row, const AttuneImportChoice *choices)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);

  for (guint i = 0; choices[i].value != NULL; i++)
    gtk_string_list_append (titles, _ (choices[i].title));
  adw_combo_row_set_model (row, G_LIST_MODEL (titles));
}

void
attune_import_choices_select (AdwComboRow *row, const AttuneImportChoice *choices,
                              const char *value)
{
  for (guint i = 0; choices[i].value != NULL; i++)
    if (g_strcmp0 (choices[i].value, value) == 0)
      adw_combo_row_set_selected (row, i);
}

const char *
attune_import_choices_get (AdwComboRow *row, const AttuneImportChoice *choices)
{
  const guint selected = adw_combo_row_get_selected (row);

  return selected != GTK_INVALID_LIST_POSITION ? choices[selected].value : NULL;
}

void
attune_import_choices_name (AdwComboRow *row, const GPtrArray *names, const char *chosen)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint selected = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      gtk_string_list_append (list, names->pdata[i]);
      if (g_strcmp0 (names->pdata[i], chosen) == 0)
        selected = i;
    }
  adw_combo_row_set_model (row, G_LIST_MODEL (list));
  adw_combo_row_set_selected (row, selected);
  gtk_widget_set_visible (GTK_WIDGET (row), names != NULL && names->len > 1);
}
