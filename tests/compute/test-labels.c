/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss of labels against PyTorch, stored by tests/peers/make_labels.py: losses, shares and
 * gradients of every kind.
 */
#include "harness.h"

#include <json-glib/json-glib.h>

/* The numbers of an array; at least one. */
static float *
read_floats (JsonObject *object, const char *name, guint *n)
{
  JsonArray *array = json_object_get_array_member (object, name);
  float *values;

  *n = json_array_get_length (array);
  values = g_new (float, *n + 1);
  for (guint i = 0; i < *n; i++)
    values[i] = json_array_get_double_element (array, i);
  return values;
}

static AttuneLabelKind
kind_of (const char *name)
{
  return g_str_equal (name, "one")       ? ATTUNE_LABELS_ONE
         : g_str_equal (name, "several") ? ATTUNE_LABELS_SEVERAL
                                         : ATTUNE_LABELS_NUMBER;
}

/* The plain loops of the reference do not compute them. */
static gboolean
has_labels (const Bench *b)
{
  g_assert_true (b->be->label_loss != NULL || g_str_equal (b->be->name, b->ref->name));
  if (b->be->label_loss == NULL)
    g_test_skip ("this one has no loss of labels");
  return b->be->label_loss != NULL;
}

static void
check_case (Bench *b, JsonObject *expected, gint64 rows, gint64 n, double scale)
{
  static const gint32 targets[] = { 0, 1, 2, 3, 4 };
  guint n_weights, n_positive, n_costs, n_wanted, n_losses, n_gradient, n_shares;
  g_autofree float *weights = read_floats (expected, "weights", &n_weights),
                   *positive = read_floats (expected, "positive", &n_positive),
                   *costs = read_floats (expected, "costs", &n_costs),
                   *wanted = read_floats (expected, "wanted", &n_wanted),
                   *their_losses = read_floats (expected, "losses", &n_losses),
                   *gradient = read_floats (expected, "gradient", &n_gradient),
                   *their_shares = read_floats (expected, "shares", &n_shares),
                   *shares = g_new (float, rows *n);
  const AttuneLabelLoss settings
      = { .kind = kind_of (json_object_get_string_member (expected, "kind")),
          .scale = scale,
          .focal = json_object_get_double_member (expected, "focal"),
          .smoothing = json_object_get_double_member (expected, "smoothing"),
          .cost_share = json_object_get_double_member (expected, "cost_share"),
          .weights = n_weights > 0 ? weights : NULL,
          .positive = n_positive > 0 ? positive : NULL,
          .costs = n_costs > 0 ? costs : NULL,
          .wanted = wanted };
  AttuneTensor logits = bench_filled (b, rows, n, 0), before;
  AttuneLabelLoss forward = settings;
  double losses[5];

  for (gint64 i = 0; i < rows * n; i++)
    ((float *) logits.data)[i] = 3 * sin (1.7 * i + 0.3);
  before = bench_copy (b, &logits);
  forward.scale = 0;
  b->be->label_loss (b->be, losses, NULL, &logits, targets, &forward);
  g_assert_cmpmem (logits.data, rows * n * sizeof (float), before.data, rows * n * sizeof (float));
  b->be->label_loss (b->be, losses, shares, &logits, targets, &settings);
  for (gint64 i = 0; i < rows; i++)
    g_assert_cmpfloat_with_epsilon (losses[i], their_losses[i], 1e-6 * (1 + losses[i]));
  for (gint64 i = 0; i < rows * n; i++)
    {
      g_assert_cmpfloat_with_epsilon (shares[i], their_shares[i], 2e-6);
      g_assert_cmpfloat_with_epsilon (((float *) logits.data)[i], gradient[i], 2e-6);
    }
}

static void
test_golden (Bench *b)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "labels.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *golden;
  JsonArray *cases;

  if (!has_labels (b))
    return;
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  golden = json_node_get_object (json_parser_get_root (parser));
  cases = json_object_get_array_member (golden, "losses");
  g_assert_cmpuint (json_array_get_length (cases), ==, 13);
  g_assert_cmpint (json_object_get_int_member (golden, "rows"), ==, 5);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    check_case (b, json_array_get_object_element (cases, i), 5,
                json_object_get_int_member (golden, "labels"),
                json_object_get_double_member (golden, "scale"));
}

/* Logits far from zero neither overflow nor give what is no number. */
static void
test_extremes (Bench *b)
{
  static const float wanted[] = { 1, 0, 0, 1 };
  static const gint32 targets[] = { 0, 1 };

  if (!has_labels (b))
    return;
  for (int kind = ATTUNE_LABELS_ONE; kind <= ATTUNE_LABELS_SEVERAL; kind++)
    {
      const AttuneLabelLoss settings = { .kind = kind, .scale = 1, .focal = 0.5, .wanted = wanted };
      AttuneTensor logits = bench_filled (b, 2, 2, 0);
      float *x = logits.data;
      double losses[2];

      x[0] = 500, x[1] = -500, x[2] = 500, x[3] = -500;
      b->be->label_loss (b->be, losses, NULL, &logits, targets, &settings);
      g_assert_cmpfloat (losses[0], ==, 0);
      g_assert_cmpfloat_with_epsilon (losses[1], kind == ATTUNE_LABELS_ONE ? 1000 : 500, 1e-6);
      for (int i = 0; i < 4; i++)
        g_assert_true (isfinite (x[i]));
    }
}

/* What is wanted of a score is its gradient, and the score itself comes back. */
static void
test_scores (Bench *b)
{
  static const float wanted[] = { -1, 0.25f, 0, 3 };
  static const gint32 targets[] = { 3, 0, 1, 3, 2 };
  const AttuneLabelLoss settings = { .kind = ATTUNE_LABELS_SCORE, .scale = 2, .wanted = wanted };
  AttuneLabelLoss forward = settings;
  AttuneTensor logits;
  float scores[5], *x;
  double losses[5];

  if (!has_labels (b))
    return;
  logits = bench_filled (b, 5, 1, 0);
  x = logits.data;
  for (int i = 0; i < 5; i++)
    x[i] = i - 1.5f;
  forward.scale = 0;
  b->be->label_loss (b->be, losses, NULL, &logits, targets, &forward);
  for (int i = 0; i < 5; i++)
    g_assert_cmpfloat (x[i], ==, i - 1.5f);
  b->be->label_loss (b->be, losses, scores, &logits, targets, &settings);
  for (int i = 0; i < 5; i++)
    {
      g_assert_cmpfloat (scores[i], ==, i - 1.5f);
      g_assert_cmpfloat_with_epsilon (losses[i], wanted[targets[i]] * (i - 1.5), 1e-6);
      g_assert_cmpfloat (x[i], ==, 2 * wanted[targets[i]]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("labels-golden", test_golden);
  bench_add ("labels-extremes", test_extremes);
  bench_add ("labels-scores", test_scores);
  return g_test_run ();
}
