/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranks through a memfd: a page with the barrier, the last failure and two sets of slots, then what
 * attune_ranks_map() lays out. The barrier is a count of who has come and a round that the last one
 * ends; it is waited for by spinning a little and then on a futex.
 */
#include "core/ranks.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAGIC 0x61743172 /* of this layout: another version's process does not fit */
/* Looks before sleeping, as in the thread pool. */
#define SPINS 2000
/* How often a sleeper looks whether the others still live. */
#define LOOK_NS (100 * 1000 * 1000)

/* Slots are used in turn: who writes one anew knows that all have read what was there the time
 * before last. */
typedef struct
{
  double numbers[ATTUNE_RANKS_MAX][ATTUNE_RANKS_MAX_NUMBERS];
  char bytes[ATTUNE_RANKS_MAX_BYTES];
} Slots;

typedef struct
{
  guint32 magic, n;
  _Alignas (64) atomic_uint arrived;
  _Alignas (64) atomic_uint round;
  atomic_uint claimed; /* somebody writes the failure */
  atomic_uint failed;  /* it is written */
  gint32 code;
  char domain[64], message[4096];
  Slots slots[2];
} Header;

struct _AttuneRanks
{
  Header *header;
  char *memory; /* of attune_ranks_map() */
  gsize bytes;
  int fd, rank;
  guint turn; /* of the slots */
  AttuneRanksLook look;
  gpointer look_data;
};

G_DEFINE_QUARK (attune_ranks_error, attune_ranks_error)

static gsize
header_bytes (void)
{
  const gsize page = sysconf (_SC_PAGESIZE);

  return (sizeof (Header) + page - 1) / page * page;
}

static gboolean
fail_memory (GError **error, int code)
{
  g_set_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_MEMORY,
               "No memory could be shared between the processes of the run: %s. Let one process do "
               "it.",
               g_strerror (code));
  return FALSE;
}

static void *
map (int fd, gsize bytes, gsize offset)
{
  void *memory = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

  return memory != MAP_FAILED ? memory : NULL;
}

AttuneRanks *
attune_ranks_new (int n, GError **error)
{
  g_autoptr (AttuneRanks) self = g_new0 (AttuneRanks, 1);

  g_return_val_if_fail (n >= 1 && n <= ATTUNE_RANKS_MAX, NULL);

  self->fd = memfd_create ("attune-ranks", MFD_CLOEXEC);
  if (self->fd < 0 || ftruncate (self->fd, header_bytes ()) != 0
      || (self->header = map (self->fd, header_bytes (), 0)) == NULL)
    {
      fail_memory (error, errno);
      return NULL;
    }
  self->header->n = n;
  self->header->magic = MAGIC;
  return g_steal_pointer (&self);
}

