/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models that Attune knows well: a file of JSON each in data/models/, and which of them suits whom.
 * Light.
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

typedef struct
{
  char *id, *name, *author;
  char *licence, *licence_url; /* url: (nullable) */
  char **languages;            /* "en" */
  guint answers;               /* bits of AttuneAnswers that it suits */
  gint64 parameters;
  char *file;                                      /* how it is called on disk */
  guint64 bytes;                                   /* of it; about */
  char *sha256;                                    /* (nullable): where it comes from tells it */
  char *pypi_package, *pypi_version, *pypi_member; /* all or none */
  char *hub_repository;                            /* (nullable): "owner/name" */
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

/* Why a model is the one that is recommended. */
typedef enum
{
  ATTUNE_RECOMMENDED_SUITS,     /* it suits the answers, and the memory allows it */
  ATTUNE_RECOMMENDED_SMALLER,   /* one that suits the answers would not fit */
  ATTUNE_RECOMMENDED_TOO_LARGE, /* not even the smallest one fits */
} AttuneRecommended;

/**
 * attune_catalogue_recommend:
 * @needed: bytes that each model of the catalogue needs to be tuned, in its order
 * @available: bytes that there are
 * @language: "en", "de" …
 * @speaks: (out): whether the model knows @language; one that does is preferred to all others
 *
 * Returns: the model's place in the catalogue; -1 only where that is empty. Pure.
 */
int attune_catalogue_recommend (const GPtrArray *catalogue, const guint64 *needed,
                                guint64 available, AttuneAnswers answers, const char *language,
                                AttuneRecommended *why, gboolean *speaks);

G_END_DECLS
