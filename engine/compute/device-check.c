/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See device-check.h. Results are compared with what rounding explains many times over: this is for
 * kernels that a chip or its compiler gets wrong, not for the last digits.
 */
#include "compute/device-check.h"

#include "compute/device-checks.h"
#include "core/random.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-3
/* Of those that are named in a sentence. */
#define MAX_NAMES 4

static void
fill (AttuneCheckValues *v)
{
  float *values = &v->slots[0][0];
  AttuneRandom random;

  attune_random_init (&random, 1, ATTUNE_RANDOM_TEST, 0);
  for (gsize i = 0; i < sizeof *v / sizeof *values; i++)
    values[i] = 2 * attune_random_uniform (&random) - 1;
}

/* What the trusted backend left alone must be as it was; the rest is compared with the largest. */
static gboolean
slot_agrees (const float *found, const float *expected, const float *before, double tolerance)
{
  double largest = 0;

  for (int i = 0; i < CHECK_SLOT_VALUES; i++)
    if (expected[i] != before[i] && isfinite (expected[i]))
      largest = MAX (largest, fabs (expected[i]));
  for (int i = 0; i < CHECK_SLOT_VALUES; i++)
    {
      if (memcmp (&found[i], &expected[i], sizeof (float)) == 0)
        continue;
      if (memcmp (&expected[i], &before[i], sizeof (float)) == 0
          || !(fabs (found[i] - (double) expected[i]) <= tolerance * largest))
        return FALSE;
    }
  return TRUE;
}

/* What a check works with: the same inputs for both. */
typedef struct
{
  AttuneCheckValues before, found, expected;
} Work;

static gboolean
agrees (Work *work, const AttuneCheck *check, AttuneBackend *be, AttuneBackend *trusted,
        gboolean *agreed, GError **error)
{
  const double tolerance = check->tolerance > 0 ? check->tolerance : TOLERANCE;

  work->found = work->expected = work->before;
  check->run (be, trusted, &work->found);
  check->run (trusted, trusted, &work->expected);
  if (!attune_backend_sync (be, error) || !attune_backend_sync (trusted, error))
    return FALSE;
  *agreed = TRUE;
  for (int i = 0; *agreed && i < CHECK_SLOTS; i++)
    *agreed = slot_agrees (work->found.slots[i], work->expected.slots[i], work->before.slots[i],
                           tolerance);
  return TRUE;
}

/* Of what a device does not have, only products in 8 bits are done without. */
static gboolean
is_there (AttuneBackend *be, gsize entry)
{
  return G_STRUCT_MEMBER (gpointer, be, entry) != NULL;
}

static char *
describe (AttuneBackend *be, const GPtrArray *names)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    {
      const guint left = names->len - i;

      if (i == MAX_NAMES - 1 && left > 1)
        {
          g_string_append_printf (text, " and %u more", left);
          break;
        }
      g_string_append_printf (text, "%s%s",
                              i == 0      ? ""
                              : left == 1 ? " and "
                                          : ", ",
                              (const char *) names->pdata[i]);
    }
  return g_strdup_printf ("The graphics card %s computes %s differently from the processor, which "
                          "does that in its place; this takes longer. A newer driver may help.",
                          be->name, text->str);
}

gboolean
attune_device_check (AttuneBackend *be, AttuneBackend *trusted, int n_threads, char **note,
                     GError **error)
{
  const AttuneCheck *lists[] = { attune_checks_elements, attune_checks_products,
                                 attune_checks_layers, attune_checks_learning };
  g_autofree Work *work = g_new (Work, 1);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  *note = NULL;
  fill (&work->before);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (const AttuneCheck *check = lists[i]; check->name != NULL; check++)
      {
        gboolean agreed = FALSE;

        if (!is_there (be, check->entry) && ATTUNE_ENTRY_IS_OPTIONAL (check->entry))
          continue;
        if (is_there (be, check->entry) && !agrees (work, check, be, trusted, &agreed, error))
          return FALSE;
        if (agreed)
          continue;
        attune_host_entry_use (be, check->entry, n_threads);
        g_ptr_array_add (names, (gpointer) check->name);
      }
  if (names->len > 0)
    *note = describe (be, names);
  return TRUE;
}
