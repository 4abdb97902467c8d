/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See device-group.h.
 */
#include "device-group.h"

#include "job/device-note.h"
#include "program.h"

#include <glib/gi18n.h>

struct _AttuneDeviceGroup
{
  AdwPreferencesGroup parent_instance;

  GSubprocess *process; /* (nullable): what looks */
  AdwActionRow *row;    /* the first; it says what there is to say until then */
};

G_DEFINE_FINAL_TYPE (AttuneDeviceGroup, attune_device_group, ADW_TYPE_PREFERENCES_GROUP)

static AdwActionRow *
row_new (void)
{
  return g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "subtitle-lines", 0, NULL);
}

static void
say (AdwActionRow *row, const char *title, const char *subtitle)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, subtitle);
}

static void
show_note (AdwActionRow *row, const AttuneDeviceNote *note)
{
  g_autofree char *all = g_format_size (note->memory_bytes),
                  *unused = g_format_size (note->free_bytes), *text = NULL;
  const guint n = g_get_num_processors ();

  gtk_widget_set_tooltip_text (GTK_WIDGET (row), note->name);
  if (!note->is_card)
    text = g_strdup_printf (ngettext ("%u core", "%u cores", n), n);
  else if (note->trouble != NULL)
    text = g_strdup (note->trouble);
  else
    /* Translators: name of a graphics card, its memory, and how much of that is free */
    text = g_strdup_printf (_ ("%s, %s, of which %s are free"), note->name, all, unused);
  if (note->note != NULL) /* what it leaves to the processor */
    {
      g_autofree char *before = g_steal_pointer (&text);

      text = g_strconcat (before, "\n", note->note, NULL);
    }
  say (row, note->is_card ? _ ("Graphics Card") : _ ("Processor"), text);
}

static void
show (AttuneDeviceGroup *self, const GPtrArray *notes)
{
  gboolean any = FALSE;

  for (guint i = 0; i < notes->len; i++)
    {
      const AttuneDeviceNote *note = notes->pdata[i];
      AdwActionRow *row = i == 0 ? self->row : row_new ();

      if (i > 0)
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), GTK_WIDGET (row));
      show_note (row, note);
      any = any || note->is_card;
    }
  if (any)
    adw_preferences_group_set_description (
        ADW_PREFERENCES_GROUP (self),
        _ ("Which of them a project uses is set under Device on its Plan page."));
}

/* @data: a GWeakRef: the preferences may be closed meanwhile. */
static void
told (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneDeviceGroup) self = g_weak_ref_get (data);
  g_autofree char *line = NULL;
  g_autoptr (GPtrArray) notes = NULL;

  g_weak_ref_clear (data);
  g_free (data);
  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &line, NULL, NULL);
  if (self == NULL)
    return;
  notes = line != NULL ? attune_device_notes_parse (line) : NULL;
  if (notes != NULL && notes->len > 0)
    show (self, notes);
  else
    say (self->row, _ ("Unknown"),
         _ ("What this computer can compute with could not be found out"));
}

static void
look (AttuneDeviceGroup *self)
{
  g_autofree char *program = attune_find_program ();
  GWeakRef *weak;

  if (program != NULL)
    self->process
        = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                            NULL, program, "devices", "--json", NULL);
  if (self->process == NULL)
    {
      say (self->row, _ ("Unknown"), _ ("The program attunectl is missing; install Attune anew"));
      return;
    }
  weak = g_new (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  g_subprocess_communicate_utf8_async (self->process, NULL, NULL, told, weak);
}

static void
attune_device_group_dispose (GObject *object)
{
  AttuneDeviceGroup *self = ATTUNE_DEVICE_GROUP (object);

  if (self->process != NULL)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
  G_OBJECT_CLASS (attune_device_group_parent_class)->dispose (object);
}

static void
attune_device_group_class_init (AttuneDeviceGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_device_group_dispose;
}

static void
attune_device_group_init (AttuneDeviceGroup *self)
{
  self->row = row_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), _ ("Devices"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), GTK_WIDGET (self->row));
  say (self->row, _ ("Looking…"), "");
  look (self);
}