AttuneRanks *
attune_ranks_join (int fd, int rank, GError **error)
{
  g_autoptr (AttuneRanks) self = g_new0 (AttuneRanks, 1);
  struct stat info;

  self->rank = rank;
  self->fd = dup (fd);
  if (self->fd < 0 || fstat (self->fd, &info) != 0 || info.st_size < (goffset) header_bytes ()
      || (self->header = map (self->fd, header_bytes (), 0)) == NULL)
    {
      fail_memory (error, errno);
      return NULL;
    }
  if (self->header->magic != MAGIC || rank < 1 || rank >= (int) self->header->n)
    {
      g_set_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_DIFFER,
                   "Process %d does not belong to this run.", rank + 1);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
attune_ranks_free (AttuneRanks *self)
{
  if (self == NULL)
    return;
  if (self->memory != NULL)
    munmap (self->memory, self->bytes);
  if (self->header != NULL)
    munmap (self->header, header_bytes ());
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

int
attune_ranks_get_fd (const AttuneRanks *self)
{
  return self->fd;
}

int
attune_ranks_get_rank (const AttuneRanks *self)
{
  return self->rank;
}

int
attune_ranks_count (const AttuneRanks *self)
{
  return self->header->n;
}

void
attune_ranks_watch (AttuneRanks *self, AttuneRanksLook look, gpointer data)
{
  self->look = look;
  self->look_data = data;
}

static void
wake_all (Header *header)
{
  syscall (SYS_futex, &header->round, FUTEX_WAKE, G_MAXINT, NULL, NULL, 0);
}

void
attune_ranks_fail (AttuneRanks *self, const GError *reason)
{
  Header *header = self->header;

  if (atomic_exchange (&header->claimed, 1) != 0)
    return;
  header->code = reason->code;
  g_strlcpy (header->domain, g_quark_to_string (reason->domain), sizeof header->domain);
  g_strlcpy (header->message, reason->message, sizeof header->message);
  atomic_store (&header->failed, 1);
  wake_all (header);
}

/* What a rank has failed with; FALSE where none has. */
static gboolean
has_failed (const AttuneRanks *self, GError **error)
{
  const Header *header = self->header;

  if (!atomic_load (&header->failed))
    return FALSE;
  g_set_error_literal (error, g_quark_from_string (header->domain), header->code, header->message);
  return TRUE;
}

/* Sleeps until the round is no longer @seen. */
static gboolean
sleep_through (AttuneRanks *self, guint seen, GError **error)
{
  Header *header = self->header;
  const struct timespec limit = { 0, LOOK_NS };

  while (atomic_load (&header->round) == seen)
    {
      g_autoptr (GError) reason = NULL;

      if (has_failed (self, error))
        return FALSE;
      if (syscall (SYS_futex, &header->round, FUTEX_WAIT, seen, &limit, NULL, 0) == 0
          || errno != ETIMEDOUT || self->look == NULL || self->look (self->look_data, &reason))
        continue;
      if (atomic_load (&header->round) != seen) /* all had met before one of them ended */
        return TRUE;
      if (has_failed (self, error)) /* it said why before it ended */
        return FALSE;
      attune_ranks_fail (self, reason);
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  return TRUE;
}

gboolean
attune_ranks_meet (AttuneRanks *self, GError **error)
{
  Header *header = self->header;
  const guint seen = atomic_load (&header->round);

  if (has_failed (self, error))
    return FALSE;
  if (atomic_fetch_add (&header->arrived, 1) + 1 == header->n)
    {
      atomic_store (&header->arrived, 0);
      atomic_fetch_add (&header->round, 1);
      wake_all (header);
      return TRUE;
    }
  for (int i = 0; i < SPINS; i++)
    {
      if (atomic_load_explicit (&header->round, memory_order_acquire) != seen)
        return TRUE;
#if defined(__x86_64__)
      __builtin_ia32_pause ();
#endif
    }
  return sleep_through (self, seen, error);
}

static Slots *
next_slots (AttuneRanks *self)
{
  return &self->header->slots[self->turn++ % 2];
}

gboolean
attune_ranks_tell (AttuneRanks *self, gpointer data, gsize bytes, GError **error)
{
  Slots *slots = next_slots (self);

  g_return_val_if_fail (bytes <= ATTUNE_RANKS_MAX_BYTES, FALSE);

  if (self->rank == 0)
    memcpy (slots->bytes, data, bytes);
  if (!attune_ranks_meet (self, error))
    return FALSE;
  memcpy (data, slots->bytes, bytes);
  return TRUE;
}

gboolean
attune_ranks_add (AttuneRanks *self, double *numbers, int n, GError **error)
{
  Slots *slots = next_slots (self);

  g_return_val_if_fail (n <= ATTUNE_RANKS_MAX_NUMBERS, FALSE);

  memcpy (slots->numbers[self->rank], numbers, n * sizeof (double));
  if (!attune_ranks_meet (self, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      numbers[i] = 0;
      for (guint rank = 0; rank < self->header->n; rank++)
        numbers[i] += slots->numbers[rank][i];
    }
  return TRUE;
}

void *
attune_ranks_map (AttuneRanks *self, gsize bytes, GError **error)
{
  guint64 wanted = bytes;

  g_return_val_if_fail (self->memory == NULL && bytes > 0, NULL);

  if (self->rank == 0 && ftruncate (self->fd, header_bytes () + bytes) != 0)
    {
      fail_memory (error, errno);
      return NULL;
    }
  if (!attune_ranks_tell (self, &wanted, sizeof wanted, error))
    return NULL;
  if (wanted != bytes)
    {
      g_set_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_DIFFER,
                   "The processes of the run have read different models or plans. Start the run "
                   "again once nothing changes them.");
      return NULL;
    }
  self->memory = map (self->fd, bytes, header_bytes ());
  self->bytes = bytes;
  if (self->memory == NULL)
    fail_memory (error, errno);
  return self->memory;
}
