/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Evaluations with their reports, and what is said and drawn of them; without a display.
 */
#pragma once
#include "stages/evaluate/report.h"
#include "stages/evaluate/score-figure.h"
#include "stages/evaluate/verdict.h"

#include "job/evaluation-sample.h"

#include <cairo-script.h>
#include <string.h>

/* Of an evaluation with @n answers. */
static inline AttuneReport *
report_new (guint n)
{
  AttuneReport *self = g_new0 (AttuneReport, 1);
  g_autoptr (GError) error = NULL;

  self->project = g_strdup ("Nursing <b>&amp;");
  self->model = g_strdup ("Smol");
  self->number = 3;
  self->made_seconds = 1764028800;
  self->evaluation = test_evaluation_new (n);
  self->ratings = attune_ratings_read ("/nowhere/0003.h5", self->evaluation, &error);
  g_assert_no_error (error);
  return self;
}

/* Which of two answers is better: who guesses is right in half of the pairs. */
static inline AttuneEvaluation *
reward_evaluation_new (void)
{
  AttuneEvaluation *e = test_label_evaluation_new ();

  g_clear_pointer (&e->confusion, attune_confusion_free);
  e->rewards = TRUE;
  e->tuned.loss = 0.25;
  e->tuned.n_answers = 100;
  e->tuned.exact_match = 0.99;
  return e;
}

static inline void
replace_text (GPtrArray *answers, guint i, const char *text)
{
  AttuneAnswer *answer = answers->pdata[i];

  g_set_str (&answer->answer, text);
}

/* Frees @sentence. */
static inline void
assert_says (char *sentence, const char *word)
{
  if (strstr (sentence, word) == NULL)
    g_error ("no “%s” in: %s", word, sentence);
  g_free (sentence);
}

/* What one page gets is within its margins, whatever the texts are. All pages are drawn over one
 * another here. */
static inline void
assert_fits (const AttuneReport *report, guint least_pages)
{
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  double x, y, width, height;

  g_assert_cmpuint (attune_report_draw (report, surface, 9), >=, least_pages);
  cairo_recording_surface_ink_extents (surface, &x, &y, &width, &height);
  g_assert_cmpfloat (width, >, ATTUNE_REPORT_WIDTH / 2);
  g_assert_cmpfloat (x, >=, 54);
  g_assert_cmpfloat (y, >=, 54);
  g_assert_cmpfloat (x + width, <=, ATTUNE_REPORT_WIDTH - 54);
  g_assert_cmpfloat (y + height, <=, ATTUNE_REPORT_HEIGHT - 20);
  cairo_surface_destroy (surface);
}

static inline cairo_status_t
append (void *closure, const unsigned char *data, unsigned int length)
{
  g_string_append_len (closure, (const char *) data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* Every text that is drawn, as cairo writes it down. */
static inline char *
list_texts (const AttuneReport *report)
{
  g_autoptr (GString) script = g_string_new (NULL);
  cairo_device_t *device = cairo_script_create_for_stream (append, script);
  cairo_surface_t *surface = cairo_script_surface_create (
      device, CAIRO_CONTENT_COLOR_ALPHA, ATTUNE_REPORT_WIDTH, ATTUNE_REPORT_HEIGHT);

  attune_report_draw (report, surface, 1);
  cairo_surface_destroy (surface);
  cairo_device_finish (device);
  cairo_device_destroy (device);
  return g_string_free (g_steal_pointer (&script), FALSE);
}
