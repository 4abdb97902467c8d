/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kappas and log-odds against scikit-learn and statsmodels (tests/golden/audit.json), and the audit
 * of a data set whose words and groups are known.
 */
#include "data/agreement.h"
#include "data/audit-swap.h"
#include "data/audit.h"
#include "data/dataset.h"
#include "data/rows.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static JsonArray *
read_golden (const char *name, JsonParser **parser)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "audit.json", NULL);
  g_autoptr (GError) error = NULL;

  *parser = json_parser_new ();
  json_parser_load_from_file (*parser, path, &error);
  g_assert_no_error (error);
  return json_object_get_array_member (json_node_get_object (json_parser_get_root (*parser)), name);
}

static guint *
get_numbers (JsonObject *object, const char *name, guint *n)
{
  JsonArray *array = json_object_get_array_member (object, name);
  guint *numbers = g_new (guint, json_array_get_length (array));

  *n = json_array_get_length (array);
  for (guint i = 0; i < *n; i++)
    numbers[i] = json_array_get_int_element (array, i);
  return numbers;
}

static void
test_kappa (void)
{
  g_autoptr (JsonParser) parser = NULL, other = NULL;
  JsonArray *cohen = read_golden ("cohen", &parser), *fleiss = read_golden ("fleiss", &other);

  for (guint i = 0; i < json_array_get_length (cohen); i++)
    {
      JsonObject *object = json_array_get_object_element (cohen, i);
      guint n, n_classes = json_object_get_int_member (object, "classes");
      g_autofree guint *a = get_numbers (object, "a", &n), *b = get_numbers (object, "b", &n);

      g_assert_cmpfloat_with_epsilon (attune_cohen_kappa (a, b, n, n_classes),
                                      json_object_get_double_member (object, "kappa"), 1e-12);
    }
  for (guint i = 0; i < json_array_get_length (fleiss); i++)
    {
      JsonObject *object = json_array_get_object_element (fleiss, i);
      guint n, n_classes = json_object_get_int_member (object, "classes");
      g_autofree guint *counts = get_numbers (object, "counts", &n);

      g_assert_cmpfloat_with_epsilon (attune_fleiss_kappa (counts, n / n_classes, n_classes),
                                      json_object_get_double_member (object, "kappa"), 1e-12);
    }
  g_assert_true (isnan (attune_cohen_kappa ((guint[]) { 0, 0 }, (guint[]) { 0, 0 }, 2, 2)));
  g_assert_true (isnan (attune_cohen_kappa (NULL, NULL, 0, 2)));
  g_assert_true (isnan (attune_fleiss_kappa ((guint[]) { 3, 0, 3, 0 }, 2, 2)));
}

static void
test_log_odds (void)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonArray *array = read_golden ("log_odds", &parser);

  g_assert_cmpuint (json_array_get_length (array), ==, 5);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);
      guint n;
      g_autofree guint *cells = get_numbers (object, "cells", &n);
      const AttuneLogOdds odds = attune_log_odds (cells[0], cells[1], cells[2], cells[3]);

      g_assert_cmpfloat_with_epsilon (odds.value, json_object_get_double_member (object, "value"),
                                      1e-12);
      g_assert_cmpfloat_with_epsilon (odds.low, json_object_get_double_member (object, "low"),
                                      1e-12);
      g_assert_cmpfloat_with_epsilon (odds.high, json_object_get_double_member (object, "high"),
                                      1e-12);
    }
}

static double *
get_values (JsonObject *object, const char *name, guint *n)
{
  JsonArray *array = json_object_get_array_member (object, name);
  double *values = g_new (double, json_array_get_length (array));

  *n = json_array_get_length (array);
  for (guint i = 0; i < *n; i++)
    values[i] = json_array_get_double_element (array, i);
  return values;
}

static void
assert_gap (const AttuneGap *gap, JsonObject *object, const char *value, const char *low,
            const char *high)
{
  g_assert_cmpfloat_with_epsilon (gap->value, json_object_get_double_member (object, value), 1e-12);
  g_assert_cmpfloat_with_epsilon (gap->low, json_object_get_double_member (object, low), 1e-12);
  g_assert_cmpfloat_with_epsilon (gap->high, json_object_get_double_member (object, high), 1e-12);
}

