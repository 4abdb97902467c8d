/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/hub.h"

#include <string.h>

static void
test_addresses (void)
{
  g_autofree char *public = NULL, *own = NULL, *search = NULL, *model = NULL, *file = NULL,
                  *mirror = NULL;

  g_unsetenv ("HF_ENDPOINT");
  public = attune_hub_get_address ();
  g_assert_true (g_str_has_prefix (public, "https://"));
  g_setenv ("HF_ENDPOINT", "http://hub.test/", TRUE);
  own = attune_hub_get_address ();
  g_unsetenv ("HF_ENDPOINT");
  g_assert_cmpstr (own, ==, "http://hub.test");
  attune_hub_set_mirror ("https://mirror.test//");
  mirror = attune_hub_get_address ();
  attune_hub_set_mirror ("");
  g_assert_cmpstr (mirror, ==, "https://mirror.test");
  search = attune_hub_get_search_url (own, "a b&c=ü");
  g_assert_nonnull (strstr (search, "/api/models?search=a%20b%26c%3D%C3%BC&filter=gguf"));
  model = attune_hub_get_model_url (own, "a/m?x");
  g_assert_cmpstr (model, ==, "http://hub.test/api/models/a/m%3Fx?blobs=true");
  file = attune_hub_get_file_url (own, "a/m", NULL, "part/m 1.gguf");
  g_assert_cmpstr (file, ==, "http://hub.test/a/m/resolve/main/part/m%201.gguf");
}

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char answer[]
    = "{\"id\": \"a/m\", \"gated\": \"manual\", \"downloads\": 12, \"tags\": [\"gguf\", 5,"
      " \"license:mit\"], \"gguf\": {\"architecture\": \"llama\"}, \"siblings\": ["
      "{\"rfilename\": \"README.md\", \"size\": 9},"
      "{\"rfilename\": \"../m.gguf\", \"size\": 9},"
      "{\"rfilename\": \"/m.gguf\", \"size\": 9}, 5, {},"
      "{\"rfilename\": \"m-Q8_0.gguf\", \"size\": 130, \"lfs\": {\"sha256\": \"" SHA
      "\", \"size\": 5000}},"
      "{\"rfilename\": \"m-Q4_K_M.gguf\", \"lfs\": {\"sha256\": \"short\", \"size\": -4}},"
      "{\"rfilename\": \"m-f16-00001-of-00002.gguf\"}]}";

static AttuneHubModel *
read_model (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  return attune_hub_read_model (bytes, error);
}

static void
test_model (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHubModel) model = read_model (answer, &error);
  const AttuneHubFile *good, *other, *part;

  g_assert_no_error (error);
  g_assert_cmpstr (model->repository, ==, "a/m");
  g_assert_cmpstr (model->licence, ==, "mit");
  g_assert_true (model->gated);
  g_assert_cmpuint (model->downloads, ==, 12);
  g_assert_cmpuint (model->files->len, ==, 3);
  good = attune_hub_model_find (model, "m-Q8_0.gguf");
  other = attune_hub_model_find (model, "m-Q4_K_M.gguf");
  part = attune_hub_model_find (model, "m-f16-00001-of-00002.gguf");
  g_assert_null (attune_hub_model_find (model, "../m.gguf"));
  g_assert_cmpuint (good->bytes, ==, 5000);
  g_assert_cmpstr (good->sha256, ==, SHA);
  g_assert_cmpuint (other->bytes, ==, 0);
  g_assert_null (other->sha256);
  g_assert_cmpint (attune_hub_model_judge (model, good), ==, ATTUNE_HUB_GOOD);
  g_assert_cmpint (attune_hub_model_judge (model, other), ==, ATTUNE_HUB_GOOD);
  g_assert_true (attune_hub_model_find_alike (model, "m-Q8_0.gguf", 0) == good);
  g_assert_true (attune_hub_model_find_alike (model, "renamed.q4_k_m.gguf", 0) == other);
  g_assert_true (attune_hub_model_find_alike (model, "m-Q5_K_M.gguf", 0) == other); /* is as near */
  g_assert_null (attune_hub_model_find_alike (model, "m-Q2_K.gguf", 0));
  g_assert_null (attune_hub_model_find_alike (model, "m.gguf", 0));
  g_assert_cmpint (attune_hub_model_judge (model, part), ==, ATTUNE_HUB_PART);
  g_set_str (&model->architecture, "mamba");
  g_assert_cmpint (attune_hub_model_judge (model, good), ==, ATTUNE_HUB_OTHER_FAMILY);
}

