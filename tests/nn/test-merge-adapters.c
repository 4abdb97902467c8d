/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several adapters as one: against PEFT's add_weighted_adapter, stored by
 * tests/peers/make_merges.py, and what chance leaves out, by tests/peers/make_dare.py.
 */
#include "compute/backend.h"
#include "nn/merge-adapters.h"
#include "text/golden.h"

#include <math.h>
#include <string.h>

#define N_ADAPTERS 3

static void
read_numbers (JsonArray *array, float *out)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    out[i] = json_array_get_double_element (array, i);
}

/* Three adapters of a case, in memory that is freed with the program. */
static void
read_parts (JsonObject *root, JsonObject *of, AttuneMergePart *parts)
{
  const gint64 n = json_object_get_int_member (root, "n"),
               k = json_object_get_int_member (root, "k"),
               rank = json_object_get_int_member (root, "rank");
  static float memory[2 * N_ADAPTERS][400];

  for (int i = 0; i < N_ADAPTERS; i++)
    {
      read_numbers (json_array_get_array_element (json_object_get_array_member (of, "a"), i),
                    memory[2 * i]);
      read_numbers (json_array_get_array_element (json_object_get_array_member (of, "b"), i),
                    memory[2 * i + 1]);
      parts[i] = (AttuneMergePart) {
        .a = { memory[2 * i], 2, { rank, k } },
        .b = { memory[2 * i + 1], 2, { n, rank } },
        .weight = json_array_get_double_element (json_object_get_array_member (root, "weights"), i),
        .scale = json_object_get_double_member (of, "scale"),
      };
    }
}

/* The product of what comes out, into @delta. */
static void
merge (AttuneBackend *be, AttuneMergeMethod method, const AttuneMergePart *parts, double density,
       int rank, guint64 seed, float *delta)
{
  const gint64 k = parts[0].a.dims[1], n = parts[0].b.dims[0];
  g_autofree float *a = g_new (float, rank *k), *b = g_new (float, n *rank);
  const AttuneTensor ta = { a, 2, { rank, k } }, tb = { b, 2, { n, rank } };
  g_autoptr (GError) error = NULL;

  attune_merge_adapters (be, method, parts, N_ADAPTERS, density, seed, 5, &ta, &tb, &error);
  g_assert_no_error (error);
  for (gint64 i = 0; i < n; i++)
    for (gint64 j = 0; j < k; j++)
      {
        double sum = 0;

        for (int r = 0; r < rank; r++)
          sum += (double) b[i * rank + r] * a[r * k + j];
        delta[i * k + j] = sum;
      }
}

static void
test_peft (void)
{
  g_autoptr (JsonParser) parser = golden_load ("merges.json");
  JsonObject *root = golden_root (parser);
  JsonArray *cases = json_object_get_array_member (root, "cases");
  const int theirs_rank = json_object_get_int_member (root, "rank");
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  AttuneMergePart parts[N_ADAPTERS];

  g_assert_cmpuint (json_array_get_length (cases), ==, 6);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *of = json_array_get_object_element (cases, i);
      JsonArray *expected = json_object_get_array_member (of, "delta");
      const guint n = json_array_get_length (expected);
      g_autofree float *delta = g_new (float, n), *theirs = g_new (float, n);
      int rank = json_object_get_int_member (of, "rank");
      double off = 0, size = 0;
      AttuneMergeMethod method;

      g_assert_true (
          attune_merge_method_find (json_object_get_string_member (of, "method"), &method));
      if (rank == 0)
        rank = method == ATTUNE_MERGE_CAT ? N_ADAPTERS * theirs_rank : theirs_rank;
      read_parts (root, of, parts);
      read_numbers (expected, theirs);
      merge (be, method, parts, json_object_get_double_member (of, "density"), rank, 1, delta);
      for (guint j = 0; j < n; j++)
        {
          off = MAX (off, fabs (delta[j] - theirs[j]));
          size = MAX (size, fabs (theirs[j]));
        }
      g_test_message ("%s: off by %.2g of %.2g", json_object_get_string_member (of, "method"), off,
                      size);
      g_assert_cmpfloat (off, <, 1e-5 * size);
    }
}

