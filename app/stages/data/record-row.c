/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The row: of one height whatever it shows, so that the list scrolls evenly.
 */
#include "stages/data/record-row.h"

#include <glib/gi18n.h>

/* More cannot be seen in a line. */
#define SHOWN_CHARACTERS 200

struct _AttuneRecordRow
{
  GtkBox parent_instance;

  AttuneRecordItem *item; /* (nullable) */
  gboolean prepared;

  GtkInscription *question_label, *answer_label;
  GtkLabel *split_label;
};

G_DEFINE_FINAL_TYPE (AttuneRecordRow, attune_record_row, GTK_TYPE_BOX)

const char *
attune_record_row_name_split (AttuneSplit split)
{
  switch (split)
    {
    case ATTUNE_SPLIT_TRAIN:
      return _ ("Learning");
    case ATTUNE_SPLIT_VALIDATION:
      return _ ("Checking");
    case ATTUNE_SPLIT_TEST:
      return _ ("Final Test");
    case ATTUNE_SPLIT_EXCLUDED:
    default:
      return _ ("Left Out");
    }
}

/* A megabyte in a label would take its time. */
char *
attune_record_row_shorten (const char *text)
{
  if (g_utf8_strlen (text, SHOWN_CHARACTERS * 4) < SHOWN_CHARACTERS)
    return g_strdup (text);
  return g_utf8_substring (text, 0, SHOWN_CHARACTERS);
}

static void
set_line (GtkInscription *label, const char *text)
{
  g_autofree char *line = attune_record_row_shorten (text);

  gtk_inscription_set_text (label, line);
}

/* What a person has done to it since is told at once. */
static const char *
name_use (AttuneRecordRow *self, const AttuneRecordView *view, int by_hand)
{
  const guint now = by_hand >= 0 ? (guint) by_hand : view->by_hand;

  if ((now & ATTUNE_BY_HAND_EXCLUDED) != 0)
    return attune_record_row_name_split (ATTUNE_SPLIT_EXCLUDED);
  if (now == ATTUNE_BY_HAND_EDITED && now != view->by_hand)
    return _ ("Edited");
  if (now != view->by_hand)
    return _ ("Brought Back");
  return self->prepared ? attune_record_row_name_split (view->split) : "";
}

static void
show_item (AttuneRecordRow *self)
{
  const AttuneRecordView *view
      = self->item != NULL ? attune_record_item_get_view (self->item) : NULL;
  int by_hand;

  if (view == NULL)
    {
      gtk_inscription_set_text (self->question_label, "…");
      gtk_inscription_set_text (self->answer_label, NULL);
      gtk_label_set_text (self->split_label, "");
      return;
    }
  by_hand = attune_record_item_get_by_hand (self->item);
  set_line (self->question_label, view->record.fields[ATTUNE_FIELD_QUESTION]);
  set_line (self->answer_label, view->record.fields[ATTUNE_FIELD_ANSWER]);
  gtk_label_set_text (self->split_label, name_use (self, view, by_hand));
}

void
attune_record_row_set_item (AttuneRecordRow *self, AttuneRecordItem *item)
{
  g_return_if_fail (ATTUNE_IS_RECORD_ROW (self));

  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, show_item, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_object (item, "notify", G_CALLBACK (show_item), self, G_CONNECT_SWAPPED);
  show_item (self);
}

GtkWidget *
attune_record_row_new (gboolean prepared)
{
  AttuneRecordRow *self = g_object_new (ATTUNE_TYPE_RECORD_ROW, NULL);

  self->prepared = prepared;
  return GTK_WIDGET (self);
}

static void
attune_record_row_dispose (GObject *object)
{
  attune_record_row_set_item (ATTUNE_RECORD_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RECORD_ROW);
  G_OBJECT_CLASS (attune_record_row_parent_class)->dispose (object);
}

static void
attune_record_row_class_init (AttuneRecordRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_record_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/record-row.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordRow, question_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordRow, answer_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordRow, split_label);
}

static void
attune_record_row_init (AttuneRecordRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
