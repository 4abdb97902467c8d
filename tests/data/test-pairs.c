/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preference pairs: recognised, cleaned, tokenised with the mask of the worse answer, kept; and a
 * data set of before there were any.
 */
#include "data/dataset.h"
#include "data/report-view.h"
#include "data/rows.h"
#include "store/store.h"
#include "text/golden.h"

static AttuneModel *model;

static void
import_table (Place *place, const char *table)
{
  g_autofree char *path = g_build_filename (place->folder, "pairs.csv", NULL);
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, table, -1, NULL));
  source = attune_source_probe (path, &error);
  g_assert_no_error (error);
  attune_dataset_import (place->path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static AttuneDataset *
prepare (Place *place, JsonNode **report)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset;

  g_object_set (settings, "validation-share", 0.0, "test-share", 0.0, NULL);
  attune_dataset_prepare (place->path, settings, attune_model_get_tokenizer (model),
                          attune_model_get_template (model), NULL, NULL, NULL, report, &error);
  g_assert_no_error (error);
  dataset = attune_dataset_open (place->path, &error);
  g_assert_no_error (error);
  g_assert_true (attune_dataset_check_reader (dataset, attune_model_get_tokenizer (model),
                                              attune_model_get_template (model), NULL));
  return dataset;
}

/* What is learned of @sample, as text. */
static char *
learned_text (const AttuneSample *sample)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  for (guint i = 0; i < sample->n; i++)
    if (sample->learn[i])
      g_array_append_val (ids, sample->tokens[i]);
  return attune_tokenizer_decode (attune_model_get_tokenizer (model), (gint32 *) ids->data,
                                  ids->len, TRUE);
}

static void
test_pairs (void)
{
  static const char table[] = "prompt,chosen,rejected\n"
                              "What is red?,A colour.,  I do not know.  \n"
                              "What is two?,A number.,\n"
                              "What is a dog?,An animal that barks.,A kind of plant.\n";
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneReportView) view = NULL;
  g_autoptr (JsonNode) report = NULL;
  g_autofree char *hash = NULL;
  guint64 n_pairs = 0, rows = 0;

  place_init (&place, "dataset.h5");
  import_table (&place, table);
  dataset = prepare (&place, &report);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, 3);
  for (guint64 i = 0; i < 3; i++)
    {
      g_auto (AttuneSample) chosen = { 0 }, rejected = { 0 };
      g_auto (AttuneRecord) record = { 0 };
      g_autofree char *text = NULL, *better = NULL;
      guint n = 0;

      g_assert_true (attune_dataset_get_record (dataset, ATTUNE_SPLIT_TRAIN, i, &record, NULL));
      g_assert_cmpint (attune_dataset_has_rejected (dataset, ATTUNE_SPLIT_TRAIN, i), ==,
                       *record.fields[ATTUNE_FIELD_REJECTED] != '\0');
      if (!attune_dataset_has_rejected (dataset, ATTUNE_SPLIT_TRAIN, i))
        continue;
      n_pairs++;
      g_assert_true (attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i, &chosen, NULL));
      g_assert_true (attune_dataset_get_rejected (dataset, ATTUNE_SPLIT_TRAIN, i, &rejected, NULL));
      while (!chosen.learn[n]) /* they have the question in common, to the token */
        {
          g_assert_cmpint (chosen.tokens[n], ==, rejected.tokens[n]);
          g_assert_cmpint (rejected.learn[n], ==, 0);
          n++;
        }
      g_assert_cmpint (rejected.learn[n], ==, 1);
      text = learned_text (&rejected);
      better = learned_text (&chosen);
      g_assert_true (g_str_has_prefix (text, record.fields[ATTUNE_FIELD_REJECTED]));
      g_assert_true (g_str_has_prefix (better, record.fields[ATTUNE_FIELD_ANSWER]));
      g_assert_false (g_str_has_prefix (text, " ")); /* cleaned as the better one is */
      for (guint j = 1; j < rejected.n; j++)
        if (rejected.learn[j])
          n = j;
      rows += n;
    }
  g_assert_cmpuint (n_pairs, ==, 2);
  view = attune_report_view_new (report);
  g_assert_cmpuint (view->pairs[ATTUNE_SPLIT_TRAIN].samples, ==, 2);
  g_assert_cmpuint (view->pairs[ATTUNE_SPLIT_TRAIN].rows, ==, rows);

  /* another worse answer is another data set */
  hash = g_strdup (attune_dataset_get_hash (dataset));
  {
    g_auto (Place) other = { 0 };
    g_autoptr (AttuneDataset) changed = NULL;

    place_init (&other, "dataset.h5");
    import_table (&other, "prompt,chosen,rejected\n"
                          "What is red?,A colour.,I do not know!\n"
                          "What is two?,A number.,\n"
                          "What is a dog?,An animal that barks.,A kind of plant.\n");
    changed = prepare (&other, NULL);
    g_assert_cmpstr (attune_dataset_get_hash (changed), !=, hash);
  }
}

