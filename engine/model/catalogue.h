/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models that Attune knows well: a file of JSON each in data/models/. Their shapes are those of the
 * makers' config.json. Light.
 */
#pragma once
#include "model/gguf.h"
#include "nn/decoder-config.h"

G_BEGIN_DECLS

/* What somebody wants of a model. */
typedef enum
{
  ATTUNE_ANSWERS_SHORT,  /* facts, in a sentence or two */
  ATTUNE_ANSWERS_LONG,   /* explanations, letters */
  ATTUNE_ANSWERS_LABELS, /* one of a few words: sorting */
  ATTUNE_N_ANSWERS,
} AttuneAnswers;

/* What one may do with a model, and with what one makes of it. */
typedef enum
{
  ATTUNE_TERMS_FREE,       /* anything */
  ATTUNE_TERMS_CONDITIONS, /* much: the licence has conditions */
  ATTUNE_TERMS_RESEARCH,   /* nothing commercial */
  ATTUNE_N_TERMS,
} AttuneTerms;

/* What speaks for a model beside its size. */
typedef enum
{
  ATTUNE_STRENGTH_DIALOGUE,
  ATTUNE_STRENGTH_KNOWLEDGE,
  ATTUNE_STRENGTH_MATHEMATICS,
  ATTUNE_STRENGTH_THINKING,
  ATTUNE_STRENGTH_EXPERTS,
  ATTUNE_STRENGTH_OPEN,
  ATTUNE_STRENGTH_HISTORIC,
  ATTUNE_N_STRENGTHS,
} AttuneStrength;

typedef struct
{
  char *id, *name, *author;
  char *repository;            /* "owner/name" at the hub: the maker's own */
  char *licence, *licence_url; /* url: (nullable) */
  AttuneTerms terms;
  gboolean gated;      /* the maker wants the licence accepted on its page first */
  char **languages;    /* "en", the best known first */
  guint answers;       /* bits of AttuneAnswers that it suits */
  guint strengths;     /* bits of AttuneStrength */
  int year;            /* it came out in */
  gboolean instructed; /* it answers; else it goes on with a text until it has learned to */
  gint64 parameters;
  char *file;    /* how it is called on disk; a folder where it is got from @repository */
  guint64 bytes; /* of it; about */
  char *sha256;  /* (nullable): where it comes from tells it */
  char *pypi_package, *pypi_version, *pypi_member; /* all or none */
  char *hub_repository; /* (nullable): "owner/name" that has it as a GGUF file */
  AttuneDecoderConfig config;
} AttuneCatalogueModel;

/**
 * attune_catalogue_load:
 * @folder: whose .json files are read
 *
 * Returns: (transfer full): AttuneCatalogueModel, the smallest first; or %NULL: the error names the
 * file and what is wrong with it. Blocks, shortly.
 */
GPtrArray *attune_catalogue_load (const char *folder, GError **error);

/* What it is good for, as sentences with spaces between: "Good for short answers. Reads long
 * documents." @translate: gettext or the like, (nullable). Returns: (transfer full). */
typedef const char *(*AttuneTranslate) (const char *text) G_GNUC_FORMAT (1);
char *attune_catalogue_model_say_strengths (const AttuneCatalogueModel *self,
                                            AttuneTranslate translate);
/* What the licence allows, as a sentence; not translated. Static. */
const char *attune_terms_get_text (AttuneTerms terms);
/* "short answers"; not translated. Static. */
const char *attune_answers_get_text (AttuneAnswers answers);

/* Parameters that work on a token: all, but of experts only those that are asked. */
gint64 attune_catalogue_model_count_active (const AttuneCatalogueModel *self);

G_END_DECLS
