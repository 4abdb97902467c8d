/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as people read them: on ticks as short as the step between them allows, in read-outs with
 * about four figures.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * AttuneUnit:
 * @ATTUNE_UNIT_NUMBER: a plain number or a count
 * @ATTUNE_UNIT_PERCENT: a share, 0 to 1
 * @ATTUNE_UNIT_BYTES: bytes, shown in kB, MB, GB of 1000
 * @ATTUNE_UNIT_SECONDS: a length of time in seconds
 * @ATTUNE_UNIT_CLOCK: a point in time in seconds since 1970 UTC, shown in local time
 */
typedef enum
{
  ATTUNE_UNIT_NUMBER,
  ATTUNE_UNIT_PERCENT,
  ATTUNE_UNIT_BYTES,
  ATTUNE_UNIT_SECONDS,
  ATTUNE_UNIT_CLOCK,
} AttuneUnit;

/**
 * attune_number_format:
 * @value: in @unit; what is not finite becomes "no value", "∞" or "−∞"
 * @step: distance to the neighbouring ticks, or 0 for a read-out of about four figures
 *
 * Follows the locale. Returns: (transfer full): the text
 */
char *attune_number_format (double value, AttuneUnit unit, double step);

/**
 * attune_number_format_power:
 * @value: finite and not 0
 *
 * Returns: (transfer full): e.g. "10⁻⁵" or "2×10⁻⁵", with no decimals
 */
char *attune_number_format_power (double value);

G_END_DECLS
