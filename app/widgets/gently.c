/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All chains wait in one line: five forms of a page that took a step each would make one long one.
 */
#include "widgets/gently.h"

typedef struct
{
  GWeakRef owner;
  AttuneGentleStep step;
} Chain;

static GQueue chains = G_QUEUE_INIT; /* of the main thread */

static void
chain_free (Chain *chain)
{
  g_weak_ref_clear (&chain->owner);
  g_free (chain);
}

/* One step of the chain that came first. */
static gboolean
go_on (gpointer data)
{
  Chain *chain = g_queue_peek_head (&chains);
  g_autoptr (GObject) owner = g_weak_ref_get (&chain->owner);

  if (owner == NULL || !chain->step (owner))
    {
      g_queue_remove (&chains, chain);
      chain_free (chain);
    }
  return !g_queue_is_empty (&chains);
}

static Chain *
chain_new (gpointer owner, AttuneGentleStep step)
{
  Chain *chain = g_new (Chain, 1);

  chain->step = step;
  g_weak_ref_init (&chain->owner, owner);
  /* by turns with drawing: below it, whatever moves on the page would keep the rest away */
  if (g_queue_is_empty (&chains))
    g_idle_add_full (GDK_PRIORITY_REDRAW, go_on, NULL, NULL);
  return chain;
}

void
attune_do_gently (gpointer owner, AttuneGentleStep step)
{
  g_return_if_fail (G_IS_OBJECT (owner) && step != NULL);

  g_queue_push_tail (&chains, chain_new (owner, step));
}

/* --- parts of a page */

static gboolean
show_part (gpointer box)
{
  GPtrArray *hidden = g_object_get_data (box, "attune-hidden-parts");
  g_autoptr (GtkWidget) part = g_ptr_array_steal_index (hidden, 0);

  gtk_box_append (box, part);
  return hidden->len > 0;
}

void
attune_show_gently (GtkBox *box)
{
  GPtrArray *hidden = g_ptr_array_new_with_free_func (g_object_unref);
  GtkWidget *part;

  g_return_if_fail (GTK_IS_BOX (box));

  while ((part = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    {
      g_ptr_array_add (hidden, g_object_ref (part));
      gtk_box_remove (box, part);
    }
  g_object_set_data_full (G_OBJECT (box), "attune-hidden-parts", hidden,
                          (GDestroyNotify) g_ptr_array_unref);
  if (hidden->len > 0)
    g_queue_push_head (&chains, chain_new (box, show_part));
}

gboolean
attune_is_doing_gently (void)
{
  return !g_queue_is_empty (&chains);
}
