/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sentence is short, so it is cut into tokens while it is typed. Text and tokens are data: they
 * are shown as they are, never as markup.
 */
#include "stages/model/inspector.h"

#include "model/describe.h"
#include "widgets/gently.h"

#include <glib/gi18n.h>
#include <string.h>

/* More is not looked at: a page of text would fill the page with chips. */
#define MOST_BYTES 600
#define MOST_CHIPS 200

struct _AttuneInspector
{
  AdwBin parent_instance;

  AttuneSession *session; /* (nullable) */
  char *shown;            /* (nullable): the model and the system prompt of what is shown */
  guint n_tokens;

  GtkEditable *entry_row;
  AdwWrapBox *chips;
  GtkLabel *count_label, *template_label;
  GtkWidget *tokens_row, *template_row;
};

G_DEFINE_FINAL_TYPE (AttuneInspector, attune_inspector, ADW_TYPE_BIN)

static const char *
get_system (AttuneInspector *self)
{
  AttuneProject *project = attune_session_get_project (self->session);

  return attune_data_settings_get_values (attune_project_get_data_settings (project))
      ->system_prompt;
}

/* The text of a token as it can be seen: "·" for a space, "↵" for a new line. */
static char *
make_visible (const char *text)
{
  GString *seen = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar letter = g_utf8_get_char (p);

      if (letter == ' ')
        g_string_append (seen, "·");
      else if (letter == '\n')
        g_string_append (seen, "↵");
      else if (letter == '\t')
        g_string_append (seen, "⇥");
      else if (g_unichar_iscntrl (letter))
        g_string_append_printf (seen, "<%02X>", letter);
      else
        g_string_append_unichar (seen, letter);
    }
  return g_string_free (seen, FALSE);
}

static GtkWidget *
make_chip (const AttuneSeenToken *token)
{
  g_autofree char *text = make_visible (token->text);
  g_autofree char *tip = g_strdup_printf (_ ("Token number %d"), token->id);
  GtkWidget *chip = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (chip), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (chip, "token-chip");
  gtk_widget_add_css_class (chip, "monospace");
  gtk_widget_set_tooltip_text (chip, tip);
  return chip;
}

static void
show_tokens (AttuneInspector *self, AttuneModel *model, const char *text)
{
  g_autoptr (GPtrArray) seen = attune_model_see_text (model, text);
  g_autofree char *count = NULL;
  GtkWidget *chip;

  self->n_tokens = seen->len;
  while ((chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips))) != NULL)
    adw_wrap_box_remove (self->chips, chip);
  for (guint i = 0; i < MIN (seen->len, MOST_CHIPS); i++)
    adw_wrap_box_append (self->chips, make_chip (seen->pdata[i]));
  count = g_strdup_printf (ngettext ("%u token", "%u tokens", seen->len), seen->len);
  gtk_label_set_text (self->count_label, *text != '\0' ? count : _ ("Type something above"));
}

/* Marks of the template in the accent colour and bold, so that neither alone tells them. */
static void
show_template (AttuneInspector *self, AttuneModel *model, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) seen = attune_model_see_question (model, get_system (self), text, &error);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  AdwStyleManager *manager = adw_style_manager_get_default ();
  GdkRGBA accent;

  adw_accent_color_to_standalone_rgba (adw_style_manager_get_accent_color (manager),
                                       adw_style_manager_get_dark (manager), &accent);
  for (guint i = 0; seen != NULL && i < seen->len; i++)
    {
      const AttuneSeenToken *token = seen->pdata[i];
      const guint start = all->len;
      PangoAttribute *marks[2];

      g_string_append (all, token->text);
      if (!token->special)
        continue;
      marks[0] = pango_attr_weight_new (PANGO_WEIGHT_BOLD);
      marks[1] = pango_attr_foreground_new (accent.red * 65535, accent.green * 65535,
                                            accent.blue * 65535);
      for (guint j = 0; j < G_N_ELEMENTS (marks); j++)
        {
          marks[j]->start_index = start;
          marks[j]->end_index = all->len;
          pango_attr_list_insert (attributes, marks[j]);
        }
    }
  gtk_label_set_text (self->template_label, seen != NULL ? all->str : error->message);
  gtk_label_set_attributes (self->template_label, attributes);
}

/* The model is asked for each time: the session may have closed the one there was. */
static void
show (AttuneInspector *self)
{
  AttuneModel *model = self->session != NULL ? attune_session_get_model (self->session) : NULL;
  g_autofree char *text = g_strdup (gtk_editable_get_text (self->entry_row));

  gtk_widget_set_visible (self->tokens_row, model != NULL);
  gtk_widget_set_visible (self->template_row, model != NULL);
  if (model == NULL)
    return;
  if (strlen (text) > MOST_BYTES)
    *g_utf8_find_prev_char (text, text + MOST_BYTES) = '\0';
  show_tokens (self, model, text);
  show_template (self, model, text);
}

static gboolean
show_once (gpointer inspector)
{
  show (inspector);
  return FALSE;
}

static void
on_changed (AttuneInspector *self)
{
  show (self);
}

void
attune_inspector_refresh (AttuneInspector *self)
{
  AttuneModel *model;
  g_autofree char *now = NULL;

  g_return_if_fail (ATTUNE_IS_INSPECTOR (self));

  model = self->session != NULL ? attune_session_get_model (self->session) : NULL;
  if (model != NULL)
    now = g_strdup_printf ("%s\n%s", attune_model_get_path (model), get_system (self));
  if (g_set_str (&self->shown, now))
    attune_do_gently (self, show_once); /* it stands at the end of its page */
}

void
attune_inspector_set_session (AttuneInspector *self, AttuneSession *session)
{
  g_return_if_fail (ATTUNE_IS_INSPECTOR (self));

  g_set_object (&self->session, session);
  attune_inspector_refresh (self);
}

void
attune_inspector_set_text (AttuneInspector *self, const char *text)
{
  g_return_if_fail (ATTUNE_IS_INSPECTOR (self) && text != NULL);
  gtk_editable_set_text (self->entry_row, text);
}

guint
attune_inspector_get_n_tokens (AttuneInspector *self)
{
  g_return_val_if_fail (ATTUNE_IS_INSPECTOR (self), 0);
  return self->n_tokens;
}

GtkWidget *
attune_inspector_new (void)
{
  return g_object_new (ATTUNE_TYPE_INSPECTOR, NULL);
}

static void
attune_inspector_dispose (GObject *object)
{
  AttuneInspector *self = ATTUNE_INSPECTOR (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_INSPECTOR);
  g_clear_object (&self->session);
  g_clear_pointer (&self->shown, g_free);
  G_OBJECT_CLASS (attune_inspector_parent_class)->dispose (object);
}

static void
attune_inspector_class_init (AttuneInspectorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_inspector_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/model/inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneInspector, entry_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneInspector, chips);
  gtk_widget_class_bind_template_child (widget_class, AttuneInspector, count_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneInspector, template_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneInspector, tokens_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneInspector, template_row);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
}

static void
attune_inspector_init (AttuneInspector *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  attune_show_gently (adw_bin_get_child (ADW_BIN (self)));
  show (self);
  gtk_editable_set_text (self->entry_row, _ ("What does “hepatitis” mean?"));
}