/* What is taken where no file is called so. */
static void
test_alike (void)
{
  static const char text[]
      = "{\"id\": \"a/m\", \"siblings\": [{\"rfilename\": \"mmproj-m-f16.gguf\"},"
        "{\"rfilename\": \"m-7b-Q4_K_M.gguf\"}, {\"rfilename\": \"m-13b-Q4_K_M.gguf\"},"
        "{\"rfilename\": \"m-7b-Q5_K_S.gguf\"}, {\"rfilename\": \"m-7b-IQ4_XS.gguf\"},"
        "{\"rfilename\": \"m-7b-Q8_0-00001-of-00002.gguf\"},"
        "{\"rfilename\": \"m-7b_q3_k_l.gguf\"}, {\"rfilename\": \"m-7b-Q4_0_4_4.gguf\"},"
        "{\"rfilename\": \"x-Q6_K.gguf\"}, {\"rfilename\": \"y-Q6_K.gguf\"}]}";
  static const struct
  {
    const char *wanted, *found;
  } cases[] = {
    { "M.7B.q4_k_m.gguf", "m-7b-Q4_K_M.gguf" }, /* not the larger model */
    { "m-13B.Q4_K_M.gguf", "m-13b-Q4_K_M.gguf" },
    { "m-7b-Q5_K_M.gguf", "m-7b-Q5_K_S.gguf" }, /* the nearest */
    { "m-7b-Q3_K_L.gguf", "m-7b_q3_k_l.gguf" },
    { "m-7b-Q8_0.gguf", NULL }, /* its parts are of no use, and all others are smaller */
    { "m-7b-f16.gguf", NULL },  /* what reads images is no model */
    { "z-Q6_K.gguf", NULL },    /* two that are as good */
    { "m-7b.gguf", NULL },      /* which type is meant is not known */
    { "m-7b-Q4_0_4_4.gguf", "m-7b-Q4_0_4_4.gguf" }, /* asked for by its name: judged elsewhere */
  };
  g_autoptr (AttuneHubModel) model = read_model (text, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const AttuneHubFile *file = attune_hub_model_find_alike (model, cases[i].wanted, 0);

      g_test_message ("%s", cases[i].wanted);
      g_assert_cmpstr (file != NULL ? file->name : NULL, ==, cases[i].found);
    }
  g_assert_true (attune_hub_is_same_name ("M.7B.q4_k_m.gguf", "x/m-7b-Q4_K_M.gguf"));
  g_assert_false (attune_hub_is_same_name ("m-70b-Q4_K_M.gguf", "m-7b-Q4_K_M.gguf"));
  g_assert_false (attune_hub_is_same_name ("m-7b-Q4_K_M.gguf", "m-7b-Q4_K_S.gguf"));
  g_assert_true (attune_hub_is_same_type ("a-Q4_0.gguf", "b.q4_0.gguf"));
  g_assert_false (attune_hub_is_same_type ("a.gguf", "b.gguf"));
}

/* A model of another size is another one. */
static void
test_alike_size (void)
{
  static const char text[] = "{\"id\": \"a/m\", \"siblings\": ["
                             "{\"rfilename\": \"m-7b.Q4_K_M.gguf\", \"size\": 1000}]}";
  g_autoptr (AttuneHubModel) model = read_model (text, NULL);

  g_assert_nonnull (attune_hub_model_find_alike (model, "m-8b.Q4_K_M.gguf", 0));
  g_assert_nonnull (attune_hub_model_find_alike (model, "m-8b.Q4_K_M.gguf", 1300));
  g_assert_null (attune_hub_model_find_alike (model, "m-70b.Q4_K_M.gguf", 10000));
  g_assert_null (attune_hub_model_find_alike (model, "m-4b.Q4_K_M.gguf", 700));
  g_assert_nonnull (attune_hub_model_find_alike (model, "m-7b.Q4_K_M.gguf", 10000)); /* its name */
}

