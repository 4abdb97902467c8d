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
} Call;

/* All that have joined by one key. */
typedef struct
{
  char key[128];
  int n, n_in, n_come;
  guint64 turn;
  gboolean failed;
  Call calls[MAX_RANKS][MAX_CALLS];
  int n_calls[MAX_RANKS];
} Group;

typedef struct
{
  Group *group;
  int rank;
} Comm;

EXPORT void set_access (void (*with) (void (*work) (void *data), void *data));
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
static GPtrArray *groups;
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
  g_cond_broadcast (&changed);
  while (made->group->n_in < n)
    g_cond_wait (&changed, &mutex);
  g_mutex_unlock (&mutex);
  *comm = made;
  return SUCCESS;
}

int
ncclCommDestroy (void *comm)
{
  Group *group = ((Comm *) comm)->group;

  g_mutex_lock (&mutex);
  if (--group->n_in == 0)
    {
      g_ptr_array_remove (groups, group);
      g_free (group);
    }
  if (groups->len == 0)
    g_clear_pointer (&groups, g_ptr_array_unref);
  g_mutex_unlock (&mutex);
  g_free (comm);
  return SUCCESS;
}

int
ncclCommAbort (void *comm)
{
  return ncclCommDestroy (comm);
}

/* --- what they do together */

static int
add_call (void *comm, Call call)
{
  Group *group = ((Comm *) comm)->group;
  const int rank = ((Comm *) comm)->rank;

  if (group->n_calls[rank] == MAX_CALLS)
    return INVALID_USAGE;
  current = comm;
  group->calls[rank][group->n_calls[rank]++] = call;
  return SUCCESS;
}

int
ncclReduce (const void *from, void *to, size_t n, int type, int operation, int root, void *comm,
            void *stream)
{
  if (from != to || type != 7 || operation != 0)
    return INVALID_USAGE;
  return add_call (comm, (Call) { TRUE, to, n, root });
}

int
ncclBroadcast (const void *from, void *to, size_t n, int type, int root, void *comm, void *stream)
{
  if (from != to || type != 7)
    return INVALID_USAGE;
  return add_call (comm, (Call) { FALSE, to, n, root });
}

int
ncclGroupStart (void)
{
  current = NULL;
  return SUCCESS;
}

static gboolean
agree (const Group *group, int call)
{
  const Call *first = &group->calls[0][call];

  for (int rank = 1; rank < group->n; rank++)
    {
      const Call *other = &group->calls[rank][call];

      if (group->n_calls[rank] != group->n_calls[0] || other->n != first->n
          || other->root != first->root || other->reduces != first->reduces)
        return FALSE;
    }
  return TRUE;
}

static void
reduce (const Group *group, int call, size_t i)
{
  const int root = group->calls[0][call].root;
  float sum = group->calls[0][call].memory[i];

  for (int rank = 1; rank < group->n; rank++)
    sum += group->calls[rank][call].memory[i];
  for (int rank = 0; rank < group->n; rank++)
    group->calls[rank][call].memory[i] = rank == root ? sum : NAN;
}

/* All calls of a group, at the last who has come. */
static void
do_calls (void *data)
{
  Group *group = data;

  for (int call = 0; call < group->n_calls[0] && !group->failed; call++)
    {
      const Call *first = &group->calls[0][call];

      if (!agree (group, call))
        {
          group->failed = TRUE;
          return;
        }
      for (size_t i = 0; i < first->n; i++)
        if (first->reduces)
          reduce (group, call, i);
        else
          for (int rank = 0; rank < group->n; rank++)
            group->calls[rank][call].memory[i] = group->calls[first->root][call].memory[i];
    }
}

int
ncclGroupEnd (void)
{
  Group *group = current != NULL ? current->group : NULL;
  guint64 turn;
  int code;

  if (group == NULL)
    return SUCCESS;
  g_mutex_lock (&mutex);
  turn = group->turn;
  if (++group->n_come == group->n)
    {
      with_access (do_calls, group);
      memset (group->n_calls, 0, sizeof group->n_calls);
      group->n_come = 0;
      group->turn++;
      n_groups_done++;
      g_cond_broadcast (&changed);
    }
  while (group->turn == turn)
    g_cond_wait (&changed, &mutex);
  code = group->failed ? INVALID_USAGE : SUCCESS;
  g_mutex_unlock (&mutex);
  return code;
}

const char *
ncclGetErrorString (int code)
{
  return code == SUCCESS ? "no error" : "invalid usage";
}
