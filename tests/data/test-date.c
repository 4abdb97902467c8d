/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dates: how people write them, what is none, and the newest tenth of many.
 */
#include "data/date.h"
#include "data/timeline.h"

static void
assert_date (const char *text, const char *expected)
{
  const guint32 day = attune_date_parse (text);
  g_autofree char *found = day != 0 ? attune_date_to_text (day) : NULL;

  if (g_strcmp0 (found, expected) != 0)
    g_test_message ("“%s”", text);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_forms (void)
{
  static const char *const same[] = { "2024-03-05",
                                      "2024-03-05T10:15:00Z",
                                      "2024-03-05 10:15",
                                      "2024/3/5",
                                      "20240305",
                                      "2024-03-05T23:59+02:00",
                                      " 5.3.2024 ",
                                      "05.03.2024 10:15",
                                      "05.03.24",
                                      "5. März 2024",
                                      "5. Mär. 2024",
                                      "5. mrz 2024",
                                      "am 5. März 2024",
                                      "Di, 5. März 2024",
                                      "March 5, 2024",
                                      "Mar 5 2024",
                                      "5 March 2024",
                                      "March 5th, 2024",
                                      "5-Mar-2024",
                                      "2024 March 5",
                                      "Tue, 5 Mar 2024 10:15:00 +0100",
                                      "DIENSTAG, 5. MÄRZ 2024",
                                      "20240305T101500Z",
                                      "20240305101500",
                                      "2024:03:05 10:15:00",
                                      "05/Mar/2024:10:15:00 +0100",
                                      "Tue Mar  5 10:15:00 2024",
                                      "Tue Mar 05 10:15:00 +0000 2024" };

  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    assert_date (same[i], "2024-03-05");
  assert_date ("15/03/2024", "2024-03-15"); /* there is no month 15 */
  assert_date ("03/15/2024", "2024-03-15");
  assert_date ("03/03/2024", "2024-03-03");
  assert_date ("31/12/99", "1999-12-31");
  assert_date ("99-12-31", "1999-12-31");
  assert_date ("2024-03", "2024-03-01");
  assert_date ("März 2024", "2024-03-01");
  assert_date ("29.02.2024", "2024-02-29");
  assert_date ("31.12.99", "1999-12-31");
  assert_date ("1. Oktober 1985", "1985-10-01");
  assert_date ("1 jan 2000", "2000-01-01");
}

static void
test_none (void)
{
  static const char *const none[] = { "",
                                      "soon",
                                      "3/4/2024" /* could be two */,
                                      "30.02.2024",
                                      "2023-02-29",
                                      "2024-13-01",
                                      "10:15",
                                      "12",
                                      "123456789",
                                      "2024",
                                      "5.3.",
                                      "a b c",
                                      "5. Mag 2024",
                                      "März",
                                      "1.2.3",
                                      "192.168.0.1",
                                      "10.11.12.13",
                                      "24-03-05" /* three: the year may be first */,
                                      "05/03/24",
                                      "-",
                                      "5. März März",
                                      "99999999",
                                      "00.00.0000",
                                      "\xc3\xa4\xc3\xb6",
                                      "2024-03-05x",
                                      "1710498600" /* alone it could be any number */,
                                      "20241305101500",
                                      "2024:03",
                                      "Mar 5 10:15:00",
                                      "Mar 5 10:15:00 24" };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    assert_date (none[i], NULL);
}

static void
assert_read (const AttuneDateColumn *column, const char *text, const char *expected,
             AttuneDateReading how)
{
  AttuneDateReading reading;
  const guint32 day = attune_date_column_read (column, text, &reading);
  g_autofree char *found = day != 0 ? attune_date_to_text (day) : NULL;

  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpint (reading, ==, how);
}

static AttuneDateColumn
look_at (const char *const *texts)
{
  AttuneDateColumn column = { 0 };

  for (guint i = 0; texts[i] != NULL; i++)
    attune_date_column_look (&column, texts[i]);
  return column;
}

#define COLUMN(...) look_at ((const char *const[]) { __VA_ARGS__, NULL })
#define AS_IT_IS ATTUNE_DATE_READ_AS_IT_IS

/* 3/4/2024 is two days; what the others of its column are says which. */
static void
test_orders (void)
{
  const AttuneDateColumn day_first
      = COLUMN ("3/4/2024", "15/4/2024", "", "2024-04-01", "soon"),
      month_first = COLUMN ("04/15/2024", "3/4/2024"), open = COLUMN ("3/4/2024", "4/3/2024"),
      both = COLUMN ("15/4/2024", "4/15/2024"), short_years = COLUMN ("05/03/24", "31/01/99"),
      year_first = COLUMN ("24-03-05", "99-12-31"),
      short_open = COLUMN ("24-03-05", "24-12-31"); /* 24 is a day, too */

  assert_read (&day_first, "3/4/2024", "2024-04-03", ATTUNE_DATE_READ_DAY_FIRST);
  assert_read (&day_first, "15/4/2024", "2024-04-15", AS_IT_IS);
  assert_read (&day_first, "4.5.2024", "2024-05-04", AS_IT_IS);
  assert_read (&day_first, "soon", NULL, AS_IT_IS);
  assert_read (&month_first, "3/4/2024", "2024-03-04", ATTUNE_DATE_READ_MONTH_FIRST);
  assert_read (&open, "3/4/2024", NULL, AS_IT_IS);
  assert_read (&both, "3/4/2024", NULL, AS_IT_IS);
  assert_read (&both, "15/4/2024", "2024-04-15", AS_IT_IS);
  assert_read (&short_years, "05/03/24", "2024-03-05", ATTUNE_DATE_READ_DAY_FIRST);
  assert_read (&year_first, "24-03-05", "2024-03-05", ATTUNE_DATE_READ_YEAR_FIRST);
  assert_read (&short_open, "24-03-05", NULL, AS_IT_IS);
}

/* A typing error, or one date of another order, decides nothing. */
static void
test_errors (void)
{
  const AttuneDateColumn short_years
      = COLUMN ("05/03/24", "15/06/24", "07/07/24", "30/04/24", "31/02/24", "31/04/24"),
      this_century = COLUMN ("31/12/24", "05/03/24", "17/03/24"),
      years = COLUMN ("24-03-05", "24-12-31", "24-07-01");
  AttuneDateColumn open = { 0 }, days = { 0 }, stamps = { 0 };

  assert_read (&short_years, "05/03/24", "2024-03-05", ATTUNE_DATE_READ_DAY_FIRST);
  assert_read (&short_years, "15/06/24", "2024-06-15", ATTUNE_DATE_READ_DAY_FIRST);
  assert_read (&short_years, "31/02/24", NULL, AS_IT_IS); /* it is no day of 2031 */
  assert_read (&this_century, "31/12/24", "2024-12-31", ATTUNE_DATE_READ_DAY_FIRST);
  assert_read (&years, "24-03-05", "2024-03-05", ATTUNE_DATE_READ_YEAR_FIRST);

  /* of the first of a month each, and one that was meant otherwise */
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *first = g_strdup_printf ("1/%d/2024", i % 12 + 1),
                      *any = g_strdup_printf ("%d/%d/2024", i % 28 + 1, i % 12 + 1);

      attune_date_column_look (&open, first);
      attune_date_column_look (&days, any);
      attune_date_column_look (&stamps, "1710498600");
    }
  attune_date_column_look (&open, "4/15/2024");
  attune_date_column_look (&days, "4/15/2024");
  attune_date_column_look (&stamps, "n/a");
  attune_date_column_look (&stamps, "0");
  assert_read (&open, "1/4/2024", NULL, AS_IT_IS);
  assert_read (&days, "3/4/2024", "2024-04-03", ATTUNE_DATE_READ_DAY_FIRST);
  assert_read (&days, "4/15/2024", "2024-04-15", AS_IT_IS);
  assert_read (&stamps, "1710498600", "2024-03-15", ATTUNE_DATE_READ_SECONDS);
  assert_read (&stamps, "0", NULL, AS_IT_IS);
}

