/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a report tells of its samples is what counting them finds; what it cannot tell, or tells
 * wrongly, is not believed.
 */
#include "data/report-view.h"
#include "data/rows.h"
#include "text/golden.h"
#include "tune/trainer.h"

static void
test_report (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *table_path = NULL;
  g_autoptr (GString) table = g_string_new ("question,answer\n");
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (JsonNode) report = NULL;
  g_autoptr (GError) error = NULL;
  AttuneDataFacts told, counted;

  place_init (&place, "dataset.h5");
  table_path = g_build_filename (place.folder, "table.csv", NULL);
  for (int i = 0; i < 60; i++)
    g_string_append_printf (table, "What is %d?,%.*s\n", i, 5 + i * 3,
                            "It is a number of which much can be said; and it is longer or shorter "
                            "as the numbers of its answers go on and on and on and on until the "
                            "end of the line has come at last.");
  g_assert_true (g_file_set_contents (table_path, table->str, -1, NULL));
  source = attune_source_probe (table_path, &error);
  attune_dataset_import (place.path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_object_set (settings, "max-tokens", 120, NULL); /* some are cut */
  attune_dataset_prepare (place.path, settings, attune_model_get_tokenizer (model),
                          attune_model_get_template (model), NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  dataset = attune_dataset_open (place.path, &error);
  attune_data_facts (dataset, TRUE, &counted, &error);
  g_assert_no_error (error);
  g_assert_true (attune_data_facts_of_report (report, &told));
  g_assert_cmpuint (counted.target_tokens, >, 0);
  g_assert_cmpuint (counted.max_tokens, ==, 120);
  g_assert_cmpuint (told.n_train, ==, counted.n_train);
  g_assert_cmpuint (told.n_validation, ==, counted.n_validation);
  g_assert_cmpuint (told.train_tokens, ==, counted.train_tokens);
  g_assert_cmpuint (told.target_tokens, ==, counted.target_tokens);
  g_assert_cmpuint (told.max_tokens, ==, counted.max_tokens);
}

static void
test_strange (void)
{
  static const char *const strange[] = {
    "{\"splits\": {\"train\": 8}}", /* of an earlier version */
    "{\"splits\": {\"train\": 2}, \"sizes\": {\"train\": {\"rows\": 99, \"targets\": 9, "
    "\"longest\": 10}}}",
    "{\"splits\": {\"train\": 9}, \"sizes\": {\"train\": {\"rows\": 9, \"targets\": 10, "
    "\"longest\": 10}}}",
    "{\"splits\": {\"train\": 9}, \"sizes\": {\"train\": {\"rows\": 9, \"targets\": 9, "
    "\"longest\": 9000000000}}}",
    "{\"splits\": {\"train\": 9}, \"sizes\": []}",
    "[]",
  };
  AttuneDataFacts facts;

  for (guint i = 0; i < G_N_ELEMENTS (strange); i++)
    {
      g_autoptr (JsonNode) report = json_from_string (strange[i], NULL);

      g_assert_false (attune_data_facts_of_report (report, &facts));
    }
}

/* A report names 50 labels at most: there may be more than those. */
static void
test_many_labels (void)
{
  AttuneDataFacts facts;

  for (guint n = 1; n <= 50; n += n == 1 ? 48 : 1)
    {
      g_autoptr (GString) text = g_string_new (
          "{\"splits\": {\"train\": 90}, \"sizes\": {\"train\": {\"samples\": 90, \"rows\": 900, "
          "\"targets\": 90, \"longest\": 10}}, \"labels\": [");
      g_autoptr (JsonNode) report = NULL;

      for (guint i = 0; i < n; i++)
        g_string_append_printf (text, "%s{\"label\": \"%u\", \"count\": 1}", i > 0 ? ", " : "", i);
      g_string_append (text, "]}");
      report = json_from_string (text->str, NULL);
      g_assert_cmpint (attune_data_facts_of_report (report, &facts), ==, n < 50);
      if (n < 50)
        g_assert_cmpuint (facts.n_labels, ==, n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune/facts/report", test_report);
  g_test_add_func ("/tune/facts/many-labels", test_many_labels);
  g_test_add_func ("/tune/facts/strange", test_strange);
  return g_test_run ();
}
