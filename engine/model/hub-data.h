/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets at the hub: what one says of itself, and its files in a folder, from where they are
 * imported like any other. Nothing is fetched but what is asked for by its name. Every function
 * here is for threads: it may block.
 * Reference: the documentation of the Hugging Face Hub API (GET /api/datasets/NAME) and "Manual
 * Configuration" of the repositories of data sets.
 */
#pragma once
#include "core/fetch.h"
#include "model/hub.h"

G_BEGIN_DECLS

/* More is not fetched unless a person says so. */
#define ATTUNE_HUB_DATA_BYTES ((guint64) 10 * 1000 * 1000 * 1000)

typedef struct
{
  char *name;            /* "owner/name" */
  char *page;            /* for people */
  char **configurations; /* that it can be had in; empty: there is one only, without a name */
  char *configuration; /* (nullable): that was chosen of them; %NULL: none yet, or none is there */
  AttuneHubModel *model; /* licence, whether it is gated, and as its parts what is to be fetched:
                            the data of that configuration, the card, the licence's text */
  guint n_files;         /* of data */
  guint64 bytes;         /* of all parts */
} AttuneHubData;
void attune_hub_data_free (AttuneHubData *self);

/* Whether a person means a data set at the hub by it: "hf:OWNER/NAME". */
gboolean attune_hub_data_is_address (const char *text);

/**
 * attune_hub_data_look:
 * @access: as its url the address of the hub, token and proxy; the rest is not looked at
 * @address: "hf:OWNER/NAME", "hf:OWNER/NAME/CONFIGURATION", or the address of its page
 *
 * Asks the hub what there is, and nothing more. Of several configurations that of the data set's
 * own choice is taken where @address names none.
 *
 * Returns: (transfer full): %NULL with a sentence: the hub's, or that there is no such
 * configuration, or no file in it that Attune reads
 */
AttuneHubData *attune_hub_data_look (const AttuneFetch *access, const char *address,
                                     GCancellable *cancellable, GError **error);
/* The same of an answer; @configuration: (nullable). */
AttuneHubData *attune_hub_data_read (GBytes *answer, const char *configuration, GError **error);

/**
 * attune_hub_data_fetch:
 * @access: as above; without a token what is gated is refused
 * @most_bytes: 0: ATTUNE_HUB_DATA_BYTES
 * @folder: of all such data sets; is made
 *
 * What an earlier call was stopped at is gone on with; the same revision is not fetched twice. What
 * is in @folder stays as it is, whatever fails.
 *
 * Returns: (transfer full): the data set's own folder; %NULL with a sentence
 */
char *attune_hub_data_fetch (const AttuneFetch *access, const AttuneHubData *self,
                             guint64 most_bytes, const char *folder, AttuneFetchProgress progress,
                             gpointer data, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneHubData, attune_hub_data_free)

G_END_DECLS
