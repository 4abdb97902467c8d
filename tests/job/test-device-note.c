/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is read of the list of devices, and what is none. That attunectl writes such a list:
 * tests/app/test-preferences.c.
 */
#include "job/device-note.h"

static void
test_read (void)
{
  g_autoptr (GPtrArray) notes = attune_device_notes_parse (
      "{\"devices\": [{\"kind\": \"cpu\", \"name\": \"cpu (AVX2)\"},"
      "{\"kind\": \"gpu\", \"plugin\": \"hip\", \"name\": \"Card\", \"chip\": \"gfx1100\","
      " \"memory-bytes\": 17179869184, \"free-bytes\": 1000, \"note\": \"Leaves sums.\"},"
      "{\"kind\": \"gpu\", \"plugin\": \"cuda\", \"trouble\": \"No driver.\"},"
      "{\"kind\": \"abacus\", \"name\": \"wood\"}, {\"kind\": \"gpu\"}, 7, "
      "{\"kind\": \"gpu\", \"name\": \"Odd\", \"memory-bytes\": -1}]}");
  const AttuneDeviceNote *note;

  g_assert_cmpuint (notes->len, ==, 4);
  note = notes->pdata[0];
  g_assert_false (note->is_card);
  g_assert_cmpstr (note->name, ==, "cpu (AVX2)");
  note = notes->pdata[1];
  g_assert_true (note->is_card);
  g_assert_null (note->trouble);
  g_assert_cmpuint (note->memory_bytes, ==, G_GUINT64_CONSTANT (17179869184));
  g_assert_cmpuint (note->free_bytes, ==, 1000);
  g_assert_cmpstr (note->note, ==, "Leaves sums.");
  note = notes->pdata[2];
  g_assert_cmpstr (note->name, ==, "cuda");
  g_assert_cmpstr (note->trouble, ==, "No driver.");
  note = notes->pdata[3];
  g_assert_cmpuint (note->memory_bytes, ==, 0);
}

static void
test_none (void)
{
  static const char *const lines[]
      = { "", "nonsense", "[]", "{}", "{\"devices\": {}}", "{\"error\": {\"message\": \"No.\"}}" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_null (attune_device_notes_parse (lines[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/device-note/read", test_read);
  g_test_add_func ("/job/device-note/none", test_none);
  return g_test_run ();
}
