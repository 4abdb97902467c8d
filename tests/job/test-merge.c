/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adapters of several runs as one: as exact as it says, written as any adapter, and refused where
 * they do not go together.
 */
#include "deploy/export.h"
#include "job/merged-model.h"
#include "program.h"

/* Two runs of other ranks, targets and starts. */
static void
make_runs (TestProject *self)
{
  test_project_prepare (self, "--max-steps 4");
  g_free (test_attunectl_good (self, "tune %P"));
  g_free (test_attunectl_good (self, "tune %P --lora-rank 2 --seed 7 --targets q,v,down"));
  g_free (test_attunectl_good (self, "tune %P --adapter-start pissa --learning-rate 0.003"));
}

static char *
run_folder (TestProject *self, const char *name)
{
  return g_build_filename (self->project, "runs", name, NULL);
}

/* What each linear is with the adapters on it, less what it is without, times @weight, ADDED. */
static void
add_change (AttuneTunedModel *model, double weight, GArray *change)
{
  AttuneContext context = { .be = model->be };
  guint at = 0;

  for (int layer = 0; layer < model->decoder->config.n_layers; layer++)
    for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
      {
        AttuneLinear *linear = attune_decoder_layer_linear (&model->decoder->layers[layer], i);
        const gint64 rows = attune_tensor_rows (&linear->weight),
                     columns = attune_tensor_columns (&linear->weight), n = rows * columns;
        g_autofree float *with = g_new (float, n), *without = g_new (float, n);
        const AttuneTensor a = { with, 2, { rows, columns } },
                           b = { without, 2, { rows, columns } };

        attune_linear_merge (linear, &context, &a);
        model->be->decode (model->be, &b, &linear->weight);
        g_assert_true (attune_backend_sync (model->be, NULL));
        if (change->len < at + n)
          g_array_set_size (change, at + n);
        for (gint64 j = 0; j < n; j++)
          g_array_index (change, float, at + j) += weight * (with[j] - without[j]);
        at += n;
      }
}

/* The largest difference, over the largest value. */
static double
compare (const GArray *a, const GArray *b)
{
  double off = 0, size = 0;

  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      off = MAX (off, fabs (g_array_index (a, float, i) - g_array_index (b, float, i)));
      size = MAX (size, fabs (g_array_index (b, float, i)));
    }
  return off / size;
}

static void
check_exact (TestProject *self)
{
  static const double weights[] = { 1, 0.5, -2 };
  static const AttuneMergeMethod methods[] = { ATTUNE_MERGE_CAT, ATTUNE_MERGE_SVD };
  g_autofree char *one = NULL, *two = NULL, *three = NULL;
  g_autoptr (GArray) sum = g_array_new (FALSE, TRUE, sizeof (float));
  g_autoptr (GError) error = NULL;

  one = run_folder (self, "0001");
  two = run_folder (self, "0002");
  three = run_folder (self, "0003");
  {
    const char *const runs[] = { one, two, three, NULL };

    for (int i = 0; i < 3; i++)
      {
        g_autoptr (AttuneTunedModel) model = attune_tuned_model_open (NULL, runs[i], 1, &error);

        g_assert_no_error (error);
        add_change (model, weights[i], sum);
      }
    for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
      {
        const AttuneMergeOptions options
            = { .method = methods[i], .density = 1, .rank = i == 1 ? 16 : 0, .weights = weights };
        g_autoptr (GArray) merged_sum = g_array_new (FALSE, TRUE, sizeof (float));
        g_autoptr (AttuneTunedModel) merged = attune_merged_model_open (runs, &options, 1, &error);

        g_assert_no_error (error);
        g_assert_cmpint (merged->lora.rank, ==, i == 0 ? 4 + 2 + 8 : 16);
        add_change (merged, 1, merged_sum);
        g_test_message ("off by %g", compare (merged_sum, sum));
        g_assert_cmpfloat (compare (merged_sum, sum), <, 1e-4);
      }
  }
}

