/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * render-template FILE: renders a chat template once for each line of standard input, which is a
 * JSON object of its variables, and prints {"text": …} or {"error": …} for each. For tests/peers.
 */
#include "jinja-json.h"

#include <stdio.h>
#include <stdlib.h>

static void
print (const char *name, const char *text)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *line = NULL;

  json_object_set_string_member (object, name, text);
  json_node_take_object (node, object);
  line = json_to_string (node, FALSE);
  printf ("%s\n", line);
}

static void
render (const JinjaTemplate *template, const char *line)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JinjaPool) pool = jinja_pool_new (256 << 20);
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  g_autoptr (GError) error = NULL;
  JinjaValue variables;

  if (!json_parser_load_from_data (parser, line, -1, &error))
    {
      print ("error", error->message);
      return;
    }
  variables = jinja_from_json (pool, json_parser_get_root (parser), ATTUNE_ORIGIN_TEMPLATE);
  if (variables.kind == JINJA_MAP
      && jinja_template_render (template, pool, variables.map, out, &error))
    print ("text", out->text->str);
  else
    print ("error", error != NULL ? error->message : "no object");
}

int
main (int argc, char **argv)
{
  g_autofree char *source = NULL, *line = NULL;
  g_autoptr (JinjaTemplate) template = NULL;
  g_autoptr (GError) error = NULL;
  size_t room = 0;

  if (argc != 2 || !g_file_get_contents (argv[1], &source, NULL, &error)
      || (template = jinja_template_new (source, &error)) == NULL)
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "render-template FILE");
      return 1;
    }
  while (getline (&line, &room, stdin) > 0)
    render (template, line);
  return 0;
}
