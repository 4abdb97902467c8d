/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The token itself is never shown, only whether there is one.
 */
#include "stages/model/token-group.h"

#include "model/hub.h"
#include "stages/model/token.h"

#include <glib/gi18n.h>

struct _AttuneTokenGroup
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *state_row;
  GtkWidget *remove_button;
  AdwEntryRow *entry_row;
};

G_DEFINE_FINAL_TYPE (AttuneTokenGroup, attune_token_group, ADW_TYPE_PREFERENCES_GROUP)

static void
looked_up (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneTokenGroup) self = data;
  g_autofree char *problem = NULL, *token = attune_token_lookup_finish (result, &problem);
  g_autofree char *text = NULL;

  if (self->state_row == NULL) /* closed meanwhile */
    return;
  if (problem != NULL)
    text = g_strdup_printf (token != NULL ? _ ("%s The token is used until Attune is closed.")
                                          : _ ("%s A token is kept until Attune is closed."),
                            problem);
  else
    text = g_strdup (token != NULL ? _ ("In the keyring of this computer")
                                   : _ ("None; most models need none"));
  adw_action_row_set_subtitle (self->state_row, text);
  gtk_widget_set_visible (self->remove_button, token != NULL);
}

static void
show_state (AttuneTokenGroup *self)
{
  g_autofree char *hub = attune_hub_get_address ();

  attune_token_lookup_async (hub, NULL, looked_up, g_object_ref (self));
}

static void
stored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneTokenGroup) self = data;
  g_autoptr (GError) error = NULL;

  if (!attune_token_store_finish (result, &error))
    g_debug ("%s", error->message); /* the row says it */
  if (self->state_row == NULL)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self), TRUE);
  show_state (self);
}

static void
store (AttuneTokenGroup *self, const char *token)
{
  g_autofree char *hub = attune_hub_get_address ();

  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
  attune_token_store_async (hub, token, NULL, stored, g_object_ref (self));
}

static void
on_apply (AttuneTokenGroup *self)
{
  g_autofree char *token
      = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry_row))));

  /* The row takes what is done here for typing, and would offer to apply it. */
  adw_entry_row_set_show_apply_button (self->entry_row, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->entry_row), "");
  adw_entry_row_set_show_apply_button (self->entry_row, TRUE);
  if (*token != '\0')
    store (self, token);
}

static void
on_remove (AttuneTokenGroup *self)
{
  store (self, "");
}

void
attune_token_group_update (AttuneTokenGroup *self)
{
  g_return_if_fail (ATTUNE_IS_TOKEN_GROUP (self));
  show_state (self);
}

static void
attune_token_group_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TOKEN_GROUP);
  G_OBJECT_CLASS (attune_token_group_parent_class)->dispose (object);
}

static void
attune_token_group_class_init (AttuneTokenGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_token_group_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/model/token-group.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTokenGroup, state_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneTokenGroup, remove_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneTokenGroup, entry_row);
  gtk_widget_class_bind_template_callback (widget_class, on_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
}

static void
attune_token_group_init (AttuneTokenGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  show_state (self);
}
