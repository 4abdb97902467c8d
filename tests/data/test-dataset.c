/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dataset.h5 from the first table to the samples that a model reads; what is kept when a step
 * fails; and files whose parts do not fit each other.
 */
#include "data/dataset-fixture.h"
#include "data/report-view.h"
#include "data/report.h"
#include "store/store.h"

static void
test_samples (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 100);
  g_autoptr (AttuneDataset) dataset = NULL;
  guint64 n = 0;

  import_good (f, "table.csv", table);
  dataset = prepare_good (f);
  for (int split = 0; split < ATTUNE_SPLIT_EXCLUDED; split++)
    {
      n += attune_dataset_count (dataset, split);
      for (guint64 i = 0; i < attune_dataset_count (dataset, split); i++)
        {
          const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (f->model);
          g_auto (AttuneSample) sample = { 0 };
          g_auto (AttuneRecord) record = { 0 };
          g_autoptr (GArray) learned = g_array_new (FALSE, FALSE, sizeof (gint32));
          g_autofree char *where = attune_dataset_describe (dataset, split, i), *text = NULL;
          g_autofree char *line = NULL, *end = NULL;

          g_assert_true (attune_dataset_get_sample (dataset, split, i, &sample, NULL));
          g_assert_true (attune_dataset_get_record (dataset, split, i, &record, NULL));
          for (guint t = 0; t < sample.n; t++)
            if (sample.learn[t])
              g_array_append_val (learned, sample.tokens[t]);
          /* the answer and the end of the turn are learned, nothing else */
          text = attune_tokenizer_decode (tokenizer, (const gint32 *) learned->data, learned->len,
                                          TRUE);
          end = g_strconcat (record.fields[ATTUNE_FIELD_ANSWER], "<|im_end|>", NULL);
          g_assert_cmpstr (text, ==, end);
          line = g_strdup_printf ("table.csv, line %" G_GUINT64_FORMAT, record.line);
          g_assert_cmpstr (where, ==, line);
        }
    }
  g_assert_cmpuint (n, ==, 100);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), >, 50);
}

/* Rows that cannot be read are kept with where they stood, through every later step. */
static void
test_bad_rows (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) report = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (import (f, "a.csv", "question,answer\na,b\nc\nd,e\n", NULL, &report, &error));
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (report), "rows"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (report), "bad"), ==, 1);
  import_good (f, "b.csv", "question,answer\nf,g\nh,i,j\n");
  for (int round = 0; round < 2; round++)
    {
      g_autoptr (AttuneStore) store = attune_store_open (f->place.path, KIND, 1, &error);
      g_auto (GStrv) reasons = attune_store_get_text (store, "bad/reason", 0, 2, NULL);
      g_auto (GStrv) texts = attune_store_get_text (store, "bad/text", 0, 2, NULL);
      gint64 lines[2];
      gint32 sources[2];

      g_assert_no_error (error);
      g_assert_cmpstr (reasons[0], ==, "It has 1 column where the file has 2.");
      g_assert_true (g_str_has_prefix (texts[0], "c"));
      g_assert_true (attune_store_get (store, "bad/line", ATTUNE_STORE_I64, 0, 2, lines, NULL));
      g_assert_true (attune_store_get (store, "bad/source", ATTUNE_STORE_I32, 0, 2, sources, NULL));
      g_assert_cmpint (lines[0], ==, 3);
      g_assert_cmpint (lines[1], ==, 3);
      g_assert_cmpint (sources[0], ==, 0);
      g_assert_cmpint (sources[1], ==, 1);
      g_clear_pointer (&store, attune_store_close);
      attune_dataset_close (prepare_good (f));
    }
}

/* More rows move no record from one split to another; preparing again changes nothing. */
static void
test_more_rows (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 60), *more = make_table (60, 60);
  g_autoptr (GHashTable) tested = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *hash = NULL;
  AttuneDataset *dataset;
  guint found = 0;

  import_good (f, "table.csv", table);
  dataset = prepare_good (f);
  hash = g_strdup (attune_dataset_get_hash (dataset));
  for (guint64 i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TEST); i++)
    {
      g_auto (AttuneRecord) record = { 0 };

      g_assert_true (attune_dataset_get_record (dataset, ATTUNE_SPLIT_TEST, i, &record, NULL));
      g_hash_table_add (tested, g_steal_pointer (&record.fields[ATTUNE_FIELD_QUESTION]));
    }
  g_assert_cmpuint (g_hash_table_size (tested), >, 0);
  attune_dataset_close (dataset);
  dataset = prepare_good (f);
  g_assert_cmpstr (attune_dataset_get_hash (dataset), ==, hash);
  attune_dataset_close (dataset);

  import_good (f, "more.csv", more);
  dataset = prepare_good (f);
  g_assert_cmpstr (attune_dataset_get_hash (dataset), !=, hash);
  for (guint64 i = 0; i < attune_dataset_count (dataset, ATTUNE_SPLIT_TEST); i++)
    {
      g_auto (AttuneRecord) record = { 0 };

      g_assert_true (attune_dataset_get_record (dataset, ATTUNE_SPLIT_TEST, i, &record, NULL));
      found += g_hash_table_contains (tested, record.fields[ATTUNE_FIELD_QUESTION]);
    }
  g_assert_cmpuint (found, ==, g_hash_table_size (tested));
  attune_dataset_close (dataset);
}

