/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a text is looked through for, and what is done with it where it is found: personal data,
 * keys and passwords, toxic content. Each is a cleaning step. Private to data/.
 */
#pragma once
#include "data/clean-step.h"
#include "data/data-settings.h"
#include "data/personal-data.h"
#include "data/records.h"
#include "data/secrets.h"
#include "data/toxic.h"

G_BEGIN_DECLS

/* Kinds of whatever is found are fewer than that. */
#define ATTUNE_MAX_FOUND_KINDS 8
G_STATIC_ASSERT (ATTUNE_N_PERSONAL <= ATTUNE_MAX_FOUND_KINDS);
G_STATIC_ASSERT (ATTUNE_N_SECRETS <= ATTUNE_MAX_FOUND_KINDS);
G_STATIC_ASSERT (ATTUNE_N_TOXIC <= ATTUNE_MAX_FOUND_KINDS);

typedef struct
{
  const AttuneDataValues *settings;
  AttuneToxicWords *toxic; /* owned; a helper's are its chief's */
  guint64 counts[ATTUNE_N_FINDINGS][ATTUNE_MAX_FOUND_KINDS];
} AttuneFindings;

/* Reads the user's list of words, which is all that can fail. @settings have to stay. */
gboolean attune_findings_init (AttuneFindings *self, const AttuneDataValues *settings,
                               GError **error);
void attune_findings_clear (AttuneFindings *self);
/* Adds what @other has counted, and forgets it there. */
void attune_findings_gather (AttuneFindings *self, AttuneFindings *other);

/* What it is called, and what is done, by the settings. */
AttuneCleanStep attune_finding_get_step (AttuneFinding finding, const AttuneDataValues *settings);
/* Why a record is left out, where records with it are; a static sentence, else %NULL. */
const char *attune_finding_get_reason (AttuneFinding finding, const AttuneDataValues *settings);

/* Looks through a text, and masks what it finds where that is wanted. @field: (inout). Returns: how
 * much it found. */
guint attune_findings_look (AttuneFindings *self, AttuneFinding finding, AttuneCleanStep *step,
                            char **field);

/* Adds to @report so many found of each kind: "personal", "secrets", "toxic". */
void attune_findings_report (const AttuneFindings *self, JsonObject *report);

G_END_DECLS
