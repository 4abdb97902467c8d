/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What records are compared by.
 */
#include "data/clean.h"

static const char *
text_of (const AttuneRecord *record, AttuneField field)
{
  return record->fields[field] != NULL ? record->fields[field] : "";
}

void
attune_plain_record_init (AttunePlainRecord *self, const AttuneRecord *record)
{
  const char *question = text_of (record, ATTUNE_FIELD_QUESTION),
             *answer = text_of (record, ATTUNE_FIELD_ANSWER),
             *group = text_of (record, ATTUNE_FIELD_GROUP),
             *rejected = text_of (record, ATTUNE_FIELD_REJECTED);

  *self = (AttunePlainRecord) { attune_plain_words (question), attune_plain_words (answer) };
  self->exact = attune_pair_key (question, answer);
  self->near = attune_pair_key (self->question, self->answer);
  if (*rejected != '\0') /* the same answer against another one is another lesson */
    {
      g_autofree char *plain = attune_plain_words (rejected);

      self->exact ^= attune_pair_key ("", rejected);
      self->near ^= attune_pair_key ("", plain);
    }
  self->answer_key = attune_pair_key (self->answer, "");
  self->home = attune_text_key (*group != '\0'  ? group
                                : record->whole ? self->answer
                                                : self->question);
}

void
attune_plain_record_clear (AttunePlainRecord *self)
{
  g_clear_pointer (&self->question, g_free);
  g_clear_pointer (&self->answer, g_free);
}
