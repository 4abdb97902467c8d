/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The import dialog's parts, for import-dialog.c and import-roles.c alone.
 */
#pragma once
#include "stages/data/import-dialog.h"

G_BEGIN_DECLS

struct _AttuneImportDialog
{
  AdwDialog parent_instance;

  AttuneSession *session;
  char *path;
  AttuneSourceHints hints; /* what was corrected; its strings are static */
  AttuneSource *source;    /* (nullable) */
  GCancellable *looking;   /* (nullable): the look that counts */
  gboolean showing;        /* the rows are being set by us */
  GPtrArray *role_rows;    /* of the columns; borrowed */

  AdwWindowTitle *window_title;
  GtkStack *stack;
  AdwStatusPage *failed_page;
  GtkWidget *problem_box;
  GtkLabel *problem_label;
  AdwPreferencesGroup *roles_group, *preview_group, *reading_group;
  GtkColumnView *preview;
  GListStore *rows;
  AdwComboRow *table_row, *format_row, *encoding_row, *delimiter_row;
  AdwSwitchRow *header_row;
};

/* Shows @problem, or what is missing for an import; nothing where neither is. */
void attune_import_dialog_show_problem (AttuneImportDialog *self, const char *problem);
/* A row for each column of the source, with its role. */
void attune_import_dialog_show_columns (AttuneImportDialog *self);

G_END_DECLS
