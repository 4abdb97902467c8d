/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chart as a widget: drawing, size, pointer, keyboard and what assistive technologies are told.
 */
#include "charts/chart-private.h"
#include "charts/chart-style.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define NATURAL_WIDTH 480
#define LEAST_WIDTH 160

enum
{
  PROP_FIGURE = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (AttuneChart, attune_chart, GTK_TYPE_WIDGET)

static AttuneCursor
find (AttuneChart *self, double x, double y)
{
  g_auto (AttuneChartStyle) style = { 0 };

  if (self->figure == NULL)
    return ATTUNE_CURSOR_NONE;
  attune_chart_style_init (&style, GTK_WIDGET (self));
  return attune_figure_find (self->figure, gtk_widget_get_width (GTK_WIDGET (self)),
                             gtk_widget_get_height (GTK_WIDGET (self)), &style.figure, x, y);
}

AttuneCursor
attune_chart_get_cursor (AttuneChart *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHART (self), ATTUNE_CURSOR_NONE);

  if (self->figure == NULL)
    return ATTUNE_CURSOR_NONE;
  /* Found again each time: beneath a resting pointer a growing curve moves. */
  if (self->pointed)
    return find (self, self->x, self->y);
  return attune_figure_has (self->figure, self->cursor) ? self->cursor : ATTUNE_CURSOR_NONE;
}

static void
attune_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AttuneChart *self = ATTUNE_CHART (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_auto (AttuneChartStyle) style = { 0 };
  cairo_t *cr;

  if (self->figure == NULL || width <= 0 || height <= 0)
    return;
  attune_chart_style_init (&style, widget);
  self->drawn = attune_chart_get_cursor (self);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  attune_figure_draw (self->figure, cr, width, height, &style.figure, self->drawn);
  cairo_destroy (cr);
}

static GtkSizeRequestMode
attune_chart_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static double
natural_height (AttuneChart *self, int width)
{
  g_auto (AttuneChartStyle) style = { 0 };

  if (self->figure == NULL)
    return 0;
  attune_chart_style_init (&style, GTK_WIDGET (self));
  return attune_figure_get_natural_height (self->figure, width > 0 ? width : NATURAL_WIDTH,
                                           &style.figure);
}

/* The least height is the natural one: a scrolled page gives its children no more than that. */
static void
attune_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = LEAST_WIDTH;
      *natural = NATURAL_WIDTH;
      return;
    }
  *minimum = *natural = (int) natural_height (ATTUNE_CHART (widget), for_size);
}

static void
attune_chart_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AttuneChart *self = ATTUNE_CHART (widget);

  self->natural_height = natural_height (self, width);
  if (self->popover != NULL)
    gtk_popover_present (GTK_POPOVER (self->popover));
}

/* ---- what the figure says ---- */

static void
update_accessible (AttuneChart *self)
{
  const char *title = self->figure != NULL ? attune_figure_get_title (self->figure) : NULL;
  g_autofree char *words
      = self->figure != NULL ? attune_figure_summarize (self->figure) : g_strdup ("");

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title != NULL ? title : _ ("Chart"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
}

static gboolean
update (gpointer data)
{
  AttuneChart *self = data;
  const int width = gtk_widget_get_width (GTK_WIDGET (self));

  self->update = 0;
  update_accessible (self);
  attune_chart_update_actions (self);
  if (natural_height (self, width) != self->natural_height)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

/* A run that is read back changes its figure thousands of times: what is dear waits until all of
 * them are through, yet is done before the next frame is laid out. */
static void
on_changed (AttuneChart *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->update == 0)
    self->update = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, update, self, NULL);
}

void
attune_chart_set_figure (AttuneChart *self, AttuneFigure *figure)
{
  g_return_if_fail (ATTUNE_IS_CHART (self));
  g_return_if_fail (figure == NULL || ATTUNE_IS_FIGURE (figure));

  if (self->figure == figure)
    return;
  if (self->figure != NULL)
    g_signal_handlers_disconnect_by_func (self->figure, on_changed, self);
  g_set_object (&self->figure, figure);
  if (figure != NULL)
    g_signal_connect_object (figure, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  self->cursor = ATTUNE_CURSOR_NONE;
  update_accessible (self);
  attune_chart_update_actions (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FIGURE]);
}

AttuneFigure *
attune_chart_get_figure (AttuneChart *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHART (self), NULL);
  return self->figure;
}

/* ---- pointer and keyboard ---- */

