/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See label-words.h.
 */
#include "stages/evaluate/label-words.h"

#include <glib/gi18n.h>
#include <math.h>

static int
compare_scores (gconstpointer a, gconstpointer b, gpointer confusion)
{
  const guint i = *(const guint *) a, j = *(const guint *) b;
  const double x = attune_confusion_score (confusion, i).f1,
               y = attune_confusion_score (confusion, j).f1;

  return x < y ? -1 : x > y ? 1 : (i > j) - (i < j);
}

GArray *
attune_label_words_rank (const AttuneConfusion *confusion)
{
  GArray *labels = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < confusion->n; i++)
    {
      const AttuneLabelScore score = attune_confusion_score (confusion, i);

      if (score.wanted + score.said > 0)
        g_array_append_val (labels, i);
    }
  g_array_sort_with_data (labels, compare_scores, (gpointer) confusion);
  return labels;
}

/* What @label is most often taken for; -1: it never is. */
static int
find_mistake (const AttuneConfusion *confusion, guint label, guint64 *times)
{
  int found = -1;

  *times = 0;
  for (guint i = 0; !confusion->several && i < confusion->n; i++)
    {
      const guint64 n = confusion->counts[(gsize) label * confusion->n + i];

      if (i != label && n > *times)
        {
          *times = n;
          found = (int) i;
        }
    }
  return found;
}

char *
attune_label_words_on (const AttuneConfusion *confusion, guint label)
{
  const AttuneLabelScore score = attune_confusion_score (confusion, label);
  const guint wrong = (guint) (score.said - score.right);
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 times;
  const int mistake = find_mistake (confusion, label, &times);

  if (score.wanted > 0)
    g_string_append_printf (
        text, ngettext ("%u of %u record found", "%u of %u records found", (gulong) score.wanted),
        (guint) score.right, (guint) score.wanted);
  else
    g_string_append (text, _ ("In none of these records"));
  if (wrong > 0)
    /* Translators: follows "12 of 15 records found" */
    g_string_append_printf (
        text, ngettext (", said wrongly %u time", ", said wrongly %u times", wrong), wrong);
  if (mistake >= 0)
    /* Translators: follows "12 of 15 records found"; the name of another label, how often */
    g_string_append_printf (
        text, ngettext (", taken for “%s” %u time", ", taken for “%s” %u times", (gulong) times),
        confusion->names[mistake], (guint) times);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
attune_label_words_on_unknown (const AttuneConfusion *confusion)
{
  guint n = 0;

  for (guint i = 0; !confusion->several && i < confusion->n; i++)
    n += (guint) confusion->counts[(gsize) confusion->n * confusion->n + i];
  if (n == 0)
    return NULL;
  return g_strdup_printf (
      ngettext ("%u record has a label that the run has not learned, which counts as wrong",
                "%u records have labels that the run has not learned, which count as wrong", n),
      n);
}

/* FALSE where it is none. */
static gboolean
read_number (const char *text, double *number)
{
  char *end = NULL;

  *number = text != NULL ? g_ascii_strtod (text, &end) : NAN;
  return isfinite (*number) && end != text && *end == '\0';
}

char *
attune_label_words_on_answer (const AttuneAnswer *answer, AttuneLabelKind kind)
{
  double expected, number;

  if (answer->exact)
    return g_strdup (_ ("As expected"));
  if (kind == ATTUNE_LABELS_NUMBER && read_number (answer->expected, &expected)
      && read_number (answer->answer, &number))
    /* Translators: of a number that a model has said: how far it is from what it should be */
    return g_strdup_printf (_ ("Off by %.3g"), fabs (number - expected));
  return g_strdup (kind == ATTUNE_LABELS_SEVERAL ? _ ("Other labels were expected")
                                                 : _ ("Another label was expected"));
}

const char *
attune_label_words_for_expected (AttuneLabelKind kind)
{
  return kind == ATTUNE_LABELS_NUMBER    ? _ ("Expected number")
         : kind == ATTUNE_LABELS_SEVERAL ? _ ("Expected labels")
                                         : _ ("Expected label");
}

const char *
attune_label_words_for_answer (AttuneLabelKind kind)
{
  return kind == ATTUNE_LABELS_NUMBER    ? _ ("Number of the Tuned Model")
         : kind == ATTUNE_LABELS_SEVERAL ? _ ("Labels of the Tuned Model")
                                         : _ ("Label of the Tuned Model");
}