/* One answer against two worse ones is no copy; case and punctuation make none of them new. */
static void
test_worse (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneDataset) dataset = NULL;

  place_init (&place, "dataset.h5");
  import_table (&place, "prompt,chosen,rejected\n"
                        "What is red?,A colour.,A sound of bells.\n"
                        "What is red?,A colour.,Nobody knows it.\n"
                        "What is red?,A colour.,nobody knows it!\n"
                        "What is red?,A colour.,A sound of bells.\n");
  dataset = prepare (&place, NULL);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, 2);
}

/* Pairs as TRL writes them: plain, with a prompt of messages, and with all in the messages. */
static void
test_json (void)
{
  static const char lines[]
      = "{\"prompt\": \"What is red?\", \"chosen\": \"A colour.\", \"rejected\": \"No.\"}\n"
        "{\"prompt\": [{\"role\": \"user\", \"content\": \"What is two?\"}], \"chosen\": "
        "[{\"role\": \"assistant\", \"content\": \"A number.\"}], \"rejected\": [{\"role\": "
        "\"assistant\", \"content\": \"A dog.\"}]}\n"
        "{\"chosen\": [{\"role\": \"user\", \"content\": \"What is Rex?\"}, {\"role\": "
        "\"assistant\", \"content\": \"A dog.\"}], \"rejected\": [{\"role\": \"user\", "
        "\"content\": \"What is Rex?\"}, {\"role\": \"assistant\", \"content\": \"A king.\"}]}\n"
        "{\"prompt\": \"What is bad?\", \"chosen\": [], \"rejected\": \"This.\"}\n";
  static const char *const wanted[][3] = { { "What is red?", "A colour.", "No." },
                                           { "What is two?", "A number.", "A dog." },
                                           { "What is Rex?", "A dog.", "A king." } };
  g_auto (Place) place = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (JsonNode) report = NULL;
  g_autoptr (GError) error = NULL;
  guint found = 0;

  place_init (&place, "dataset.h5");
  path = g_build_filename (place.folder, "pairs.jsonl", NULL);
  g_assert_true (g_file_set_contents (path, lines, -1, NULL));
  source = attune_source_probe (path, &error);
  g_assert_no_error (error);
  attune_dataset_import (place.path, source, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (report), "rows"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (report), "bad"), ==, 1);
  dataset = prepare (&place, NULL);
  for (guint64 i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN); i++)
    {
      g_auto (AttuneRecord) record = { 0 };

      g_assert_true (attune_dataset_get_record (dataset, ATTUNE_SPLIT_TRAIN, i, &record, NULL));
      g_assert_true (attune_dataset_has_rejected (dataset, ATTUNE_SPLIT_TRAIN, i));
      for (guint j = 0; j < G_N_ELEMENTS (wanted); j++)
        found += g_str_equal (record.fields[ATTUNE_FIELD_QUESTION], wanted[j][0])
                 && g_str_equal (record.fields[ATTUNE_FIELD_ANSWER], wanted[j][1])
                 && g_str_equal (record.fields[ATTUNE_FIELD_REJECTED], wanted[j][2]);
    }
  g_assert_cmpuint (found, ==, 3);
}

/* A file of before: without the column. It is read, and prepared again. */
static void
test_older (void)
{
  static const char *const texts[] = { "What is red?", "What is two?" };
  static const char *const columns[]
      = { "raw/question", "raw/answer", "raw/system", "raw/label", "raw/group" };
  static const gint64 lines[] = { 2, 3 };
  static const gint32 sources[] = { 0, 0 };
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  AttuneStore *store;

  place_init (&place, "dataset.h5");
  store = attune_store_create (place.path, "dataset", 1, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    g_assert_true (attune_store_append_text (store, columns[i], 2, texts, NULL));
  g_assert_true (attune_store_append (store, "raw/line", ATTUNE_STORE_I64, 2, lines, NULL));
  g_assert_true (attune_store_append (store, "raw/source", ATTUNE_STORE_I32, 2, sources, NULL));
  g_assert_true (attune_store_set_string (store, "sources", "[{\"path\":\"t.csv\"}]", NULL));
  g_assert_true (attune_store_commit (store, NULL));
  attune_store_close (store);

  dataset = prepare (&place, NULL);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), >, 0);
  g_assert_false (attune_dataset_has_rejected (dataset, ATTUNE_SPLIT_TRAIN, 0));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  model = golden_tiny_model ();
  g_test_add_func ("/data/pairs/pairs", test_pairs);
  g_test_add_func ("/data/pairs/worse", test_worse);
  g_test_add_func ("/data/pairs/json", test_json);
  g_test_add_func ("/data/pairs/older", test_older);
  status = g_test_run ();
  attune_model_close (model);
  return status;
}