/* A fold that there is not is no other one. */
static void
test_folds (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 60);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GError) error = NULL;

  import_good (f, "table.csv", table);
  before = read_file (f->place.path);
  g_object_set (f->settings, "folds", 5, "fold", 6, NULL);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "from 1 to 5"));
  assert_file (f, before);
  g_object_set (f->settings, "folds", 6, NULL);
  attune_dataset_close (prepare_good (f));
  g_object_set (f->settings, "folds", 0, NULL); /* then it has no say */
  attune_dataset_close (prepare_good (f));
}

/* Every way to fail leaves the file as it was. */
static void
test_failures (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 30);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancelled);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_clear_error (&error);
  import_good (f, "table.csv", table);
  g_assert_null (attune_dataset_open (f->place.path, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_assert_nonnull (strstr (error->message, "not prepared"));
  g_clear_error (&error);
  attune_dataset_close (prepare_good (f));
  before = read_file (f->place.path);

  g_assert_false (import (f, "empty.csv", "question,answer\n", NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_clear_error (&error);
  assert_file (f, before);
  g_assert_false (import (f, "all-bad.csv", "question,answer\na\nb\n", NULL, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  assert_file (f, before);
  g_assert_false (import (f, "more.csv", table, cancelled, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  assert_file (f, before);
  g_assert_false (prepare (f, cancelled, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  assert_file (f, before);

  /* cleaning that leaves nothing */
  g_object_set (f->settings, "min-answer-characters", 1000, NULL);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
  g_assert_nonnull (strstr (error->message, "30 were left out"));
  assert_file (f, before);
}

/* Counts of the samples with no end to learn, and of those that begin twice, under a template. */
static void
check_ends (Fixture *f, const char *source, gint64 endless, gint64 restarts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneChatTemplate) template = attune_chat_template_new (source, &error);
  g_autoptr (JsonNode) report = NULL;
  JsonObject *tokens;

  g_assert_no_error (error);
  attune_dataset_prepare (f->place.path, f->settings, attune_model_get_tokenizer (f->model),
                          template, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  tokens = json_object_get_object_member (json_node_get_object (report), "tokens");
  g_assert_cmpint (json_object_get_int_member (tokens, "endless"), ==, endless);
  g_assert_cmpint (json_object_get_int_member (tokens, "restarts"), ==, restarts);
}

/* What makes a model quietly worse is counted before it is trained. The tiny model begins texts
 * with <|im_start|>. */
static void
test_ends (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (0, 30);

  import_good (f, "table.csv", table);
  check_ends (f, "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}", 0, 0);
  check_ends (f, "{% for m in messages %}<|im_start|>{{ m.content }}\n{% endfor %}", 30, 0);
  check_ends (f,
              "<|im_start|>{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>"
              "{% endfor %}",
              0, 30);
  g_object_set (f->settings, "max-tokens", 24,
                NULL); /* what is cut has no end, and is counted so */
  check_ends (f, "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}", 0, 0);
}

/* Tokens are of one model; another that reads differently must not be given them. */
static void
test_reader (Fixture *f, gconstpointer data)
{
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (f->model);
  g_autofree char *table = make_table (0, 30);
  g_autoptr (AttuneChatTemplate) other = attune_chat_template_new (NULL, NULL);
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  AttuneVocabulary vocabulary = *attune_tokenizer_get_vocabulary (tokenizer);
  g_autoptr (AttuneTokenizer) cut = NULL;

  import_good (f, "table.csv", table);
  dataset = prepare_good (f);
  g_assert_true (attune_dataset_check_reader (dataset, tokenizer,
                                              attune_model_get_template (f->model), &error));
  g_assert_no_error (error);
  g_assert_false (attune_dataset_check_reader (dataset, tokenizer, other, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READER);
  g_clear_error (&error);

  vocabulary.pre = "gpt-2";
  cut = attune_tokenizer_new (&vocabulary, &error);
  g_assert_no_error (error);
  g_assert_false (
      attune_dataset_check_reader (dataset, cut, attune_model_get_template (f->model), &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READER);
}

/* --- somebody else's file */

typedef struct
{
  const char *what;
  guint8 splits[2];
  gint64 offsets[3];
  gint64 n_offsets;
  gint32 ids[4];
  gint64 n_learn;
} Parts;

static void
write_parts (Fixture *f, const Parts *parts)
{
  static const guint8 learn[4] = { 1, 1, 0, 1 };
  g_autofree char *reader = attune_chat_template_get_key (attune_model_get_template (f->model),
                                                          attune_model_get_tokenizer (f->model));
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (f->place.path, KIND, 1, &error);

  g_assert_no_error (error);
  attune_store_append (store, "records/split", ATTUNE_STORE_U8, 2, parts->splits, &error);
  attune_store_append (store, "tokens/offsets", ATTUNE_STORE_I64, parts->n_offsets, parts->offsets,
                       &error);
  attune_store_append (store, "tokens/ids", ATTUNE_STORE_I32, 4, parts->ids, &error);
  attune_store_append (store, "tokens/learn", ATTUNE_STORE_U8, parts->n_learn, learn, &error);
  attune_store_set_string (store, "sources", "not JSON", &error);
  attune_store_set_string (store, "report", "{}", &error);
  attune_store_set_string (store, "hash", "x", &error);
  attune_store_set_string (store, "reader", reader, &error);
  attune_store_commit (store, &error);
  g_assert_no_error (error);
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const Parts cases[] = {
    { "an unknown split", { 0, 9 }, { 0, 2, 4 }, 3, { 1, 2, 3, 4 }, 4 },
    { "offsets that go back", { 0, 0 }, { 0, 5, 4 }, 3, { 1, 2, 3, 4 }, 4 },
    { "offsets past the end", { 0, 0 }, { 0, 2, 5 }, 3, { 1, 2, 3, 4 }, 4 },
    { "offsets that begin late", { 0, 0 }, { 1, 2, 4 }, 3, { 1, 2, 3, 4 }, 4 },
    { "offsets of another number", { 0, 0 }, { 0, 4, 4 }, 2, { 1, 2, 3, 4 }, 4 },
    { "a sample of nothing", { 0, 0 }, { 0, 4, 4 }, 3, { 1, 2, 3, 4 }, 4 },
    { "a mask that is too short", { 0, 0 }, { 0, 2, 4 }, 3, { 1, 2, 3, 4 }, 3 },
  };
  static const gint32 strange[] = { -1, 1 << 20 };
  Parts parts = { "", { 0, 1 }, { 0, 2, 4 }, 3, { 1, 2, 3, 4 }, 4 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].what);
      write_parts (f, &cases[i]);
      g_assert_null (attune_dataset_open (f->place.path, &error));
      g_assert_cmpint (error->domain, ==, ATTUNE_STORE_ERROR);
      g_assert_nonnull (strstr (error->message, "dataset.h5"));
    }
  /* tokens that no model has */
  for (guint i = 0; i < G_N_ELEMENTS (strange); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneDataset) dataset = NULL;
      g_auto (AttuneSample) good = { 0 }, bad = { 0 };
      g_autofree char *where = NULL;

      parts.ids[3] = strange[i];
      write_parts (f, &parts);
      dataset = attune_dataset_open (f->place.path, &error);
      g_assert_no_error (error);
      g_assert_true (attune_dataset_check_reader (dataset, attune_model_get_tokenizer (f->model),
                                                  attune_model_get_template (f->model), &error));
      g_assert_true (attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, 0, &good, &error));
      g_assert_cmpint (good.learn[0], ==, 0); /* though the file says 1 */
      g_assert_false (
          attune_dataset_get_sample (dataset, ATTUNE_SPLIT_VALIDATION, 0, &bad, &error));
      g_assert_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA);
      where = attune_dataset_describe (dataset, ATTUNE_SPLIT_TRAIN, 0);
      g_assert_cmpstr (where, ==, "a record of unknown origin");
    }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/dataset/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("samples", test_samples);
  ADD ("bad-rows", test_bad_rows);
  ADD ("more-rows", test_more_rows);
  ADD ("folds", test_folds);
  ADD ("failures", test_failures);
  ADD ("ends", test_ends);
  ADD ("reader", test_reader);
  ADD ("damaged", test_damaged);
  return g_test_run ();
}
