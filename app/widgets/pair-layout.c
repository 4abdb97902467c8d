/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See pair-layout.h. A flow box would do, were it not that its equal columns make equal rows, too.
 */
#include "widgets/pair-layout.h"

#define SPACING 12

struct _AttunePairLayout
{
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (AttunePairLayout, attune_pair_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkWidget *
next_visible (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

#define FOR_EACH(child, widget)                                                                    \
  for (GtkWidget *child = next_visible (gtk_widget_get_first_child (widget)); child != NULL;       \
       child = next_visible (gtk_widget_get_next_sibling (child)))

static void
measure_widths (GtkWidget *widget, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  FOR_EACH (child, widget)
  {
    int least, most;

    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, &most, NULL, NULL);
    *minimum = MAX (*minimum, least);
    *natural = MAX (*natural, most);
  }
}

static gboolean
is_stacked (GtkWidget *widget, int width)
{
  int minimum, natural;

  measure_widths (widget, &minimum, &natural);
  return width < 2 * minimum + SPACING;
}

static int
measure_height (GtkWidget *child, int width)
{
  int height;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  return height;
}

static GtkSizeRequestMode
attune_pair_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
attune_pair_layout_measure (GtkLayoutManager *manager, GtkWidget *widget,
                            GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  int height = 0, least, most;

  measure_widths (widget, &least, &most);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = least;
      *natural = 2 * most + SPACING;
      return;
    }
  if (for_size < 0)
    for_size = least;
  FOR_EACH (child, widget)
  if (is_stacked (widget, for_size))
    height += measure_height (child, for_size) + (height > 0 ? SPACING : 0);
  else
    height = MAX (height, measure_height (child, (for_size - SPACING) / 2));
  *minimum = *natural = height;
}

static void
attune_pair_layout_allocate (GtkLayoutManager *manager, GtkWidget *widget, int width, int height,
                             int baseline)
{
  const gboolean stacked = is_stacked (widget, width),
                 mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  const int column = stacked ? width : (width - SPACING) / 2;
  int x = mirrored && !stacked ? width - column : 0, y = 0;

  FOR_EACH (child, widget)
  {
    const int tall = stacked ? measure_height (child, column) : height;

    gtk_widget_size_allocate (child, &(GtkAllocation) { x, y, column, tall }, -1);
    if (stacked)
      y += tall + SPACING;
    else
      x += (mirrored ? -1 : 1) * (column + SPACING);
  }
}

static void
attune_pair_layout_class_init (AttunePairLayoutClass *klass)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout_class->get_request_mode = attune_pair_layout_get_request_mode;
  layout_class->measure = attune_pair_layout_measure;
  layout_class->allocate = attune_pair_layout_allocate;
}

static void
attune_pair_layout_init (AttunePairLayout *self)
{
}
