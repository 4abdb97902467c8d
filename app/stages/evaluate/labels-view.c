/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See labels-view.h.
 */
#include "stages/evaluate/labels-view.h"

#include "charts/chart.h"
#include "charts/matrix-figure.h"
#include "stages/evaluate/label-words.h"
#include "stages/evaluate/verdict.h"

#include <glib/gi18n.h>

#define MAX_CELLS 12 /* labels of which a name can still be read beside its row */
#define MAX_ROWS 20

struct _AttuneLabelsView
{
  AdwBin parent_instance;

  GPtrArray *rows; /* (element-type GtkWidget): of labels_group; borrowed */

  AdwPreferencesGroup *matrix_group;
  GtkMenuButton *matrix_menu;
  AttuneChart *matrix_chart;
  AdwPreferencesGroup *labels_group;
};

G_DEFINE_FINAL_TYPE (AttuneLabelsView, attune_labels_view, ADW_TYPE_BIN)

static void
add_row (AttuneLabelsView *self, GtkWidget *row)
{
  g_ptr_array_add (self->rows, row);
  adw_preferences_group_add (self->labels_group, row);
}

static GtkWidget *
label_row_new (const AttuneConfusion *confusion, guint label)
{
  g_autofree char *words = attune_label_words_on (confusion, label),
                  *f1 = attune_verdict_format_share (attune_confusion_score (confusion, label).f1);
  GtkWidget *row
      = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", confusion->names[label],
                      "subtitle", words, "subtitle-lines", 0, NULL);
  GtkWidget *value = gtk_label_new (f1);
  /* Translators: a score of a label, e.g. "F1: 83%" */
  g_autofree char *name = g_strdup_printf (_ ("F1: %s"), f1);

  gtk_accessible_update_property (GTK_ACCESSIBLE (value), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (value, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), value);
  return row;
}

/* Takes @text over. */
static void
add_sentence (AttuneLabelsView *self, char *text)
{
  add_row (self, g_object_new (ADW_TYPE_ACTION_ROW, "title", text, "title-lines", 0, NULL));
  g_free (text);
}

static void
show_matrix (AttuneLabelsView *self, const AttuneConfusion *confusion)
{
  g_autoptr (AttuneMatrixFigure) figure = NULL;
  /* where a record can have several, none is said in place of another */
  const gboolean shown = confusion->n <= MAX_CELLS && !confusion->several;

  gtk_widget_set_visible (GTK_WIDGET (self->matrix_group), shown);
  if (!shown)
    return;
  figure = attune_matrix_figure_new (_ ("Right label"), _ ("Said by the model"));
  attune_figure_set_title (ATTUNE_FIGURE (figure), _ ("What Was Said for Each Label"));
  attune_matrix_figure_set_counts (figure, (const char *const *) confusion->names,
                                   confusion->counts);
  attune_chart_set_figure (self->matrix_chart, ATTUNE_FIGURE (figure));
}

void
attune_labels_view_show (AttuneLabelsView *self, const AttuneConfusion *confusion)
{
  g_autoptr (GArray) labels = NULL;
  char *unknown;
  guint more;

  g_return_if_fail (ATTUNE_IS_LABELS_VIEW (self) && confusion != NULL);

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->labels_group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  show_matrix (self, confusion);
  labels = attune_label_words_rank (confusion);
  for (guint i = 0; i < MIN (labels->len, MAX_ROWS); i++)
    add_row (self, label_row_new (confusion, g_array_index (labels, guint, i)));
  more = labels->len - MIN (labels->len, MAX_ROWS);
  if (more > 0)
    add_sentence (self, g_strdup_printf (ngettext ("%u more label is in the report",
                                                   "%u more labels are in the report", more),
                                         more));
  unknown = attune_label_words_on_unknown (confusion);
  if (unknown != NULL)
    add_sentence (self, unknown);
}

static void
attune_labels_view_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL); /* before the template forgets it */
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_LABELS_VIEW);
  G_OBJECT_CLASS (attune_labels_view_parent_class)->dispose (object);
}

static void
attune_labels_view_finalize (GObject *object)
{
  g_ptr_array_unref (ATTUNE_LABELS_VIEW (object)->rows);
  G_OBJECT_CLASS (attune_labels_view_parent_class)->finalize (object);
}

static void
attune_labels_view_class_init (AttuneLabelsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_labels_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_labels_view_finalize;
  g_type_ensure (ATTUNE_TYPE_CHART);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/evaluate/labels-view.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelsView, matrix_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelsView, matrix_menu);
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelsView, matrix_chart);
  gtk_widget_class_bind_template_child (widget_class, AttuneLabelsView, labels_group);
}

static void
attune_labels_view_init (AttuneLabelsView *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  attune_chart_attach_menu (self->matrix_chart, self->matrix_menu);
}
