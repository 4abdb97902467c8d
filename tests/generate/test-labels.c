/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels by themselves: what each counts, how they are kept, how well they are told apart, and what
 * is read of a text.
 */
#include "generate/label-score.h"

#include "plan/estimate.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define THREE "{\"names\":[\"a\",\"b\",\"c\"],\"counts\":[90,9,1],\"whole\":true}"

static void
test_json (void)
{
  static const char *const damaged[] = { "",
                                         "[]",
                                         "{}",
                                         "{\"names\":[\"a\",\"b\"],\"counts\":[1]}",
                                         "{\"names\":[\"a\",1],\"counts\":[1,1]}",
                                         "{\"names\":[\"a\",\"b\"],\"counts\":[1,-1]}",
                                         "{\"names\":[\"b\",\"a\"],\"counts\":[1,1]}",
                                         "{\"names\":[\"a\",\"a\"],\"counts\":[1,1]}",
                                         "{\"names\":[\"\",\"a\"],\"counts\":[1,1]}",
                                         "{\"names\":[\"a\"],\"counts\":[1]}",
                                         "{\"names\":[\"a\",\"b\"],\"counts\":[1,1],"
                                         "\"costs\":[0,1]}",
                                         "{\"names\":[\"a\",\"b\"],\"counts\":[1,1],"
                                         "\"costs\":[0,1,-1,0]}",
                                         "{\"names\":[],\"counts\":[],\"kind\":\"number\","
                                         "\"samples\":4,\"mean\":1,\"spread\":0}" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneLabels) labels = attune_labels_of_json (THREE, &error);
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  json = attune_labels_to_json (labels);
  g_assert_cmpstr (json, ==, THREE);
  g_assert_cmpint (attune_labels_get_number (labels, "c"), ==, 2);
  g_assert_cmpint (attune_labels_get_number (labels, "d"), ==, -1);
  g_assert_cmpint (attune_labels_get_number (labels, ""), ==, -1);
  g_assert_cmpint (attune_labels_get_most_frequent (labels), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GError) reason = NULL;

      g_assert_null (attune_labels_of_json (damaged[i], &reason));
      g_assert_error (reason, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
    }
}

