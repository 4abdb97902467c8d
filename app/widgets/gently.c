/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "widgets/gently.h"

typedef struct
{
  GWeakRef owner;
  AttuneStep step;
} Chain;

static void
chain_free (gpointer data)
{
  Chain *chain = data;

  g_weak_ref_clear (&chain->owner);
  g_free (chain);
}

static gboolean
go_on (gpointer data)
{
  Chain *chain = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&chain->owner);

  return owner != NULL && chain->step (owner) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
attune_do_gently (gpointer owner, AttuneStep step)
{
  Chain *chain;

  g_return_if_fail (G_IS_OBJECT (owner) && step != NULL);

  chain = g_new (Chain, 1);
  chain->step = step;
  g_weak_ref_init (&chain->owner, owner);
  /* by turns with drawing: below it, whatever moves on the page would keep the rest away */
  g_idle_add_full (GDK_PRIORITY_REDRAW, go_on, chain, chain_free);
}
