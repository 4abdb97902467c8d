/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NCCL's functions that the GPU backend calls, among threads: so that the order and meaning of what
 * it gives them is checked where there are no graphics cards. A group of calls is done when all
 * have come with the same; what is unspecified then becomes NaN.
 */
#include <glib.h>

#include <math.h>
#include <string.h>

#define EXPORT __attribute__ ((visibility ("default")))
#define MAX_RANKS 8
#define MAX_CALLS 64

enum
{
  SUCCESS = 0,
  INVALID_USAGE = 5
};

typedef struct
{
  char bytes[128];
} Key;

typedef struct
{
  gboolean reduces; /* or broadcasts */
  float *memory;
  size_t n;
  int root;
  float *taken; /* n: what was there */
} Call;

/* What all ranks come to between their n-th ncclGroupStart() and ncclGroupEnd(). */
typedef struct
{
  Call calls[MAX_RANKS][MAX_CALLS];
  int n_calls[MAX_RANKS], n_come;
} Exchange;

/* All that have joined by one key. */
typedef struct
{
  char key[128];
  int n, n_in;
  gboolean failed;
  GPtrArray *exchanges; /* Exchange */
} Group;

typedef struct
{
  Group *group;
  int rank;
  void *stream;
  guint n_begun, n_given; /* exchanges that it has come to, and whose results it has */
} Comm;

EXPORT void set_access (void (*with) (void (*work) (void *data), void *data));
EXPORT int wait_for (void *stream);
EXPORT int count_calls (void);
EXPORT int ncclGetUniqueId (Key *key);
EXPORT int ncclCommInitRank (void **comm, int n, Key key, int rank);
EXPORT int ncclCommDestroy (void *comm);
EXPORT int ncclCommAbort (void *comm);
EXPORT int ncclGroupStart (void);
EXPORT int ncclGroupEnd (void);
EXPORT int ncclReduce (const void *from, void *to, size_t n, int type, int operation, int root,
                       void *comm, void *stream);
EXPORT int ncclBroadcast (const void *from, void *to, size_t n, int type, int root, void *comm,
                          void *stream);
EXPORT const char *ncclGetErrorString (int code);

static GMutex mutex;
static GCond changed;
static GPtrArray *groups, *comms;
static int n_keys, n_groups_done;
static _Thread_local Comm *current; /* of the calls since ncclGroupStart() */
static void (*with_access) (void (*work) (void *data), void *data);

void
set_access (void (*with) (void (*work) (void *data), void *data))
{
  with_access = with;
}

/* Groups of calls that all ranks have come to. */
int
count_calls (void)
{
  return n_groups_done;
}

int
ncclGetUniqueId (Key *key)
{
  memset (key, 0, sizeof *key);
  g_mutex_lock (&mutex);
  g_snprintf (key->bytes, sizeof key->bytes, "group %d", n_keys++);
  g_mutex_unlock (&mutex);
  return SUCCESS;
}

static void
free_exchange (gpointer data)
{
  Exchange *exchange = data;

  for (int rank = 0; rank < MAX_RANKS; rank++)
    for (int i = 0; i < exchange->n_calls[rank]; i++)
      g_free (exchange->calls[rank][i].taken);
  g_free (exchange);
}

static Group *
find_group (const char *key, int n)
{
  Group *group;

  if (groups == NULL)
    groups = g_ptr_array_new ();
  for (guint i = 0; i < groups->len; i++)
    if (memcmp (((Group *) groups->pdata[i])->key, key, sizeof (Key)) == 0)
      return groups->pdata[i];
  group = g_new0 (Group, 1);
  group->exchanges = g_ptr_array_new_with_free_func (free_exchange);
  memcpy (group->key, key, sizeof (Key));
  group->n = n;
  g_ptr_array_add (groups, group);
  return group;
}

int
ncclCommInitRank (void **comm, int n, Key key, int rank)
{
  Comm *made = g_new0 (Comm, 1);

  if (n > MAX_RANKS || rank < 0 || rank >= n)
    return INVALID_USAGE;
  g_mutex_lock (&mutex);
  made->group = find_group (key.bytes, n);
  made->rank = rank;
  made->group->n_in++;
  if (comms == NULL)
    comms = g_ptr_array_new ();
  g_ptr_array_add (comms, made);
  g_cond_broadcast (&changed);
  while (made->group->n_in < n)
    g_cond_wait (&changed, &mutex);
  g_mutex_unlock (&mutex);
  *comm = made;
  return SUCCESS;
}

static void
leave (Comm *comm)
{
  Group *group = comm->group;

  g_ptr_array_remove (comms, comm);
  if (--group->n_in == 0)
    {
      g_ptr_array_remove (groups, group);
      g_ptr_array_unref (group->exchanges);
      g_free (group);
    }
  if (groups->len == 0)
    {
      g_clear_pointer (&groups, g_ptr_array_unref);
      g_clear_pointer (&comms, g_ptr_array_unref);
    }
  g_free (comm);
}

