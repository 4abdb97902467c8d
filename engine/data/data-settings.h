/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stage 1's choices: how raw records become a data set. See core/settings.h.
 */
#pragma once
#include "data/label-format.h"

G_BEGIN_DECLS

/* What is done with personal data, keys and passwords, or toxic words that are found. */
typedef enum
{
  ATTUNE_PERSONAL_KEEP,
  ATTUNE_PERSONAL_MASK,
  ATTUNE_PERSONAL_LEAVE_OUT, /* the whole record */
} AttunePersonalMode;

#define ATTUNE_TYPE_PERSONAL_MODE (attune_personal_mode_get_type ())
GType attune_personal_mode_get_type (void);

/* How labels get like weight in learning. */
typedef enum
{
  ATTUNE_BALANCE_NONE,
  ATTUNE_BALANCE_OVER,  /* records of rare ones are repeated */
  ATTUNE_BALANCE_UNDER, /* records of frequent ones are left out */
  ATTUNE_BALANCE_SMOTE, /* of rare ones more are made between neighbours: data/smote-balance.h */
} AttuneBalanceMode;

/* What makes variants of records. */
typedef enum
{
  ATTUNE_VARIANTS_SYNONYMS,    /* WordNet */
  ATTUNE_VARIANTS_TRANSLATION, /* into another language and back: Apertium */
  ATTUNE_VARIANTS_MODEL,       /* what a model has written: see data/written.h */
} AttuneVariantMode;

#define ATTUNE_TYPE_VARIANT_MODE (attune_variant_mode_get_type ())
GType attune_variant_mode_get_type (void);

/* Variants of a record, at most. */
#define ATTUNE_MAX_VARIANTS 5

#define ATTUNE_TYPE_BALANCE_MODE (attune_balance_mode_get_type ())
GType attune_balance_mode_get_type (void);

/* The fields behind the properties of the same names. */
typedef struct
{
  gboolean repair_encoding;      /* TRUE */
  gboolean strip_tags;           /* TRUE */
  gboolean normalise_unicode;    /* TRUE */
  gboolean trim_space;           /* TRUE */
  gboolean unescape_html;        /* TRUE */
  gboolean drop_incomplete;      /* TRUE */
  gboolean drop_duplicates;      /* TRUE */
  gboolean drop_near_duplicates; /* TRUE: equal but for case, space and punctuation */
  gboolean drop_similar;         /* FALSE */
  double similarity;             /* 0.8: share of word pairs that similar records have in common */
  char *abbreviations;           /* "": path of a CSV file: abbreviation, expansion, context */
  char *language;                /* "": codes of those that stay, as "de, en"; empty: all */
  char *evaluation_file;         /* "": path of a file whose questions are not learned */
  gboolean split_words;          /* FALSE: words and signs of what is asked parted by blanks */
  gboolean drop_stop_words;      /* FALSE */
  gboolean stem_words;           /* FALSE */
  char *word_language;           /* "": of stop words and stems; empty: English */
  int personal_data;             /* AttunePersonalMode: MASK */
  gboolean personal_contacts;    /* TRUE: e-mail, telephone */
  gboolean personal_numbers;     /* TRUE: IBAN, cards, numbers of states and insurances */
  gboolean personal_names;       /* TRUE: names and dates of birth that are announced as such */
  gboolean personal_computers;   /* TRUE: IP addresses */
  int secrets, toxic;            /* AttunePersonalMode: MASK, KEEP */
  char *toxic_words;             /* "": path of a text, one word or phrase a line */
  int min_answer_characters;     /* 1 */
  int max_answer_characters;     /* 20000 */
  int variants;                  /* 0: of each record that is learned from */
  int variants_by;               /* AttuneVariantMode: SYNONYMS */
  double validation_share;       /* 0.1 */
  double test_share;             /* 0.1 */
  char *test_from, *check_from;  /* "": dates that the newest records are split at, or by chance */
  gboolean similar_together;     /* TRUE: similar records stand in one split */
  gboolean answers_together;     /* FALSE: records with one answer stand in one split */
  gboolean stratify;             /* FALSE: shares hold for each label */
  int folds, fold;               /* 0, 1: of a cross-validation; fewer than 2: none */
  int labels;                    /* AttuneLabelReading: AUTO */
  int balance;                   /* AttuneBalanceMode: NONE */
  int balance_limit;             /* 10: no record is repeated more often */
  gint64 seed;                   /* 42 */
  char *system_prompt;           /* "": what the model's template says by itself */
  int max_tokens;                /* 1024: longer samples are cut */
} AttuneDataValues;

#define ATTUNE_TYPE_DATA_SETTINGS (attune_data_settings_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataSettings, attune_data_settings, ATTUNE, DATA_SETTINGS, GObject)

AttuneDataSettings *attune_data_settings_new (void);
/* Whether the setting @name does something beside the others: shares are not used where the split
 * is by time or into folds. */
gboolean attune_data_settings_uses (AttuneDataSettings *self, const char *name);
const AttuneDataValues *attune_data_settings_get_values (AttuneDataSettings *self);

G_END_DECLS