/* Numbers are times where all of the column are. */
static void
test_stamps (void)
{
  const AttuneDateColumn seconds = COLUMN ("1710498600", "1710502199.75", "", " 86400000.0 "),
                         milliseconds = COLUMN ("1710498600000", "1710502199000"),
                         mixed = COLUMN ("1710498600", "2024-03-15"),
                         numbers = COLUMN ("1710498600", "17");

  assert_read (&seconds, "1710498600", "2024-03-15", ATTUNE_DATE_READ_SECONDS);
  assert_read (&seconds, "1710547199.9", "2024-03-15", ATTUNE_DATE_READ_SECONDS);
  assert_read (&seconds, "1710547200", "2024-03-16", ATTUNE_DATE_READ_SECONDS);
  assert_read (&milliseconds, "1710498600000", "2024-03-15", ATTUNE_DATE_READ_MILLISECONDS);
  assert_read (&mixed, "1710498600", NULL, AS_IT_IS);
  assert_read (&mixed, "2024-03-15", "2024-03-15", AS_IT_IS);
  assert_read (&numbers, "1710498600", NULL, AS_IT_IS);
}

static void
add (AttuneTimeline *timeline, const char *text)
{
  attune_timeline_add (timeline, attune_date_parse (text), AS_IT_IS, text);
}

static void
test_timeline (void)
{
  g_autoptr (AttuneTimeline) timeline = attune_timeline_new ();
  g_autoptr (JsonObject) report = json_object_new ();
  JsonObject *dates;

  attune_timeline_report (timeline, report);
  g_assert_false (json_object_has_member (report, "dates"));
  g_assert_false (attune_timeline_has_dates (timeline));
  add (timeline, "1709600000");
  attune_timeline_report (timeline, report);
  g_assert_false (json_object_has_member (report, "dates"));
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d.%d.2024", i % 25 + 1, i / 25 + 1);

      add (timeline, text);
    }
  add (timeline, "soon");
  add (timeline, "");
  g_assert_true (attune_timeline_has_dates (timeline));
  attune_timeline_report (timeline, report);
  dates = json_object_get_object_member (report, "dates");
  g_assert_cmpint (json_object_get_int_member (dates, "unread"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (dates, "first"), ==, "2024-01-01");
  g_assert_cmpstr (json_object_get_string_member (dates, "last"), ==, "2024-04-25");
  g_assert_cmpstr (json_object_get_string_member (dates, "newest_tenth"), ==, "2024-04-16");
  g_assert_false (json_object_has_member (dates, "day_first"));

  /* where most are of the last day, there is no such day */
  for (int i = 0; i < 100; i++)
    attune_timeline_add (timeline, attune_date_parse ("2024-04-25"), ATTUNE_DATE_READ_DAY_FIRST,
                         "25/4/2024");
  attune_timeline_report (timeline, report);
  dates = json_object_get_object_member (report, "dates");
  g_assert_false (json_object_has_member (dates, "newest_tenth"));
  g_assert_cmpint (json_object_get_int_member (dates, "day_first"), ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/date/forms", test_forms);
  g_test_add_func ("/data/date/none", test_none);
  g_test_add_func ("/data/date/orders", test_orders);
  g_test_add_func ("/data/date/errors", test_errors);
  g_test_add_func ("/data/date/stamps", test_stamps);
  g_test_add_func ("/data/date/timeline", test_timeline);
  return g_test_run ();
}
