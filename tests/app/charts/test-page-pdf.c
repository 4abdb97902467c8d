/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages of the engine's as PDF files, read again by pdftotext where there is that.
 */
#include "charts/page-pdf.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* Returns: (transfer full) (nullable): what pdftotext reads. */
static char *
read_back (GBytes *pdf)
{
  g_autofree char *program = g_find_program_in_path ("pdftotext"), *path = NULL, *text = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  if (program == NULL)
    return NULL;
  fd = g_file_open_tmp ("attune-XXXXXX.pdf", &path, &error);
  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (
      g_file_set_contents (path, g_bytes_get_data (pdf, NULL), g_bytes_get_size (pdf), NULL));
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "-layout", path, "-",
                              NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &text, NULL, &error));
  g_assert_no_error (error);
  g_unlink (path);
  return g_steal_pointer (&text);
}

static void
test_page (void)
{
  g_autoptr (GString) html = g_string_new (
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
      "charset=\"utf-8\"/><title>T</title><style>a{b}"
      "</style></head><body><h1>Audit of Größe</h1><p>A &amp; B "
      "&lt;c&gt;.</p><table><tr><th>Word</th>"
      "<th>Records</th></tr><tr><td>please</td><td>20</td></tr></table><pre>one\n  two</pre>");
  g_autoptr (GBytes) pdf = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint sheets = 1;

  for (int i = 0; i < 200; i++)
    g_string_append_printf (html, "<p>Paragraph %d.</p>", i);
  g_string_append (html, "</body></html>\n");
  pdf = attune_page_to_pdf (html->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (pdf), >, 1000);
  g_assert_cmpint (memcmp (g_bytes_get_data (pdf, NULL), "%PDF-", 5), ==, 0);
  text = read_back (pdf);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  for (const char *p = text; *p != '\0'; p++)
    sheets += *p == '\f' && p[1] != '\0';
  g_assert_cmpuint (sheets, >=, 4); /* 200 paragraphs of 10 points */
  g_assert_nonnull (strstr (text, "Audit of Größe"));
  g_assert_nonnull (strstr (text, "A & B <c>."));
  g_assert_nonnull (strstr (text, "please"));
  g_assert_nonnull (strstr (text, "Paragraph 0."));
  g_assert_nonnull (strstr (text, "Paragraph 199."));
}

static void
test_damaged (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_page_to_pdf ("<html><p>", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charts/page-pdf/page", test_page);
  g_test_add_func ("/charts/page-pdf/damaged", test_damaged);
  return g_test_run ();
}