static void
check_command (TestProject *self)
{
  g_autofree char *adapter = g_build_filename (self->folder, "both", NULL),
                  *gguf = g_build_filename (self->folder, "both.gguf", NULL);
  g_autofree char *line = g_strconcat ("merge %P --runs 1,2 --output ", adapter, " --json", NULL),
                  *ties = g_strconcat ("merge %P --runs 1,3 --method ties --output ", gguf, NULL),
                  *whole = g_strconcat ("merge %P --runs 1,2 --method ties-svd --density 0.5 "
                                        "--format gguf-f16 --output ",
                                        gguf, NULL),
                  *text = NULL;
  g_autofree char *config_path = g_build_filename (adapter, "adapter_config.json", NULL),
                  *card_path = g_build_filename (adapter, "README.md", NULL), *card = NULL;
  g_autoptr (JsonNode) told = NULL, config = NULL;
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (GError) error = NULL;

  test_attunectl_bad (self, "merge %P --runs 1 --output x", 2, "two runs");
  test_attunectl_bad (self, "merge %P --runs 1,2 --output x --method mix", 2, "--method");
  test_attunectl_bad (self, "merge %P --runs 1,2 --output x --density 0.5", 2, "ties and dare");
  test_attunectl_bad (self, "merge %P --runs 1,2 --output x --weights 1", 2, "weight for each");
  test_attunectl_bad (self, "merge %P --runs 1,2 --output x --method linear", 1, "ranks 2 and 4");
  test_attunectl_bad (self, ties, 1, "--method svd");
  test_attunectl_bad (self, "merge %P --runs 1,9 --output x", 1, "no run");
  test_attunectl_bad (self, "merge %P --runs 1,1 --output x", 1, "twice");
  g_free (test_attunectl_good (self, "tune %P --method ia3 --max-steps 1"));
  test_attunectl_bad (self, "merge %P --runs 1,4 --output x", 1, "ia3");

  told = test_attunectl_json (self, line);
  g_assert_cmpint (test_number (told, NULL, "rank"), ==, 6);
  g_assert_true (g_file_get_contents (config_path, &text, NULL, &error));
  config = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_cmpint (test_number (config, NULL, "r"), ==, 6);
  g_assert_cmpint (test_number (config, NULL, "lora_alpha"), ==, 6);
  g_assert_true (g_file_get_contents (card_path, &card, NULL, &error));
  g_assert_nonnull (strstr (card, "- 0001, with a weight of 1\n- 0002, with a weight of 1\n"));
  g_assert_nonnull (strstr (card, "The way is “cat”."));
  g_free (test_attunectl_good (self, whole));
  model = attune_model_open (gguf, &error);
  g_assert_no_error (error);
}

static guint
count_notes (JsonNode *told)
{
  return json_array_get_length (
      json_object_get_array_member (json_node_get_object (told), "notes"));
}

/* Writes @text with @to in the place of @from. */
static void
change (const char *path, const char *text, const char *from, const char *to)
{
  const char *at = strstr (text, from);
  g_autofree char *changed = NULL;

  g_assert_nonnull (at);
  changed = g_strdup_printf ("%.*s%s%s", (int) (at - text), text, to, at + strlen (from));
  g_assert_true (g_file_set_contents (path, changed, -1, NULL));
}

/* A folder in PEFT's format in the place of the run that it is of makes the same; also without any
 * run. What cannot be read is refused, and a folder of a model with another name is told. */
static void
check_peft (TestProject *self)
{
  static const double weights[] = { 1, 0.5 };
  g_autofree char *one
      = run_folder (self, "0001"),
      *two = run_folder (self, "0002"), *other = g_build_filename (self->folder, "elsewhere", NULL),
      *export = g_strconcat ("export %P --run 2 --format adapter --output ", other, NULL),
      *line = g_strconcat ("merge %P --runs ", other, ",1 --output ", self->folder,
                           "/together --json", NULL),
      *config = g_build_filename (other, "adapter_config.json", NULL), *text = NULL,
      *card = g_build_filename (self->folder, "together", "README.md", NULL), *written = NULL,
      *changed = NULL;
  g_autoptr (JsonNode) told = NULL;
  GArray *changes[3];

  g_free (test_attunectl_good (self, export));
  for (int i = 0; i < 3; i++)
    {
      const char *const runs[] = { i == 2 ? other : one,
                                   i == 0   ? two
                                   : i == 1 ? other
                                            : one,
                                   NULL };
      const double turned[] = { weights[1], weights[0] };
      const AttuneMergeOptions options = { .density = 1, .weights = i == 2 ? turned : weights };
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneTunedModel) merged = attune_merged_model_open (runs, &options, 1, &error);

      g_assert_no_error (error);
      changes[i] = g_array_new (FALSE, TRUE, sizeof (float));
      add_change (merged, 1, changes[i]);
    }
  g_assert_cmpfloat (compare (changes[1], changes[0]), ==, 0);
  g_assert_cmpfloat (compare (changes[2], changes[0]), <, 1e-5); /* in another order */
  for (int i = 0; i < 3; i++)
    g_array_unref (changes[i]);
  told = test_attunectl_json (self, line);
  g_assert_cmpint (test_number (told, NULL, "rank"), ==, 6);
  g_assert_cmpuint (count_notes (told), ==, 0);

  g_assert_true (g_file_get_contents (config, &text, NULL, NULL));
  change (config, text, "base_model_name_or_path\" : \"",
          "base_model_name_or_path\" : \"of/others\", \"path\" : \"");
  json_node_unref (told);
  told = test_attunectl_json (self, line);
  g_assert_cmpuint (count_notes (told), ==, 1);
  g_assert_true (g_file_get_contents (card, &written, NULL, NULL));
  g_assert_nonnull (strstr (written, "says that it was made with"));
  change (config, text, "CAUSAL_LM", "SEQ_CLS");
  test_attunectl_bad (self, line, 1, "its head would be lost");
  *strrchr (text, '}') = '\0';
  changed = g_strconcat (text, ", \"rank_pattern\": { \"q_proj\": 8 } }", NULL);
  g_assert_true (g_file_set_contents (config, changed, -1, NULL));
  test_attunectl_bad (self, line, 1, "rank_pattern");
}

static void
test_runs (TestProject *self, gconstpointer data)
{
  make_runs (self);
  check_exact (self);
  check_peft (self);
  check_command (self);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/job/merge/" name, TestProject, NULL, test_project_set_up, function,                \
              test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("runs", test_runs);
  return g_test_run ();
}
