/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See host-entries.h: the call, and what a device's table keeps of it.
 */
#include "compute/host-call.h"

#include "compute/four-bits.h"

typedef void (*Entry) (void);

/* Memory of alloc(). */
typedef struct
{
  const char *start;
  gsize bytes;
} Piece;

/* What AttuneBackend.priv is, which no device uses itself; and the device's own entries, in whose
 * place others are. */
typedef struct
{
  AttuneBackend *cpu;
  GArray *pieces;
  void (*destroy) (AttuneBackend *be);
  GError *(*sync) (AttuneBackend *be);
  void *(*alloc) (AttuneBackend *be, gsize bytes);
  void (*release) (AttuneBackend *be, void *memory, gsize bytes);
} Host;

/* Whether @memory is the device's. */
static gboolean
is_there (const AttuneBackend *be, const void *memory)
{
  const Host *host = be->priv;

  for (guint i = 0; be->download != NULL && i < host->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (host->pieces, Piece, i);

      if ((const char *) memory >= piece->start
          && (const char *) memory < piece->start + MAX (1, piece->bytes))
        return TRUE;
    }
  return FALSE;
}

/* --- a call */

AttuneHostCall
attune_host_call (AttuneBackend *be)
{
  const Host *host = be->priv;

  return (AttuneHostCall) { .be = be, .cpu = host->cpu };
}

/* Blocks that share scales with those before them: the copy's first is where it would be. */
static void
copy_scales (AttuneHostCall *call, AttuneHostGuest *guest, const AttuneTensor *t)
{
  const gint64 first = ((const guint8 *) t->data - t->scales->first) / 33,
               blocks = attune_tensor_count (t) / ATTUNE_FOUR_BITS_BLOCK;
  const gsize n = (first + blocks + ATTUNE_SECOND_BLOCK - 1) / ATTUNE_SECOND_BLOCK;

  guest->scales = *t->scales;
  guest->scales.first = (const guint8 *) guest->tensor.data - 33 * first;
  guest->tensor.scales = &guest->scales;
  if (!is_there (call->be, t->scales->second))
    return;
  guest->second = g_new (float, n);
  call->be->download (call->be, guest->second, t->scales->second, n * sizeof (float));
  guest->scales.second = guest->second;
}

static AttuneHostGuest *
take (AttuneHostCall *call, const AttuneTensor *t)
{
  AttuneBackend *be = call->be;
  AttuneHostGuest *guest;

  g_assert (call->n < ATTUNE_HOST_GUESTS);
  guest = &call->guests[call->n];
  *guest = (AttuneHostGuest) { .tensor = *t };
  if (t->data == NULL || !is_there (be, t->data))
    return guest;
  guest->device = t->data;
  guest->bytes = attune_tensor_bytes (t);
  for (int i = 0; i < call->n; i++) /* a result in the place of what is read */
    if (call->guests[i].device == guest->device && call->guests[i].bytes >= guest->bytes)
      {
        guest->tensor.data = call->guests[i].tensor.data;
        return guest;
      }
  guest->own = TRUE;
  guest->tensor.data = g_malloc (MAX (1, guest->bytes));
  be->download (be, guest->tensor.data, t->data, guest->bytes);
  if (t->scales != NULL)
    copy_scales (call, guest, t);
  return guest;
}

const AttuneTensor *
attune_host_in (AttuneHostCall *call, const AttuneTensor *t)
{
  AttuneHostGuest *guest;

  if (t == NULL)
    return NULL;
  guest = take (call, t);
  call->n++;
  return &guest->tensor;
}

const AttuneTensor *
attune_host_out (AttuneHostCall *call, const AttuneTensor *t)
{
  const AttuneTensor *copy = attune_host_in (call, t);

  if (copy != NULL)
    call->guests[call->n - 1].back = TRUE;
  return copy;
}

void
attune_host_call_end (AttuneHostCall *call)
{
  for (int i = 0; i < call->n; i++)
    {
      const AttuneHostGuest *guest = &call->guests[i];

      if (guest->back && guest->device != NULL)
        call->be->upload (call->be, guest->device, guest->tensor.data, guest->bytes);
    }
  for (int i = 0; i < call->n; i++)
    {
      AttuneHostGuest *guest = &call->guests[i];

      if (guest->own)
        g_free (guest->tensor.data);
      g_free (guest->second);
    }
  call->n = 0;
}

/* --- the table */

static void
host_destroy (AttuneBackend *be)
{
  Host *host = be->priv;
  void (*destroy) (AttuneBackend *device) = host->destroy;

  attune_backend_free (host->cpu);
  g_array_unref (host->pieces);
  g_free (host);
  destroy (be);
}

static void *
host_alloc (AttuneBackend *be, gsize bytes)
{
  Host *host = be->priv;
  const Piece piece = { host->alloc (be, bytes), bytes };

  if (piece.start != NULL)
    g_array_append_val (host->pieces, piece);
  return (void *) piece.start;
}

static void
host_release (AttuneBackend *be, void *memory, gsize bytes)
{
  Host *host = be->priv;

  for (guint i = 0; i < host->pieces->len; i++)
    if (g_array_index (host->pieces, Piece, i).start == memory)
      {
        g_array_remove_index_fast (host->pieces, i);
        break;
      }
  host->release (be, memory, bytes);
}

static GError *
host_sync (AttuneBackend *be)
{
  const Host *host = be->priv;
  GError *of_device = host->sync (be), *of_cpu = host->cpu->sync (host->cpu);

  if (of_device == NULL)
    return of_cpu;
  g_clear_error (&of_cpu);
  return of_device;
}

static void
take_over (AttuneBackend *be, int n_threads)
{
  Host *host = g_new0 (Host, 1);

  *host = (Host) { .cpu = attune_backend_cpu_new (n_threads),
                   .pieces = g_array_new (FALSE, FALSE, sizeof (Piece)),
                   .destroy = be->destroy,
                   .sync = be->sync,
                   .alloc = be->alloc,
                   .release = be->release };
  be->priv = host;
  be->destroy = host_destroy;
  be->sync = host_sync;
  be->alloc = host_alloc;
  be->release = host_release;
}

static Entry *
entry_of (AttuneBackend *be, gsize place)
{
  return (Entry *) G_STRUCT_MEMBER_P (be, place);
}

void
attune_host_entry_use (AttuneBackend *be, gsize entry, int n_threads)
{
  AttuneBackend table = { 0 };

  if (ATTUNE_ENTRY_IS_OPTIONAL (entry))
    {
      *entry_of (be, entry) = NULL;
      return;
    }
  attune_host_fill_layers (&table);
  attune_host_fill_products (&table);
  attune_host_fill_learning (&table);
  g_return_if_fail (*entry_of (&table, entry) != NULL);
  if (be->priv == NULL)
    take_over (be, n_threads);
  *entry_of (be, entry) = *entry_of (&table, entry);
}
