/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Personal data in a text, found by its form: what has check digits is only taken where they are
 * right, and what has none only where the words before it say what it is. Pure functions.
 */
#pragma once
#include "data/span.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_PERSONAL_EMAIL,
  ATTUNE_PERSONAL_PHONE,
  ATTUNE_PERSONAL_IBAN,
  ATTUNE_PERSONAL_CARD,
  ATTUNE_PERSONAL_ID, /* of a person, by a state or its insurance */
  ATTUNE_PERSONAL_IP,
  ATTUNE_PERSONAL_BIRTH,
  ATTUNE_PERSONAL_NAME,
  ATTUNE_N_PERSONAL,
} AttunePersonalKind;

#define ATTUNE_PERSONAL_ALL ((1u << ATTUNE_N_PERSONAL) - 1)

typedef AttuneSpan AttunePersonalSpan; /* its kind is an AttunePersonalKind */

/* "email", "phone", "iban", "card", "id", "ip", "birth", "name": as reports say it. */
const char *attune_personal_kind_get_name (AttunePersonalKind kind);

/* @kinds: bits, 1 << AttunePersonalKind. Returns: (transfer full): #AttunePersonalSpan, in their
 * order, none within another. */
GArray *attune_personal_find (const char *text, guint kinds);

/* Returns: (transfer full): @text with what the kind is called in place of each, as "[E-MAIL]". */
char *attune_personal_mask (const char *text, const GArray *spans);

G_END_DECLS
