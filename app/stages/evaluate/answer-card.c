/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See answer-card.h.
 */
#include "stages/evaluate/answer-card.h"

#include "stages/evaluate/label-words.h"
#include "stages/evaluate/verdict.h"
#include "stages/evaluate/word-marks.h"

#include <glib/gi18n.h>

struct _AttuneAnswerCard
{
  GtkBox parent_instance;

  GtkLabel *title_label;
  GtkLabel *text_label;
  GtkLabel *missing_label;
  GtkLabel *score_label;
};

G_DEFINE_FINAL_TYPE (AttuneAnswerCard, attune_answer_card, GTK_TYPE_BOX)

static void
show_text (AttuneAnswerCard *self, const char *expected, const char *text)
{
  g_autofree char *missing = NULL, *beyond = NULL, *said = NULL, *shown = NULL;
  g_autoptr (PangoAttrList) marks = attune_word_marks_new (expected, text, &missing, &beyond);

  gtk_label_set_text (self->text_label, *text != '\0' ? text : _ ("(no answer)"));
  gtk_label_set_attributes (self->text_label, *text != '\0' ? marks : NULL);
  /* Translators: words of the expected answer that this answer lacks */
  shown = missing != NULL ? g_strdup_printf (_ ("Missing: %s"), missing) : NULL;
  gtk_label_set_text (self->missing_label, shown != NULL ? shown : "");
  gtk_widget_set_visible (GTK_WIDGET (self->missing_label), shown != NULL);
  /* What is underlined, for those who do not see it. */
  said = beyond != NULL ? g_strdup_printf (_ ("Not expected: %s"), beyond)
                        : g_strdup (_ ("No word that is not expected"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text_label),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, said, -1);
}

void
attune_answer_card_show (AttuneAnswerCard *self, const char *title, const char *model,
                         const AttuneAnswer *answer)
{
  g_autofree char *share = NULL, *score = NULL, *whole = NULL, *expected = NULL, *text = NULL;

  g_return_if_fail (ATTUNE_IS_ANSWER_CARD (self) && title != NULL && answer != NULL);

  expected = g_utf8_make_valid (answer->expected != NULL ? answer->expected : "", -1);
  text = g_utf8_make_valid (answer->answer != NULL ? answer->answer : "", -1);
  share = attune_verdict_format_share (answer->token_f1);
  /* Translators: "First answer · Tuned model" */
  whole = model != NULL ? g_strdup_printf (_ ("%s · %s"), title, model) : g_strdup (title);
  score = answer->exact ? g_strdup (_ ("Exactly as expected"))
                        : g_strdup_printf (_ ("Words in common: %s"), share);
  gtk_label_set_text (self->title_label, whole);
  gtk_label_set_text (self->score_label, score);
  show_text (self, expected, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, whole, -1);
}

void
attune_answer_card_show_label (AttuneAnswerCard *self, AttuneLabelKind kind,
                               const AttuneAnswer *answer)
{
  const char *title = attune_label_words_for_answer (kind);
  g_autofree char *text = NULL, *score = NULL;

  g_return_if_fail (ATTUNE_IS_ANSWER_CARD (self) && answer != NULL);

  score = attune_label_words_on_answer (answer, kind);
  text = g_utf8_make_valid (answer->answer != NULL ? answer->answer : "", -1);
  gtk_label_set_text (self->title_label, title);
  gtk_label_set_text (self->text_label, text);
  gtk_label_set_attributes (self->text_label, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->missing_label), FALSE);
  gtk_label_set_text (self->score_label, score);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text_label),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "", -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

static void
attune_answer_card_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_ANSWER_CARD);
  G_OBJECT_CLASS (attune_answer_card_parent_class)->dispose (object);
}

static void
attune_answer_card_class_init (AttuneAnswerCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_answer_card_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/evaluate/answer-card.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneAnswerCard, title_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneAnswerCard, text_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneAnswerCard, missing_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneAnswerCard, score_label);
}

static void
attune_answer_card_init (AttuneAnswerCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
