/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A pair of widgets.
 */
#include "stages/tune/pair.h"

/* In pixels. */
#define WIDE 440 /* the least width for two columns */
#define COLUMN_SPACING 18
#define ROW_SPACING 12

struct _AttuneTunePair
{
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (AttuneTunePair, attune_tune_pair, GTK_TYPE_WIDGET)

static gboolean
is_wide (GtkWidget *widget, int width)
{
  return width >= WIDE && gtk_widget_get_first_child (widget) != gtk_widget_get_last_child (widget);
}

static int
column_width (GtkWidget *widget, int width)
{
  return is_wide (widget, width) ? (width - COLUMN_SPACING) / 2 : width;
}

static GtkSizeRequestMode
attune_tune_pair_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* The height of a child in its column, or with @width < 0 its least. */
static int
child_height (GtkWidget *child, int width)
{
  int height;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  return height;
}

static void
attune_tune_pair_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  const int column = for_size < 0 ? -1 : column_width (widget, for_size);

  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int least, most;

      if (orientation == GTK_ORIENTATION_HORIZONTAL)
        {
          gtk_widget_measure (child, orientation, -1, &least, &most, NULL, NULL);
          *minimum = MAX (*minimum, least);
          *natural = MAX (*natural, 2 * most + COLUMN_SPACING);
          continue;
        }
      least = child_height (child, column);
      if (is_wide (widget, for_size))
        *minimum = MAX (*minimum, least);
      else
        *minimum += least + (*minimum > 0 ? ROW_SPACING : 0);
    }
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *natural = *minimum;
}

static void
attune_tune_pair_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  const gboolean wide = is_wide (widget, width),
                 mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  const int column = column_width (widget, width);
  int x = wide && mirrored ? width - column : 0, y = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      const int wanted = wide ? height : child_height (child, column);

      gtk_widget_size_allocate (child, &(const GtkAllocation) { x, y, column, wanted }, -1);
      if (wide)
        x += (mirrored ? -1 : 1) * (column + COLUMN_SPACING);
      else
        y += wanted + ROW_SPACING;
    }
}

static void
attune_tune_pair_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (attune_tune_pair_parent_class)->dispose (object);
}

static void
attune_tune_pair_class_init (AttuneTunePairClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_tune_pair_dispose;
  widget_class->get_request_mode = attune_tune_pair_get_request_mode;
  widget_class->measure = attune_tune_pair_measure;
  widget_class->size_allocate = attune_tune_pair_size_allocate;
}

static void
attune_tune_pair_init (AttuneTunePair *self)
{
}

GtkWidget *
attune_tune_pair_new (GtkWidget *first, GtkWidget *second)
{
  GtkWidget *self = g_object_new (ATTUNE_TYPE_TUNE_PAIR, NULL);

  gtk_widget_set_parent (first, self);
  if (second != NULL)
    gtk_widget_set_parent (second, self);
  return self;
}
