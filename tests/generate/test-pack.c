/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packs: what lies where, with and without the beginnings in common.
 */
#include "generate/pack.h"

/* 12 tokens: @n_same from 100 on, then others from @other on; the last @learned are learned. */
#define LENGTH 12
typedef struct
{
  gint32 tokens[LENGTH];
  guint8 learn[LENGTH];
} Tokens;

static AttuneSample
fill (Tokens *t, int n_same, int other, int learned)
{
  for (int i = 0; i < LENGTH; i++)
    {
      t->tokens[i] = i < n_same ? 100 + i : other + i;
      t->learn[i] = i >= LENGTH - learned;
    }
  return (AttuneSample) { LENGTH, t->tokens, t->learn };
}

static void
test_plain (void)
{
  Tokens tokens[2];
  const AttuneSample first = fill (&tokens[0], 12, 0, 3), second = fill (&tokens[1], 12, 0, 2);
  g_autoptr (AttunePack) pack = attune_pack_new (22, FALSE);
  const AttuneBatch *batch = attune_pack_get_batch (pack);

  g_assert_true (attune_pack_add (pack, &first));
  g_assert_true (attune_pack_add (pack, &second));
  g_assert_false (attune_pack_add (pack, &second));
  g_assert_cmpint (batch->n_tokens, ==, 22); /* the last token of each is only predicted */
  g_assert_cmpint (attune_pack_count_tokens (pack), ==, 22);
  g_assert_cmpint (batch->n_segments, ==, 2);
  g_assert_null (batch->prefixes);
  g_assert_cmpint (batch->positions[11], ==, 0);
  g_assert_cmpint (batch->n_targets, ==, 5);
  g_assert_cmpint (batch->target_rows[3], ==, 11 + 9);
  g_assert_cmpint (batch->targets[3], ==, 110);
  g_assert_cmpint (attune_pack_get_owner (pack, 2), ==, 0);
  g_assert_cmpint (attune_pack_get_owner (pack, 3), ==, 1);
}

static void
test_shared (void)
{
  Tokens tokens[2];
  const AttuneSample first = fill (&tokens[0], 12, 0, 3), second = fill (&tokens[1], 9, 50, 2);
  g_autoptr (AttunePack) pack = attune_pack_new (13, TRUE);
  const AttuneBatch *batch = attune_pack_get_batch (pack);

  g_assert_true (attune_pack_add (pack, &first));
  g_assert_null (batch->prefixes);
  g_assert_true (attune_pack_add (pack, &second));
  g_assert_false (attune_pack_add (pack, &second));
  g_assert_cmpint (batch->n_tokens, ==, 13);
  g_assert_cmpint (attune_pack_count_tokens (pack), ==, 22);
  g_assert_cmpint (batch->prefixes[0], ==, 0);
  g_assert_cmpint (batch->prefixes[1], ==, 9);
  g_assert_cmpint (batch->segments[1], ==, 11);
  g_assert_cmpint (batch->segments[2], ==, 13);
  g_assert_cmpint (batch->tokens[11], ==, 59);
  g_assert_cmpint (batch->positions[11], ==, 9);
  g_assert_cmpint (batch->n_targets, ==, 5);
  g_assert_cmpint (batch->target_rows[3], ==, 11); /* position 9 predicts the token at 10 */
  g_assert_cmpint (batch->targets[3], ==, 60);
  attune_pack_clear (pack);
  g_assert_true (attune_pack_add (pack, &second));
  g_assert_cmpint (attune_pack_count_tokens (pack), ==, 11);
  g_assert_null (batch->prefixes);
}

/* The row that predicts the first learned token is always a sample's own. */
static void
test_same_twice (void)
{
  Tokens tokens;
  const AttuneSample sample = fill (&tokens, 12, 0, 3);
  g_autoptr (AttunePack) pack = attune_pack_new (100, TRUE);
  const AttuneBatch *batch = attune_pack_get_batch (pack);

  attune_pack_add (pack, &sample);
  attune_pack_add (pack, &sample);
  g_assert_cmpint (batch->prefixes[1], ==, 8);
  g_assert_cmpint (batch->n_targets, ==, 6);
  g_assert_cmpint (batch->target_rows[3], ==, 11);
}

static void
test_too_little_in_common (void)
{
  Tokens tokens[2];
  const AttuneSample first = fill (&tokens[0], 12, 0, 3), second = fill (&tokens[1], 7, 50, 2);
  g_autoptr (AttunePack) pack = attune_pack_new (100, TRUE);

  attune_pack_add (pack, &first);
  attune_pack_add (pack, &second);
  g_assert_null (attune_pack_get_batch (pack)->prefixes);
  g_assert_cmpint (attune_pack_get_batch (pack)->n_tokens, ==, 22);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generate/pack/plain", test_plain);
  g_test_add_func ("/generate/pack/shared", test_shared);
  g_test_add_func ("/generate/pack/same-twice", test_same_twice);
  g_test_add_func ("/generate/pack/too-little-in-common", test_too_little_in_common);
  return g_test_run ();
}
