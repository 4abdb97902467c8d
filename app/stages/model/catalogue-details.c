/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three groups: the model and its button; what it takes, method by method; and where it is from.
 */
#include "stages/model/catalogue-details.h"

#include "model/hub.h"
#include "stages/model/model-words.h"
#include "widgets/words.h"

#include <glib/gi18n.h>
#include <math.h>

/* Of English, about. */
#define WORDS_PER_TOKEN 0.75

static GtkWidget *
add_row (GtkWidget *group, const char *title, const char *text)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title,
                                 "subtitle", text, "subtitle-lines", 0, NULL);

  gtk_widget_add_css_class (row, "property");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return row;
}

static void
add_link (GtkWidget *row, const char *address, const char *label)
{
  GtkWidget *link = gtk_link_button_new_with_label (address, label);

  gtk_widget_set_valign (link, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), link);
}

/* "2.9 GB of memory, about 3 hours", or that there is too little. */
static char *
say_need (guint64 bytes, double seconds, guint64 available)
{
  g_autofree char *size = g_format_size (bytes), *left = g_format_size (available);
  g_autofree char *time = attune_say_about (seconds);

  if (bytes > available)
    return g_strdup_printf (_ ("%s of memory: too much for this computer now, where %s are free"),
                            size, left);
  if (seconds > 0)
    return g_strdup_printf (_ ("%s of memory, %s for a thousand samples"), size, time);
  return g_strdup_printf (_ ("%s of memory"), size);
}

static GtkWidget *
make_needs (const AttuneGuideChoice *choice, guint64 available)
{
  const AttuneCatalogueModel *model = choice->model;
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree char *answering = say_need (choice->fit.run_bytes, 0, available);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("What It Takes"));
  for (int method = 0; method < ATTUNE_N_METHODS; method++)
    {
      g_autofree char *text = NULL;
      AttuneFit fit;

      if (!attune_fit_method (method, NULL, &model->config, model->bytes, model->parameters, NULL,
                              &fit, NULL))
        continue;
      /* the choice knows this computer's speed */
      text = say_need (fit.tune_bytes,
                       choice->seconds * fit.tune_flops / MAX (choice->fit.tune_flops, 1),
                       available);
      add_row (group, _ (attune_method_get_title (method)), text);
    }
  add_row (group, _ ("Answering"), answering);
  return group;
}

static GtkWidget *
make_facts (const AttuneCatalogueModel *model)
{
  GtkWidget *group = adw_preferences_group_new (), *row;
  g_autofree char *languages = attune_model_say_languages (model, 0);
  g_autofree char *tokens = attune_say_count (model->config.max_tokens);
  /* a rule of thumb is said in round numbers */
  const double thousands = round (model->config.max_tokens * WORDS_PER_TOKEN / 1000);
  g_autofree char *words = attune_say_count (MAX (1, thousands) * 1000);
  g_autofree char *length
      = g_strdup_printf (_ ("Up to %s tokens at once, about %s English words"), tokens, words);
  g_autofree char *licence
      = g_strdup_printf (_ ("%s. %s"), model->licence, _ (attune_terms_get_text (model->terms)));
  g_autofree char *maker = g_strdup_printf (_ ("%s, %d"), model->author, model->year);
  g_autofree char *hub = attune_hub_get_address ();
  g_autofree char *page = attune_hub_get_page_url (hub, model->repository);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("About the Model"));
  add_row (group, _ ("Languages"), languages);
  add_row (group, _ ("Reads"), length);
  row = add_row (group, _ ("Licence"), licence);
  if (model->licence_url != NULL)
    add_link (row, model->licence_url, _ ("Read"));
  if (model->gated)
    add_row (group, _ ("Gate"),
             _ ("Its maker wants the licence to be accepted at the model's page first."));
  add_row (group, _ ("Made By"), maker);
  row = add_row (group, _ ("At the Hub"), model->repository);
  add_link (row, page, _ ("Its Page"));
  return group;
}

GtkWidget *
attune_catalogue_details_new (const AttuneGuideChoice *choice, AttuneDownload *download,
                              guint64 available)
{
  GtkWidget *page = adw_preferences_page_new (), *group = adw_preferences_group_new ();
  g_autofree char *strengths = NULL;

  g_return_val_if_fail (choice != NULL && ATTUNE_IS_DOWNLOAD (download), NULL);

  strengths = attune_model_say_strengths (choice->model);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), strengths);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             attune_offer_row_new (choice, download));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            ADW_PREFERENCES_GROUP (make_needs (choice, available)));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                            ADW_PREFERENCES_GROUP (make_facts (choice->model)));
  return page;
}
