/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is asked of a model that writes variants, and what of its answers is kept. A model of a few
 * lines is handed in, whose answers are known; a real one writes in tests/job.
 */
#include "data/dataset-fixture.h"
#include "data/variant-writer.h"
#include "data/written.h"

#include <string.h>

static void
test_prompt (void)
{
  g_autofree char *en = attune_variant_prompt ("en", "Why 100 %s?", NULL),
                  *de = attune_variant_prompt ("de", "Warum?", "Darum %d."),
                  *other = attune_variant_prompt ("ja", "Why?", NULL);

  g_assert_true (g_str_has_suffix (en, "\n\nWhy 100 %s?"));
  g_assert_true (g_str_has_prefix (de, "Das ist eine Antwort:\n\nDarum %d.\n\n"));
  g_assert_nonnull (strstr (de, "„Warum?“"));
  g_assert_true (g_str_has_prefix (other, "Say the following question"));
}

static void
test_tidy (void)
{
  static const char *const cases[][2] = {
    { "What is gout?", "What is gout?" },
    { "\n  \"What is gout?\"\n", "What is gout?" },
    { "New question: What is gout?", "What is gout?" },
    { "The new question: What is gout?", "What is gout?" },
    { "Sure! Here it is:\n\n1. **What is gout?**\n2. Is it gout?", "What is gout?" },
    { "„Was ist Gicht?“", "Was ist Gicht?" },
    { "Frage: «Was ist Gicht?»", "Was ist Gicht?" },
    { "Explain gout.", "Explain gout." },
    { "- Explain gout.\nThat is all.", "Explain gout." },
    { " \n ", "" },
    { "\"", "\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = attune_variant_tidy (cases[i][0]);

      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

/* --- a model whose answers are known */

typedef struct
{
  guint n_asked, n_weighed;
  guint stop_after; /* questions; 0: never */
  GCancellable *cancellable;
} Model;

/* Of “Why does the heart hurt patient 7?” it makes “What makes the heart of patient 7 hurt?”; of
 * every third it changes the number, and of every fifth the matter. */
static char **
ask (gpointer data, const char *const *prompts, guint n, guint64 seed, GCancellable *cancellable,
     GError **error)
{
  Model *model = data;
  g_autoptr (GPtrArray) answers = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      const int number = atoi (strstr (prompts[i], "patient ") + strlen ("patient "));

      g_ptr_array_add (answers, g_strdup_printf ("Question: What makes the %s of patient %d hurt?",
                                                 number % 5 == 0 ? "ear" : "heart",
                                                 number % 3 == 0 ? number + 1 : number));
    }
  model->n_asked += n;
  if (model->stop_after > 0 && model->n_asked >= model->stop_after)
    g_cancellable_cancel (model->cancellable);
  g_ptr_array_add (answers, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&answers), FALSE);
}

/* The answer follows from a question about the heart of the same patient. */
static gboolean
weigh (gpointer data, const char *const *questions, const char *const *answers, guint n,
       double *nats, GCancellable *cancellable, GError **error)
{
  Model *model = data;

  for (guint i = 0; i < n; i++)
    {
      const char *number = strstr (answers[i], "case ") + strlen ("case ");
      g_autofree char *wanted = g_strdup_printf ("patient %d", atoi (number));

      nats[i] = strstr (questions[i], "heart") == NULL ? 3 : strstr (questions[i], wanted) ? 1 : 2;
    }
  model->n_weighed += n;
  return TRUE;
}

static void
write_some (Fixture *f, Model *model, guint n_each, guint max, AttuneWriteReport *report)
{
  const AttuneModelAsker asker = { model, "Few Lines", ask, weigh };
  g_autoptr (GError) error = NULL;

  if (attune_variants_write (f->place.path, &asker, n_each, max, 7, NULL, NULL, model->cancellable,
                             report, &error))
    return;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (model->stop_after, >, 0);
}

static void
import_hearts (Fixture *f)
{
  g_autoptr (GString) table = g_string_new ("question,answer\n");

  for (int i = 1; i <= 60; i++)
    g_string_append_printf (table, "Why does the heart hurt patient %d?,That is case %d of all.\n",
                            i, i);
  import_good (f, "hearts.csv", table->str);
  g_object_set (f->settings, "similar-together", FALSE, NULL);
}

/* Numbers have to stay, and so has what the answer follows from; and only what is learned from is
 * asked about, once. */
static void
test_write (Fixture *f, gconstpointer data)
{
  Model model = { .cancellable = g_cancellable_new () };
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneWritten) written = NULL;
  g_autoptr (GError) error = NULL;
  AttuneWriteReport report;
  guint n_train, n_good = 0;

  import_hearts (f);
  {
    const AttuneModelAsker asker = { &model, "Few Lines", ask, weigh };

    g_assert_false (
        attune_variants_write (f->place.path, &asker, 1, 0, 7, NULL, NULL, NULL, &report, &error));
    g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY);
    g_assert_nonnull (strstr (error->message, "Prepare the data first"));
    g_clear_error (&error);
  }
  dataset = prepare_good (f);
  n_train = attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN);
  g_clear_pointer (&dataset, attune_dataset_close);

  /* stopped, and on */
  model.stop_after = 8;
  write_some (f, &model, 1, 0, &report);
  g_assert_cmpuint (report.n_records, ==, 8);
  g_clear_object (&model.cancellable);
  model.stop_after = 0;
  write_some (f, &model, 1, 10, &report);
  g_assert_cmpuint (report.n_records, ==, 10);
  write_some (f, &model, 1, 0, &report);
  g_assert_cmpuint (model.n_asked, ==, n_train);
  write_some (f, &model, 1, 0, &report);
  g_assert_cmpuint (report.n_records, ==, 0);
  g_assert_cmpuint (model.n_asked, ==, n_train);

  written = attune_written_read (f->place.path, &error);
  g_assert_no_error (error);
  for (int i = 1; i <= 60; i++)
    {
      g_autofree char *question = g_strdup_printf ("Why does the heart hurt patient %d?", i),
                      *made = g_strdup_printf ("What makes the heart of patient %d hurt?", i);
      GPtrArray *texts = attune_written_find (written, question);

      if (texts == NULL)
        continue; /* it checks or tests */
      g_assert_cmpuint (texts->len, ==, i % 3 != 0 && i % 5 != 0);
      n_good += texts->len;
      if (texts->len > 0)
        {
          g_assert_cmpstr (((AttuneWrittenText *) texts->pdata[0])->text, ==, made);
          g_assert_cmpstr (((AttuneWrittenText *) texts->pdata[0])->origin, ==, "Few Lines");
        }
    }
  g_assert_cmpuint (n_good, ==, attune_written_count (written));
  g_object_set (f->settings, "variants", 1, "variants-by", ATTUNE_VARIANTS_MODEL, NULL);
  dataset = prepare_good (f);
  g_assert_cmpuint (attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), ==, n_train + n_good);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/variant-writer/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/variant-writer/prompt", test_prompt);
  g_test_add_func ("/data/variant-writer/tidy", test_tidy);
  ADD ("write", test_write);
  return g_test_run ();
}
