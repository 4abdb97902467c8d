/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sentences: of what is cut, of answers without an end, of texts that begin twice.
 */
#include "widgets/reading-notes.h"

#include <glib/gi18n.h>

/* @format takes @count, and @limit where it has a second place for one. */
static void G_GNUC_PRINTF (3, 0)
    add_note (GString *text, guint64 n, const char *format, const char *limit)
{
  g_autofree char *count = g_strdup_printf ("%'" G_GUINT64_FORMAT, n);

  if (n == 0)
    return;
  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append_printf (text, format, count, limit);
}

char *
attune_say_reading_notes (const AttuneReportView *report, guint64 max_tokens)
{
  GString *text = g_string_new (NULL);
  g_autofree char *limit = g_strdup_printf ("%'" G_GUINT64_FORMAT, max_tokens);

  g_return_val_if_fail (report != NULL, g_string_free (text, FALSE));

  add_note (text, report->n_cut,
            ngettext ("%s sample is longer than %s tokens: its end is not learned.",
                      "%s samples are longer than %s tokens: their ends are not learned.",
                      (gulong) report->n_cut),
            limit);
  add_note (text, report->n_endless,
            ngettext ("%s answer ends without a token to stop at: the model cannot learn "
                      "from it where an answer ends.",
                      "%s answers end without a token to stop at: the model cannot learn "
                      "from them where an answer ends.",
                      (gulong) report->n_endless),
            NULL);
  add_note (text, report->n_restarts,
            ngettext ("%s sample has the token that begins a text twice, which models have "
                      "learned once.",
                      "%s samples have the token that begins a text twice, which models "
                      "have learned once.",
                      (gulong) report->n_restarts),
            NULL);
  return g_string_free (text, FALSE);
}
