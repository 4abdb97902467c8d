/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets from a hub of our own, with all its faults.
 */
#include "core/offline.h"
#include "data/dataset.h"
#include "data/import.h"
#include "data-hub.h"

static void
on_progress (gpointer data, guint64 done, guint64 total)
{
  guint64 *last = data;

  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static AttuneHubData *
look (Hub *f, const char *address, GError **error)
{
  const AttuneFetch access = { .url = f->address };

  return attune_hub_data_look (&access, address, NULL, error);
}

/* Returns: (transfer full): its folder, or %NULL with @error. */
static char *
fetch (Hub *f, const char *address, const char *token, guint64 most, GError **error)
{
  const AttuneFetch access = { .url = f->address, .token = token };
  g_autoptr (AttuneHubData) data = attune_hub_data_look (&access, address, NULL, error);
  guint64 done = 0;
  char *path = data != NULL ? attune_hub_data_fetch (&access, data, most, f->sets, on_progress,
                                                     &done, NULL, error)
                            : NULL;

  return path;
}

static void
assert_fails (Hub *f, const char *address, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fetch (f, address, NULL, 0, &error);

  g_assert_null (path);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
}

static gboolean
count (const AttuneRecord *record, gpointer data, GError **error)
{
  (*(guint *) data)++;
  return TRUE;
}

/* The folder is one that is imported, and has so many rows. */
static void
assert_rows (const char *path, const char *table, guint n)
{
  const AttuneSourceHints hints = { .header = -1, .table = table };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe_as (path, &hints, &error);
  guint found = 0;

  g_assert_no_error (error);
  g_assert_cmpstr (source->format, ==, "data-folder");
  g_assert_true (attune_source_read (source, count, NULL, &found, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (found, ==, n);
}

/* What it says before, then its data and its card, and nothing else; once. */
static void
test_data_set (Hub *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHubData) chats = look (f, "hf:a/chats", &error);
  g_autofree char *path = NULL, *names = NULL, *below = NULL, *inside = NULL, *again = NULL;
  gsize n;

  g_assert_no_error (error);
  g_assert_cmpstr (f->asked->str, ==, "/api/datasets/a/chats "); /* it only looks */
  g_assert_cmpstr (chats->name, ==, "a/chats");
  g_assert_cmpstr (chats->model->licence, ==, "mit");
  g_assert_false (chats->model->gated);
  g_assert_null (chats->configuration);
  g_assert_cmpuint (chats->n_files, ==, 3);
  g_assert_true (g_str_has_suffix (chats->page, "/datasets/a/chats"));
  path = fetch (f, "hf:a/chats", NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (path, "/a-chats-0123abcd"));
  names = list_folder (path);
  g_assert_cmpstr (names, ==, "README.md data");
  inside = g_build_filename (path, "data", NULL);
  below = list_folder (inside);
  g_assert_cmpstr (below, ==, "test.jsonl train-00000.jsonl train-00001.jsonl");
  assert_rows (path, NULL, 2 * HUB_ROWS);
  assert_rows (path, "test", 2);
  n = f->asked->len;
  again = fetch (f, f->address, NULL, 0, NULL); /* no name: nothing is asked for */
  g_assert_null (again);
  g_assert_cmpuint (f->asked->len, ==, n);
  again = fetch (f, "hf:a/chats", NULL, 0, &error); /* what is there is not fetched again */
  g_assert_cmpstr (again, ==, path);
  g_assert_cmpstr (f->asked->str + n, ==, "/api/datasets/a/chats ");
}

/* By its page's address, and by a name that it had before. */
static void
test_names (Hub *f, gconstpointer data)
{
  static const char *const good[] = { "a/chats", "datasets/a/chats", "hf:datasets/a/chats", "old" };
  static const char *const bad[]
      = { "hf:", "hf:/x", "hf:a/../b", "hf:a b/c", "hf:../a", "hf:a/c?x", "http://other/a/b" };
  g_autofree char *page = g_strconcat (f->address, "/datasets/a/chats", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHubData) by_page = look (f, page, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (by_page->name, ==, "a/chats");
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (AttuneHubData) one = look (f, good[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (one->name, ==, "a/chats");
    }
  g_string_truncate (f->asked, 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_fails (f, bad[i], "is no name of a data set");
  g_assert_cmpstr (f->asked->str, ==, "");
  g_assert_true (attune_hub_data_is_address ("hf:a/b"));
  g_assert_false (attune_hub_data_is_address ("a/b.csv"));
}

/* One table without a card, and a list of JSON objects under any name. */
static void
test_kinds (Hub *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *table = fetch (f, "hf:a/table", NULL, 0, &error),
                  *json = fetch (f, "hf:a/json", NULL, 0, &error),
                  *path = g_build_filename (table, "README.md", NULL), *card = NULL;

  g_assert_no_error (error);
  assert_rows (table, NULL, HUB_ROWS);
  assert_rows (json, NULL, HUB_ROWS);
  g_assert_true (g_file_get_contents (path, &card, NULL, NULL));
  g_assert_true (g_str_has_prefix (card, "---\nlicense: mit\n---\n"));
  assert_fails (f, "hf:a/pictures", "has no Parquet, JSON Lines, CSV, TSV or JSON files");
}

static void
test_configurations (Hub *f, gconstpointer data)
{
  static const struct
  {
    const char *address, *names, *table;
  } cases[] = {
    { "hf:a/several/english", "README.md en", "en/train" },
    { "hf:a/several/german", "README.md de", "de/train" },
    { "hf:a/several/folder", "README.md all", "all/train" },
    { "hf:a/default", "README.md de", "de/train" },
    { "hf:a/default/english", "README.md en", "en/train" },
  };

  assert_fails (f, "hf:a/several", "It has: english, german, folder.");
  assert_fails (f, "hf:a/several/french", "has no configuration “french”. It has: english, german");
  assert_fails (f, "hf:a/chats/french", "leave “french” out");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = fetch (f, cases[i].address, NULL, 0, &error), *names = NULL;

      g_assert_no_error (error);
      names = list_folder (path);
      g_assert_cmpstr (names, ==, cases[i].names);
      assert_rows (path, cases[i].table, HUB_ROWS);
    }
}

/* The server of large files never sees the token; the hub does. */
static void
test_token (Hub *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL, *gated = NULL;

  assert_fails (f, "hf:a/gated", "Accept them at http://127.0.0.1");
  g_assert_cmpstr (f->asked->str, ==, "/api/datasets/a/gated "); /* none of its files */
  f->need_token = TRUE;
  assert_fails (f, "hf:a/chats", "only to those who may have it");
  path = fetch (f, "hf:a/chats", TOKEN, 0, &error);
  g_assert_no_error (error);
  g_assert_true (f->saw_token);
  g_assert_false (f->other_saw_token);
  gated = fetch (f, "hf:a/gated", TOKEN, 0, &error);
  g_assert_no_error (error);
}

static void
test_refused (Hub *f, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *part;
  } cases[] = {
    { 401, "only to those who may have it" },  { 403, "only to those who may have it" },
    { 404, "or it was never there" },          { 429, "has been asked too often" },
    { 500, "could not answer just now (500" }, { 503, "could not answer just now (503" },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      f->status = cases[i].status;
      assert_fails (f, "hf:a/chats", cases[i].part);
    }
  f->status = 0;
  assert_fails (f, "hf:a/missing", "or it was never there");
  assert_fails (f, "hf:a/circle", "from place to place without end");
  assert_fails (f, "hf:a/login", "could not be understood");
  path = fetch (f, "hf:a/chats", NULL, 1000, &error);
  g_assert_null (path);
  g_assert_nonnull (strstr (error->message, "no more than 1.0"));
  g_string_truncate (f->asked, 0);
  attune_set_offline (TRUE);
  assert_fails (f, "hf:a/chats", "Attune works offline");
  attune_set_offline (FALSE);
  g_assert_cmpstr (f->asked->str, ==, "");
  g_assert_false (g_file_test (f->sets, G_FILE_TEST_EXISTS)); /* nothing was begun */
}

/* A line that breaks off and stays so; once it is mended, only the rest is fetched. */
static void
test_broken_line (Hub *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL, *names = NULL;

  f->break_after = 20000;
  assert_fails (f, "hf:a/table", "broke off");
  names = list_folder (f->sets);
  g_assert_cmpstr (names, ==, "a-table-0123abcd.part"); /* nobody takes it for whole */
  f->break_after = 0;
  f->saw_range = FALSE;
  path = fetch (f, "hf:a/table", NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (f->saw_range);
  assert_rows (path, NULL, HUB_ROWS);
}

/* What is wrong is told and never imported, and what was there before stays. */
static void
test_wrong_content (Hub *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fetch (f, "hf:a/chats", NULL, 0, &error), *names = NULL, *newer = NULL;

  g_assert_no_error (error);
  f->revision = "ffff0000";
  f->wrong_sum = TRUE;
  assert_fails (f, "hf:a/chats", "is not the file that was expected");
  names = list_folder (f->sets);
  g_assert_cmpstr (names, ==, "a-chats-0123abcd a-chats-ffff0000.part");
  assert_rows (path, NULL, 2 * HUB_ROWS);
  f->wrong_sum = FALSE;
  newer = fetch (f, "hf:a/chats", NULL, 0, &error);
  g_assert_no_error (error);
  assert_rows (newer, NULL, 2 * HUB_ROWS);
  assert_rows (path, NULL, 2 * HUB_ROWS);
}

static void
test_cancelled (Hub *f, gconstpointer data)
{
  const AttuneFetch access = { .url = f->address };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHubData) chats = look (f, "hf:a/chats", &error);
  guint64 done = 0;

  g_cancellable_cancel (cancellable);
  g_assert_null (
      attune_hub_data_fetch (&access, chats, 0, f->sets, on_progress, &done, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/hub-data" name, Hub, NULL, hub_set_up, function, hub_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/data-set", test_data_set);
  ADD ("/names", test_names);
  ADD ("/kinds", test_kinds);
  ADD ("/configurations", test_configurations);
  ADD ("/token", test_token);
  ADD ("/refused", test_refused);
  ADD ("/broken-line", test_broken_line);
  ADD ("/wrong-content", test_wrong_content);
  ADD ("/cancelled", test_cancelled);
  return g_test_run ();
}
