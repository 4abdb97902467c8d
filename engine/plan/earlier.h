/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings against forgetting: what earlier material a plan names, and whether they go with the
 * rest. What is in it: generate/earlier.h.
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

/* A text is cut into samples of so many tokens. */
#define ATTUNE_EARLIER_TOKENS 256

/* The file that @path stands for: itself, or the data set in the project's folder that it is.
 * Returns: (transfer full). */
char *attune_earlier_find_file (const char *path);
/* Whether @path names a text, which is no data set. */
gboolean attune_earlier_is_text (const char *path);
/* Memory that it takes once it is open, at most, from the size of the file; 0 where there is none.
 */
guint64 attune_earlier_bytes (const char *path);
/* Samples of it that a step reads beside its own batch. Pure. */
int attune_plan_count_replay (const AttunePlanValues *plan);
/* Whether terms are exchanged in samples. Pure. */
gboolean attune_plan_exchanges (const AttunePlanValues *plan);
/* All samples of a step at most: new, earlier, and counterparts of the new. Pure. */
int attune_plan_count_samples (const AttunePlanValues *plan);
/* Whether earlier weights are held by what the earlier material needs. Pure. */
gboolean attune_plan_consolidates (const AttunePlanValues *plan);
/* Whether the setting @name has a say; one that is set has, so that it can be seen. Pure. */
gboolean attune_earlier_uses (const AttunePlanValues *plan, const char *name);
/* Errors: %ATTUNE_PLAN_ERROR_VALUE. */
gboolean attune_earlier_check (const AttunePlanValues *plan, GError **error);
/* The same of terms that are exchanged. */
gboolean attune_terms_check (const AttunePlanValues *plan, GError **error);
/* Whether @file, of earlier material, is not too large to be read. Errors: likewise. */
gboolean attune_earlier_check_size (const char *file, GError **error);
/* Whether the files that a plan names are there, and can be read. Errors: likewise. */
gboolean attune_earlier_check_files (const AttunePlanValues *plan, GError **error);

G_END_DECLS
