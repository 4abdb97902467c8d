/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The editor. It shows the text as it was imported, or as it was edited last: cleaning comes after
 * it, as it does for every record.
 */
#include "stages/data/record-editor.h"

#include <glib/gi18n.h>
#include <string.h>

struct _AttuneRecordEditor
{
  AdwDialog parent_instance;

  char *imported[ATTUNE_N_FIELDS];
  gboolean whole;                          /* a text by itself: there is no question */
  GtkTextBuffer *buffers[ATTUNE_N_FIELDS]; /* borrowed */

  GtkBox *box;
  GtkLabel *problem_label;
  GtkWidget *restore_button;
};

G_DEFINE_FINAL_TYPE (AttuneRecordEditor, attune_record_editor, ADW_TYPE_DIALOG)

enum
{
  SAVED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static char *
get_text (AttuneRecordEditor *self, AttuneField field)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffers[field], &start, &end);
  return gtk_text_buffer_get_text (self->buffers[field], &start, &end, TRUE);
}

static gboolean
is_blank (AttuneRecordEditor *self, AttuneField field)
{
  g_autofree char *text = g_strstrip (get_text (self, field));

  return *text == '\0';
}

/* Nothing can be learned of an empty answer: to leave it out is another button. */
static void
check (AttuneRecordEditor *self)
{
  const char *problem = NULL;

  if (!self->whole && is_blank (self, ATTUNE_FIELD_QUESTION))
    problem = _ ("A record needs a question.");
  else if (is_blank (self, ATTUNE_FIELD_ANSWER))
    problem = self->whole ? _ ("A record needs a text.") : _ ("A record needs an answer.");
  gtk_label_set_text (self->problem_label, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), problem != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "editor.save", problem == NULL);
}

gboolean
attune_record_editor_save (AttuneRecordEditor *self)
{
  g_autoptr (AttuneChange) change = g_new0 (AttuneChange, 1);

  g_return_val_if_fail (ATTUNE_IS_RECORD_EDITOR (self), FALSE);

  if ((!self->whole && is_blank (self, ATTUNE_FIELD_QUESTION))
      || is_blank (self, ATTUNE_FIELD_ANSWER))
    return FALSE;
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      g_autofree char *text = get_text (self, i);

      if (strcmp (text, self->imported[i]) != 0)
        change->fields[i] = g_steal_pointer (&text);
    }
  g_signal_emit (self, signals[SAVED], 0, change);
  adw_dialog_close (ADW_DIALOG (self));
  return TRUE;
}

void
attune_record_editor_set_text (AttuneRecordEditor *self, AttuneField field, const char *text)
{
  g_return_if_fail (ATTUNE_IS_RECORD_EDITOR (self) && field < ATTUNE_N_FIELDS && text != NULL);
  gtk_text_buffer_set_text (self->buffers[field], text, -1);
}

static void
save (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_record_editor_save (ATTUNE_RECORD_EDITOR (widget));
}

static void
restore (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneRecordEditor *self = ATTUNE_RECORD_EDITOR (widget);

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    attune_record_editor_set_text (self, i, self->imported[i]);
}

/* --- the boxes */

static void
add_field (AttuneRecordEditor *self, AttuneField field, const char *title)
{
  GtkWidget *group = adw_preferences_group_new (), *scrolled = gtk_scrolled_window_new ();
  GtkWidget *view = gtk_text_view_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE); /* it goes to the next box */
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 240);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_widget_add_css_class (scrolled, "card");
  gtk_widget_set_overflow (scrolled, GTK_OVERFLOW_HIDDEN); /* its corners are round */
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), scrolled);
  gtk_box_append (self->box, group);
  self->buffers[field] = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  /* fields that the table does not have are of no use here */
  gtk_widget_set_visible (group, field == ATTUNE_FIELD_ANSWER
                                     || (field == ATTUNE_FIELD_QUESTION && !self->whole)
                                     || *self->imported[field] != '\0');
}

AttuneRecordEditor *
attune_record_editor_new (const AttuneRecord *imported, const AttuneChange *change)
{
  const char *titles[ATTUNE_N_FIELDS]
      = { _ ("Question"),    imported->whole ? _ ("Text") : _ ("Answer"),
          _ ("Instruction"), _ ("Label"),
          _ ("Group"),       _ ("Worse Answer"),
          _ ("Date") };
  AttuneRecordEditor *self = g_object_new (ATTUNE_TYPE_RECORD_EDITOR, NULL);

  self->whole = imported->whole;
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      const gboolean edited = change != NULL && change->fields[i] != NULL;

      self->imported[i] = g_strdup (imported->fields[i] != NULL ? imported->fields[i] : "");
      add_field (self, i, titles[i]);
      attune_record_editor_set_text (self, i, edited ? change->fields[i] : self->imported[i]);
    }
  gtk_widget_set_visible (self->restore_button,
                          (attune_change_get_kind (change) & ATTUNE_BY_HAND_EDITED) != 0);
  for (int i = 0; i <= ATTUNE_FIELD_ANSWER; i++)
    g_signal_connect_object (self->buffers[i], "changed", G_CALLBACK (check), self,
                             G_CONNECT_SWAPPED);
  check (self);
  return self;
}

/* --- the object */

static void
attune_record_editor_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RECORD_EDITOR);
  G_OBJECT_CLASS (attune_record_editor_parent_class)->dispose (object);
}

static void
attune_record_editor_finalize (GObject *object)
{
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_free (ATTUNE_RECORD_EDITOR (object)->imported[i]);
  G_OBJECT_CLASS (attune_record_editor_parent_class)->finalize (object);
}

static void
attune_record_editor_class_init (AttuneRecordEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_record_editor_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_record_editor_finalize;
  signals[SAVED] = g_signal_new ("saved", ATTUNE_TYPE_RECORD_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_install_action (widget_class, "editor.save", NULL, save);
  gtk_widget_class_install_action (widget_class, "editor.restore", NULL, restore);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK,
                                       "editor.save", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/record-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordEditor, box);
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordEditor, problem_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordEditor, restore_button);
}

static void
attune_record_editor_init (AttuneRecordEditor *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
