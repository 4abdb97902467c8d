/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All chains wait in one line: five forms of a page that took a step each would make one long one.
 */
#include "widgets/gently.h"

typedef struct
{
  GWeakRef owner;
  AttuneStep step;
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

void
attune_do_gently (gpointer owner, AttuneStep step)
{
  Chain *chain;

  g_return_if_fail (G_IS_OBJECT (owner) && step != NULL);

  chain = g_new (Chain, 1);
  chain->step = step;
  g_weak_ref_init (&chain->owner, owner);
  g_queue_push_tail (&chains, chain);
  /* by turns with drawing: below it, whatever moves on the page would keep the rest away */
  if (g_queue_get_length (&chains) == 1)
    g_idle_add_full (GDK_PRIORITY_REDRAW, go_on, NULL, NULL);
}