/* scikit-learn's compute_class_weight ("balanced"), and the authors' of the effective number. */
static void
test_weights (void)
{
  g_autoptr (AttuneLabels) labels = attune_labels_of_json (THREE, NULL);
  const double effective[]
      = { 0.1 / (1 - pow (0.9, 90)), 0.1 / (1 - pow (0.9, 9)), 0.1 / (1 - pow (0.9, 1)) };
  const double sum = effective[0] + effective[1] + effective[2];
  float weights[3];

  attune_labels_weigh (labels, ATTUNE_LABEL_WEIGHTS_NONE, 0.9, weights);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (weights[i], ==, 1);
  attune_labels_weigh (labels, ATTUNE_LABEL_WEIGHTS_INVERSE, 0.9, weights);
  g_assert_cmpfloat_with_epsilon (weights[0], 100 / 270.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (weights[1], 100 / 27.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (weights[2], 100 / 3.0, 1e-5);
  attune_labels_weigh (labels, ATTUNE_LABEL_WEIGHTS_EFFECTIVE, 0.9, weights);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (weights[i], 3 * effective[i] / sum, 1e-6);
}

/* scikit-learn's f1_score (average="macro") of the same: 0.4888889. */
static void
test_confusion (void)
{
  static const int wanted[] = { 0, 0, 0, 1, 1, 2, 2, -1 }, said[] = { 0, 0, 1, 1, 0, 1, 2, 0 };
  static const char *const names[] = { "a", "b", "c", "never" };
  g_autoptr (AttuneConfusion) made = attune_confusion_new (names, 4), confusion = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    attune_confusion_add (made, wanted[i], said[i]);
  confusion = attune_confusion_copy (made);
  g_assert_cmpuint (attune_confusion_count (confusion), ==, 8);
  g_assert_cmpfloat (attune_confusion_accuracy (confusion), ==, 0.5);
  g_assert_cmpfloat_with_epsilon (attune_confusion_score (confusion, 0).precision, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (attune_confusion_score (confusion, 0).recall, 2 / 3.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (attune_confusion_score (confusion, 2).f1, 2 / 3.0, 1e-12);
  g_assert_cmpfloat (attune_confusion_score (confusion, 3).f1, ==, 0);
  g_assert_cmpfloat_with_epsilon (attune_confusion_macro_f1 (confusion),
                                  (4 / 7.0 + 0.4 + 2 / 3.0) / 3, 1e-12);
}

/* The question as far as the answer's beginning; all of a text but its end. */
static void
test_ask (void)
{
  static const struct
  {
    gint32 tokens[6];
    guint8 learn[6];
    guint n, left;
  } samples[] = { { { 5, 6, 7, 8, 9 }, { 0, 0, 0, 1, 1 }, 5, 3 },
                  { { 5, 6, 7, 8, 2 }, { 0, 1, 1, 1, 1 }, 5, 4 },
                  { { 5, 6, 7, 8, 9 }, { 0, 1, 1, 1, 1 }, 5, 5 }, /* cut, or without an end */
                  { { 5, 6, 7 }, { 0, 0, 0 }, 3, 3 },
                  { { 5 }, { 0 }, 1, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_auto (AttuneSample) sample = { .n = samples[i].n };
      const guint n = samples[i].left;

      sample.tokens = g_memdup2 (samples[i].tokens, sample.n * sizeof (gint32));
      sample.learn = g_memdup2 (samples[i].learn, sample.n);
      attune_sample_ask_label (&sample, 3, 2);
      g_assert_cmpuint (sample.n, ==, n + 1);
      g_assert_cmpmem (sample.tokens, n * sizeof (gint32), samples[i].tokens, n * sizeof (gint32));
      g_assert_cmpint (sample.tokens[n], ==, 3);
      g_assert_cmpuint (attune_sample_targets (&sample), ==, 1);
      g_assert_cmpuint (attune_sample_rows (&sample), ==, n);
    }
}

#define SEVERAL                                                                                    \
  "{\"names\":[\"a\",\"b\",\"c\"],\"counts\":[50,25,10],\"whole\":false,\"kind\":\"several\","     \
  "\"samples\":100,\"mark\":\";\"}"
#define NUMBERS                                                                                    \
  "{\"names\":[],\"counts\":[],\"whole\":false,\"kind\":\"number\",\"samples\":4,\"mean\":2.5,"    \
  "\"spread\":0.5}"

/* What a column of labels is taken for, and what is told of it. */
static void
test_format (void)
{
  static const struct
  {
    const char *texts[8];
    AttuneLabelKind kind;
    AttuneLabelDoubt doubt;
    char mark; /* 0: any */
  } columns[] = {
    { { "good", "bad" }, ATTUNE_LABELS_ONE },
    { { "1", "2", "3" }, ATTUNE_LABELS_ONE },
    { { "1.5", "2", "3" }, ATTUNE_LABELS_NUMBER, 0, '.' },
    { { "a; b", "a", "b", "c" }, ATTUNE_LABELS_SEVERAL, 0, ';' },
    { { "a|b", "b", "a" }, ATTUNE_LABELS_SEVERAL, 0, '|' },
    { { "Heart, lung", "Brain, nerves" }, ATTUNE_LABELS_ONE },
    { { "0,5", "1,5", "2" }, ATTUNE_LABELS_NUMBER, 0, ',' },
    { { "a,b", "b,c", "a", "b", "c" }, ATTUNE_LABELS_SEVERAL, 0, ',' },
    { { "nan", "1.5" }, ATTUNE_LABELS_ONE },
    /* lists of numbers, and fractions that look like them */
    { { "1,2", "2", "1,3" }, ATTUNE_LABELS_SEVERAL, ATTUNE_LABEL_DOUBT_LISTS, ',' },
    { { "1, 2", "2, 3", "1, 3" }, ATTUNE_LABELS_SEVERAL, ATTUNE_LABEL_DOUBT_LISTS, ',' },
    { { "1,3", "1,7", "2,0", "2,3", "2,7", "3,0" }, ATTUNE_LABELS_NUMBER, 0, ',' },
    /* thousands */
    { { "950", "1,200.50", "2,400" }, ATTUNE_LABELS_NUMBER, 0, '.' },
    { { "950,5", "1.200", "2.400" }, ATTUNE_LABELS_NUMBER, 0, ',' },
    { { "1,234.50", "1,200" }, ATTUNE_LABELS_NUMBER, 0, '.' },
    { { "1.200", "2.400", "3.500" }, ATTUNE_LABELS_ONE, ATTUNE_LABEL_DOUBT_MARKS },
    { { "0,5", "0.7", "1.5" }, ATTUNE_LABELS_ONE, ATTUNE_LABEL_DOUBT_MARKS },
    /* codes */
    { { "250.00", "401.9", "414.01" }, ATTUNE_LABELS_ONE, ATTUNE_LABEL_DOUBT_CODES },
    { { "042", "001.1", "250.1" }, ATTUNE_LABELS_ONE, ATTUNE_LABEL_DOUBT_CODES },
    { { "3.0", "1.5", "2.25" }, ATTUNE_LABELS_NUMBER, 0, '.' },
    /* too many that are none */
    { { "1.5", "2.5", "3.5", "4.5", "n/a" }, ATTUNE_LABELS_ONE, ATTUNE_LABEL_DOUBT_MIXED },
    { { "1.5", "2.5", "none", "n/a" }, ATTUNE_LABELS_ONE },
  };
  static const guint64 counts[] = { 10, 10, 10, 10, 10, 10, 10, 10 };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      guint n = 0;
      AttuneLabelFormat format;

      while (n < 8 && columns[i].texts[n] != NULL)
        n++;
      format = attune_label_format_find (ATTUNE_LABEL_READING_AUTO, columns[i].texts, counts, n);
      g_test_message ("%s is %s %s", columns[i].texts[0], attune_label_kind_get_name (format.kind),
                      attune_label_doubt_get_name (format.doubt));
      g_assert_cmpint (format.kind, ==, columns[i].kind);
      g_assert_cmpint (format.doubt, ==, columns[i].doubt);
      if (columns[i].mark != 0)
        g_assert_cmpint (format.mark, ==, columns[i].mark);
      format = attune_label_format_find (ATTUNE_LABEL_READING_ONE, columns[i].texts, counts, n);
      g_assert_cmpint (format.kind, ==, ATTUNE_LABELS_ONE);
    }
}

/* Many different ones: amounts in thousands, codes that come again, and one slip in 300. */
static void
test_many (void)
{
  static const struct
  {
    int step; /* 0: those of no order */
    const char *end;
    guint64 count;
    AttuneLabelKind kind;
    AttuneLabelDoubt doubt;
  } columns[] = {
    { 37, "", 1, ATTUNE_LABELS_NUMBER, 0 },
    { 1, "", 20, ATTUNE_LABELS_NUMBER, 0 },      /* ages */
    { 500, ".00", 20, ATTUNE_LABELS_NUMBER, 0 }, /* that fill their steps */
    { 1, ",200", 1, ATTUNE_LABELS_NUMBER, 0 },   /* beside "950" */
    { 0, ".25", 20, ATTUNE_LABELS_ONE, ATTUNE_LABEL_DOUBT_CODES },
    { 0, ".25", 1, ATTUNE_LABELS_NUMBER, 0 }, /* each once */
  };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
      g_autofree guint64 *counts = g_new (guint64, 301);
      AttuneLabelFormat format;
      double number;

      for (int j = 0; j < 299; j++)
        {
          const int step = columns[i].step, value = 1 + (step > 0 ? j * step : j * j % 9973 * 7);

          counts[j] = columns[i].count;
          g_ptr_array_add (texts, g_strdup_printf ("%d%s", value, columns[i].end));
        }
      counts[299] = counts[300] = 1;
      g_ptr_array_add (texts, g_strdup ("n/a"));
      if (i == 3)
        g_ptr_array_add (texts, g_strdup ("950"));
      format = attune_label_format_find (ATTUNE_LABEL_READING_AUTO,
                                         (const char *const *) texts->pdata, counts, texts->len);
      g_test_message ("%u is %s %s", i, attune_label_kind_get_name (format.kind),
                      attune_label_doubt_get_name (format.doubt));
      g_assert_cmpint (format.kind, ==, columns[i].kind);
      g_assert_cmpint (format.doubt, ==, columns[i].doubt);
      if (i != 3)
        continue;
      g_assert_true (attune_label_parse_number (format.mark, "1,200", &number));
      g_assert_cmpfloat (number, ==, 1200);
    }
}

/* With what a column says, thousands are in their places or there is no number. */
static void
test_numbers (void)
{
  static const struct
  {
    char decimal;
    const char *text;
    double number; /* NAN: none */
  } cases[] = { { '.', "1,234,567.5", 1234567.5 },
                { '.', "-1,200", -1200 },
                { '.', "1,20", NAN },
                { '.', "1234,567", NAN },
                { '.', "1.234,5", NAN },
                { ',', "1.234,5", 1234.5 },
                { ',', "1,234.5", NAN },
                { ',', "0,5", 0.5 },
                { ',', "1.2.3", NAN },
                { '.', "1e3", 1000 },
                { '.', " 7 ", 7 },
                { '.', "", NAN },
                { '.', ",", NAN },
                { '.', "0x10", NAN },
                { ';', "0,5", 0.5 },
                { ';', "1,200.5", NAN } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double number = 0;
      const gboolean is = attune_label_parse_number (cases[i].decimal, cases[i].text, &number);

      g_test_message ("“%s” is %g", cases[i].text, is ? number : NAN);
      g_assert_cmpint (is, ==, !isnan (cases[i].number));
      if (is)
        g_assert_cmpfloat (number, ==, cases[i].number);
    }
}

/* What was said to be several is divided by what divides it, not by a mark that is there by chance.
 */
static void
test_marks (void)
{
  static const char *const texts[] = { "cold, late", "late", "cold", "other; see note" },
                           *const odd[] = { "cold, late", "wet, small", "big; old" };
  static const guint64 counts[] = { 9, 9, 9, 1 };

  g_assert_cmpint (attune_label_format_find (ATTUNE_LABEL_READING_SEVERAL, texts, counts, 4).mark,
                   ==, ',');
  g_assert_cmpint (attune_label_format_find (ATTUNE_LABEL_READING_SEVERAL, odd, counts, 3).mark, ==,
                   ',');
}

static void
test_rows (void)
{
  g_autoptr (AttuneLabels) several = attune_labels_of_json (SEVERAL, NULL),
                           numbers = attune_labels_of_json (NUMBERS, NULL);
  g_autofree char *json = attune_labels_to_json (several), *said = NULL, *number = NULL;
  const float shares[] = { 0.7f, 0.2f, 0.5f }, output = 3;
  float weights[3];
  gint32 row;

  g_assert_cmpstr (json, ==, SEVERAL);
  g_assert_cmpuint (attune_labels_count (several), ==, 3);
  row = attune_labels_find_row (several, "c;a ; a");
  g_assert_cmpint (row, ==, 1); /* the first asks for nothing */
  g_assert_cmpint (attune_labels_find_row (several, "c;a ; a"), ==, row);
  g_assert_cmpint (attune_labels_find_row (several, "unknown"), ==, -1);
  g_assert_cmpint (attune_labels_find_row (several, ""), ==, -1);
  g_assert_cmpfloat (g_array_index (several->wanted, float, 3), ==, 1);
  g_assert_cmpfloat (g_array_index (several->wanted, float, 4), ==, 0);
  g_assert_cmpfloat (g_array_index (several->wanted, float, 5), ==, 1);
  said = attune_labels_say (several, shares);
  g_assert_cmpstr (said, ==, "a; c");
  /* PyTorch's advice for pos_weight: those that are not, over those that are */
  attune_labels_weigh (several, ATTUNE_LABEL_WEIGHTS_INVERSE, 0, weights);
  g_assert_cmpfloat_with_epsilon (weights[0], 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (weights[1], 3, 1e-6);
  g_assert_cmpfloat_with_epsilon (weights[2], 9, 1e-6);

  g_assert_cmpuint (attune_labels_count (numbers), ==, 1);
  row = attune_labels_find_row (numbers, "3,5");
  g_assert_cmpfloat (g_array_index (numbers->wanted, float, row), ==, 2);
  g_assert_cmpint (attune_labels_find_row (numbers, "much"), ==, -1);
  number = attune_labels_say (numbers, &output);
  g_assert_cmpstr (number, ==, "4");
}

/* scikit-learn's f1_score (average="micro", "macro"), accuracy_score, mean_absolute_error,
 * root_mean_squared_error and r2_score of the same. */
static void
test_scores (void)
{
  g_autoptr (AttuneLabels) several = attune_labels_of_json (SEVERAL, NULL),
                           numbers = attune_labels_of_json (NUMBERS, NULL);
  g_autoptr (AttuneConfusion) confusion = attune_labels_new_confusion (several);
  static const char *const texts[] = { "a;c", "b", "a", "a;b" };
  static const float shares[] = { .9f, .1f, .2f, .1f, .8f, .6f, .7f, .1f, .1f, .4f, .9f, .3f };
  static const guint32 unknown[] = { 2, 0, 0, 0 };
  static const char *const values[] = { "1", "2", "4", "3" };
  static const float outputs[] = { -2, -1, 2, 0 }; /* 1.5, 2, 3.5, 2.5 */
  gint32 rows[4];
  AttuneLabelScores scores;

  for (int i = 0; i < 4; i++)
    rows[i] = attune_labels_find_row (several, texts[i]);
  scores = attune_label_score (several, 4, rows, NULL, shares, confusion);
  g_assert_cmpfloat_with_epsilon (scores.micro_f1, 8 / 11.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (scores.macro_f1, (0.8 + 1 + 0) / 3, 1e-12);
  g_assert_cmpfloat (scores.accuracy, ==, 0.25);
  g_assert_cmpfloat (scores.micro_f1_error, >, 0.05);
  g_assert_cmpfloat (scores.micro_f1_error, <, 0.3);
  /* two that were not learned are two that are not found */
  scores = attune_label_score (several, 4, rows, unknown, shares, confusion);
  g_assert_cmpfloat_with_epsilon (scores.micro_f1, 8 / 13.0, 1e-12);
  g_assert_cmpfloat (scores.accuracy, ==, 0.25);
  for (int i = 0; i < 4; i++)
    rows[i] = attune_labels_find_row (numbers, values[i]);
  scores = attune_label_score (numbers, 4, rows, NULL, outputs, NULL);
  g_assert_cmpfloat_with_epsilon (scores.mae, 0.375, 1e-6);
  g_assert_cmpfloat_with_epsilon (scores.rmse, sqrt (0.1875), 1e-6);
  g_assert_cmpfloat_with_epsilon (scores.r2, 0.85, 1e-6);
  g_assert_cmpfloat_with_epsilon (scores.mae_error, 0.125, 1e-6); /* 0.25 / √4 */
  g_assert_cmpfloat (scores.r2_error, >, 0);
}

/* What is expected to cost least is said, even where it is less likely; tables that are not whole
 * are refused. */
static void
test_costs (void)
{
  static const struct
  {
    const char *text, *part;
  } tables[] = { { "x,a,b,c\na,0,1,1\nb,1,0,1\n", "for “c”" },
                 { "x,a,b,d\n", "“d”" },
                 { "x,a,b,c\nd,0,1,1\n", "“d”" },
                 { "x,a,b,c\na,0,1\n", "3 columns" },
                 { "x,a,b,c\na,0,1,much\n", "“much”" },
                 { "x,a,b,c\na,0,1,-1\n", "“-1”" },
                 { "x,a,b,c,b\n", "two columns “b”" },
                 { "x,a,b,c\na,0,1,1\na,0,2,2\n", "two lines of “a”" },
                 { "x;a;b;c\na;;1,200;1,300\n", "not clear" },
                 { "x,a,b,c\na,0,0,0\nb,0,0,0\nc,0,0,0\n", "all costs are 0" },
                 { "\xff", "UTF-8" } };
  g_autoptr (AttuneLabels) labels = attune_labels_of_json (THREE, NULL),
                           several = attune_labels_of_json (SEVERAL, NULL), copy = NULL;
  g_autofree char *folder = g_dir_make_tmp ("attune-XXXXXX", NULL),
                  *path = g_build_filename (folder, "costs.csv", NULL), *json = NULL;
  static const float shares[] = { 0.6f, 0.3f, 0.1f };
  g_autoptr (GHashTable) others = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autoptr (GError) reason = NULL;

      g_assert_true (g_file_set_contents (path, tables[i].text, -1, NULL));
      g_assert_false (attune_labels_read_costs (labels, path, NULL, &reason));
      g_assert_error (reason, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
      g_assert_nonnull (strstr (reason->message, tables[i].part));
    }
  /* a mark in quotes divides nothing, and what nothing is learned from is passed over */
  g_hash_table_add (others, (gpointer) "d, rare");
  g_assert_true (g_file_set_contents (path,
                                      "x;a;b;c;\"d, rare\"\na;0;1,200;1,300;1\nb;1,500;0;1;1\n"
                                      "c;1,100;1,600;0;1\n\"d, rare\";1;1;1;0\n",
                                      -1, NULL));
  g_assert_false (attune_labels_read_costs (labels, path, NULL, NULL));
  g_assert_null (labels->costs);
  g_assert_true (attune_labels_read_costs (labels, path, others, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (labels->costs[1], ==, 1200);
  g_assert_cmpfloat (labels->costs[5], ==, 1);
  g_assert_true (g_file_set_contents (path, "\xef\xbb\xbfright;a;c;b\nc;9;0;1\na;0;1;2,5\nb;1;3;\n",
                                      -1, NULL));
  g_assert_false (attune_labels_read_costs (labels, path, NULL, NULL)); /* an empty cell */
  g_assert_true (g_file_set_contents (
      path, "\xef\xbb\xbfright;a;c;b\nc;90;0;1\na;0;1;2,5\nb;1;3;0\n", -1, NULL));
  g_assert_true (attune_labels_read_costs (labels, path, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (labels->costs[1], ==, 2.5f);
  g_assert_cmpfloat (labels->costs[6], ==, 90);
  g_assert_cmpint (attune_labels_get_likeliest (shares, 3), ==, 0);
  g_assert_cmpint (attune_labels_choose (labels, shares), ==, 2); /* 9.3, 1.6, 1.5 */
  json = attune_labels_to_json (labels);
  copy = attune_labels_of_json (json, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_labels_choose (copy, shares), ==, 2);
  g_assert_false (attune_labels_read_costs (several, path, NULL, &error));
  g_assert_nonnull (strstr (error->message, "several labels"));
  g_remove (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/labels/json", test_json);
  g_test_add_func ("/labels/weights", test_weights);
  g_test_add_func ("/labels/confusion", test_confusion);
  g_test_add_func ("/labels/ask", test_ask);
  g_test_add_func ("/generate/labels/format", test_format);
  g_test_add_func ("/generate/labels/many", test_many);
  g_test_add_func ("/generate/labels/numbers", test_numbers);
  g_test_add_func ("/generate/labels/marks", test_marks);
  g_test_add_func ("/generate/labels/rows", test_rows);
  g_test_add_func ("/generate/labels/scores", test_scores);
  g_test_add_func ("/generate/labels/costs", test_costs);
  return g_test_run ();
}