/* What a folder consists of, and what is not of it. */
static void
test_parts (void)
{
  static const char whole[]
      = "{\"id\": \"a/m\", \"siblings\": [{\"rfilename\": \"config.json\", \"size\": 7},"
        "{\"rfilename\": \"tokenizer.json\"}, {\"rfilename\": \"README.md\"},"
        "{\"rfilename\": \"model-00001-of-00002.safetensors\"},"
        "{\"rfilename\": \"model-00002-of-00002.safetensors\"},"
        "{\"rfilename\": \"model.safetensors.index.json\"},"
        "{\"rfilename\": \"consolidated.safetensors\"}, {\"rfilename\": \"model.bin\"},"
        "{\"rfilename\": \"original/config.json\"}, {\"rfilename\": \"../config.json\"}]}";
  static const char *const lacking[][2] = {
    { "config.json", "config.json" },
    { "tokenizer.json", "tokenizer.json or tokenizer.model" },
    { "model-0000", "safetensors" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHubModel) model = read_model (whole, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (model->files->len, ==, 0);
  g_assert_cmpuint (model->parts->len, ==, 5);
  g_assert_cmpuint (((AttuneHubFile *) model->parts->pdata[0])->bytes, ==, 7);
  attune_hub_model_check_parts (model, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (lacking); i++)
    {
      g_autoptr (GString) text = g_string_new (whole);
      g_autofree char *quoted = g_strdup_printf ("\"%s", lacking[i][0]);
      g_autoptr (AttuneHubModel) partial = NULL;
      g_autoptr (GError) reason = NULL;

      g_string_replace (text, quoted, "\"x", 0);
      partial = read_model (text->str, NULL);
      g_assert_false (attune_hub_model_check_parts (partial, &reason));
      g_assert_nonnull (strstr (reason->message, lacking[i][1]));
    }
}

static void
test_licence_of_card (void)
{
  g_autoptr (AttuneHubModel) one = read_model (
      "{\"id\": \"a/m\", \"cardData\": {\"license\": \"other\", \"license_name\": \"llama3.2\"},"
      "\"tags\": [\"license:other\"], \"gated\": false}",
      NULL);
  g_autoptr (AttuneHubModel) none = read_model ("{\"id\": \"a/m\"}", NULL);

  g_assert_cmpstr (one->licence, ==, "llama3.2");
  g_assert_false (one->gated);
  g_assert_null (none->licence);
}

static void
test_search (void)
{
  g_autofree char *text
      = g_strdup_printf ("[%s, 5, {\"id\": \"no-owner\"}, {\"id\": \"a/../../b\"}, {\"id\": 7},"
                         "{\"id\": \"b/n\"}]",
                         answer);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = attune_hub_read_search (bytes, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (models->len, ==, 2);
  g_assert_cmpstr (((AttuneHubModel *) models->pdata[1])->repository, ==, "b/n");
}

static void
test_bad (void)
{
  static const char *const answers[]
      = { "", "<html>", "5", "{\"error\": \"busy\"}", "{\"id\": 5}" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (answers[i], strlen (answers[i]));
      g_autoptr (GError) one = NULL, two = NULL;

      g_assert_null (attune_hub_read_model (bytes, &one));
      g_assert_error (one, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
      g_assert_null (attune_hub_read_search (bytes, &two));
      g_assert_error (two, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/hub/addresses", test_addresses);
  g_test_add_func ("/model/hub/model", test_model);
  g_test_add_func ("/model/hub/alike", test_alike);
  g_test_add_func ("/model/hub/alike-size", test_alike_size);
  g_test_add_func ("/model/hub/parts", test_parts);
  g_test_add_func ("/model/hub/licence-of-card", test_licence_of_card);
  g_test_add_func ("/model/hub/search", test_search);
  g_test_add_func ("/model/hub/bad", test_bad);
  return g_test_run ();
}
