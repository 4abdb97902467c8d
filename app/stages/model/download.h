/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One model on its way to this computer: from a package or from the hub, in a thread.
 *
 * #AttuneDownload::changed: how far it is; some ten times a second. #AttuneDownload::ended: it is
 * there, has failed or was cancelled.
 */
#pragma once
#include "model/catalogue.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_DOWNLOAD (attune_download_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDownload, attune_download, ATTUNE, DOWNLOAD, GObject)

/* @folder: where models are kept. */
AttuneDownload *attune_download_new (const AttuneCatalogueModel *model, const char *folder);
/* The same for any file of the hub. @file: its name in the repository. */
AttuneDownload *attune_download_new_hub (const char *repository, const char *file,
                                         const char *folder);
/* (nullable). Before it is started. */
void attune_download_set_proxy (AttuneDownload *self, const char *proxy);
/* Likewise. @address: (nullable): of the hub, and none other is asked; %NULL: the one of the time
 * it is started. @token: (nullable): of that hub. */
void attune_download_set_hub (AttuneDownload *self, const char *address, const char *token);

/* Begins, or goes on where it has stopped. */
void attune_download_start (AttuneDownload *self);
/* Stops; what has come is kept for the next time. */
void attune_download_cancel (AttuneDownload *self);

gboolean attune_download_is_running (AttuneDownload *self);
double attune_download_get_fraction (AttuneDownload *self); /* 0 … 1 */
char *attune_download_get_text (AttuneDownload *self);      /* "34 of 98 MB"; (transfer full) */
/* Why it has failed, or %NULL. Borrowed. */
const char *attune_download_get_error (AttuneDownload *self);
/* Where the model lies, or will; once it is done it may be another place, where the hub has it in
 * another type of weights only, or where another model is called so. Borrowed. */
const char *attune_download_get_path (AttuneDownload *self);
/* The name of the model, for people. Borrowed. */
const char *attune_download_get_name (AttuneDownload *self);
gboolean attune_download_is_done (AttuneDownload *self);

G_END_DECLS
