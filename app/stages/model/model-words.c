/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sentences of the models of the catalogue, from the engine's in the person's language.
 */
#include "stages/model/model-words.h"

#include "widgets/words.h"

#include <glib/gi18n.h>

/* The languages of the catalogue; what is not here is shown by its code. */
static const char *
name_language (const char *code)
{
  static const struct
  {
    const char *code, *name;
  } languages[]
      = { { "en", N_ ("English") },    { "de", N_ ("German") },   { "fr", N_ ("French") },
          { "es", N_ ("Spanish") },    { "it", N_ ("Italian") },  { "pt", N_ ("Portuguese") },
          { "nl", N_ ("Dutch") },      { "pl", N_ ("Polish") },   { "cs", N_ ("Czech") },
          { "sv", N_ ("Swedish") },    { "da", N_ ("Danish") },   { "no", N_ ("Norwegian") },
          { "fi", N_ ("Finnish") },    { "ru", N_ ("Russian") },  { "uk", N_ ("Ukrainian") },
          { "tr", N_ ("Turkish") },    { "ar", N_ ("Arabic") },   { "hi", N_ ("Hindi") },
          { "zh", N_ ("Chinese") },    { "ja", N_ ("Japanese") }, { "ko", N_ ("Korean") },
          { "vi", N_ ("Vietnamese") }, { "th", N_ ("Thai") },     { "id", N_ ("Indonesian") } };

  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    if (g_str_equal (languages[i].code, code))
      return _ (languages[i].name);
  return code;
}

static const char *
translate (const char *text)
{
  return _ (text);
}

char *
attune_model_say_strengths (const AttuneCatalogueModel *model)
{
  return attune_catalogue_model_say_strengths (model, translate);
}

char *
attune_model_say_languages (const AttuneCatalogueModel *model, guint most)
{
  const guint n = g_strv_length (model->languages);
  const guint shown = most > 0 && n > most ? most : n;
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < shown; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", name_language (model->languages[i]));
  if (shown < n)
    /* Translators: "English, German and 3 more", of languages */
    return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n - shown), list->str,
                            n - shown);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

char *
attune_model_say_size (const AttuneCatalogueModel *model)
{
  g_autofree char *size = g_format_size (model->bytes);

  /* Translators: of a file: "about 4.4 GB" */
  return model->sha256 != NULL ? g_steal_pointer (&size) : g_strdup_printf (_ ("about %s"), size);
}

char *
attune_model_say_facts (const AttuneCatalogueModel *model)
{
  g_autofree char *count = attune_say_count (model->parameters);
  g_autofree char *size = attune_model_say_size (model);

  return g_strdup_printf (_ ("%s parameters · %s · licence %s"), count, size, model->licence);
}

char *
attune_model_say_fit (const AttuneGuideChoice *choice)
{
  g_autofree char *size = g_format_size (choice->fit.tune_bytes);
  g_autofree char *time = attune_say_about (choice->seconds);

  if (!choice->fits)
    return g_strdup_printf (_ ("Too large for this computer now: takes %s to tune"), size);
  /* Translators: "Takes 2.9 GB to tune, about 3 hours" */
  return g_strdup_printf (_ ("Takes %s to tune, %s"), size, time);
}
