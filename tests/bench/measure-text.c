/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our side of tests/bench/text, which runs it and says when. Argument: a file that holds a
 * tokenizer. Each line of its input is the name of a file of texts, with a NUL byte after each,
 * which are made into tokens; each line of its output says how many seconds that took and how many
 * tokens there were.
 */
#include "model/tokenizer-file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* @data ends in a NUL byte. */
static void
measure (const AttuneTokenizer *tokenizer, const char *data, gsize length, GArray *ids)
{
  const char *end = data + length;
  gint64 start = g_get_monotonic_time ();
  gsize n_tokens = 0;

  for (const char *text = data, *next; text < end; text = next)
    {
      next = text + strlen (text) + 1;
      g_array_set_size (ids, 0);
      attune_tokenizer_encode (tokenizer, text, next - text - 1, ATTUNE_TOKENIZE_PLAIN, ids);
      n_tokens += ids->len;
    }
  g_print ("%.6f %" G_GSIZE_FORMAT "\n", (double) (g_get_monotonic_time () - start) / 1e6,
           n_tokens);
  fflush (stdout);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  char path[PATH_MAX];

  if (argc != 2)
    {
      g_printerr ("Usage: measure-text TOKENIZER\n");
      return 2;
    }
  tokenizer = attune_tokenizer_open (argv[1], NULL, &error);
  while (tokenizer != NULL && fgets (path, sizeof path, stdin) != NULL)
    {
      g_autofree char *data = NULL;
      gsize length = 0;

      if (!g_file_get_contents (g_strchomp (path), &data, &length, &error))
        break;
      measure (tokenizer, data, length, ids);
    }
  if (error == NULL)
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
