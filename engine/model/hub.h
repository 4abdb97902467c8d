/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model hub: addresses of its API and what its answers say. Fetches nothing itself.
 * Reference: the documentation of the Hugging Face Hub API (GET /api/models, /api/models/NAME,
 * /NAME/resolve/main/FILE).
 */
#pragma once
#include "model/gguf.h"

G_BEGIN_DECLS

/* Returns: (transfer full): the mirror, or HF_ENDPOINT, or the public hub; without a slash at its
 * end. */
char *attune_hub_get_address (void);
/* @address: (nullable): from now on, in the whole process; "" as well: no mirror */
void attune_hub_set_mirror (const char *address);
/* The rest are (transfer full), too. */
char *attune_hub_get_search_url (const char *address, const char *query);
char *attune_hub_get_model_url (const char *address, const char *repository);
/* @revision: (nullable): %NULL: the newest */
char *attune_hub_get_file_url (const char *address, const char *repository, const char *revision,
                               const char *file);
char *attune_hub_get_page_url (const char *address, const char *repository); /* for people */

typedef struct
{
  char *name; /* in the repository; may have folders in front */
  guint64 bytes;
  char *sha256; /* (nullable) */
} AttuneHubFile;

typedef struct
{
  char *repository;   /* "owner/name"; "datasets/owner/name" of a data set */
  char *revision;     /* (nullable): that its files are of; %NULL: the newest */
  char *licence;      /* (nullable): "apache-2.0" */
  char *architecture; /* (nullable): GGUF's: "llama" */
  gboolean gated;     /* its licence must be accepted on its page first */
  guint64 downloads;
  GPtrArray *files; /* AttuneHubFile: its .gguf files; empty in the result of a search */
  GPtrArray *parts; /* AttuneHubFile: what its folder for Transformers consists of; likewise */
} AttuneHubModel;
void attune_hub_model_free (AttuneHubModel *self);

/* Returns: (transfer full): AttuneHubModel; or %NULL: the answer is none. */
GPtrArray *attune_hub_read_search (GBytes *answer, GError **error);
AttuneHubModel *attune_hub_read_model (GBytes *answer, GError **error);
/* The file of that name, or %NULL. Borrowed. */
const AttuneHubFile *attune_hub_model_find (const AttuneHubModel *self, const char *name);

/* The same; where none is called so, the one whose name says the same type of weights ("Q4_K_M"),
 * or one that takes about as much room; %NULL where it is not certain which one is meant.
 * @bytes: about how many it has; 0: not known. */
const AttuneHubFile *attune_hub_model_find_alike (const AttuneHubModel *self, const char *name,
                                                  guint64 bytes);
/* Whether the names of two files say the same type of weights. */
gboolean attune_hub_is_same_type (const char *one, const char *two);
/* Whether they say the same model as well, however they are spelt. */
gboolean attune_hub_is_same_name (const char *one, const char *two);

/* Whether the parts are a whole model that Attune reads: the error says what is missing. */
gboolean attune_hub_model_check_parts (const AttuneHubModel *self, GError **error);

/* Whether this version can use a file, as far as its name and its model tell. */
typedef enum
{
  ATTUNE_HUB_GOOD,
  ATTUNE_HUB_OTHER_FAMILY, /* an architecture that this version does not know */
  ATTUNE_HUB_OTHER_TYPE,   /* weights in a type that this version does not know */
  ATTUNE_HUB_PART,         /* one of several parts of a model */
} AttuneHubJudgement;
AttuneHubJudgement attune_hub_model_judge (const AttuneHubModel *self, const AttuneHubFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneHubModel, attune_hub_model_free)

G_END_DECLS
