/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sentences: of what is cut, of answers without an end, of texts that begin twice.
 */
#include "widgets/reading-notes.h"

#include <glib/gi18n.h>

static char *
say_count (guint64 n)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, n);
}

static void
begin_line (GString *text)
{
  if (text->len > 0)
    g_string_append_c (text, '\n');
}

char *
attune_say_reading_notes (const AttuneReportView *report, guint64 max_tokens)
{
  GString *text = g_string_new (NULL);
  g_autofree char *limit = say_count (max_tokens), *cut = NULL, *endless = NULL, *restarts = NULL;

  g_return_val_if_fail (report != NULL, g_string_free (text, FALSE));

  cut = say_count (report->n_cut);
  endless = say_count (report->n_endless);
  restarts = say_count (report->n_restarts);
  if (report->n_cut > 0)
    g_string_append_printf (
        text,
        ngettext ("%s sample is longer than %s tokens: its end is not learned.",
                  "%s samples are longer than %s tokens: their ends are not learned.",
                  (gulong) report->n_cut),
        cut, limit);
  if (report->n_endless > 0)
    {
      begin_line (text);
      g_string_append_printf (
          text,
          ngettext ("%s answer ends without a token to stop at: the model cannot learn "
                    "from it where an answer ends.",
                    "%s answers end without a token to stop at: the model cannot learn "
                    "from them where an answer ends.",
                    (gulong) report->n_endless),
          endless);
    }
  if (report->n_restarts > 0)
    {
      begin_line (text);
      g_string_append_printf (
          text,
          ngettext ("%s sample has the token that begins a text twice, which models have "
                    "learned once.",
                    "%s samples have the token that begins a text twice, which models "
                    "have learned once.",
                    (gulong) report->n_restarts),
          restarts);
    }
  return g_string_free (text, FALSE);
}
