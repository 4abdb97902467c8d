/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report of an evaluation on pages: what was evaluated, the scores with their intervals, what
 * they mean, and every answer. See report.h.
 */
#include "stages/evaluate/report.h"

#include "stages/evaluate/label-words.h"
#include "stages/evaluate/report-pages.h"
#include "stages/evaluate/report-scores.h"
#include "stages/evaluate/verdict.h"
#include "stages/evaluate/word-marks.h"

#include <cairo-pdf.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <math.h>

#define LABELS 78.0 /* points: the column of what stands beside it */

/* --- what was evaluated */

static void
add_fact (AttunePages *pages, const char *name, const char *value)
{
  g_autoptr (PangoLayout) label
      = attune_pages_layout (pages, ATTUNE_PAGES_LABEL, name, NULL, LABELS - 6);
  g_autofree char *valid = g_utf8_make_valid (value != NULL ? value : "", -1);
  g_autoptr (PangoLayout) text = NULL;

  if (*valid == '\0')
    return;
  text = attune_pages_layout (pages, ATTUNE_PAGES_BODY, valid, NULL,
                              attune_pages_get_width (pages) - LABELS);
  attune_pages_need (pages, attune_pages_measure (label));
  pages->y += 1.5; /* so that small and larger letters stand on one line */
  attune_pages_cell (pages, label, ATTUNE_PAGES_LABEL, 0);
  pages->y -= 1.5;
  attune_pages_flow (pages, text, ATTUNE_PAGES_BODY, LABELS);
}

static void
add_facts (AttunePages *pages, const AttuneReport *self)
{
  const AttuneEvaluation *e = self->evaluation;
  const guint n = (guint) e->tuned.n_loss;
  g_autoptr (GDateTime) made = g_date_time_new_from_unix_local (self->made_seconds);
  g_autofree char *date = made != NULL ? g_date_time_format (made, "%x %H:%M") : NULL;
  g_autofree char *data
      = g_strcmp0 (e->split, "test") == 0
            ? g_strdup_printf (ngettext ("%u test question, kept away from tuning",
                                         "%u test questions, kept away from tuning", n),
                               n)
            : g_strdup_printf (ngettext ("%u validation question", "%u validation questions", n),
                               n);
  g_autofree char *answers = g_strdup_printf (ngettext ("%u question was answered by both models",
                                                        "%u questions were answered by both models",
                                                        (guint) e->tuned.n_answers),
                                              (guint) e->tuned.n_answers);

  attune_pages_text (pages, ATTUNE_PAGES_TITLE, _ ("Evaluation Report"));
  attune_pages_text (pages, ATTUNE_PAGES_SUBTITLE, self->project);
  attune_pages_skip (pages, 8);
  attune_pages_rule (pages);
  attune_pages_skip (pages, 10);
  add_fact (pages, _ ("Base model"), self->model);
  add_fact (pages, _ ("Tuned in run"), e->run != NULL ? e->run : "");
  add_fact (pages, _ ("Data"), self->data);
  add_fact (pages, _ ("Questions"), data);
  if (!e->labels) /* the base model was not asked */
    add_fact (pages, _ ("Answers"), answers);
  add_fact (pages, _ ("Date"), date);
}

/* --- answers */

static const char *
rating_text (AttuneRating rating)
{
  switch (rating)
    {
    case ATTUNE_RATING_TUNED:
      return _ ("Rated: the tuned answer is better");
    case ATTUNE_RATING_BASE:
      return _ ("Rated: the base answer is better");
    case ATTUNE_RATING_EQUAL:
      return _ ("Rated: both answers are equal");
    case ATTUNE_RATING_BOTH_BAD:
      return _ ("Rated: both answers are bad");
    case ATTUNE_RATING_NONE:
    case ATTUNE_N_RATINGS:
    default:
      return NULL;
    }
}

/* One line of an answer: what it is, and its text, marked where it is to be compared. */
typedef struct
{
  PangoLayout *label, *text;
} Part;

static Part
part_new (AttunePages *pages, const char *name, const char *text, const char *expected)
{
  const double width = attune_pages_get_width (pages) - LABELS;
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autofree char *missing = NULL, *beyond = NULL;
  g_autoptr (PangoAttrList) marks
      = expected != NULL ? attune_word_marks_new (expected, valid, &missing, &beyond) : NULL;

  return (Part) { attune_pages_layout (pages, ATTUNE_PAGES_LABEL, name, NULL, LABELS - 6),
                  attune_pages_layout (pages, ATTUNE_PAGES_BODY, *valid != '\0' ? valid : "–",
                                       marks, width) };
}

static char *
name_with_share (const char *name, double share)
{
  g_autofree char *text = attune_verdict_format_share (share);

  return g_strdup_printf ("%s, %s", name, text);
}

/* Lines under one heading: together, unless they are longer than a page. Takes over the layouts. */
static void
add_parts (AttunePages *pages, const char *head, const Part *parts, guint n)
{
  g_autoptr (PangoLayout) title = attune_pages_layout (pages, ATTUNE_PAGES_STRONG, head, NULL,
                                                       attune_pages_get_width (pages));
  double height = attune_pages_measure (title) + 16;

  for (guint k = 0; k < n; k++)
    height += attune_pages_measure (parts[k].text) + 5;
  attune_pages_need (pages, height);
  attune_pages_flow (pages, title, ATTUNE_PAGES_STRONG, 0);
  for (guint k = 0; k < n; k++)
    {
      attune_pages_need (pages, attune_pages_measure (parts[k].label));
      pages->y += 1.5;
      attune_pages_cell (pages, parts[k].label, ATTUNE_PAGES_LABEL, 0);
      pages->y -= 1.5;
      attune_pages_flow (pages, parts[k].text, ATTUNE_PAGES_BODY, LABELS);
      g_object_unref (parts[k].label);
      g_object_unref (parts[k].text);
    }
}