static void
draw_if_moved (AttuneChart *self)
{
  const AttuneCursor now = attune_chart_get_cursor (self);

  if (now.series != self->drawn.series || now.index != self->drawn.index)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_motion (AttuneChart *self, double x, double y)
{
  self->pointed = TRUE;
  self->x = x;
  self->y = y;
  draw_if_moved (self);
}

static void
on_leave (AttuneChart *self)
{
  self->pointed = FALSE;
  draw_if_moved (self);
}

static void
on_focus_lost (AttuneChart *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  /* When a menu or another window takes the keyboard for a while, the chart has the focus still. */
  if (focus == GTK_WIDGET (self))
    return;
  self->cursor = ATTUNE_CURSOR_NONE;
  draw_if_moved (self);
}

/* A click or a touch: the keyboard goes on from there. */
static void
on_pressed (AttuneChart *self, int n_press, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->cursor = find (self, x, y);
  draw_if_moved (self);
}

void
attune_chart_step (AttuneChart *self, AttuneStep step)
{
  g_autofree char *words = NULL;

  g_return_if_fail (ATTUNE_IS_CHART (self));

  if (self->figure == NULL)
    return;
  self->cursor = attune_figure_step (self->figure, attune_chart_get_cursor (self), step);
  self->pointed = FALSE;
  draw_if_moved (self);
  words = attune_figure_describe (self->figure, self->cursor);
  if (*words != '\0')
    gtk_accessible_announce (GTK_ACCESSIBLE (self), words,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static gboolean
step_for_key (GtkWidget *widget, guint key, AttuneStep *step)
{
  static const struct
  {
    guint key, keypad;
    AttuneStep step;
  } keys[] = {
    { GDK_KEY_Left, GDK_KEY_KP_Left, ATTUNE_STEP_START },
    { GDK_KEY_Right, GDK_KEY_KP_Right, ATTUNE_STEP_END },
    { GDK_KEY_Up, GDK_KEY_KP_Up, ATTUNE_STEP_UP },
    { GDK_KEY_Down, GDK_KEY_KP_Down, ATTUNE_STEP_DOWN },
    { GDK_KEY_Home, GDK_KEY_KP_Home, ATTUNE_STEP_FIRST },
    { GDK_KEY_End, GDK_KEY_KP_End, ATTUNE_STEP_LAST },
    { GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up, ATTUNE_STEP_PAGE_BACK },
    { GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down, ATTUNE_STEP_PAGE_ON },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (key == keys[i].key || key == keys[i].keypad)
      {
        *step = keys[i].step;
        if (i < 2 && gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
          *step = i == 0 ? ATTUNE_STEP_END : ATTUNE_STEP_START;
        return TRUE;
      }
  return FALSE;
}

static gboolean
on_key (AttuneChart *self, guint key, guint code, GdkModifierType state)
{
  AttuneStep step;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK | GDK_SUPER_MASK))
    return FALSE;
  if (key == GDK_KEY_Escape && self->cursor.series >= 0)
    {
      self->cursor = ATTUNE_CURSOR_NONE;
      self->pointed = FALSE;
      draw_if_moved (self);
      return TRUE;
    }
  if (self->figure == NULL || attune_figure_is_empty (self->figure)
      || !step_for_key (GTK_WIDGET (self), key, &step))
    return FALSE;
  attune_chart_step (self, step);
  return TRUE;
}

static void
add_controllers (AttuneChart *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect_swapped (key, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_focus_lost), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

/* ---- object ---- */

static void
attune_chart_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURE)
    g_value_set_object (value, ATTUNE_CHART (object)->figure);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_chart_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURE)
    attune_chart_set_figure (ATTUNE_CHART (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_chart_dispose (GObject *object)
{
  AttuneChart *self = ATTUNE_CHART (object);

  g_clear_handle_id (&self->update, g_source_remove);
  if (self->figure != NULL)
    g_signal_handlers_disconnect_by_func (self->figure, on_changed, self);
  g_clear_object (&self->figure);
  attune_chart_clear_actions (self);
  G_OBJECT_CLASS (attune_chart_parent_class)->dispose (object);
}

static void
attune_chart_class_init (AttuneChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = attune_chart_get_property;
  object_class->set_property = attune_chart_set_property;
  object_class->dispose = attune_chart_dispose;
  widget_class->snapshot = attune_chart_snapshot;
  widget_class->get_request_mode = attune_chart_get_request_mode;
  widget_class->measure = attune_chart_measure;
  widget_class->size_allocate = attune_chart_size_allocate;

  /**
   * AttuneChart:figure:
   *
   * What is shown.
   */
  properties[PROP_FIGURE]
      = g_param_spec_object ("figure", NULL, NULL, ATTUNE_TYPE_FIGURE,
                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_css_name (widget_class, "chart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  attune_chart_bind_menu_keys (widget_class);
}

static void
attune_chart_init (AttuneChart *self)
{
  static const char *const looks[]
      = { "notify::dark", "notify::high-contrast", "notify::accent-color" };
  AdwStyleManager *manager = adw_style_manager_get_default ();

  self->cursor = self->drawn = ATTUNE_CURSOR_NONE;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    g_signal_connect_object (manager, looks[i], G_CALLBACK (gtk_widget_queue_draw), self,
                             G_CONNECT_SWAPPED);
  add_controllers (self);
  attune_chart_init_actions (self);
  update_accessible (self);
}

GtkWidget *
attune_chart_new (AttuneFigure *figure)
{
  return g_object_new (ATTUNE_TYPE_CHART, "figure", figure, NULL);
}