/* All stay: it is the sum. Half of them: the same on average, and other values each time. */
static void
test_dare (void)
{
  g_autoptr (JsonParser) parser = golden_load ("merges.json");
  JsonObject *root = golden_root (parser);
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  AttuneMergePart parts[N_ADAPTERS];
  const int rank = 10; /* all that there is to take apart */
  float whole[120], all[120], some[120];
  double sums[120] = { 0 }, off = 0, size = 0;

  read_parts (root, json_array_get_object_element (json_object_get_array_member (root, "cases"), 0),
              parts);
  merge (be, ATTUNE_MERGE_SVD, parts, 1, rank, 1, whole);
  merge (be, ATTUNE_MERGE_DARE_LINEAR_SVD, parts, 1, rank, 1, all);
  for (int i = 0; i < 120; i++)
    g_assert_cmpfloat_with_epsilon (all[i], whole[i], 1e-4);
  for (int seed = 0; seed < 400; seed++)
    {
      merge (be, ATTUNE_MERGE_DARE_LINEAR_SVD, parts, 0.5, rank, seed, some);
      for (int i = 0; i < 120; i++)
        sums[i] += some[i] / 400;
    }
  for (int i = 0; i < 120; i++)
    {
      off += fabs (sums[i] - whole[i]) / 120;
      size += fabs (whole[i]) / 120;
    }
  g_test_message ("DARE: off by %g of %g on average", off, size);
  g_assert_cmpfloat (off, <, 0.06 * size);
  merge (be, ATTUNE_MERGE_DARE_TIES, parts, 0.5, 3, 1, some);
  merge (be, ATTUNE_MERGE_DARE_TIES, parts, 0.5, 3, 2, all);
  g_assert_true (memcmp (some, all, sizeof some) != 0);
  merge (be, ATTUNE_MERGE_DARE_TIES, parts, 0.5, 3, 1, all);
  g_assert_cmpmem (some, sizeof some, all, sizeof all);
}

/* The very values that chance leaves out, and the signs that the others agree in. */
static void
test_dare_golden (void)
{
  g_autoptr (JsonParser) parser = golden_load ("merges.json"), of_dare = golden_load ("dare.json");
  JsonObject *root = golden_root (parser);
  JsonArray *cases = json_object_get_array_member (golden_root (of_dare), "cases");
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  AttuneMergePart parts[N_ADAPTERS];

  read_parts (root, json_array_get_object_element (json_object_get_array_member (root, "cases"), 0),
              parts);
  g_assert_cmpuint (json_array_get_length (cases), ==, 3);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *of = json_array_get_object_element (cases, i);
      float delta[120], theirs[120];
      AttuneMergeMethod method;

      g_assert_true (
          attune_merge_method_find (json_object_get_string_member (of, "method"), &method));
      read_numbers (json_object_get_array_member (of, "delta"), theirs);
      merge (be, method, parts, json_object_get_double_member (of, "density"), 3,
             json_object_get_int_member (of, "seed"), delta);
      for (int j = 0; j < 120; j++)
        g_assert_cmpfloat_with_epsilon (delta[j], theirs[j], 1e-5 * MAX (1, fabs (theirs[j])));
    }
}

/* Of values of one size the first stay, and as many as were asked for. */
static void
test_equal (void)
{
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  float a[10], b[] = { 1 }, out_a[10], out_b[1];
  const AttuneMergePart part
      = { .a = { a, 2, { 1, 10 } }, .b = { b, 2, { 1, 1 } }, .weight = 1, .scale = 1 };
  const AttuneTensor ta = { out_a, 2, { 1, 10 } }, tb = { out_b, 2, { 1, 1 } };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 10; i++)
    a[i] = i == 7 ? 2 : i % 2 ? 1 : -1;
  attune_merge_adapters (be, ATTUNE_MERGE_TIES, &part, 1, 0.4, 1, 0, &ta, &tb, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 10; i++)
    g_assert_cmpfloat (out_a[i], ==, i < 3 || i == 7 ? a[i] : 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/merge-adapters/peft", test_peft);
  g_test_add_func ("/nn/merge-adapters/dare", test_dare);
  g_test_add_func ("/nn/merge-adapters/dare-golden", test_dare_golden);
  g_test_add_func ("/nn/merge-adapters/equal", test_equal);
  return g_test_run ();
}