/* Nobody asked the base model for labels, and nobody rates them. */
static void
add_label (AttunePages *pages, const AttuneReport *self, guint i)
{
  const AttuneAnswer *answer = self->evaluation->tuned_answers->pdata[i];
  g_autofree char *question
      = g_utf8_make_valid (answer->question != NULL ? answer->question : "", -1),
      *head = g_strdup_printf ("%u.  %s", i + 1, question),
      *score = attune_label_words_on_answer (answer, self->evaluation->label_kind);
  const Part parts[] = { part_new (pages, _ ("Expected"), answer->expected, NULL),
                         part_new (pages, _ ("Tuned"), answer->answer, NULL) };

  add_parts (pages, head, parts, G_N_ELEMENTS (parts));
  attune_pages_text (pages, ATTUNE_PAGES_SMALL, score);
  attune_pages_skip (pages, 10);
}

static void
add_answer (AttunePages *pages, const AttuneReport *self, guint i)
{
  const AttuneAnswer *base = self->evaluation->base_answers->pdata[i],
                     *tuned = self->evaluation->tuned_answers->pdata[i];
  const gboolean known = self->ratings != NULL && i < attune_ratings_get_size (self->ratings);
  const char *rating = known ? rating_text (attune_ratings_get (self->ratings, i)) : NULL;
  g_autofree char *question = g_utf8_make_valid (base->question != NULL ? base->question : "", -1),
                  *expected = g_utf8_make_valid (base->expected != NULL ? base->expected : "", -1),
                  *head = g_strdup_printf ("%u.  %s", i + 1, question),
                  *base_name = name_with_share (_ ("Base"), base->token_f1),
                  *tuned_name = name_with_share (_ ("Tuned"), tuned->token_f1);
  const Part parts[] = { part_new (pages, _ ("Expected"), expected, NULL),
                         part_new (pages, base_name, base->answer, expected),
                         part_new (pages, tuned_name, tuned->answer, expected) };

  add_parts (pages, head, parts, G_N_ELEMENTS (parts));
  if (rating != NULL)
    attune_pages_text (pages, ATTUNE_PAGES_SMALL, rating);
  attune_pages_skip (pages, 10);
}

static void
add_answers (AttunePages *pages, const AttuneReport *self)
{
  const guint n = MIN (self->evaluation->base_answers->len, self->evaluation->tuned_answers->len);

  if (n == 0)
    return;
  attune_pages_need (pages, G_MAXDOUBLE);
  attune_pages_text (pages, ATTUNE_PAGES_HEADING, _ ("Answers"));
  if (self->evaluation->labels)
    {
      attune_pages_skip (pages, 8);
      for (guint i = 0; i < n; i++)
        add_label (pages, self, i);
      return;
    }
  attune_pages_text (pages, ATTUNE_PAGES_SMALL,
                     _ ("Bold words are in the expected answer, too; underlined ones are not. The "
                        "share is that of words in common."));
  attune_pages_skip (pages, 8);
  for (guint i = 0; i < n; i++)
    add_answer (pages, self, i);
}

/* --- the document */

guint
attune_report_draw (const AttuneReport *self, cairo_surface_t *surface, guint n_pages)
{
  g_autofree char *foot = g_strdup_printf (_ ("%s · evaluation %u · Attune %s"), self->project,
                                           self->number, ATTUNE_VERSION);
  AttunePages pages;

  attune_pages_init (&pages, surface, ATTUNE_REPORT_WIDTH, ATTUNE_REPORT_HEIGHT, n_pages, foot);
  add_facts (&pages, self);
  attune_report_add_scores (&pages, self);
  add_answers (&pages, self);
  attune_pages_finish (&pages);
  return pages.page;
}

static guint
count_pages (const AttuneReport *self)
{
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  const guint n = attune_report_draw (self, surface, 0);

  cairo_surface_destroy (surface);
  return n;
}

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

GBytes *
attune_report_to_pdf (const AttuneReport *self, GError **error)
{
  GByteArray *array;
  cairo_surface_t *surface;
  cairo_status_t status;
  g_autofree char *title = NULL;

  g_return_val_if_fail (self != NULL && self->evaluation != NULL, NULL);

  array = g_byte_array_new ();
  title = g_strdup_printf (_ ("Evaluation Report: %s"), self->project);
  surface = cairo_pdf_surface_create_for_stream (append, array, ATTUNE_REPORT_WIDTH,
                                                 ATTUNE_REPORT_HEIGHT);
  cairo_pdf_surface_restrict_to_version (surface, CAIRO_PDF_VERSION_1_4); /* every reader has it */
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Attune " ATTUNE_VERSION);
  attune_report_draw (self, surface, count_pages (self));
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The report could not be drawn: %s"),
                   cairo_status_to_string (status));
      g_byte_array_unref (array);
      return NULL;
    }
  return g_byte_array_free_to_bytes (array);
}
