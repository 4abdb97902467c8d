/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a data set comes from: what the audit tells of it, and what it must not tell.
 */
#include "data/audit.h"
#include "data/dataset-fixture.h"
#include "data/licence.h"

#include <string.h>

/* What lies beside a file says under which terms it is. */
static void
test_licence (void)
{
  static const struct
  {
    const char *name, *text, *licence;
  } cases[] = {
    { "README.md", "---\nlanguage: en\nlicense: cc-by-4.0\n---\n# Data\n", "cc-by-4.0" },
    { "README.md", "---\nlicense:\n- 'mit'\nlanguage: en\n---\n", "mit" },
    { "README.md", "license: mit\n", NULL },
    { "LICENSE", "MIT License\n\nPermission is hereby granted,\n  free of charge, to any", "MIT" },
    { "COPYING", "Creative Commons Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0" },
    { "LICENCE.txt", "Ask us.", NULL },
    /* how these texts begin, and what they name further on */
    { "COPYING",
      "                    GNU GENERAL PUBLIC LICENSE\n                       Version 2, June "
      "1991\n"
      "(Some other Free Software Foundation software is covered by\n"
      "the GNU Lesser General Public License instead.)",
      "GPL" },
    { "COPYING",
      "                   GNU LESSER GENERAL PUBLIC LICENSE\n  This version of the GNU Lesser "
      "General Public License incorporates\nthe terms and conditions of version 3 of the GNU "
      "General Public License",
      "LGPL" },
    { "COPYING", "GNU AFFERO GENERAL PUBLIC LICENSE\nthe GNU General Public License", "AGPL-3.0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Place) place = { 0 };
      g_autofree char *beside = NULL, *found = NULL, *folder = NULL;

      place_init (&place, "table.csv");
      beside = g_build_filename (place.folder, cases[i].name, NULL);
      g_assert_true (g_file_set_contents (beside, cases[i].text, -1, NULL));
      found = attune_licence_find (place.path);
      folder = attune_licence_find (place.folder);
      g_assert_cmpstr (found, ==, cases[i].licence);
      g_assert_cmpstr (folder, ==, cases[i].licence);
    }
}

/* A password and a key, one of them where only tidying shows it. */
static void
import_secrets (Fixture *f, const char *password, const char *key)
{
  g_autoptr (GString) table = g_string_new ("question,answer\n");

  for (int i = 0; i < 20; i++)
    g_string_append_printf (table,
                            "Why  does machine %d fail?,Login: nurse7 &amp; Password: %s of %d\n"
                            "What  is code %d?,Token ghp_&#%d;%s &amp; so on.\n",
                            i, password, i, i, key[4], key + 5);
  import_good (f, "tickets.csv", table->str);
}

/* An audit is handed on: no file of it holds what was masked, and no report that is kept does. */
static void
test_secrets (Fixture *f, gconstpointer data)
{
  g_autofree char *password = g_strconcat ("Zk3!", "xw9q", NULL),
                  *key = g_strconcat ("ghp_", "012345678901234567", "abcdefghijklmnopqr", NULL);

  import_secrets (f, password, key);
  for (int mode = ATTUNE_PERSONAL_KEEP; mode <= ATTUNE_PERSONAL_LEAVE_OUT; mode++)
    {
      g_autoptr (AttuneDataset) dataset = NULL;
      g_autoptr (JsonNode) audit = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL, *page = NULL;
      const char *report;

      g_object_set (f->settings, "secrets", mode, NULL);
      if (mode == ATTUNE_PERSONAL_LEAVE_OUT)
        import_good (f, "more.csv", "question,answer\nWho is it?,It is I.\nWhat is it?,It.\n");
      dataset = prepare_good (f);
      report = attune_dataset_get_report (dataset);
      audit = attune_audit_run (f->place.path, NULL, NULL, &error);
      g_assert_no_error (error);
      text = attune_audit_to_json (audit);
      page = attune_audit_to_html (audit);
      g_assert_nonnull (strstr (text, "\"steps\""));
      g_assert_null (strstr (text, "\"examples\""));
      g_assert_null (strstr (text, "gone_begin"));
      if (mode != ATTUNE_PERSONAL_LEAVE_OUT)
        g_assert_nonnull (strstr (report, "\"examples\":[{"));
      for (int i = 0; i < 2; i++)
        {
          const char *secret = i == 0 ? password : key + 5;

          g_assert_null (strstr (text, secret));
          g_assert_null (strstr (page, secret));
          g_assert_null (strstr (report, secret));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/audit-origin/licence", test_licence);
  g_test_add ("/data/audit-origin/secrets", Fixture, NULL, set_up, test_secrets, tear_down);
  return g_test_run ();
}
