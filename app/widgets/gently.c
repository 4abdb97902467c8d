/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All chains wait in one line: five forms of a page that took a step each would make one long one.
 */
#include "widgets/gently.h"

#include <adwaita.h>

typedef struct
{
  GWeakRef owner;
  AttuneGentleStep step;
} Chain;

/* What was made must be styled, measured and drawn, which takes some times as long as making it. */
#define BETWEEN_FRAMES_US 3000
/* A window that is out of sight draws nothing. */
#define LONGEST_WAIT_MS 100

static GQueue chains = G_QUEUE_INIT; /* of the main thread */
static gint64 spent_us;              /* since the last frame */
static guint wait_id;                /* for a frame, at most */

static void
chain_free (Chain *chain)
{
  g_weak_ref_clear (&chain->owner);
  g_free (chain);
}

static void go_on (void);

static void
stop_waiting (void)
{
  if (wait_id == 0)
    return;
  g_clear_handle_id (&wait_id, g_source_remove);
  spent_us = 0;
  go_on ();
}

static void
on_frame (GdkFrameClock *clock, gpointer data)
{
  g_signal_handlers_disconnect_by_func (clock, on_frame, NULL);
  stop_waiting ();
}

static gboolean
on_no_frame (gpointer data)
{
  stop_waiting ();
  return G_SOURCE_REMOVE;
}

/* Returns: whether there is a frame to come, after which it goes on. */
static gboolean
wait_for_frame (gpointer owner)
{
  GdkFrameClock *clock = GTK_IS_WIDGET (owner) ? gtk_widget_get_frame_clock (owner) : NULL;

  if (clock == NULL)
    return FALSE;
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_frame), NULL);
  gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_AFTER_PAINT);
  wait_id = g_timeout_add (LONGEST_WAIT_MS, on_no_frame, NULL);
  return TRUE;
}

/* One step of the chain that came first. */
static gboolean
do_step (gpointer data)
{
  Chain *chain = g_queue_peek_head (&chains);
  g_autoptr (GObject) owner = g_weak_ref_get (&chain->owner);
  const gint64 begun = g_get_monotonic_time ();

  if (owner == NULL || !chain->step (owner))
    {
      g_queue_remove (&chains, chain);
      chain_free (chain);
    }
  spent_us += g_get_monotonic_time () - begun;
  if (spent_us >= BETWEEN_FRAMES_US && !g_queue_is_empty (&chains) && wait_for_frame (owner))
    return G_SOURCE_REMOVE;
  return !g_queue_is_empty (&chains);
}

/* By turns with drawing: below it, whatever moves on the page would keep the rest away. */
static void
go_on (void)
{
  if (!g_queue_is_empty (&chains))
    g_idle_add_full (GDK_PRIORITY_REDRAW, do_step, NULL, NULL);
}

static Chain *
chain_new (GtkWidget *owner, AttuneGentleStep step)
{
  Chain *chain = g_new (Chain, 1);

  chain->step = step;
  g_weak_ref_init (&chain->owner, owner);
  return chain;
}

static void
begin (Chain *chain, gboolean is_first)
{
  if (is_first)
    g_queue_push_head (&chains, chain);
  else
    g_queue_push_tail (&chains, chain);
  if (g_queue_get_length (&chains) == 1)
    go_on ();
}

static void
on_map (GtkWidget *owner, AttuneGentleStep step)
{
  g_signal_handlers_disconnect_by_func (owner, on_map, step);
  begin (chain_new (owner, step), FALSE);
}

void
attune_do_gently (gpointer owner, AttuneGentleStep step)
{
  g_return_if_fail (GTK_IS_WIDGET (owner) && step != NULL);

  if (gtk_widget_get_mapped (owner))
    begin (chain_new (owner, step), FALSE);
  else
    g_signal_connect (owner, "map", G_CALLBACK (on_map), step);
}

/* --- parts of a page */

/* The list in which a group has its rows. */
static GtkWidget *
find_list (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_LIST_BOX (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_list (child);
  return found;
}

static void
hide_part (GtkWidget *container, GtkWidget *part)
{
  if (GTK_IS_BOX (container))
    gtk_box_remove (GTK_BOX (container), part);
  else
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (container), part);
}

static gboolean
show_part (gpointer container)
{
  GPtrArray *hidden = g_object_get_data (container, "attune-hidden-parts");
  g_autoptr (GtkWidget) part = g_ptr_array_steal_index (hidden, 0);

  if (GTK_IS_BOX (container))
    gtk_box_append (container, part);
  else
    adw_preferences_group_add (container, part);
  spent_us = BETWEEN_FRAMES_US; /* one part, one frame */
  return hidden->len > 0;
}

static gboolean
wait_part (gpointer container)
{
  Chain *chain = g_queue_peek_head (&chains);

  chain->step = show_part;
  spent_us = BETWEEN_FRAMES_US;
  return TRUE;
}

/* The first part, too: what is around the parts comes into sight by itself. */
static void
on_container_map (GtkWidget *container)
{
  g_signal_handlers_disconnect_by_func (container, on_container_map, NULL);
  begin (chain_new (container, wait_part), TRUE);
}

void
attune_show_gently (GtkWidget *container)
{
  GPtrArray *hidden = g_ptr_array_new_with_free_func (g_object_unref);
  GtkWidget *parent = GTK_IS_BOX (container) ? container : find_list (container), *part;

  g_return_if_fail (GTK_IS_BOX (container) || ADW_IS_PREFERENCES_GROUP (container));
  g_return_if_fail (!gtk_widget_get_mapped (container) && parent != NULL);

  while ((part = gtk_widget_get_first_child (parent)) != NULL)
    {
      g_ptr_array_add (hidden, g_object_ref (part));
      hide_part (container, part);
    }
  g_object_set_data_full (G_OBJECT (container), "attune-hidden-parts", hidden,
                          (GDestroyNotify) g_ptr_array_unref);
  if (hidden->len > 0)
    g_signal_connect (container, "map", G_CALLBACK (on_container_map), NULL);
}

gboolean
attune_is_doing_gently (void)
{
  return !g_queue_is_empty (&chains);
}
