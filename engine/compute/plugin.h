/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the engine and a plug-in with a backend say to each other. A plug-in exports one symbol,
 * attune_plugin(), and needs nothing of the engine but GLib.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

/* Of what the first of several cards tells the others. */
#define ATTUNE_CARDS_KEY_BYTES 128

/* What a card rounds the factors of products to; sums are in f32. */
typedef enum
{
  ATTUNE_PRECISION_F32,  /* not at all */
  ATTUNE_PRECISION_BF16, /* the range of f32, 8 digits */
  ATTUNE_PRECISION_F16,  /* 11 digits; activations and gradients of a product are scaled to its
                            range first, by a power of two for all of them */
  ATTUNE_N_PRECISIONS,
} AttunePrecision;

typedef struct
{
  char name[128]; /* as its maker calls it */
  char chip[64];  /* "gfx90a", "sm_80" */
  guint64 memory_bytes, free_bytes;
} AttuneDeviceFacts;

typedef struct
{
  guint32 abi, size;    /* ATTUNE_BACKEND_ABI, sizeof (AttunePlugin) where it was built */
  guint32 backend_size; /* sizeof (AttuneBackend) there */
  const char *name;     /* "hip", "cuda" */

  /* Without a driver or a device there are 0. */
  int (*count_devices) (void);
  gboolean (*describe_device) (int device, AttuneDeviceFacts *facts, GError **error);
  /* Returns: (transfer full): a backend for one thread at a time */
  AttuneBackend *(*open_device) (int device, GError **error);
  /* From now on, of products of more than a few rows; at first it is f32. FALSE: this device cannot
   * do it, and stays as it was. */
  gboolean (*set_precision) (AttuneBackend *be, AttunePrecision precision);

  /* Several cards, each with a backend of its own, in a process or a thread of its own. They need
   * the maker's library for it: the first three fail with ATTUNE_COMPUTE_ERROR_UNSUPPORTED where
   * there is none. Whether this one could join: */
  gboolean (*prepare_joining) (AttuneBackend *be, GError **error);
  /* Of the first one alone, who tells the others the key. */
  gboolean (*invite) (AttuneBackend *be, char key[ATTUNE_CARDS_KEY_BYTES], GError **error);
  /* Collective: every rank calls it, and it returns when all have. Then these are there, which all
   * ranks call in the same order: */
  gboolean (*join) (AttuneBackend *be, const char key[ATTUNE_CARDS_KEY_BYTES], int rank, int n,
                    GError **error);
  /* @vector: in the card's memory; @cuts: (array length=n + 1): the part of rank r is cuts[r] …
   * cuts[r + 1] - 1. Of the values @from … @to - 1 each becomes, on the card whose part it is in,
   * the sum over all cards, in an order of the library's own; on the others it is unspecified. Goes
   * on beside the calls that follow until settle(). */
  void (*add_up) (AttuneBackend *be, float *vector, const gint64 *cuts, gint64 from, gint64 to);
  /* Each part becomes everywhere what it is on the card of its rank; likewise. */
  void (*share) (AttuneBackend *be, float *vector, const gint64 *cuts);
  /* Calls that follow wait for the two above. A failure is told by sync(), which has to be the next
   * that the host waits for: it knows how long the others may take. */
  void (*settle) (AttuneBackend *be);
  /* Waits for nobody any more: what has been begun is not done. For a rank that has failed or heard
   * that another has, before it releases anything. Nothing where it has not joined. */
  void (*leave) (AttuneBackend *be);
} AttunePlugin;

/* Returns: (nullable): %NULL where the plug-in is for another @abi. */
const AttunePlugin *attune_plugin (guint32 abi);

G_END_DECLS
