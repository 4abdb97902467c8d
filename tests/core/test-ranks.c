/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranks as threads, each with its own mapping: what they tell, add and share over many rounds, and
 * what becomes of those that wait for one that has failed or died.
 */
#include "core/ranks.h"

#include <string.h>
#include <unistd.h>

#define ROUNDS 3000
#define SHARED 1000

typedef struct
{
  AttuneRanks *ranks;
  double last; /* sum, to be compared */
} Member;

typedef void (*MemberFunc) (Member *member);

typedef struct
{
  Member member;
  MemberFunc func;
} Start;

static gpointer
member_main (gpointer data)
{
  Start *start = data;

  start->func (&start->member);
  return NULL;
}

/* Runs @func as every one of @n ranks at once; @sums: (out) (array length=n) */
static void
run (int n, MemberFunc func, double *sums)
{
  g_autoptr (GError) error = NULL;
  g_autofree Start *starts = g_new0 (Start, n);
  g_autofree GThread **threads = g_new0 (GThread *, n);

  for (int i = 0; i < n; i++)
    {
      starts[i].func = func;
      starts[i].member.ranks
          = i == 0 ? attune_ranks_new (n, &error)
                   : attune_ranks_join (attune_ranks_get_fd (starts[0].member.ranks), i, &error);
      g_assert_no_error (error);
      g_assert_cmpint (attune_ranks_get_rank (starts[i].member.ranks), ==, i);
      g_assert_cmpint (attune_ranks_count (starts[i].member.ranks), ==, n);
    }
  for (int i = 0; i < n; i++)
    threads[i] = g_thread_new ("rank", member_main, &starts[i]);
  for (int i = 0; i < n; i++)
    {
      g_thread_join (threads[i]);
      sums[i] = starts[i].member.last;
      attune_ranks_free (starts[i].member.ranks);
    }
}

static void
work_together (Member *self)
{
  const int rank = attune_ranks_get_rank (self->ranks), n = attune_ranks_count (self->ranks);
  g_autoptr (GError) error = NULL;
  gint32 *shared = attune_ranks_map (self->ranks, SHARED * sizeof (gint32), &error);

  g_assert_no_error (error);
  for (int i = 0; i < SHARED; i++)
    g_assert_cmpint (shared[i], ==, 0);
  g_assert_true (attune_ranks_meet (self->ranks, &error));
  for (int round = 1; round <= ROUNDS; round++)
    {
      double numbers[2] = { round * (rank + 1), 1.0 / (rank + round) };
      int told = rank == 0 ? round : -1;

      for (int i = rank; i < SHARED; i += n)
        shared[i] = round;
      g_assert_true (attune_ranks_add (self->ranks, numbers, 2, &error));
      g_assert_cmpfloat (numbers[0], ==, round * n * (n + 1) / 2);
      self->last += numbers[1];
      for (int i = round % 7; i < SHARED; i += 7)
        g_assert_cmpint (shared[i], ==, round);
      if (round % 1000 == rank) /* the others fall asleep */
        g_usleep (2000);
      g_assert_true (attune_ranks_tell (self->ranks, &told, sizeof told, &error));
      g_assert_cmpint (told, ==, round);
    }
}

static void
test_together (void)
{
  for (int n = 1; n <= 4; n++)
    {
      double sums[4];

      run (n, work_together, sums);
      for (int i = 1; i < n; i++) /* the same bits everywhere */
        g_assert_cmpmem (&sums[i], sizeof (double), &sums[0], sizeof (double));
    }
}

static void
fail_alone (Member *self)
{
  g_autoptr (GError) error = NULL;

  if (attune_ranks_get_rank (self->ranks) == 2)
    {
      g_autoptr (GError) reason
          = g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "The disk is full.");

      g_usleep (20000);
      attune_ranks_fail (self->ranks, reason);
      g_clear_error (&reason);
      reason = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "Something that follows from it.");
      attune_ranks_fail (self->ranks, reason);
    }
  g_assert_false (attune_ranks_meet (self->ranks, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  g_assert_cmpstr (error->message, ==, "The disk is full.");
}

static void
test_failure (void)
{
  double sums[3];

  run (3, fail_alone, sums);
}

static gboolean
look (gpointer data, GError **error)
{
  int *looks = data;

  if (++*looks < 3)
    return TRUE;
  g_set_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_LOST, "One is gone.");
  return FALSE;
}

static void
wait_in_vain (Member *self)
{
  g_autoptr (GError) error = NULL;
  int looks = 0;

  if (attune_ranks_get_rank (self->ranks) == 1)
    return; /* has died */
  if (attune_ranks_get_rank (self->ranks) == 0)
    attune_ranks_watch (self->ranks, look, &looks);
  g_assert_false (attune_ranks_meet (self->ranks, &error));
  g_assert_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_LOST);
}

static void
test_lost (void)
{
  double sums[3];

  run (3, wait_in_vain, sums);
}

static void
map_different (Member *self)
{
  const int rank = attune_ranks_get_rank (self->ranks);
  g_autoptr (GError) error = NULL;

  if (attune_ranks_map (self->ranks, rank == 0 ? 64 : 128, &error) != NULL)
    g_assert_cmpint (rank, ==, 0);
  else
    g_assert_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_DIFFER);
}

static void
test_different (void)
{
  g_autoptr (AttuneRanks) ranks = attune_ranks_new (2, NULL);
  g_autoptr (GError) error = NULL;
  double sums[2];

  run (2, map_different, sums);
  g_assert_null (attune_ranks_join (attune_ranks_get_fd (ranks), 2, &error));
  g_assert_error (error, ATTUNE_RANKS_ERROR, ATTUNE_RANKS_ERROR_DIFFER);
  g_clear_error (&error);
  g_assert_null (attune_ranks_join (STDOUT_FILENO, 1, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/ranks/together", test_together);
  g_test_add_func ("/core/ranks/failure", test_failure);
  g_test_add_func ("/core/ranks/lost", test_lost);
  g_test_add_func ("/core/ranks/different", test_different);
  return g_test_run ();
}
