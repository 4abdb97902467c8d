/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See score-tile.h.
 */
#include "stages/evaluate/score-tile.h"

#include <glib/gi18n.h>
#include <math.h>

struct _AttuneScoreTile
{
  GtkBox parent_instance;

  GtkLabel *title_label;
  GtkLabel *value_label;
  GtkLabel *notes_label;
};

G_DEFINE_FINAL_TYPE (AttuneScoreTile, attune_score_tile, GTK_TYPE_BOX)

enum
{
  PROP_0,
  PROP_TITLE,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

void
attune_score_tile_show (AttuneScoreTile *self, const char *value, const char *notes)
{
  const char *title;
  g_autofree char *whole = NULL;

  g_return_if_fail (ATTUNE_IS_SCORE_TILE (self));

  title = gtk_label_get_text (self->title_label);
  whole = g_strdup_printf ("%s: %s", title, value != NULL ? value : _ ("no value"));
  gtk_label_set_text (self->value_label, value != NULL ? value : "–");
  gtk_label_set_text (self->notes_label, notes != NULL ? notes : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, whole,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, notes != NULL ? notes : "",
                                  -1);
}

/* A line "Base: 45.1". */
static void
add_note (GString *notes, char *(*format) (double), const char *name, double value)
{
  g_autofree char *text = NULL;

  if (name == NULL || !isfinite (value))
    return;
  text = format (value);
  g_string_append (notes, notes->len > 0 ? "\n" : "");
  /* Translators: what a score is of, and the score: "Base: 45.1" */
  g_string_append_printf (notes, _ ("%s: %s"), name, text);
}

void
attune_score_tile_compare (AttuneScoreTile *self, char *(*format) (double), double value,
                           const char *base_name, double base, const char *earlier_name,
                           double earlier)
{
  g_autofree char *text = isfinite (value) ? format (value) : NULL;
  g_autoptr (GString) notes = g_string_new (NULL);

  add_note (notes, format, base_name, base);
  add_note (notes, format, earlier_name, earlier);
  attune_score_tile_show (self, text, notes->str);
}

static void
attune_score_tile_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneScoreTile *self = ATTUNE_SCORE_TILE (object);

  if (id == PROP_TITLE)
    gtk_label_set_text (self->title_label, g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_score_tile_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneScoreTile *self = ATTUNE_SCORE_TILE (object);

  if (id == PROP_TITLE)
    g_value_set_string (value, gtk_label_get_text (self->title_label));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_score_tile_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SCORE_TILE);
  G_OBJECT_CLASS (attune_score_tile_parent_class)->dispose (object);
}

static void
attune_score_tile_class_init (AttuneScoreTileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = attune_score_tile_dispose;
  object_class->set_property = attune_score_tile_set_property;
  object_class->get_property = attune_score_tile_get_property;
  properties[PROP_TITLE]
      = g_param_spec_string ("title", NULL, NULL, "", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/evaluate/score-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneScoreTile, title_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoreTile, value_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoreTile, notes_label);
}

static void
attune_score_tile_init (AttuneScoreTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
