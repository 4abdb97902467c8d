/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See findings.h.
 */
#include "data/findings.h"

typedef struct
{
  const char *step;                      /* its setting's name */
  const char *report;                    /* the member of the report */
  const char *masked, *left_out, *found; /* what the step did */
  const char *reason;
  int n_kinds;
  const char *(*get_name) (int kind);
  char *(*mask) (const char *text, const GArray *spans);
} Finding;

static const char *
personal_name (int kind)
{
  return attune_personal_kind_get_name (kind);
}

static const char *
secret_name (int kind)
{
  return attune_secret_kind_get_name (kind);
}

static const char *
toxic_name (int kind)
{
  return attune_toxic_kind_get_name (kind);
}

static const Finding findings[ATTUNE_N_FINDINGS] = {
  [ATTUNE_FOUND_PERSONAL]
  = { "personal-data", "personal", "Personal data masked", "Records with personal data left out",
      "Records with personal data", "It holds personal data.", ATTUNE_N_PERSONAL, personal_name,
      attune_personal_mask },
  [ATTUNE_FOUND_SECRET]
  = { "secrets", "secrets", "Keys and passwords masked", "Records with keys or passwords left out",
      "Records with keys or passwords", "It holds a key or password.", ATTUNE_N_SECRETS,
      secret_name, attune_secrets_mask },
  [ATTUNE_FOUND_TOXIC] = { "toxic", "toxic", "Toxic words masked",
                           "Records with toxic words left out", "Records with toxic words",
                           "It holds toxic words.", ATTUNE_N_TOXIC, toxic_name, attune_toxic_mask },
};

static AttunePersonalMode
mode_of (AttuneFinding finding, const AttuneDataValues *s)
{
  return finding == ATTUNE_FOUND_PERSONAL ? s->personal_data
         : finding == ATTUNE_FOUND_SECRET ? s->secrets
                                          : s->toxic;
}

static guint
personal_kinds (const AttuneDataValues *s)
{
  return (s->personal_contacts ? 1u << ATTUNE_PERSONAL_EMAIL | 1u << ATTUNE_PERSONAL_PHONE : 0)
         | (s->personal_numbers
                ? 1u << ATTUNE_PERSONAL_IBAN | 1u << ATTUNE_PERSONAL_CARD | 1u << ATTUNE_PERSONAL_ID
                : 0)
         | (s->personal_names ? 1u << ATTUNE_PERSONAL_NAME | 1u << ATTUNE_PERSONAL_BIRTH : 0)
         | (s->personal_computers ? 1u << ATTUNE_PERSONAL_IP : 0);
}

gboolean
attune_findings_init (AttuneFindings *self, const AttuneDataValues *settings, GError **error)
{
  *self = (AttuneFindings) { .settings = settings };
  self->toxic = attune_toxic_words_new (settings->toxic_words, error);
  return self->toxic != NULL;
}

void
attune_findings_clear (AttuneFindings *self)
{
  g_clear_pointer (&self->toxic, attune_toxic_words_free);
}

void
attune_findings_gather (AttuneFindings *self, AttuneFindings *other)
{
  for (int finding = 0; finding < ATTUNE_N_FINDINGS; finding++)
    for (int kind = 0; kind < ATTUNE_MAX_FOUND_KINDS; kind++)
      {
        self->counts[finding][kind] += other->counts[finding][kind];
        other->counts[finding][kind] = 0;
      }
}

AttuneCleanStep
attune_finding_get_step (AttuneFinding which, const AttuneDataValues *settings)
{
  const Finding *finding = &findings[which];

  switch (mode_of (which, settings))
    {
    case ATTUNE_PERSONAL_MASK:
      return (AttuneCleanStep) { finding->step, finding->masked, TRUE };
    case ATTUNE_PERSONAL_LEAVE_OUT:
      return (AttuneCleanStep) { finding->step, finding->left_out, TRUE, ATTUNE_CLEAN_LEAVES_OUT };
    default:
      return (AttuneCleanStep) { finding->step, finding->found, TRUE, ATTUNE_CLEAN_FINDS };
    }
}

const char *
attune_finding_get_reason (AttuneFinding which, const AttuneDataValues *settings)
{
  return mode_of (which, settings) == ATTUNE_PERSONAL_LEAVE_OUT ? findings[which].reason : NULL;
}

static GArray *
find (const AttuneFindings *self, AttuneFinding finding, const char *text)
{
  switch (finding)
    {
    case ATTUNE_FOUND_PERSONAL:
      return attune_personal_find (text, personal_kinds (self->settings));
    case ATTUNE_FOUND_SECRET:
      return attune_secrets_find (text);
    default:
      return attune_toxic_find (self->toxic, text);
    }
}

guint
attune_findings_look (AttuneFindings *self, AttuneFinding finding, AttuneCleanStep *step,
                      char **field)
{
  g_autoptr (GArray) spans = find (self, finding, *field);

  if (spans->len == 0)
    return 0;
  step->changes += spans->len;
  for (guint i = 0; i < spans->len; i++)
    self->counts[finding][g_array_index (spans, AttuneSpan, i).kind]++;
  if (mode_of (finding, self->settings) == ATTUNE_PERSONAL_MASK)
    {
      char *masked = findings[finding].mask (*field, spans);

      attune_clean_step_add_example (step, *field, masked);
      g_free (*field);
      *field = masked;
    }
  else
    attune_clean_step_add_example (step, *field, NULL);
  return spans->len;
}

void
attune_findings_report (const AttuneFindings *self, JsonObject *report)
{
  for (int i = 0; i < ATTUNE_N_FINDINGS; i++)
    {
      JsonObject *object = json_object_new ();

      for (int kind = 0; kind < findings[i].n_kinds; kind++)
        json_object_set_int_member (object, findings[i].get_name (kind), self->counts[i][kind]);
      json_object_set_object_member (report, findings[i].report, object);
    }
}