static void
test_gaps (void)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonArray *array = read_golden ("gaps", &parser);

  g_assert_cmpuint (json_array_get_length (array), ==, 3);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);
      guint n_a, n_b, n;
      g_autofree double *a = get_values (object, "a", &n_a), *b = get_values (object, "b", &n_b),
                        *pairs = get_values (object, "pairs", &n);
      const AttuneGap means = attune_gap_of_means (a, n_a, b, n_b),
                      paired = attune_gap_of_pairs (pairs, n);

      assert_gap (&means, object, "value", "low", "high");
      assert_gap (&paired, object, "pairs_value", "pairs_low", "pairs_high");
    }
}

static void
assert_agreement_refused (const char *path, const char *const *columns, AttuneDataError code)
{
  g_autoptr (GError) error = NULL;
  AttuneAgreement found;

  g_assert_false (attune_agreement_read (path, columns, &found, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
}

static void
test_agreement (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  AttuneAgreement found;

  place_init (&place, "labels.csv");
  g_assert_true (g_file_set_contents (place.path,
                                      "text,anna,ben,cem,empty\na,yes,Yes ,no,\nb,no,no,no,\n"
                                      "c,yes,no,no,\nd,yes,yes,yes,\ne,,yes,yes,\n",
                                      -1, NULL));
  g_assert_true (attune_agreement_read (place.path, (const char *const[]) { "anna", "ben", NULL },
                                        &found, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (found.n_records, ==, 4);
  g_assert_cmpuint (found.n_missing, ==, 1);
  g_assert_cmpuint (found.n_classes, ==, 2);
  g_assert_cmpfloat_with_epsilon (found.agreed, 0.75, 1e-12);
  g_assert_cmpfloat_with_epsilon (found.kappa, 0.5, 1e-12); /* p0 3/4, pe 1/2 */
  g_assert_true (attune_agreement_read (
      place.path, (const char *const[]) { "anna", "ben", "cem", NULL }, &found, &error));
  g_assert_cmpfloat_with_epsilon (found.agreed, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (found.kappa, 1.0 / 3, 1e-12); /* P 2/3, Pe 1/2 */
  assert_agreement_refused (place.path, (const char *const[]) { "anna", NULL },
                            ATTUNE_DATA_ERROR_COLUMNS);
  assert_agreement_refused (place.path, (const char *const[]) { "anna", "nobody", NULL },
                            ATTUNE_DATA_ERROR_COLUMNS);
  assert_agreement_refused (place.path, (const char *const[]) { "anna", "empty", NULL },
                            ATTUNE_DATA_ERROR_EMPTY);
  assert_agreement_refused (place.path, (const char *const[]) { "anna", "ben", "anna", NULL },
                            ATTUNE_DATA_ERROR_COLUMNS);
}

static void
test_agreement_rows (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GString) table = g_string_new ("anna,ben\n");
  g_autoptr (GError) error = NULL;
  AttuneAgreement found;

  place_init (&place, "labels.csv");
  g_assert_true (g_file_set_contents (place.path, "anna,ben\nyes,yes\nno,no,no,no\nno,no\nyes,no\n",
                                      -1, NULL));
  g_assert_true (attune_agreement_read (place.path, (const char *const[]) { "anna", "ben", NULL },
                                        &found, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (found.n_records, ==, 3);
  g_assert_cmpuint (found.n_missing, ==, 1); /* a row with too many cells */
  for (int i = 0; i < 1001; i++)
    g_string_append_printf (table, "text %d,text %d\n", i, i);
  g_assert_true (g_file_set_contents (place.path, table->str, -1, NULL));
  assert_agreement_refused (place.path, (const char *const[]) { "anna", "ben", NULL },
                            ATTUNE_DATA_ERROR_COLUMNS);
}

/* Of "urgent" every record says "please", of "normal" none does; that more of them say "also" may
 * be by chance; group b has longer answers. */
static void
write_table (const char *path)
{
  g_autoptr (GString) table = g_string_new ("question,answer,label,group\n");

  for (int i = 0; i < 60; i++)
    g_string_append_printf (table, "%s number %d of <all>%s?,%s,%s,%s\n",
                            i % 3 == 0 ? "Please what is" : "What is", i,
                            i < (i % 3 == 0 ? 24 : 8) ? " also" : "",
                            i % 2 == 0 ? "It is one" : "It is one of many more words",
                            i % 3 == 0 ? "urgent" : "normal", i % 2 == 0 ? "a" : "b & c");
  g_assert_true (g_file_set_contents (path, table->str, -1, NULL));
}

static void
test_audit (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *dataset = NULL, *page = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (JsonNode) audit = NULL;
  JsonObject *object, *label, *term, *group;

  place_init (&place, "table.csv");
  dataset = g_build_filename (place.folder, "dataset.h5", NULL);
  write_table (place.path);
  source = attune_source_probe (place.path, &error);
  g_assert_no_error (error);
  g_assert_true (attune_dataset_import (dataset, source, NULL, NULL, NULL, NULL, &error));
  audit = attune_audit_run (dataset, NULL, NULL, &error);
  g_assert_no_error (error);
  object = json_node_get_object (audit);
  g_assert_cmpint (json_object_get_int_member (object, "records"), ==, 60);
  g_assert_false (json_object_get_boolean_member (object, "prepared"));
  g_assert_cmpint (json_object_get_int_member (object, "other_labels"), ==, 0);
  label = json_array_get_object_element (json_object_get_array_member (object, "labels"), 0);
  g_assert_cmpstr (json_object_get_string_member (label, "label"), ==, "urgent");
  g_assert_cmpint (json_object_get_int_member (label, "records"), ==, 20);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (label, "terms")), ==, 1);
  term = json_array_get_object_element (json_object_get_array_member (label, "terms"), 0);
  g_assert_cmpstr (json_object_get_string_member (term, "term"), ==, "please");
  g_assert_cmpint (json_object_get_int_member (term, "with"), ==, 20);
  g_assert_cmpint (json_object_get_int_member (term, "others"), ==, 0);
  g_assert_cmpfloat (json_object_get_double_member (term, "low"), >, 3);
  group = json_array_get_object_element (json_object_get_array_member (object, "groups"), 1);
  g_assert_cmpstr (json_object_get_string_member (group, "group"), ==, "b & c");
  g_assert_cmpint (json_object_get_int_member (group, "words"), ==, 7);
  g_assert_cmpint (
      json_object_get_int_member (json_object_get_object_member (group, "labels"), "urgent"), ==,
      10);
  page = attune_audit_to_html (audit);
  g_assert_nonnull (strstr (page, "<td>please</td><td>20</td><td>0</td>"));
  g_assert_nonnull (strstr (page, "<td>b &amp; c</td>"));
  g_assert_nonnull (strstr (page, "<td>60</td><td>not known</td>"));
  g_assert_nonnull (strstr (page, "too few to compare"));
}

/* Of 103 labels, each of 2 records, 100 are looked at. */
static void
test_many (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *dataset = NULL, *page = NULL;
  g_autoptr (GString) table = g_string_new ("question,answer,label\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (JsonNode) audit = NULL;
  JsonObject *object;

  place_init (&place, "table.csv");
  dataset = g_build_filename (place.folder, "dataset.h5", NULL);
  for (int i = 0; i < 206; i++)
    g_string_append_printf (table, "q%d,a%d,label%d\n", i, i, i % 103);
  g_assert_true (g_file_set_contents (place.path, table->str, -1, NULL));
  source = attune_source_probe (place.path, &error);
  g_assert_no_error (error);
  g_assert_true (attune_dataset_import (dataset, source, NULL, NULL, NULL, NULL, &error));
  audit = attune_audit_run (dataset, NULL, NULL, &error);
  g_assert_no_error (error);
  object = json_node_get_object (audit);
  g_assert_cmpint (json_object_get_int_member (object, "records"), ==, 206);
  g_assert_cmpint (json_object_get_int_member (object, "other_labels"), ==, 6);
  page = attune_audit_to_html (audit);
  g_assert_nonnull (strstr (page, "6 more records are of other labels: only the first 100"));
}

static void
test_nothing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_audit_run ("/no such file", NULL, NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit/kappa", test_kappa);
  g_test_add_func ("/audit/log-odds", test_log_odds);
  g_test_add_func ("/audit/gaps", test_gaps);
  g_test_add_func ("/audit/agreement", test_agreement);
  g_test_add_func ("/audit/agreement-rows", test_agreement_rows);
  g_test_add_func ("/audit/audit", test_audit);
  g_test_add_func ("/audit/many", test_many);
  g_test_add_func ("/audit/nothing", test_nothing);
  return g_test_run ();
}