int
ncclCommDestroy (void *comm)
{
  g_mutex_lock (&mutex);
  leave (comm);
  g_mutex_unlock (&mutex);
  return SUCCESS;
}

int
ncclCommAbort (void *comm)
{
  g_mutex_lock (&mutex);
  ((Comm *) comm)->group->failed = TRUE;
  g_cond_broadcast (&changed);
  leave (comm);
  g_mutex_unlock (&mutex);
  return SUCCESS;
}

/* --- what they do together */

static Exchange *
get_exchange (Group *group, guint i)
{
  while (group->exchanges->len <= i)
    g_ptr_array_add (group->exchanges, g_new0 (Exchange, 1));
  return group->exchanges->pdata[i];
}

static void
poison (void *data)
{
  const Call *call = data;

  memcpy (call->taken, call->memory, call->n * sizeof (float));
  for (size_t i = 0; i < call->n; i++)
    call->memory[i] = NAN;
}

static int
add_call (Comm *comm, void *stream, Call call)
{
  Exchange *exchange;
  int code = SUCCESS;

  g_mutex_lock (&mutex);
  exchange = get_exchange (comm->group, comm->n_begun);
  current = comm;
  comm->stream = stream;
  if (exchange->n_calls[comm->rank] == MAX_CALLS)
    code = INVALID_USAGE;
  else
    {
      call.taken = g_new (float, call.n);
      with_access (poison, &call);
      exchange->calls[comm->rank][exchange->n_calls[comm->rank]++] = call;
    }
  g_mutex_unlock (&mutex);
  return code;
}

int
ncclReduce (const void *from, void *to, size_t n, int type, int operation, int root, void *comm,
            void *stream)
{
  if (from != to || type != 7 || operation != 0)
    return INVALID_USAGE;
  return add_call (comm, stream, (Call) { TRUE, to, n, root });
}

int
ncclBroadcast (const void *from, void *to, size_t n, int type, int root, void *comm, void *stream)
{
  if (from != to || type != 7)
    return INVALID_USAGE;
  return add_call (comm, stream, (Call) { FALSE, to, n, root });
}

int
ncclGroupStart (void)
{
  current = NULL;
  return SUCCESS;
}

static gboolean
agree (const Exchange *exchange, int n, int call)
{
  const Call *first = &exchange->calls[0][call];

  for (int rank = 1; rank < n; rank++)
    {
      const Call *other = &exchange->calls[rank][call];

      if (exchange->n_calls[rank] != exchange->n_calls[0] || other->n != first->n
          || other->root != first->root || other->reduces != first->reduces)
        return FALSE;
    }
  return TRUE;
}

int
ncclGroupEnd (void)
{
  Comm *comm = current;
  Exchange *exchange;

  if (comm == NULL)
    return SUCCESS;
  g_mutex_lock (&mutex);
  exchange = get_exchange (comm->group, comm->n_begun++);
  if (++exchange->n_come == comm->group->n)
    {
      for (int i = 0; i < exchange->n_calls[0]; i++)
        if (!agree (exchange, comm->group->n, i))
          comm->group->failed = TRUE;
      n_groups_done++;
      g_cond_broadcast (&changed);
    }
  g_mutex_unlock (&mutex);
  return SUCCESS;
}

/* Puts the results of the next exchange into the memory of a Comm. */
static void
give (void *data)
{
  Comm *comm = data;
  const Exchange *exchange = comm->group->exchanges->pdata[comm->n_given];

  for (int call = 0; call < exchange->n_calls[comm->rank]; call++)
    {
      const Call *mine = &exchange->calls[comm->rank][call];

      if (!mine->reduces)
        memcpy (mine->memory, exchange->calls[mine->root][call].taken, mine->n * sizeof (float));
      for (size_t i = 0; i < mine->n && mine->reduces && mine->root == comm->rank; i++)
        {
          float sum = exchange->calls[0][call].taken[i];

          for (int rank = 1; rank < comm->group->n; rank++)
            sum += exchange->calls[rank][call].taken[i];
          mine->memory[i] = sum;
        }
    }
}

/* What waits for @stream goes on when all that was begun on it is done. */
int
wait_for (void *stream)
{
  Comm *comm = NULL;
  int code = SUCCESS;

  g_mutex_lock (&mutex);
  for (guint i = 0; comms != NULL && i < comms->len; i++)
    if (((Comm *) comms->pdata[i])->stream == stream)
      comm = comms->pdata[i];
  for (; comm != NULL && code == SUCCESS && comm->n_given < comm->n_begun; comm->n_given++)
    {
      while (!comm->group->failed
             && ((Exchange *) comm->group->exchanges->pdata[comm->n_given])->n_come
                    < comm->group->n)
        g_cond_wait (&changed, &mutex);
      if (comm->group->failed)
        code = INVALID_USAGE;
      else
        with_access (give, comm);
    }
  g_mutex_unlock (&mutex);
  return code;
}

const char *
ncclGetErrorString (int code)
{
  return code == SUCCESS ? "no error" : "invalid usage";
}
